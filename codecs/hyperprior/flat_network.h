// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The hyper-synthesis (integer_network.h) in a few blocks of memory, which can be copied to a GPU.
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/hyperprior/integer_network.h"

namespace feat::hyperprior {

// Two neighbouring channels, loaded as one. Nothing sets it to begin with: shared memory of a GPU
// cannot be.
struct alignas(4) Pair {
  int16_t low;
  int16_t high;
};

// Of one place of a kernel: as IntegerLayer::Tap has it.
struct FlatTap {
  int32_t dy = 0;
  int32_t dx = 0;
};

// One layer; pointers are into the memory of whoever runs it.
struct FlatLayer {
  int32_t in_pairs = 0;
  int32_t out = 0;
  int32_t out_padded = 0;
  int32_t stride = 1;
  int32_t low = 0;  // what activations are cut to, of a layer that is not the last
  bool relu = false;
  const FlatTap *taps = nullptr;       // of all phases, one behind the other
  const int32_t *first_tap = nullptr;  // of each phase, and one more: where the last one ends
  const Pair *weights = nullptr;       // [tap][in_pairs][out_padded]
  const int32_t *bias = nullptr;       // [out_padded]
  const int32_t *shift = nullptr;      // [out_padded]
};

// The memory of a layer.
struct FlatWeights {
  FlatLayer layer;  // without pointers
  std::vector<FlatTap> taps;
  std::vector<int32_t> first_tap;
  std::vector<Pair> weights;
  std::vector<int32_t> bias;
  std::vector<int32_t> shift;

  explicit FlatWeights(const IntegerLayer &from);
  // With pointers into this memory.
  FlatLayer view() const;
};

}  // namespace feat::hyperprior
