// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/hyperprior/plain_transforms.h"

#include <cmath>
#include <cstdio>
#include <utility>

namespace test {

using namespace feat::hyperprior;

namespace {

struct Map {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<float> values;

  float &at(int c, int y, int x) {
    return values[(static_cast<size_t>(c) * static_cast<size_t>(height) + static_cast<size_t>(y)) *
                      static_cast<size_t>(width) +
                  static_cast<size_t>(x)];
  }
};

Map empty_map(int channels, int height, int width) {
  Map map{channels, height, width, {}};
  map.values.resize(static_cast<size_t>(channels) * static_cast<size_t>(height) *
                    static_cast<size_t>(width));
  return map;
}

Map convolve(const Layer &l, const std::vector<float> &weight, const std::vector<float> &bias,
             Map &in) {
  const int side = l.stride;
  const bool up = l.op == Layer::Op::kDeconv;
  Map out = up ? empty_map(l.out, in.height * side, in.width * side)
               : empty_map(l.out, in.height / side, in.width / side);
  for (int o = 0; o < l.out; ++o) {
    for (int y = 0; y < out.height; ++y) {
      for (int x = 0; x < out.width; ++x) {
        float sum = bias[static_cast<size_t>(o)];
        const int first = up ? y % side * side + x % side : 0;
        const int last = up ? first + 1 : side * side;
        for (int i = 0; i < l.in; ++i) {
          for (int k = first; k < last; ++k) {
            const int pair = up ? i * l.out + o : o * l.in + i;
            const float w = weight[static_cast<size_t>(pair * side * side + k)];
            if (w == 0) continue;
            sum += w * (up ? in.at(i, y / side, x / side)
                           : in.at(i, y * side + k / side, x * side + k % side));
          }
        }
        out.at(o, y, x) = sum;
      }
    }
  }
  return out;
}

}  // namespace

PlainTransforms::PlainTransforms(std::shared_ptr<const Model> model) : model_(std::move(model)) {
  for (const auto &[name, tensor] : model_->tensors())
    if (tensor.element == Element::kF32) weights_[name] = tensor.floats();
}

bool PlainTransforms::run(const Network &network, const FloatMap &in, FloatMap &out,
                          TransformsError &error) {
  Map map = empty_map(in.channels, in.height, in.width);
  map.values.assign(in.data, in.data + map.values.size());
  for (const Layer &l : network) {
    if (l.op == Layer::Op::kAbs) {
      for (float &value : map.values) value = std::abs(value);
    } else if ((l.op == Layer::Op::kConv || l.op == Layer::Op::kDeconv) && l.kernel == l.stride) {
      map = convolve(l, weights_.at(l.name + ".weight"), weights_.at(l.name + ".bias"), map);
    } else {
      std::snprintf(error.text, sizeof error.text, "layer %s is not a plain one", l.name.c_str());
      return false;
    }
  }
  values_ = std::move(map.values);
  out = {values_.data(), map.channels, map.height, map.width};
  return true;
}

bool PlainTransforms::analyse(const FloatMap &plane, FloatMap &y, TransformsError &error) {
  return run(model_->description().analysis, plane, y, error);
}

bool PlainTransforms::hyper_analyse(const FloatMap &y, FloatMap &z, TransformsError &error) {
  return run(model_->description().hyper_analysis, y, z, error);
}

bool PlainTransforms::synthesise(const FloatMap &y, FloatMap &plane, TransformsError &error) {
  return run(model_->description().synthesis, y, plane, error);
}

}  // namespace test
