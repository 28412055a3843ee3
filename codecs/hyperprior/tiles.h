// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Networks on large maps, tile by tile.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "codecs/hyperprior/layers.h"
#include "codecs/hyperprior/networks.h"

namespace feat::hyperprior {

// What matters of a network for cutting maps. Sides of a map are made of cells, which `down`
// samples of the input and `up` samples of the output fill.
struct Extent {
  int up = 1;
  int down = 1;
  int margin = 0;          // cells around a tile that its output may depend on
  double cell_values = 0;  // of the largest map inside, for one cell of a plane
};

// Of the largest map in a tile, of which three are in memory at a time: planes of a million samples
// with the networks of the paper, which have 128 channels at half the height and width.
inline constexpr int64_t kMaxTileValues = int64_t{32} << 20;

// Of a network whose convolutions have strides in one direction alone: either all of them divide
// the size or all multiply it.
Extent extent_of(const Network &network);

// run(), in tiles whose maps have at most `max_values` values, or are of one cell and its margins.
// x is [1, channels, height, width], on the CPU and of floats, with sides of whole cells, and so is
// the result. `where` is the device and the type of the weights.
at::Tensor run_in_tiles(const Network &network, const Weights &weights,
                        const at::TensorOptions &where, const at::Tensor &x, int64_t max_values);

}  // namespace feat::hyperprior
