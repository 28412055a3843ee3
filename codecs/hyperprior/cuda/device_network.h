// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "codecs/hyperprior/cuda/cuda_memory.h"
#include "codecs/hyperprior/cuda/kernels.h"
#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/flat_network.h"

namespace feat::hyperprior {

// The hyper-synthesis on the GPU.
class DeviceNetwork {
 public:
  DeviceNetwork(const EntropyModel &model, cudaStream_t stream);

  // From hyper-latents [height][width][channels] to `tables` and, unless null, `means`, as
  // EntropyModel::predict() does. All of them are on the GPU.
  void predict(const int32_t *z, int height, int width, uint8_t *tables, int32_t *means,
               cudaStream_t stream);

 private:
  struct Layer {
    FlatLayer view;
    DeviceArray<FlatTap> taps;
    DeviceArray<int32_t> first_tap;
    DeviceArray<Pair> weights;
    DeviceArray<int32_t> bias;
    DeviceArray<int32_t> shift;
  };

  int inputs_;
  int latents_;
  std::vector<std::unique_ptr<Layer>> layers_;
  DeviceArray<int32_t> thresholds_;
  int threshold_count_;
  DeviceArray<int16_t> maps_[2];  // of activations, by turns
};

}  // namespace feat::hyperprior
