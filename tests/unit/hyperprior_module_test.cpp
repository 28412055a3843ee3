// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/transforms.h"

namespace feat::hyperprior {
namespace {

// Three layers of one kernel each, which numbers can be followed through: blocks of 2x2 are added
// up, and laid out again.
struct Tiny {
  ModelDescription description;
  std::map<std::string, TensorData> tensors;

  Tiny() {
    ModelDescription &d = description;
    d.alignment = 4;
    d.latent_stride = 2;
    d.hyper_stride = 4;
    d.latents = 2;
    d.hyper_latents = 1;
    d.analysis = {conv("g_a", Layer::Op::kConv, 1, 2)};
    d.hyper_analysis = {conv("h_a", Layer::Op::kConv, 2, 1)};
    d.hyper_synthesis = {conv("h_s", Layer::Op::kDeconv, 1, 2)};
    d.synthesis = {conv("g_s", Layer::Op::kDeconv, 2, 1)};
    // The second channel of y is the negative sum, one more.
    add_floats("g_a", {1, 1, 1, 1, -1, -1, -1, -1}, {2, 1, 2, 2}, {0, 1}, Element::kF16);
    add_floats("h_a", {1, 1, 1, 1, 0, 0, 0, 0}, {1, 2, 2, 2}, {0.5F}, Element::kF32);
    add_floats("g_s", {0.25F, 0.5F, 0.75F, 1, 0, 0, 0, 2}, {2, 1, 2, 2}, {-1}, Element::kF32);
    tensors["h_s.weight"] = store_integers(std::vector<int32_t>(8, 1), {1, 2, 2, 2}, Element::kS16);
    tensors["h_s.bias"] = store_integers(std::vector<int32_t>(2, 0), {2}, Element::kS32);
    tensors["h_s.shift"] = store_integers(std::vector<int32_t>(2, 0), {2}, Element::kS32);
  }

  static Layer conv(const std::string &name, Layer::Op op, int in, int out) {
    return {op, name, in, out, 2, 2, {}};
  }

