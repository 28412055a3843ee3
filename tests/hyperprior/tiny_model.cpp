// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/hyperprior/tiny_model.h"

#include <cstdlib>
#include <map>

#include "codecs/hyperprior/export.h"
#include "codecs/hyperprior/model.h"
#include "codecs/rans/rans.h"

namespace test {

namespace {

using namespace feat::hyperprior;
using Op = Layer::Op;

constexpr int kBlock = 8;
constexpr int kLatents = kBlock * kBlock;
constexpr int kHyperLatents = 4;
constexpr int kGroup = kLatents / kHyperLatents;  // latents that share a hyper-latent
constexpr int kHyperBlock = 2;
constexpr float kOneRateGain = 16;

Layer layer(Op op, const char *name, int in, int out, int side) {
  Layer l;
  l.op = op;
  l.name = name;
  l.in = in;
  l.out = out;
  l.kernel = side;
  l.stride = side;
  return l;
}

ModelDescription describe(const std::string &name, bool steps) {
  ModelDescription d;
  d.name = name;
  d.origin = "made by a test";
  d.input = Input::kNormalised;
  d.alignment = kBlock * kHyperBlock;
  d.latent_stride = kBlock;
  d.hyper_stride = kBlock * kHyperBlock;
  d.latents = kLatents;
  d.hyper_latents = kHyperLatents;
  d.scale_places = true;
  if (steps) d.steps = {0.01F, 8.0F};
  Layer absolute;
  absolute.op = Op::kAbs;
  d.analysis = {layer(Op::kConv, "g_a.0", 1, kLatents, kBlock)};
  d.hyper_analysis = {absolute, layer(Op::kConv, "h_a.0", kLatents, kHyperLatents, kHyperBlock)};
  d.hyper_synthesis = {layer(Op::kDeconv, "h_s.0", kHyperLatents, kLatents, kHyperBlock)};
  d.synthesis = {layer(Op::kDeconv, "g_s.0", kLatents, 1, kBlock)};
  return d;
}

// One weight of each output is 1.
FloatTensor permutation(std::vector<int> shape) {
  FloatTensor tensor{std::move(shape), std::vector<float>(kLatents * kLatents)};
  for (int c = 0; c < kLatents; ++c) tensor.values[static_cast<size_t>(c * kLatents + c)] = 1;
  return tensor;
}

std::map<std::string, FloatTensor> make_weights() {
  std::map<std::string, FloatTensor> w;
  w["g_a.0.weight"] = permutation({kLatents, 1, kBlock, kBlock});
  w["g_a.0.bias"] = {{kLatents}, std::vector<float>(kLatents)};
  w["g_s.0.weight"] = permutation({kLatents, 1, kBlock, kBlock});
  w["g_s.0.bias"] = {{1}, {0}};
  // Hyper-latents are means of absolute latents; places of scales are 14 above a quarter of them.
  const int corner = kHyperBlock * kHyperBlock;
  FloatTensor mean{{kHyperLatents, kLatents, kHyperBlock, kHyperBlock}, {}};
  FloatTensor spread{{kHyperLatents, kLatents, kHyperBlock, kHyperBlock}, {}};
  for (int z = 0; z < kHyperLatents; ++z) {
    for (int y = 0; y < kLatents; ++y) {
      const bool mine = y / kGroup == z;
      mean.values.insert(mean.values.end(), corner,
                         mine ? 1.0F / static_cast<float>(kGroup * corner) : 0.0F);
      spread.values.insert(spread.values.end(), corner, mine ? 0.25F : 0.0F);
    }
  }
  w["h_a.0.weight"] = mean;
  w["h_a.0.bias"] = {{kHyperLatents}, std::vector<float>(kHyperLatents)};
  w["h_s.0.weight"] = spread;
  w["h_s.0.bias"] = {{kLatents}, std::vector<float>(kLatents, 14)};
  return w;
}

}  // namespace

std::vector<uint8_t> tiny_model(const std::string &name, bool steps) {
  const ModelDescription d = describe(name, steps);
  const std::map<std::string, FloatTensor> weights = make_weights();
  std::map<std::string, TensorData> tensors;
  for (const auto &[key, tensor] : weights) {
    if (key.starts_with("h_s")) continue;  // in integers
    tensors[key] = store_floats(tensor.values, tensor.shape, Element::kF32);
  }
  HyperLatents example{1, 1, std::vector<int32_t>(kHyperLatents, 60)};
  if (!add_hyper_synthesis(d, weights, {&example, 1}, tensors)) std::abort();
  std::vector<feat::rans::Distribution> y;
  for (const double scale : scale_table()) y.push_back(feat::rans::gaussian(scale));
  add_distributions("y", y, tensors);
  const std::vector<feat::rans::Distribution> z(kHyperLatents, feat::rans::gaussian(20));
  add_distributions("z", z, tensors);
  if (steps) {
    std::vector<float> gains;
    for (const float step : d.steps) gains.insert(gains.end(), kLatents, 1 / step);
    tensors["gains"] =
        store_floats(gains, {static_cast<int>(d.steps.size()), kLatents}, Element::kF32);
  } else {
    FloatTensor up = weights.at("g_a.0.weight");
    FloatTensor down = up;
    for (float &value : up.values) value *= kOneRateGain;
    for (float &value : down.values) value /= kOneRateGain;
    tensors["g_a.0.weight"] = store_floats(up.values, up.shape, Element::kF32);
    tensors["g_s.0.weight"] = store_floats(down.values, down.shape, Element::kF32);
  }
  return write_model(d, tensors);
}

}  // namespace test
