// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/torch/device_of.h"

#include <torch/csrc/api/include/torch/cuda.h>

#include <cstdio>

#include "codecs/torch/guarded.h"

namespace feat {

c10::Device device_of(const std::string &name) {
  if (name == "cpu") return {c10::kCPU};
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (name == "auto") return count > 0 ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  int index = 0;
  int used = 0;
  const bool numbered = std::sscanf(name.c_str(), "cuda:%3d%n", &index, &used) == 1 &&
                        static_cast<size_t>(used) == name.size() && index >= 0;
  if (name != "cuda" && !numbered)
    throw Failure{"device=" + name + " is none of auto, cpu, cuda and cuda:N"};
  if (count == 0) throw Failure{"device=" + name + ": LibTorch finds no CUDA device"};
  if (index >= count)
    throw Failure{"device=" + name + ": the last CUDA device is cuda:" + std::to_string(count - 1)};
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace feat
