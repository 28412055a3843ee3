// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What stands between latents and coded bytes: the hyper-synthesis in integers, rounding, the
// entropy coder. A CPU does it (cpu_backend.h), or a GPU: the module libgstfeature-hyperprior-cuda,
// which is opened when a stream begins. Whoever does it, the bytes and the symbols are the same.
// Across this border go numbers and bytes alone, as in transforms.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/hyperprior/transforms.h"

namespace feat::hyperprior {

// What went wrong, in one sentence without a full stop; cut off where it is too long.
struct BackendError {
  bool damaged = false;  // the coded bytes are
  char text[512] = {};
};

struct CodedLatents {
  const uint8_t *z = nullptr;
  size_t z_bytes = 0;
  const uint8_t *y = nullptr;
  size_t y_bytes = 0;
};

struct LatentBits {
  double z = 0;  // the entropy that the model's tables give
  double y = 0;
};

// Calls may come from any thread, one at a time. Outputs stay the object's, until its next call.
class EntropyBackend {
 public:
  virtual ~EntropyBackend() = default;
  // To latents of `z_height` x `z_width` hyper-latents, each divided by the gain of its channel.
  virtual bool decode(const CodedLatents &coded, int z_height, int z_width, const float *gains,
                      FloatMap &y, BackendError &error) = 0;
  // From latents behind gains and the hyper-latents of these, neither of them rounded, of sizes
  // that fit each other. `weigh`: symbols nearer to 0 are taken where that pays.
  virtual bool encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
                      BackendError &error) = 0;
  // Of what encode() has coded last.
  virtual LatentBits bits() = 0;
  // Where it runs: cpu, cuda:0.
  virtual const char *device() const = 0;
};

struct BackendOptions {
  const uint8_t *model = nullptr;  // the bytes of a model file that Model::load() accepts
  size_t model_bytes = 0;
  const char *device = "auto";  // auto, cuda, cuda:N
};

// What the module exports under the name below. Null, and the error is set: it cannot.
using BackendLoad = EntropyBackend *(const BackendOptions &options, BackendError &error);
inline constexpr const char *kBackendLoadName = "gst_feature_hyperprior_cuda_load";

}  // namespace feat::hyperprior
