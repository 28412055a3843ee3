// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "codecs/hyperprior/entropy_backend.h"
#include "codecs/hyperprior/entropy_model.h"

namespace feat::hyperprior {

// `threads` work on the hyper-synthesis.
class CpuBackend final : public EntropyBackend {
 public:
  explicit CpuBackend(std::shared_ptr<const EntropyModel> model, int threads = 1)
      : model_(std::move(model)), threads_(threads) {}

  bool decode(const CodedLatents &coded, int z_height, int z_width, const float *gains, FloatMap &y,
              BackendError &error) override;
  bool encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
              BackendError &error) override;
  LatentBits bits() override;
  const char *device() const override { return "cpu"; }

 private:
  std::shared_ptr<const EntropyModel> model_;
  int threads_;
  std::vector<float> latents_;
  struct Symbols {
    std::vector<int32_t> values;
    std::vector<uint8_t> tables;
    std::vector<uint8_t> bytes;
  };
  Symbols z_;
  Symbols y_;
};

// [channels, places] of floats to [places, channels] of integers: value - mean, in units of
// 1/kOutputScale where there are means. False: a value is no number.
bool round_latents(const FloatMap &map, std::span<const int32_t> means,
                   std::vector<int32_t> &symbols);

// What values cost by their tables.
double bits_of(const rans::Tables &tables, std::span<const int32_t> values,
               std::span<const uint8_t> table_of);

inline constexpr const char *kNoNumber = "the networks gave values that are no numbers";

// The error of a backend, in one statement. Returns false.
bool fail(BackendError &error, const std::string &text, bool damaged = false);

}  // namespace feat::hyperprior
