// SPDX-License-Identifier: LGPL-2.1-or-later
//
// libgstfeature-torch: TorchScript models. LibTorch 1.13 and later.
#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codecs/torch/device_of.h"
#include "codecs/torch/error_line.h"
#include "codecs/torch/guarded.h"
#include "codecs/torch/torch_model.h"

namespace feat {

namespace {

struct ElementPair {
  TorchElement element;
  c10::ScalarType scalar;
};
constexpr ElementPair kElements[] = {
    {TorchElement::f32, c10::ScalarType::Float},     {TorchElement::f16, c10::ScalarType::Half},
    {TorchElement::bf16, c10::ScalarType::BFloat16}, {TorchElement::f64, c10::ScalarType::Double},
    {TorchElement::u8, c10::ScalarType::Byte},       {TorchElement::s8, c10::ScalarType::Char},
    {TorchElement::s16, c10::ScalarType::Short},     {TorchElement::s32, c10::ScalarType::Int},
    {TorchElement::s64, c10::ScalarType::Long},
};

c10::ScalarType scalar_of(TorchElement element) {
  for (const ElementPair &pair : kElements)
    if (pair.element == element) return pair.scalar;
  throw Failure{"there is no such element type"};
}

TorchElement element_of(c10::ScalarType scalar) {
  for (const ElementPair &pair : kElements)
    if (pair.scalar == scalar) return pair.element;
  throw Failure{"it returns a tensor of " + std::string(c10::toString(scalar)) +
                ", which is no element format here"};
}

bool is_tensor(const c10::TypePtr &type) {
  return type->isSubtypeOf(*c10::TensorType::get());
}

// Refuses a method that does not take one tensor and return one.
void check_schema(const torch::jit::Method &method, const std::string &name) {
  const c10::FunctionSchema &schema = method.function().getSchema();
  const std::vector<c10::Argument> &arguments = schema.arguments();  // the first is the model
  if (arguments.size() < 2 || !is_tensor(arguments[1].type()))
    throw Failure{"the method " + name + " does not take a tensor"};
  for (size_t i = 2; i < arguments.size(); ++i)
    if (!arguments[i].default_value())
      throw Failure{"the method " + name + " takes " + std::to_string(arguments.size() - 1) +
                    " arguments, not one tensor"};
  if (schema.returns().size() != 1 || !is_tensor(schema.returns()[0].type()))
    throw Failure{"the method " + name + " returns " +
                  (schema.returns().empty() ? std::string("nothing")
                                            : schema.returns()[0].type()->repr_str()) +
                  ", not a tensor"};
}

class Model final : public TorchModel {
 public:
  explicit Model(const TorchModelOptions &options)
      : device_(device_of(options.device)), threads_(options.threads) {
    torch::jit::script::Module module = load(options.path, device_);
    module.eval();
    const std::string name = options.method;
    method_ = module.find_method(name);
    if (!method_) throw Failure{"the model has no method " + name + methods_of(module)};
    check_schema(*method_, name);
    device_name_ = device_.str();
  }

  bool run(const TorchTensor &input, TorchTensor &output, TorchError &error) override {
    return guarded(error, [&] {
      // Of the thread that runs it.
      if (threads_ > 0 && at::get_num_threads() != threads_) at::set_num_threads(threads_);
      const c10::InferenceMode inference;
      // The same arithmetic from the first run to the last, whatever the shapes.
      const torch::jit::GraphOptimizerEnabledGuard as_written(false);
      // LibTorch takes memory that it may write, but does not write to inputs unless told to.
      const at::Tensor view = at::from_blob(const_cast<void *>(input.data),
                                            at::IntArrayRef(input.shape, size_t(input.dims)),
                                            at::TensorOptions(scalar_of(input.element)));
      // A copy on the CPU as well: a model may keep or change it.
      const at::Tensor own = device_.is_cpu() ? view.clone() : view.to(device_);
      const c10::IValue result = (*method_)({own});
      if (!result.isTensor()) throw Failure{"it does not return a tensor"};
      keep(result.toTensor());
      describe(output);
    });
  }

  const char *device() const override { return device_name_.c_str(); }

 private:
  static torch::jit::script::Module load(const std::string &path, const c10::Device &device) {
    try {
      return torch::jit::load(path, device);
    } catch (const c10::Error &e) {
      throw Failure{"it is no TorchScript model: " + error_line(e.what_without_backtrace())};
    }
  }

  static std::string methods_of(const torch::jit::script::Module &module) {
    std::string names;
    for (const torch::jit::Method &method : module.get_methods())
      names += (names.empty() ? "" : ", ") + method.name();
    return names.empty() ? "" : "; it has " + names;
  }

  void keep(const at::Tensor &result) {
    if (result.layout() != c10::kStrided) throw Failure{"it returns a sparse tensor"};
    if (result.dim() > kMaxTorchDims)
      throw Failure{"it returns " + std::to_string(result.dim()) + " dimensions; at most " +
                    std::to_string(kMaxTorchDims) + " are supported"};
    result_ = result.to(c10::kCPU).contiguous();
  }

  void describe(TorchTensor &output) const {
    output = {};
    output.element = element_of(result_.scalar_type());
    output.dims = static_cast<int>(result_.dim());
    std::copy(result_.sizes().begin(), result_.sizes().end(), output.shape);
    output.data = result_.data_ptr();
    output.bytes = result_.nbytes();
  }

  c10::Device device_;
  std::string device_name_;
  int threads_;
  c10::optional<torch::jit::Method> method_;  // keeps the model
  at::Tensor result_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) TorchModel *gst_feature_torch_load(
    const TorchModelOptions &options, TorchError &error) {
  TorchModel *model = nullptr;
  guarded(error, [&] { model = new Model(options); });
  return model;
}

}  // namespace feat
