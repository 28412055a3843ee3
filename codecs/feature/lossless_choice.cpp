// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_choice.h"

#include <algorithm>
#include <utility>

#include "codecs/feature/lossless_elements.h"
#include "codecs/feature/lossless_palette.h"
#include "codecs/feature/lossless_rows.h"

namespace feat::native::lossless {
namespace {

// Codes at the start of the tensor that are coded for a try.
constexpr size_t kLeastSample = 8192;
constexpr size_t kMostSample = 65536;
constexpr size_t kSamplePart = 8;
// A palette with fewer uses of each value cannot pay.
constexpr size_t kLeastUses = 4;

// Zeros are worth a decision of their own from this part on.
constexpr size_t kZerosPart = 256;

void look_at(std::span<const Code> codes, TilePlan &plan) {
  const auto zeros = std::count_if(codes.begin(), codes.end(),
                                   [](Code code) { return (code & kMagnitudeMask) == 0; });
  plan.zeros = zeros > 0 && static_cast<size_t>(zeros) >= codes.size() / kZerosPart;
  plan.negatives =
      std::any_of(codes.begin(), codes.end(), [](Code code) { return code >> kSignShift != 0; });
}

// Bytes of a tensor, the second half of a sample of which costs `cost`.
uint64_t scaled(size_t cost, size_t sample, size_t points) {
  return uint64_t{cost} * points / (sample - sample / 2);
}

}  // namespace

void choose(Format format, std::span<const uint32_t> shape, std::vector<Code> &codes,
            Preamble &preamble) {
  const size_t points = codes.size();
  TilePlan &plan = preamble.plan;
  plan.arrangement = arrange(shape, false);
  preamble.low_bits = find_low_bits(format, codes);
  for (Code &code : codes)
    code = (code & ~kMagnitudeMask) | (code & kMagnitudeMask) >> preamble.low_bits;
  plan.kind = kind_of(format, preamble.low_bits, 1);
  preamble.top_class = find_top_class(plan.kind, codes);
  plan.kind = kind_of(format, preamble.low_bits, preamble.top_class);
  look_at(codes, plan);

  if (has_whole_rows(shape, points)) {
    const size_t columns = plan.arrangement.columns;
    std::vector<uint32_t> sources = find_copies(codes, columns);
    // Rows of pictures need their neighbours.
    if (count_copies(sources) > sources.size() / 16) {
      codes = without_copies(codes, columns, sources);
      preamble.sources = std::move(sources);
    }
  }

  const auto part = std::clamp(codes.size() / kSamplePart, kLeastSample, kMostSample);
  const std::span<const Code> sample = std::span(codes).first(std::min(part, codes.size()));
  size_t cost = cost_of(plan, sample);
  if (preamble.sources.empty()) {
    TilePlan image = plan;
    image.arrangement = arrange(shape, true);
    const size_t image_cost = cost_of(image, sample);
    if (image_cost < cost) {
      cost = image_cost;
      plan = image;
    }
  }
  std::vector<Code> palette = find_palette(codes, codes.size() / kLeastUses);
  if (palette.empty()) return;
  TilePlan ranked = plan;
  ranked.kind = kind_of_ranks(palette.size());
  std::vector<Code> ranks(sample.size());
  to_ranks(palette, sample, ranks);
  ranked.negatives = false;
  ranked.zeros = false;
  std::vector<uint8_t> table;
  write_palette(palette, table);
  const uint64_t with = scaled(cost_of(ranked, ranks), sample.size(), codes.size()) + table.size();
  if (with >= scaled(cost, sample.size(), codes.size())) return;
  ranks.resize(codes.size());
  to_ranks(palette, codes, ranks);
  codes = std::move(ranks);
  plan = ranked;
  look_at(codes, plan);
  preamble.palette = std::move(palette);
}

}  // namespace feat::native::lossless
