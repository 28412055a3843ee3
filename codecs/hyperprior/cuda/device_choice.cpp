// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/device_choice.h"

#include <cuda_runtime_api.h>

#include <cstdio>

namespace feat::hyperprior {

namespace {

// Why no device is found. CUDA calls a driver that is not there too old.
std::string reason(cudaError_t status) {
  int driver = 0;
  if (status == cudaErrorInsufficientDriver && cudaDriverGetVersion(&driver) == cudaSuccess &&
      driver == 0)
    return "there is no NVIDIA driver";
  return status != cudaSuccess ? cudaGetErrorString(status) : "the driver lists none";
}

}  // namespace

int choose_device(const std::string &name, std::string &error) {
  int index = 0;
  int used = 0;
  const bool numbered = std::sscanf(name.c_str(), "cuda:%3d%n", &index, &used) == 1 &&
                        static_cast<size_t>(used) == name.size() && index >= 0;
  if (name != "auto" && name != "cuda" && !numbered) {
    error = "device=" + name + " is none of auto, cuda and cuda:N";
    return -1;
  }
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    cudaGetLastError();  // or the next call would tell it again
    error = "no CUDA device: " + reason(status);
    return -1;
  }
  if (index >= count) {
    error = "device=" + name + ": the last CUDA device is cuda:" + std::to_string(count - 1);
    return -1;
  }
  return index;
}

}  // namespace feat::hyperprior
