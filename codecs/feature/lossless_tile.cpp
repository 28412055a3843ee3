// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_tile.h"

#include <algorithm>

#include "codecs/feature/lossless_image.h"
#include "codecs/feature/lossless_model.h"
#include "codecs/feature/lossless_tokens.h"

namespace feat::native::lossless {
namespace {

// Gives the bytes in front of code number `mark`.
template <class Guess>
size_t write(const TilePlan &plan, Guess guess, std::span<const Code> codes, size_t mark,
             TileBytes &bytes) {
  CodeWriter coder(bytes.modelled, bytes.raw);
  NumberModel model(plan.kind, plan.zeros, plan.negatives);
  size_t at_mark = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (i == mark) at_mark = bytes.size();
    Opinion opinion;
    guess.guess(opinion);
    model.code(coder, opinion, codes[i]);
    guess.learn(opinion, plan.kind.position(codes[i]), (codes[i] & kMagnitudeMask) == 0);
  }
  coder.finish();
  return at_mark;
}

size_t write(const TilePlan &plan, std::span<const Code> codes, size_t mark, TileBytes &bytes) {
  bytes.raw.reserve(codes.size() * 2);
  bytes.modelled.reserve(codes.size());
  const Arrangement &arrangement = plan.arrangement;
  if (arrangement.image)
    return write(plan, ImageGuess(arrangement.columns, arrangement.rows), codes, mark, bytes);
  return write(plan, TokenGuess(arrangement.columns, arrangement.rows), codes, mark, bytes);
}

template <class Guess>
void read(const TilePlan &plan, Guess guess, std::span<Code> codes, CodeReader &coder) {
  NumberModel model(plan.kind, plan.zeros, plan.negatives);
  for (Code &code : codes) {
    Opinion opinion;
    guess.guess(opinion);
    code = model.code(coder, opinion, 0);
    guess.learn(opinion, plan.kind.position(code), (code & kMagnitudeMask) == 0);
  }
}

}  // namespace

size_t Arrangement::tile_codes() const {
  size_t in_tile = std::max<size_t>(kTileCodes / columns, 1);
  if (image && rows > 0 && in_tile > rows) in_tile -= in_tile % rows;
  return in_tile * columns;
}

size_t cost_of(const TilePlan &plan, std::span<const Code> sample) {
  TileBytes bytes;
  const size_t first_half = write(plan, sample, sample.size() / 2, bytes);
  return bytes.size() - std::min(first_half, bytes.size());
}

TileBytes write_tile(const TilePlan &plan, std::span<const Code> codes) {
  TileBytes bytes;
  write(plan, codes, codes.size(), bytes);
  return bytes;
}

bool read_tile(const TilePlan &plan, std::span<const uint8_t> modelled,
               std::span<const uint8_t> raw, std::span<Code> codes) {
  CodeReader coder(modelled, raw);
  const Arrangement &arrangement = plan.arrangement;
  if (arrangement.image) {
    read(plan, ImageGuess(arrangement.columns, arrangement.rows), codes, coder);
  } else {
    read(plan, TokenGuess(arrangement.columns, arrangement.rows), codes, coder);
  }
  return coder.at_end();
}

}  // namespace feat::native::lossless
