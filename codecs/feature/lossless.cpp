// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless.h"

#include <algorithm>
#include <atomic>

#include "codecs/feature/lossless_bytes.h"
#include "codecs/feature/lossless_choice.h"
#include "codecs/feature/lossless_elements.h"
#include "codecs/feature/lossless_parallel.h"
#include "codecs/feature/lossless_payload.h"
#include "codecs/feature/lossless_rows.h"
#include "codecs/feature/lossless_tile.h"

namespace feat::native {
namespace {

using namespace lossless;  // NOLINT(google-build-using-namespace): this file is its front

struct Tiles {
  size_t codes;  // in all
  size_t each;   // in a tile
  size_t count() const { return (codes + each - 1) / each; }
  size_t begin(size_t tile) const { return tile * each; }
  size_t size(size_t tile) const { return std::min(each, codes - begin(tile)); }
};

// Bytes of a tile in the payload.
struct TileSpans {
  std::span<const uint8_t> modelled;
  std::span<const uint8_t> raw;
};

bool read_tiles(ByteReader &reader, std::vector<TileSpans> &tiles) {
  std::vector<std::pair<uint64_t, uint64_t>> sizes(tiles.size());
  for (auto &[modelled, raw] : sizes) {
    modelled = reader.number();
    raw = reader.number();
  }
  for (size_t i = 0; i < tiles.size(); ++i) {
    tiles[i].modelled = reader.bytes(sizes[i].first);
    tiles[i].raw = reader.bytes(sizes[i].second);
  }
  return reader.ok() && reader.at_end();
}

bool decode_tile(const Preamble &preamble, Format format, const TileSpans &bytes, size_t count,
                 std::span<uint8_t> data) {
  std::vector<Code> codes(count);
  if (!read_tile(preamble.plan, bytes.modelled, bytes.raw, codes)) return false;
  if (!preamble.palette.empty()) {
    for (Code &code : codes) {
      if (code >= preamble.palette.size()) return false;
      code = preamble.palette[code];
    }
  }
  store_codes(format, codes, preamble.low_bits, data);
  return true;
}

}  // namespace

void encode_lossless(Format format, std::span<const uint32_t> shape, std::span<const uint8_t> data,
                     int threads, std::vector<uint8_t> &out) {
  if (data.empty()) return;
  std::vector<Code> codes = load_codes(format, data);
  Preamble preamble;
  choose(format, shape, codes, preamble);

  const Tiles tiles{codes.size(), preamble.plan.arrangement.tile_codes()};
  std::vector<TileBytes> coded(tiles.count());
  in_parallel(coded.size(), threads, [&](size_t i) {
    coded[i] = write_tile(preamble.plan, std::span(codes).subspan(tiles.begin(i), tiles.size(i)));
  });

  const size_t start = out.size();
  write_preamble(preamble, out);
  for (const TileBytes &tile : coded) {
    put_number(out, tile.modelled.size());
    put_number(out, tile.raw.size());
  }
  for (const TileBytes &tile : coded) {
    out.insert(out.end(), tile.modelled.begin(), tile.modelled.end());
    out.insert(out.end(), tile.raw.begin(), tile.raw.end());
  }
  if (out.size() - start <= data.size()) return;
  out.resize(start);
  out.push_back(kStored);
  out.insert(out.end(), data.begin(), data.end());
}

Status decode_lossless(Format format, std::span<const uint32_t> shape,
                       std::span<const uint8_t> payload, int threads, std::span<uint8_t> data) {
  if (data.empty()) {
    if (payload.empty()) return {};
    return corrupt("the lossless payload of a tensor without elements is not empty");
  }
  const size_t points = data.size() / bytes_of(format);
  ByteReader reader(payload);
  Preamble preamble;
  if (Status status = read_preamble(reader, format, shape, points, preamble); !status.ok())
    return status;
  if (preamble.stored) {
    const auto stored = reader.bytes(data.size());
    if (!reader.ok() || !reader.at_end())
      return corrupt("the stored elements of the lossless payload do not fill the tensor");
    std::copy(stored.begin(), stored.end(), data.begin());
    return {};
  }

  const Tiles tiles{codes_in_tiles(preamble, points), preamble.plan.arrangement.tile_codes()};
  std::vector<TileSpans> spans(tiles.count());
  if (!read_tiles(reader, spans))
    return corrupt("the tiles of the lossless payload do not have the sizes that it tells");
  std::atomic<bool> good = true;
  const size_t element = bytes_of(format);
  in_parallel(spans.size(), threads, [&](size_t i) {
    if (!good) return;
    const size_t count = tiles.size(i);
    const auto place = data.subspan(tiles.begin(i) * element, count * element);
    if (!decode_tile(preamble, format, spans[i], count, place)) good = false;
  });
  if (!good) return corrupt("a tile of the lossless payload is damaged");
  if (!preamble.sources.empty())
    spread_copies(data, preamble.plan.arrangement.columns * element, preamble.sources);
  return {};
}

}  // namespace feat::native
