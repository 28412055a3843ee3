// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The backend on a GPU. From coded bytes to latents, and from latents to coded bytes, data stays
// there, but for what a CPU does faster (lanes_that_pay.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/cpu_backend.h"
#include "codecs/hyperprior/cuda/device_decoder.h"
#include "codecs/hyperprior/cuda/device_encoder.h"
#include "codecs/hyperprior/cuda/device_network.h"
#include "codecs/hyperprior/cuda/device_tables.h"
#include "codecs/hyperprior/cuda/kernels.h"
#include "codecs/hyperprior/cuda/stage_clock.h"
#include "codecs/hyperprior/entropy_backend.h"

namespace feat::hyperprior {

class CudaBackend final : public EntropyBackend {
 public:
  // On the device of that number. Throws CudaFailure.
  CudaBackend(std::shared_ptr<const EntropyModel> model, int device);

  bool decode(const CodedLatents &coded, int z_height, int z_width, const float *gains, FloatMap &y,
              BackendError &error) override;
  bool encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
              BackendError &error) override;
  LatentBits bits() override;
  const char *device() const override { return name_.c_str(); }

  // For measuring: times of the stages of the last call.
  void measure_stages() { clock_.switch_on(); }
  std::vector<StageClock::Stage> stages() const { return clock_.stages(); }

 private:
  bool try_decode(const CodedLatents &coded, int z_height, int z_width, const float *gains,
                  FloatMap &y, BackendError &error);
  bool try_encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
                  BackendError &error);
  // On the GPU; null: the model has none.
  int32_t *means_of(size_t count);
  void predict(const int32_t *z, int z_height, int z_width, size_t count);
  void encode_y(size_t count, const CostSums &sums);

  struct Host {
    std::vector<int32_t> values;
    std::vector<uint8_t> tables;
    std::vector<uint8_t> bytes;
  };

  std::shared_ptr<const EntropyModel> model_;
  int device_;
  std::string name_;
  CudaStream stream_;
  DeviceTables y_tables_;
  DeviceTables z_tables_;
  DeviceNetwork network_;
  DeviceDecoder z_decoder_;
  DeviceDecoder y_decoder_;
  DeviceEncoder encoder_;
  StageClock clock_;
  // On the GPU.
  DeviceArray<int32_t> z_;
  DeviceArray<int32_t> y_;
  DeviceArray<uint8_t> tables_;  // of y
  DeviceArray<int32_t> means_;   // of y
  DeviceArray<float> factors_;
  DeviceArray<float> latents_;
  DeviceArray<CostSums> sums_;
  // On the CPU.
  PinnedArray<float> host_latents_;
  PinnedArray<CostSums> host_sums_;
  Host z_host_;
  Host y_host_;
  double y_bits_ = 0;
};

}  // namespace feat::hyperprior
