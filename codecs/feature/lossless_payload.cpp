// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_payload.h"

#include "codecs/feature/lossless_elements.h"
#include "codecs/feature/lossless_palette.h"
#include "codecs/feature/lossless_rows.h"

namespace feat::native::lossless {
namespace {

// Of shapes whose last dimension is too long to be channels.
constexpr uint32_t kDefaultColumns = 4096;

struct Sides {
  uint32_t columns = 1;
  uint32_t rows = 0;  // the dimension before, 0: none
  bool deep = false;  // there are more
};

Sides sides_of(std::span<const uint32_t> shape) {
  Sides sides;
  int found = 0;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] == 1) continue;
    if (found == 0) sides.columns = shape[i];
    if (found == 1) sides.rows = shape[i];
    if (found == 2) sides.deep = true;
    ++found;
  }
  return sides;
}

Status read_palette_part(ByteReader &reader, size_t points, std::vector<Code> &palette) {
  const uint64_t count = reader.number();
  const uint64_t modelled_size = reader.number();
  const uint64_t raw_size = reader.number();
  const auto modelled = reader.bytes(modelled_size);
  const auto raw = reader.bytes(raw_size);
  if (!reader.ok() || count < 1 || count > kMaxPalette || count > points)
    return corrupt("the palette of the lossless payload is cut off or of a wrong size");
  if (!read_palette(static_cast<size_t>(count), modelled, raw, palette))
    return corrupt("the palette of the lossless payload is damaged");
  return {};
}

Status read_copies_part(ByteReader &reader, size_t rows, std::vector<uint32_t> &sources) {
  const uint64_t modelled_size = reader.number();
  const uint64_t raw_size = reader.number();
  const auto modelled = reader.bytes(modelled_size);
  const auto raw = reader.bytes(raw_size);
  if (!reader.ok() || !read_copies(rows, modelled, raw, sources))
    return corrupt("the list of copied rows of the lossless payload is damaged");
  return {};
}

}  // namespace

Status corrupt(const char *message) {
  return {Status::Code::kCorrupt, message};
}

size_t codes_in_tiles(const Preamble &preamble, size_t points) {
  return points - count_copies(preamble.sources) * preamble.plan.arrangement.columns;
}

bool has_whole_rows(std::span<const uint32_t> shape, size_t points) {
  const Sides sides = sides_of(shape);
  return sides.columns <= kMaxColumns && points / sides.columns > 1;
}

Arrangement arrange(std::span<const uint32_t> shape, bool image) {
  const Sides sides = sides_of(shape);
  if (sides.columns > kMaxColumns) return {image, kDefaultColumns, 0};
  // A period must repeat, and its deviations must fit a small memory.
  const bool repeats = sides.deep && uint64_t{sides.rows} * sides.columns <= kTileCodes;
  return {image, sides.columns, image || repeats ? sides.rows : 0};
}

void write_preamble(const Preamble &preamble, std::vector<uint8_t> &out) {
  const TilePlan &plan = preamble.plan;
  out.push_back(static_cast<uint8_t>((plan.arrangement.image ? kImage : 0) |
                                     (plan.zeros ? kZeros : 0) | (plan.negatives ? kNegatives : 0) |
                                     (preamble.palette.empty() ? 0 : kPalette) |
                                     (preamble.sources.empty() ? 0 : kCopies)));
  out.push_back(static_cast<uint8_t>(preamble.low_bits));
  if (!preamble.palette.empty()) {
    put_number(out, preamble.palette.size());
    write_palette(preamble.palette, out);
  } else if (!plan.kind.integer) {
    out.push_back(static_cast<uint8_t>(preamble.top_class));
  }
  if (!preamble.sources.empty()) write_copies(preamble.sources, out);
}

Status read_preamble(ByteReader &reader, Format format, std::span<const uint32_t> shape,
                     size_t points, Preamble &preamble) {
  const uint8_t flags = reader.byte();
  if (flags == kStored) {
    preamble.stored = true;
    return {};
  }
  preamble.low_bits = reader.byte();
  if (!reader.ok() || flags >= kStored || preamble.low_bits > max_low_bits(format))
    return corrupt("the lossless payload does not begin with flags and a number of low bits");
  TilePlan &plan = preamble.plan;
  plan.arrangement = arrange(shape, (flags & kImage) != 0);
  plan.zeros = (flags & kZeros) != 0;
  plan.negatives = (flags & kNegatives) != 0;
  plan.kind = kind_of(format, preamble.low_bits, 1);
  if (flags & kPalette) {
    if (Status status = read_palette_part(reader, points, preamble.palette); !status.ok())
      return status;
    plan.kind = kind_of_ranks(preamble.palette.size());
  } else if (!plan.kind.integer) {
    preamble.top_class = reader.byte();
    if (!reader.ok() || preamble.top_class < 1 || preamble.top_class >= plan.kind.classes)
      return corrupt("the lossless payload has a top class that its format lacks");
    plan.kind = kind_of(format, preamble.low_bits, preamble.top_class);
  }
  if (flags & kCopies) {
    if (!has_whole_rows(shape, points))
      return corrupt("the lossless payload copies rows, but its shape has none");
    return read_copies_part(reader, points / plan.arrangement.columns, preamble.sources);
  }
  return {};
}

}  // namespace feat::native::lossless
