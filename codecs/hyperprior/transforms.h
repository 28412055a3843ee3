// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The networks that need floating point: analysis, hyper-analysis, synthesis. They run on LibTorch,
// which takes a second to load and is not everywhere: the module libgstfeature-hyperprior holds
// them and is opened when a stream begins. Across this border go numbers and bytes alone, since
// LibTorch may be built with another ABI of the C++ library. Nothing that comes from here decides
// how bits are read: the hyper-synthesis is integer arithmetic (integer_network.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace feat::hyperprior {

// [channels, height, width], C order.
struct FloatMap {
  const float *data = nullptr;
  int channels = 0;
  int height = 0;
  int width = 0;
};

// What went wrong, in one sentence without a full stop; cut off where it is too long.
struct TransformsError {
  char text[512] = {};
};

struct TransformsOptions {
  const uint8_t *model = nullptr;  // the bytes of a model file that Model::load() accepts
  size_t model_bytes = 0;
  const char *device = "auto";  // auto, cpu, cuda, cuda:N
  int threads = 0;              // of the CPU; 0: as LibTorch sees fit
};

// Calls may come from any thread, one at a time. Outputs stay the object's, until its next call.
// Heights and widths are multiples of the model's alignment (model.h). Large maps are worked on in
// tiles whose margins are the networks' fields of view, so that tiles leave no seams.
class Transforms {
 public:
  virtual ~Transforms() = default;
  // The plane, of one channel, into latents, before gains.
  virtual bool analyse(const FloatMap &plane, FloatMap &y, TransformsError &error) = 0;
  // Latents, after gains, into hyper-latents that are still to be rounded.
  virtual bool hyper_analyse(const FloatMap &y, FloatMap &z, TransformsError &error) = 0;
  // Latents as decoded, gains taken back, into the plane.
  virtual bool synthesise(const FloatMap &y, FloatMap &plane, TransformsError &error) = 0;
  // Where it runs: cpu, cuda:0.
  virtual const char *device() const = 0;
};

// What the module exports under the name below. Null, and the error is set: it cannot.
using TransformsLoad = Transforms *(const TransformsOptions &options, TransformsError &error);
inline constexpr const char *kTransformsLoadName = "gst_feature_hyperprior_load";

}  // namespace feat::hyperprior
