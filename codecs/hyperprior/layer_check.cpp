// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/layer_check.h"

#include <cmath>

namespace feat::hyperprior {

namespace {

using Op = Layer::Op;

class Check {
 public:
  Check(const Model &model, bool integers) : model_(model), integers_(integers) {}

  // Walks the layers; false where wrong() says what is.
  bool walk(const Network &network, bool inside) {
    for (const Layer &layer : network)
      if (!step(layer, inside)) return false;
    return true;
  }

  int channels = 0;
  int up = 1;
  int down = 1;
  const std::string &wrong() const { return wrong_; }

 private:
  bool fail(const Layer &layer, const std::string &what) {
    wrong_ = "layer " + (layer.name.empty() ? std::to_string(layers_ - 1) : layer.name) + what;
    return false;
  }

  bool step(const Layer &layer, bool inside) {
    if (++layers_ > kMaxLayers)
      return fail(layer, " is one more than the limit of " + std::to_string(kMaxLayers));
    if (integers_ && layer.op != Op::kConv && layer.op != Op::kDeconv && layer.op != Op::kRelu)
      return fail(layer, " is of a kind that integers do not have");
    switch (layer.op) {
      case Op::kRelu:
      case Op::kAbs:
        return true;
      case Op::kGdn:
      case Op::kIgdn:
        return gdn(layer);
      case Op::kResidual:
        return residual(layer, inside);
      default:
        return convolution(layer, inside);
    }
  }

  bool takes(const Layer &layer) {
    return layer.in == channels ||
           fail(layer, " takes " + std::to_string(layer.in) + " channels where there are " +
                           std::to_string(channels));
  }

  bool gdn(const Layer &layer) {
    return takes(layer) && floats(layer, ".beta", {layer.in}) &&
           floats(layer, ".gamma", {layer.in, layer.in});
  }

  bool residual(const Layer &layer, bool inside) {
    if (inside) return fail(layer, " is a residual block in another");
    const int before = channels;
    if (!walk(layer.inner, true)) return false;
    return channels == before || fail(layer, " adds " + std::to_string(channels) + " channels to " +
                                                 std::to_string(before));
  }

  bool convolution(const Layer &layer, bool inside) {
    if (!takes(layer)) return false;
    if (layer.out < 1 || layer.out > kMaxChannels)
      return fail(layer, " gives " + std::to_string(layer.out) + " channels, outside of 1 to " +
                             std::to_string(kMaxChannels));
    if (layer.stride < 1 || layer.stride > kMaxStride)
      return fail(layer, " has stride " + std::to_string(layer.stride) + ", outside of 1 to " +
                             std::to_string(kMaxStride));
    const bool odd = layer.kernel % 2 == 1 && layer.kernel >= layer.stride;
    if (layer.kernel < 1 || layer.kernel > kMaxKernel || (!odd && layer.kernel != layer.stride))
      return fail(layer, " has kernel " + std::to_string(layer.kernel) + " at stride " +
                             std::to_string(layer.stride) + ", which is neither odd, up to " +
                             std::to_string(kMaxKernel) + ", nor the stride");
    if (integers_ && layer.op == Op::kConv && layer.stride != 1)
      return fail(layer, " has stride " + std::to_string(layer.stride) +
                             ", which integers have in transposed convolutions alone");
    if (inside && layer.stride != 1) return fail(layer, " changes the size in a residual block");
    const bool transposed = layer.op == Op::kDeconv;
    (transposed ? up : down) *= layer.stride;
    if (up > 256 || down > 256) return fail(layer, " scales by more than the limit of 256 in all");
    channels = layer.out;
    const std::vector<int> shape =
        transposed ? std::vector<int>{layer.in, layer.out} : std::vector<int>{layer.out, layer.in};
    const std::vector<int> whole = {shape[0], shape[1], layer.kernel, layer.kernel};
    if (integers_)
      return has(layer, ".weight", whole, Element::kS16) &&
             has(layer, ".bias", {layer.out}, Element::kS32) &&
             has(layer, ".shift", {layer.out}, Element::kS32);
    return floats(layer, ".weight", whole) && floats(layer, ".bias", {layer.out});
  }

  const TensorView *find(const Layer &layer, const char *what, const std::vector<int> &shape) {
    const TensorView *tensor = model_.tensor(layer.name + what);
    if (tensor == nullptr) {
      fail(layer, std::string(" has no tensor ") + layer.name + what);
    } else if (tensor->shape != shape) {
      fail(layer, std::string(" has a tensor ") + layer.name + what + " of another shape");
      tensor = nullptr;
    }
    return tensor;
  }

  bool has(const Layer &layer, const char *what, const std::vector<int> &shape, Element element) {
    const TensorView *tensor = find(layer, what, shape);
    if (tensor == nullptr) return false;
    return tensor->element == element ||
           fail(layer, std::string(" has a tensor ") + layer.name + what + " of another type");
  }

  bool floats(const Layer &layer, const char *what, const std::vector<int> &shape) {
    const TensorView *tensor = find(layer, what, shape);
    if (tensor == nullptr) return false;
    if (tensor->element != Element::kF32 && tensor->element != Element::kF16)
      return fail(layer, std::string(" has a tensor ") + layer.name + what + " of another type");
    for (const float value : tensor->floats())
      if (!std::isfinite(value))
        return fail(layer, std::string(" has a tensor ") + layer.name + what +
                               " with values that are no numbers");
    return true;
  }

  const Model &model_;
  const bool integers_;
  int layers_ = 0;
  std::string wrong_;
};

}  // namespace

std::string check_network(const Model &model, const Network &network, const std::string &name,
                          int in, int out, int up, int down, bool integers) {
  Check check(model, integers);
  check.channels = in;
  if (!check.walk(network, false)) return "its " + name + " is broken: " + check.wrong();
  if (check.channels != out)
    return "its " + name + " gives " + std::to_string(check.channels) + " channels instead of " +
           std::to_string(out);
  if (check.up != up || check.down != down)
    return "its " + name + " scales sides by " + std::to_string(check.up) + "/" +
           std::to_string(check.down) + " instead of " + std::to_string(up) + "/" +
           std::to_string(down);
  return {};
}

}  // namespace feat::hyperprior
