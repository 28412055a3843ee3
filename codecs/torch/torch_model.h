// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A TorchScript model behind plain data. LibTorch takes a second to load and is not everywhere, so
// it is linked into a module of its own, libgstfeature-torch, which is opened when a model is
// wanted. Across this border go numbers and bytes alone: LibTorch may be built with another ABI of
// the C++ library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace feat {

// Of those that LibTorch has, the ones that a tensor here may hold.
enum class TorchElement { f32, f16, bf16, f64, u8, s8, s16, s32, s64 };

inline constexpr int kMaxTorchDims = 8;

// A contiguous tensor in the memory of the CPU; whose, the functions say.
struct TorchTensor {
  TorchElement element = TorchElement::f32;
  int dims = 0;
  int64_t shape[kMaxTorchDims] = {};
  const void *data = nullptr;
  size_t bytes = 0;
};

// What went wrong, in one sentence without a full stop; cut off where it is too long.
struct TorchError {
  char text[512] = {};
};

struct TorchModelOptions {
  const char *path = nullptr;
  const char *method = nullptr;  // "forward", as a rule
  const char *device = nullptr;  // auto, cpu, cuda, cuda:N
  int threads = 0;               // of the CPU; 0: as LibTorch sees fit
};

class TorchModel {
 public:
  virtual ~TorchModel() = default;
  // Runs the method on one tensor. The output stays the model's, until the next call. Calls may
  // come from any thread, one at a time.
  virtual bool run(const TorchTensor &input, TorchTensor &output, TorchError &error) = 0;
  // Where it runs: cpu, cuda:0.
  virtual const char *device() const = 0;
};

// What the module exports under the name below. Null, and the error is set: no such model.
using TorchLoad = TorchModel *(const TorchModelOptions &options, TorchError &error);
inline constexpr const char *kTorchLoadName = "gst_feature_torch_load";

}  // namespace feat
