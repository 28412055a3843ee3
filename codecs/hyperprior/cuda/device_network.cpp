// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/device_network.h"

#include <utility>

namespace feat::hyperprior {

DeviceNetwork::DeviceNetwork(const EntropyModel &model, cudaStream_t stream)
    : inputs_(model.network().inputs()),
      latents_(model.model().description().latents),
      threshold_count_(static_cast<int>(model.thresholds().size())) {
  for (const IntegerLayer &from : model.network().layers()) {
    const FlatWeights host(from);
    Layer &layer = *layers_.emplace_back(std::make_unique<Layer>());
    layer.view = host.layer;
    layer.view.taps = keep(layer.taps, host.taps, stream);
    layer.view.first_tap = keep(layer.first_tap, host.first_tap, stream);
    layer.view.weights = keep(layer.weights, host.weights, stream);
    layer.view.bias = keep(layer.bias, host.bias, stream);
    layer.view.shift = keep(layer.shift, host.shift, stream);
  }
  keep(thresholds_, model.thresholds(), stream);
}

void DeviceNetwork::predict(const int32_t *z, int height, int width, uint8_t *tables,
                            int32_t *means, cudaStream_t stream) {
  const auto map_size = [&](const Layer &reader) {
    return static_cast<size_t>(height) * static_cast<size_t>(width) * 2 *
           static_cast<size_t>(reader.view.in_pairs);
  };
  int16_t *in = maps_[0].reserve(map_size(*layers_[0]));
  start_cut({z, int64_t{height} * width, inputs_, in}, stream);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const FlatLayer &layer = layers_[i]->view;
    const PairMap map = {reinterpret_cast<const Pair *>(in), height, width};
    height *= layer.stride;
    width *= layer.stride;
    if (i + 1 == layers_.size()) {
      start_last_layer(layer, map,
                       {tables, means, thresholds_.data(), threshold_count_, latents_, layer.relu},
                       stream);
      return;
    }
    int16_t *const out = maps_[(i + 1) % 2].reserve(map_size(*layers_[i + 1]));
    start_layer(layer, map, {out, 2 * layers_[i + 1]->view.in_pairs, layer.low}, stream);
    in = out;
  }
}

}  // namespace feat::hyperprior