  void add_floats(const std::string &name, const std::vector<float> &weight,
                  const std::vector<int> &shape, const std::vector<float> &bias, Element element) {
    tensors[name + ".weight"] = store_floats(weight, shape, element);
    tensors[name + ".bias"] = store_floats(bias, {static_cast<int>(bias.size())}, element);
  }
};

TransformsLoad *loader() {
  void *module = dlopen(HYPERPRIOR_MODULE, RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(module, nullptr) << dlerror();
  if (module == nullptr) return nullptr;
  return reinterpret_cast<TransformsLoad *>(dlsym(module, kTransformsLoadName));
}

std::unique_ptr<Transforms> load(const Tiny &tiny, const char *device, std::string &error) {
  const std::vector<uint8_t> file = write_model(tiny.description, tiny.tensors);
  TransformsOptions options;
  options.model = file.data();
  options.model_bytes = file.size();
  options.device = device;
  options.threads = 1;
  TransformsError text;
  TransformsLoad *const function = loader();
  std::unique_ptr<Transforms> transforms(function != nullptr ? function(options, text) : nullptr);
  error = text.text;
  return transforms;
}

std::unique_ptr<Transforms> load(const Tiny &tiny) {
  std::string error;
  std::unique_ptr<Transforms> transforms = load(tiny, "cpu", error);
  EXPECT_NE(transforms, nullptr) << error;
  return transforms;
}

std::vector<float> ramp(int count) {
  std::vector<float> values(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) values[static_cast<size_t>(i)] = static_cast<float>(i);
  return values;
}

std::vector<float> values_of(const FloatMap &map) {
  return {map.data, map.data + static_cast<ptrdiff_t>(map.channels) * map.height * map.width};
}

TEST(HyperpriorModule, RunsItsNetworks) {
  const std::unique_ptr<Transforms> transforms = load({});
  ASSERT_NE(transforms, nullptr);
  EXPECT_STREQ(transforms->device(), "cpu");
  TransformsError error;
  const std::vector<float> samples = ramp(4 * 8);
  FloatMap y;
  ASSERT_TRUE(transforms->analyse({samples.data(), 1, 4, 8}, y, error)) << error.text;
  ASSERT_EQ(y.channels, 2);
  ASSERT_EQ(y.height, 2);
  ASSERT_EQ(y.width, 4);
  EXPECT_EQ(values_of(y), (std::vector<float>{18, 26, 34, 42, 82, 90, 98, 106, -17, -25, -33, -41,
                                              -81, -89, -97, -105}));
  FloatMap z;
  ASSERT_TRUE(transforms->hyper_analyse(y, z, error)) << error.text;
  ASSERT_EQ(z.channels, 1);
  ASSERT_EQ(z.height, 1);
  ASSERT_EQ(z.width, 2);
  EXPECT_EQ(values_of(z), (std::vector<float>{216.5F, 280.5F}));

  const std::vector<float> latents = {4, 8, 12, 16, 20, 24, 28, 32, 1, 0, 0, 0, 0, 0, 0, 1};
  FloatMap plane;
  ASSERT_TRUE(transforms->synthesise({latents.data(), 2, 2, 4}, plane, error)) << error.text;
  ASSERT_EQ(plane.channels, 1);
  ASSERT_EQ(plane.height, 4);
  ASSERT_EQ(plane.width, 8);
  EXPECT_EQ(values_of(plane),
            (std::vector<float>{0, 1, 1, 3,  2, 5,  3, 7,  2,  5,  5,  7,  8,  11, 11, 15,
                                4, 9, 5, 11, 6, 13, 7, 15, 14, 19, 17, 23, 20, 27, 23, 33}));
  // Outputs of the others are still there.
  EXPECT_EQ(y.data[0], 18);
  EXPECT_EQ(z.data[1], 280.5F);
}

TEST(HyperpriorModule, RefusesMapsOfOtherSizes) {
  const std::unique_ptr<Transforms> transforms = load({});
  ASSERT_NE(transforms, nullptr);
  const std::vector<float> some = ramp(64);
  TransformsError error;
  FloatMap out;
  EXPECT_FALSE(transforms->analyse({some.data(), 1, 4, 6}, out, error));
  EXPECT_STREQ(error.text,
               "the samples of 1x4x6 are not of 1 channel with sides that are multiples of 4");
  EXPECT_FALSE(transforms->synthesise({some.data(), 3, 2, 2}, out, error));
  EXPECT_STREQ(error.text,
               "the latents of 3x2x2 are not of 2 channels with sides that are multiples of 2");
  EXPECT_FALSE(transforms->hyper_analyse({some.data(), 2, 2, 3}, out, error));
  EXPECT_FALSE(transforms->hyper_analyse({some.data(), 2, 0, 2}, out, error));
  EXPECT_FALSE(transforms->hyper_analyse({nullptr, 2, 2, 2}, out, error));
  EXPECT_TRUE(transforms->hyper_analyse({some.data(), 2, 2, 2}, out, error)) << error.text;
}

TEST(HyperpriorModule, RefusesWhatIsNoNumber) {
  const std::unique_ptr<Transforms> transforms = load({});
  ASSERT_NE(transforms, nullptr);
  std::vector<float> samples = ramp(16);
  samples[3] = std::numeric_limits<float>::infinity();
  TransformsError error;
  FloatMap y;
  EXPECT_FALSE(transforms->analyse({samples.data(), 1, 4, 4}, y, error));
  EXPECT_STREQ(error.text, "the analysis gives values that are no numbers");
}

TEST(HyperpriorModule, RefusesBrokenModels) {
  Tiny tiny;
  tiny.tensors.erase("g_s.bias");
  std::string error;
  EXPECT_EQ(load(tiny, "cpu", error), nullptr);
  EXPECT_EQ(error,
            "the model is broken: its synthesis is broken: layer g_s has no tensor g_s.bias");
}

TEST(HyperpriorModule, NamesADeviceThatThereIsNot) {
  std::string error;
  EXPECT_EQ(load({}, "tpu", error), nullptr);
  EXPECT_EQ(error, "device=tpu is none of auto, cpu, cuda and cuda:N");
  EXPECT_EQ(load({}, "cuda:99", error), nullptr);
  EXPECT_EQ(error.substr(0, 16), "device=cuda:99: ");
  const std::unique_ptr<Transforms> any = load({}, "auto", error);
  ASSERT_NE(any, nullptr) << error;
  EXPECT_TRUE(std::string(any->device()) == "cpu" || std::string(any->device()) == "cuda:0");
}

}  // namespace
}  // namespace feat::hyperprior
