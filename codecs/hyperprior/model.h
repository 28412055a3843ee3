// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A model file: networks, weights, tables of the entropy coder. The format: docs/hyperprior.md,
// "Model files".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/hyperprior/layers.h"
#include "codecs/hyperprior/status.h"

namespace feat::hyperprior {

// What a tensor of a model file is stored as, little-endian.
enum class Element { kF32, kF16, kS16, kS32, kU16 };

size_t size_of(Element element);

// A view of the file.
struct TensorView {
  Element element = Element::kF32;
  std::vector<int> shape;
  const uint8_t *data = nullptr;

  size_t count() const;
  std::vector<float> floats() const;      // of kF32 and kF16
  std::vector<int32_t> integers() const;  // of the others
};

inline constexpr size_t kMaxModelBytes = size_t{1} << 28;
inline constexpr int kMaxChannels = 4096;
inline constexpr int kMaxKernel = 31;
inline constexpr int kMaxStride = 16;
inline constexpr int kMaxLayers = 256;  // of a network, those inside of residual ones included

// How samples become what the analysis sees.
enum class Input {
  kUnitRange,   // code / (2^bits - 1), padded around with zeros and cut to [0, 1] behind: the paper
  kNormalised,  // (code - mean) / deviation of the plane, laid out as preparation.h says
};

struct ModelDescription {
  std::string name;
  std::string origin;  // data, seed, device, time: a sentence for people
  Input input = Input::kUnitRange;
  int alignment = 64;       // sides of the plane that the analysis sees are multiples of it
  int latent_stride = 16;   // samples of the plane for one of y
  int hyper_stride = 64;    // and for one of z
  int latents = 192;        // channels of y
  int hyper_latents = 128;  // channels of z
  // The hyper-synthesis gives `latents` scales (deviations of what is coded, in steps) and, where
  // `means` is set, as many means (in steps) behind them.
  bool means = false;
  // What it gives for scales are places in scale_table() (export.h), not the deviations themselves.
  bool scale_places = false;
  // Of models of many rates: step sizes, in units of the normalised plane, ascending. Row i of the
  // tensor "gains" [steps, latents] has what y is multiplied by at step i; between two steps the
  // logarithms are interpolated over the logarithm of the step. Empty: one rate, no gains.
  std::vector<float> steps;
  Network analysis;
  Network hyper_analysis;
  Network hyper_synthesis;  // of integers: kConv, kDeconv and kRelu
  Network synthesis;
};

class Model {
 public:
  // Keeps a copy of `file`. Null, and `status` is set: it is no model, or a broken one.
  static std::shared_ptr<const Model> load(std::span<const uint8_t> file, Status &status);

  const ModelDescription &description() const { return description_; }
  uint64_t hash() const { return hash_; }  // XXH3 (64 bits) of the file
  uint32_t id() const { return static_cast<uint32_t>(hash_ >> 32); }
  // Null: there is none of that name.
  const TensorView *tensor(const std::string &name) const;
  const std::map<std::string, TensorView> &tensors() const { return tensors_; }

 private:
  std::vector<uint8_t> file_;
  ModelDescription description_;
  std::map<std::string, TensorView> tensors_;
  uint64_t hash_ = 0;
};

// A tensor to be written.
struct TensorData {
  Element element = Element::kF32;
  std::vector<int> shape;
  std::vector<uint8_t> bytes;
};

TensorData store_floats(std::span<const float> values, std::vector<int> shape, Element element);
TensorData store_integers(std::span<const int32_t> values, std::vector<int> shape, Element element);

// The bytes of a model file.
std::vector<uint8_t> write_model(const ModelDescription &description,
                                 const std::map<std::string, TensorData> &tensors);

}  // namespace feat::hyperprior
