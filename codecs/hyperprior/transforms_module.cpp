// SPDX-License-Identifier: LGPL-2.1-or-later
//
// libgstfeature-hyperprior: the networks of the Hyperprior codec on LibTorch 1.13 and later.
#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/networks.h"
#include "codecs/hyperprior/tiles.h"
#include "codecs/hyperprior/transforms.h"
#include "codecs/torch/device_of.h"
#include "codecs/torch/guarded.h"

namespace feat::hyperprior {

namespace {

// GDN adds up squares, which may be beyond what a half holds.
bool wants_floats(const std::string &name) {
  return name.ends_with(".beta") || name.ends_with(".gamma");
}

at::Tensor tensor_of(const TensorView &view, const at::TensorOptions &where) {
  std::vector<float> values = view.floats();
  const std::vector<int64_t> shape(view.shape.begin(), view.shape.end());
  const at::Tensor tensor = at::from_blob(values.data(), shape, at::kFloat).to(where, false, true);
  return shape.size() == 4 ? tensor.contiguous(at::MemoryFormat::ChannelsLast) : tensor;
}

// Those of convolutions and GDN. The hyper-synthesis has integers.
Weights weights_of(const Model &model, const at::TensorOptions &where) {
  Weights weights;
  for (const auto &[name, view] : model.tensors())
    if (view.element == Element::kF32 || view.element == Element::kF16)
      weights[name] = tensor_of(view, wants_floats(name) ? where.dtype(at::kFloat) : where);
  return weights;
}

std::string size_text(const FloatMap &map) {
  return std::to_string(map.channels) + "x" + std::to_string(map.height) + "x" +
         std::to_string(map.width);
}

// Refuses a map of other channels, or with sides that are no multiples of `step`.
void check_map(const FloatMap &map, const char *what, int channels, int step) {
  if (map.data == nullptr || map.channels != channels || map.height < 1 || map.width < 1 ||
      map.height % step != 0 || map.width % step != 0)
    throw Failure{std::string("the ") + what + " of " + size_text(map) + " are not of " +
                  std::to_string(channels) + (channels == 1 ? " channel" : " channels") +
                  " with sides that are multiples of " + std::to_string(step)};
}

bool all_finite(const at::Tensor &x) {
  const float *values = x.data_ptr<float>();
  return std::all_of(values, values + x.numel(), [](float v) { return std::isfinite(v); });
}

class TorchTransforms final : public Transforms {
 public:
  TorchTransforms(std::shared_ptr<const Model> model, const TransformsOptions &options)
      : model_(std::move(model)),
        device_(device_of(options.device)),
        device_name_(device_.str()),
        threads_(options.threads) {
    const c10::InferenceMode inference;
    const at::TensorOptions there = at::TensorOptions().device(device_);
    floats_ = {there.dtype(at::kFloat), weights_of(*model_, there.dtype(at::kFloat))};
    // Not bfloat16, whose 8 bits are fewer than samples have.
    if (device_.is_cuda())
      halves_ = {there.dtype(at::kHalf), weights_of(*model_, there.dtype(at::kHalf))};
  }

  bool analyse(const FloatMap &plane, FloatMap &y, TransformsError &error) override {
    return guarded(error, [&] {
      const ModelDescription &d = model_->description();
      check_map(plane, "samples", 1, d.alignment);
      run_network(d.analysis, "analysis", plane, y_, y);
    });
  }

  bool hyper_analyse(const FloatMap &y, FloatMap &z, TransformsError &error) override {
    return guarded(error, [&] {
      const ModelDescription &d = model_->description();
      check_map(y, "latents", d.latents, d.alignment / d.latent_stride);
      run_network(d.hyper_analysis, "hyper-analysis", y, z_, z);
    });
  }

  bool synthesise(const FloatMap &y, FloatMap &plane, TransformsError &error) override {
    return guarded(error, [&] {
      const ModelDescription &d = model_->description();
      check_map(y, "latents", d.latents, d.alignment / d.latent_stride);
      run_network(d.synthesis, "synthesis", y, plane_, plane);
    });
  }

  const char *device() const override { return device_name_.c_str(); }

 private:
  struct Arithmetic {
    at::TensorOptions where;
    Weights weights;
  };

  void run_network(const Network &network, const char *name, const FloatMap &input,
                   at::Tensor &kept, FloatMap &output) {
    // Of the thread that runs it.
    if (threads_ > 0 && at::get_num_threads() != threads_) at::set_num_threads(threads_);
    const c10::InferenceMode inference;
    // LibTorch takes memory that it may write, but does not write to inputs.
    const at::Tensor x = at::from_blob(const_cast<float *>(input.data),
                                       {1, input.channels, input.height, input.width}, at::kFloat);
    kept = at::Tensor();  // what the last call gave makes room
    const auto run = [&](const Arithmetic &arithmetic) {
      kept = run_in_tiles(network, arithmetic.weights, arithmetic.where, x, kMaxTileValues);
      return all_finite(kept);
    };
    const bool good = (!halves_.weights.empty() && run(halves_)) || run(floats_);
    if (!good) throw Failure{std::string("the ") + name + " gives values that are no numbers"};
    output = {kept.data_ptr<float>(), static_cast<int>(kept.size(1)),
              static_cast<int>(kept.size(2)), static_cast<int>(kept.size(3))};
  }

  std::shared_ptr<const Model> model_;
  c10::Device device_;
  std::string device_name_;
  int threads_;
  Arithmetic floats_;
  Arithmetic halves_;  // of CUDA; where numbers leave the range of halves, floats take over
  at::Tensor y_;
  at::Tensor z_;
  at::Tensor plane_;
};

std::shared_ptr<const Model> load_model(const TransformsOptions &options) {
  Status status;
  std::shared_ptr<const Model> model = Model::load({options.model, options.model_bytes}, status);
  if (!model) throw Failure{status.message};
  return model;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) Transforms *gst_feature_hyperprior_load(
    const TransformsOptions &options, TransformsError &error) {
  Transforms *transforms = nullptr;
  guarded(error, [&] { transforms = new TorchTransforms(load_model(options), options); });
  return transforms;
}

}  // namespace feat::hyperprior
