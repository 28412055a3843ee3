// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/flat_network.h"

namespace feat::hyperprior {

FlatWeights::FlatWeights(const IntegerLayer &from) : bias(from.bias), shift(from.shift) {
  layer.in_pairs = from.in_pairs;
  layer.out = from.out;
  layer.out_padded = from.out_padded;
  layer.stride = from.stride;
  layer.relu = from.relu;
  layer.low = from.relu ? 0 : -kMaxActivation;
  for (const auto &phase : from.phases) {
    first_tap.push_back(static_cast<int32_t>(taps.size()));
    for (const IntegerLayer::Tap &tap : phase) {
      taps.push_back({tap.dy, tap.dx});
      for (size_t i = 0; i < tap.weights.size(); i += 2)
        weights.push_back({tap.weights[i], tap.weights[i + 1]});
    }
  }
  first_tap.push_back(static_cast<int32_t>(taps.size()));
}

FlatLayer FlatWeights::view() const {
  FlatLayer flat = layer;
  flat.taps = taps.data();
  flat.first_tap = first_tap.data();
  flat.weights = weights.data();
  flat.bias = bias.data();
  flat.shift = shift.data();
  return flat;
}

}  // namespace feat::hyperprior
