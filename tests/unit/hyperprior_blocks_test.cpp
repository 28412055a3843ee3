// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The functions that blocks of a GPU run for the hyper-synthesis, and those between latents and
// symbols, with threads that a CPU runs one after the other.
#include <gtest/gtest.h>
#include <xxhash.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "codecs/common/serial_group.h"
#include "codecs/hyperprior/latent_math.h"
#include "codecs/hyperprior/layer_tile.h"
#include "codecs/hyperprior/symbol_costs.h"
#include "tests/unit/hyperprior_nets.h"

namespace feat::hyperprior::test {
namespace {

struct Prediction {
  std::vector<uint8_t> tables;
  std::vector<int32_t> means;
  bool operator==(const Prediction &) const = default;
};

template <bool backwards, class Sink>
void run_layer(const FlatLayer &layer, const PairMap &in, const Sink &sink) {
  const SerialGroup<kTileThreads, backwards> block;
  const int64_t places = int64_t{in.height} * in.width;
  const int phases = layer.stride * layer.stride;
  for (int phase = 0; phase < phases; ++phase)
    for (int o = 0; o < tiles_of(layer.out_padded, kTileOutputs); ++o)
      for (int p = 0; p < tiles_of(places, kTilePlaces); ++p) {
        LayerTile tile;
        run_tile(block, layer, in, {int64_t{p} * kTilePlaces, o * kTileOutputs, phase}, tile, sink);
      }
}

// Memory of the exact size lets a sanitizer see what is read or written outside.
template <bool backwards = false>
Prediction by_blocks(const EntropyModel &model, const std::vector<int32_t> &z, int height,
                     int width) {
  const ModelDescription &d = model.model().description();
  const std::vector<IntegerLayer> &layers = model.network().layers();
  std::vector<Pair> in;
  for (size_t i = 0; i < z.size(); i += static_cast<size_t>(d.hyper_latents))
    for (int c = 0; c < d.hyper_latents; c += 2)
      in.push_back({cut_hyper_latent(z[i + static_cast<size_t>(c)]),
                    c + 1 < d.hyper_latents ? cut_hyper_latent(z[i + static_cast<size_t>(c) + 1])
                                            : int16_t{0}});
  Prediction result;
  for (size_t l = 0; l < layers.size(); ++l) {
    const FlatWeights weights(layers[l]);
    const FlatLayer layer = weights.view();
    const PairMap map = {in.data(), height, width};
    height *= layer.stride;
    width *= layer.stride;
    const size_t places = static_cast<size_t>(height) * static_cast<size_t>(width);
    if (layers[l].last) {
      const size_t count = places * static_cast<size_t>(d.latents);
      result.tables.assign(count, 255);
      result.means.assign(d.means ? count : 0, 12345);
      run_layer<backwards>(
          layer, map,
          PredictionSink{result.tables.data(), d.means ? result.means.data() : nullptr,
                         model.thresholds().data(), static_cast<int32_t>(model.thresholds().size()),
                         d.latents, layer.relu});
      break;
    }
    const int pairs = layers[l + 1].in_pairs;
    std::vector<int16_t> out(places * static_cast<size_t>(2 * pairs), 999);
    run_layer<backwards>(layer, map, ActivationSink{out.data(), 2 * pairs, layer.low});
    in.clear();
    for (size_t i = 0; i < out.size(); i += 2) in.push_back({out[i], out[i + 1]});
  }
  return result;
}

Prediction by_cpu(const EntropyModel &model, const std::vector<int32_t> &z, int height, int width) {
  Prediction result;
  model.predict(z, height, width, 1, result.tables, result.means);
  return result;
}

TEST(HyperpriorBlocks, ShapesAndSizes) {
  for (const ModelParts &parts : models_of_shapes()) {
    const auto model = load_entropy(parts.file());
    ASSERT_TRUE(model);
    for (const int height : {1, 7})
      for (const int width : {1, 3, 11})
        for (const int amplitude : {0, 400}) {
          SCOPED_TRACE(testing::Message() << height << "x" << width << ", " << amplitude);
          const auto z = some_hyper_latents(height, width, kHyperLatents, amplitude);
          ASSERT_EQ(by_blocks(*model, z, height, width), by_cpu(*model, z, height, width));
        }
  }
}

uint64_t hash_of(Prediction prediction) {
  for (const int32_t mean : prediction.means)
    for (int shift = 0; shift < 32; shift += 8)
      prediction.tables.push_back(static_cast<uint8_t>(mean >> shift));
  return XXH3_64bits(prediction.tables.data(), prediction.tables.size());
}

// The hashes of hyperprior_codec_test.cpp.
TEST(HyperpriorBlocks, IntegersArePinned) {
  const auto small = load_entropy(small_model().file());
  ASSERT_TRUE(small);
  EXPECT_EQ(hash_of(by_blocks(*small, some_hyper_latents(9, 7, kHyperLatents, 150), 9, 7)),
            16557192295321160810U);
  EXPECT_EQ(hash_of(by_blocks<true>(*small, some_hyper_latents(9, 7, kHyperLatents, 150), 9, 7)),
            16557192295321160810U);
  std::ifstream stream(HYPERPRIOR_DEFAULT_MODEL, std::ios::binary);
  const auto model =
      load_entropy({std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()});
  ASSERT_TRUE(model);
  const int channels = model->model().description().hyper_latents;
  EXPECT_EQ(hash_of(by_blocks(*model, some_hyper_latents(9, 7, channels, 12), 9, 7)),
            9029173209128098319U);
}

TEST(LatentMath, RoundsAsTheLibraryDoes) {
  const auto expect_rounded = [](float value) {
    int32_t symbol = 0;
    ASSERT_TRUE(round_symbol(value, symbol)) << value;
    const float cut = std::clamp(value, -float{kMaxSymbol}, float{kMaxSymbol});
    ASSERT_EQ(symbol, static_cast<int32_t>(std::lround(cut))) << value;
  };
  for (uint32_t i = 0; i < 100000; ++i) {
    const float value = noise(i) * std::exp2(40 * noise(i + 1000000) - 15);
    expect_rounded(value);
    expect_rounded(std::round(value) + 0.5F);
    expect_rounded(std::nextafter(std::round(value) + 0.5F, 0.0F));
  }
  for (const float value : {0.0F, -0.0F, 0.5F, -0.5F, 0.49999997F, 1048575.5F, -1048576.5F, 3e38F,
                            -3e38F, std::numeric_limits<float>::max()})
    expect_rounded(value);
  int32_t symbol = 0;
  EXPECT_FALSE(round_symbol(std::numeric_limits<float>::infinity(), symbol));
  EXPECT_FALSE(round_symbol(-std::numeric_limits<float>::infinity(), symbol));
  EXPECT_FALSE(round_symbol(std::numeric_limits<float>::quiet_NaN(), symbol));
}

TEST(SymbolCosts, AreThoseOfTheTables) {
  rans::Distribution raw = rans::gaussian(20);
  raw.raw_bits = 3;
  std::string error;
  const auto tables = rans::Tables::build(
      std::vector<rans::Distribution>{rans::gaussian(0.11), raw, rans::gaussian(200)}, error);
  ASSERT_TRUE(tables) << error;
  const auto &coding = static_cast<const rans::CodingTables &>(*tables);
  const std::vector<double> bits = symbol_bits(coding);
  const SymbolCosts costs = {coding.encode_tables(), bits.data()};
  for (uint32_t table = 0; table < 3; ++table)
    for (int32_t v = -3000; v <= 3000; ++v)
      ASSERT_EQ(costs.bits(table, v), tables->bits(static_cast<int>(table), v))
          << table << " " << v;
}

}  // namespace
}  // namespace feat::hyperprior::test
