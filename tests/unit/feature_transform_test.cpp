// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The native feature codec's transforms, quantiser search and element formats.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "codecs/feature/basis.h"
#include "codecs/feature/dct.h"
#include "codecs/feature/dependent_quantizer.h"
#include "codecs/feature/level_cost.h"
#include "codecs/feature/matrix.h"
#include "codecs/feature/row_means.h"
#include "codecs/feature/row_search.h"
#include "codecs/feature/step_size.h"
#include "codecs/feature/tensor_values.h"
#include "codecs/feature/trellis.h"
#include "tests/unit/vvc_targets.h"

namespace feat::native {
namespace {

std::vector<float> normal(uint32_t seed, size_t size, float deviation = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution(0, deviation);
  std::vector<float> values(size);
  for (float &v : values) v = distribution(random);
  return values;
}

void expect_near(const std::vector<float> &a, const std::vector<float> &b, float error) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], error) << i;
}

TEST(FeatureMatrix, ProductsAreTheScalarOnesOnEveryTarget) {
  vvc::on_every_target([] {
    for (const size_t m : {1, 5, 6, 13}) {
      for (const size_t k : {1, 7, 64, 70}) {
        for (const size_t n : {1, 3, 32, 45}) {
          auto a = normal(1, m * k);
          for (size_t i = 0; i < a.size(); i += 3) a[i] = 0;
          const auto b = normal(2, k * n);
          std::vector<float> fast(m * n);
          std::vector<float> slow(m * n);
          multiply(a.data(), b.data(), m, k, n, fast.data());
          scalar::multiply(a.data(), b.data(), m, k, n, slow.data());
          expect_near(fast, slow, 1e-4F);
          multiply_transposed(a.data(), b.data(), m, k, n, fast.data());
          scalar::multiply_transposed(a.data(), b.data(), m, k, n, slow.data());
          expect_near(fast, slow, 1e-4F);
        }
      }
    }
  });
}

TEST(FeatureDct, IsOrthonormal) {
  for (const size_t size : {1, 2, 3, 8, 37}) {
    const auto basis = dct_basis(size);
    std::vector<float> product(size * size);
    scalar::multiply_transposed(basis.data(), basis.data(), size, size, size, product.data());
    for (size_t i = 0; i < size; ++i) {
      for (size_t j = 0; j < size; ++j) EXPECT_NEAR(product[i * size + j], i == j ? 1 : 0, 1e-5);
    }
  }
}

TEST(FeatureDct, GridComesBackAndStartsWithItsMean) {
  for (const auto &[height, width] : {std::pair<size_t, size_t>{4, 4}, {3, 7}, {16, 1}}) {
    GridTransform grid(height, width);
    const size_t channels = 5;
    const auto places = normal(3, height * width * channels);
    std::vector<float> frequencies(places.size());
    std::vector<float> back(places.size());
    grid.forward(places.data(), channels, frequencies.data());
    grid.inverse(frequencies.data(), channels, back.data());
    expect_near(back, places, 1e-5F);
    float mean = 0;
    for (size_t i = 0; i < places.size(); i += channels) mean += places[i];
    EXPECT_NEAR(frequencies[0], mean / std::sqrt(static_cast<float>(height * width)), 1e-4);
  }
}

TEST(FeatureBasis, RefinesWhatIsNotQuiteOrthonormal) {
  ProfileData profile;
  profile.channels = profile.components = 24;
  profile.mean = normal(4, 24);
  profile.weights.assign(24, 2.0F);
  profile.basis = dct_basis(24);
  const auto noise = normal(5, profile.basis.size(), 0.002F);
  for (size_t i = 0; i < noise.size(); ++i) profile.basis[i] += noise[i];
  profile.positions = 2;
  profile.position_means = normal(6, 48);
  const auto rows = normal(7, 24 * 5);
  std::vector<float> components(rows.size());
  std::vector<float> back(rows.size());
  const auto error = [&](float distance) {
    analyse(profile, rows.data(), 5, 1, distance, components.data());
    synthesise(profile, components.data(), 5, 1, back.data());
    double worst = 0;
    for (size_t i = 0; i < rows.size(); ++i)
      worst = std::max<double>(worst, std::fabs(back[i] - rows[i]));
    return worst;
  };
  EXPECT_GT(error(10), 1e-3);
  EXPECT_LT(error(1e-3F), 1e-4);
}

TEST(FeatureViterbi, StepIsTheScalarOne) {
  std::mt19937 random(8);
  Trellis fast(0);
  ScalarTrellis slow(0);
  for (int i = 0; i < 2000; ++i) {
    LevelCosts costs;
    for (auto &set : costs)
      for (float &cost : set) cost = static_cast<float>(random() % 64) / 8;
    ASSERT_EQ(fast.step(costs), slow.step(costs));
    if (i % 100 == 99) {
      fast.rebase();
      slow.rebase();
    }
    ASSERT_EQ(fast.costs(), slow.costs());
  }
}

struct Searched {
  std::vector<int32_t> levels;
  double error = 0;
  double bits = 0;
};

Searched searched(const std::vector<float> &values, float lambda) {
  Searched result;
  const std::vector<int32_t> means(values.size(), 1 << kMeanBits);
  RowContexts contexts;
  contexts.start(means, nullptr, nullptr);
  LevelModel model(Quantizer::kDependent);
  result.levels.resize(values.size());
  DependentQuantizer().search(values, contexts, model, lambda, 2, result.levels);
  RowState row(contexts);
  int state = 0;
  for (size_t k = 0; k < values.size(); ++k) {
    const int32_t level = result.levels[k];
    const auto point = static_cast<float>(point_of(set_of(state), level));
    result.error += (values[k] - point) * (values[k] - point);
    const auto weights = model.row(row.context(k), set_of(state));
    result.bits +=
        level == 0 ? zero_cost(weights.sum(0)) : magnitude_cost(weights, std::abs(level));
    row.add(k, level);
    state = next_state(state, level);
  }
  return result;
}

TEST(FeatureMeans, MoveAsIn64Bits) {
  std::mt19937 random(11);
  for (int i = 0; i < 20000; ++i) {
    const auto from = static_cast<int32_t>(random() >> (1 + random() % 31));
    const auto to = static_cast<int32_t>(random() >> (1 + random() % 31));
    const uint32_t share = i % 9 == 0 ? 65536 : random() % 65537;
    const int64_t expected = from + ((int64_t{to} - from) * share >> 16);
    ASSERT_EQ(moved(from, to, share), expected) << from << ' ' << to << ' ' << share;
  }
}

TEST(FeatureMeans, VectorsAreTheScalarOnes) {
  vvc::on_every_target([] {
    std::mt19937 random(12);
    for (const size_t size : {0, 1, 3, 16, 37, 200}) {
      std::vector<int32_t> running(size);
      std::vector<int32_t> prior(size);
      std::vector<int32_t> levels(size);
      for (size_t k = 0; k < size; ++k) {
        running[k] = static_cast<int32_t>(random() >> (1 + random() % 31));
        prior[k] = static_cast<int32_t>(random() >> (1 + random() % 31));
        levels[k] = static_cast<int32_t>(random() >> (4 + random() % 28)) * (k % 2 == 0 ? 1 : -1);
      }
      const std::vector<int32_t> one = {12345};
      for (const auto &to : {prior, one}) {
        if (to.empty()) continue;
        std::vector<int32_t> fast(size);
        std::vector<int32_t> slow(size);
        draw_means(running, to, 31000, fast.data());
        scalar::draw_means(running, to, 31000, slow.data());
        ASSERT_EQ(fast, slow);
      }
      std::vector<int32_t> fast = running;
      std::vector<int32_t> slow = running;
      ASSERT_EQ(add_levels(levels, 1024, fast.data()),
                scalar::add_levels(levels, 1024, slow.data()));
      ASSERT_EQ(fast, slow);
    }
  });
}

// A row, weights and the contexts that a round of search starts from.
struct SearchedRow {
  std::vector<float> magnitudes;
  std::vector<int32_t> before;
  RowContexts contexts;
  LevelModel model{Quantizer::kDependent};

  SearchedRow(uint32_t seed, size_t size, float deviation) : magnitudes(normal(seed, size)) {
    std::mt19937 random(seed);
    for (size_t c = 0; c < LevelModel::kContexts; ++c) {
      for (Weight &w : model.context(c).slots)
        w = {static_cast<int32_t>(random() % (2 << kWeightBits)) - (1 << kWeightBits), 5};
    }
    for (float &m : magnitudes) {
      m = std::fabs(m) * deviation * (random() % 40 == 0 ? 20 : 1);
      before.push_back(static_cast<int32_t>(m * 0.5F));
    }
    const std::vector<int32_t> means(size, 1 << kMeanBits);
    contexts.start(means, nullptr, nullptr);
  }

  double cost(const std::vector<int32_t> &levels, float lambda) const {
    RowState row(contexts);
    int state = 0;
    double sum = 0;
    for (size_t k = 0; k < levels.size(); ++k) {
      const int set = set_of(state);
      const auto weights = model.row(row.context(k), set);
      const double error = magnitudes[k] - static_cast<double>(point_of(set, levels[k]));
      const double bits =
          levels[k] == 0 ? zero_cost(weights.sum(0)) : magnitude_cost(weights, levels[k]);
      sum += error * error + lambda * (levels[k] > kFlatLevel ? 0 : bits);
      row.add(k, before[k]);
      state = next_state(state, levels[k]);
    }
    return sum;
  }
};

TEST(FeatureQuantizer, SearchInVectorsFindsTheScalarPath) {
  vvc::on_every_target([] {
    for (const size_t size : {0, 1, 7, 300, 1000}) {
      for (const float deviation : {0.3F, 2.0F, 9.0F, 70.0F}) {
        const SearchedRow row(static_cast<uint32_t>(size), size, deviation);
        constexpr float kLambda = 0.4F;
        std::vector<uint8_t> bits;
        std::vector<int32_t> fast = row.before;
        std::vector<int32_t> slow = row.before;
        search_round({row.magnitudes, row.contexts, row.model, kLambda, fast, bits});
        scalar::search_round({row.magnitudes, row.contexts, row.model, kLambda, slow, bits});
        size_t other = 0;
        for (size_t k = 0; k < size; ++k) {
          ASSERT_LE(std::abs(fast[k] - slow[k]), 3) << k;
          other += fast[k] != slow[k] ? 1 : 0;
        }
        // What bits cost is rounded differently, so that nearly equal paths may change places.
        EXPECT_LE(other, size / 25);
        const double least = row.cost(slow, kLambda);
        EXPECT_LE(row.cost(fast, kLambda), 1.001 * least + 0.02) << size << ' ' << deviation;
      }
    }
  });
}

TEST(FeatureQuantizer, TradesErrorForBits) {
  const auto values = normal(9, 4000, 3);
  const Searched fine = searched(values, 0.01F);
  const Searched coarse = searched(values, 1.0F);
  EXPECT_LT(fine.error, coarse.error);
  EXPECT_GT(fine.bits, coarse.bits);
  // Points are one apart, so that a plain quantiser of as many bits (points two apart) errs by
  // 4/12.
  EXPECT_LT(fine.error / 4000, 4.0 / 12);
}

TEST(FeatureQuantizer, FollowsSignsAndLargeValues) {
  const std::vector<float> values = {0, -5e6F, 3e5F, 17, -17, 0.2F, 1e-9F, -200};
  const Searched result = searched(values, 0.1F);
  EXPECT_LT(result.error, 8);
  EXPECT_LT(result.levels[1], 0);
}

TEST(FeatureSteps, CodesAreNearAndKeepTheirOrder) {
  for (const Quantizer quantizer : {Quantizer::kScalar, Quantizer::kDependent}) {
    for (double step = 1e-12; step < 1e12; step *= 3) {
      const int code = step_code(step, quantizer);
      EXPECT_NEAR(step_of(code, quantizer) / step, 1, 0.0014);
      EXPECT_EQ(step_code(step_of(code, quantizer), quantizer), code);
    }
  }
  EXPECT_EQ(step_code(1e300, Quantizer::kScalar), kMaxStepCode);
  EXPECT_EQ(distance_of(512), 4);
}

TEST(FeatureSteps, PriorsGrowWithTheDeviation) {
  const std::vector<float> deviations = {0,  1e-30F, 0.1F,  1,
                                         10, 1e4F,   1e30F, std::numeric_limits<float>::infinity()};
  const auto means = prior_means(deviations, 0);
  for (size_t i = 1; i < means.size(); ++i) EXPECT_GE(means[i], means[i - 1]);
  EXPECT_EQ(means[0], kMinMean);
  EXPECT_NEAR(means[3] / 65536.0, std::exp(-1.7) * 1.4, 0.01);
  EXPECT_LE(means.back(), kMaxMean);
}

TEST(FeatureValues, EveryHalfComesBack) {
  std::vector<uint8_t> data;
  for (uint32_t v = 0; v < 65536; ++v) {
    if ((v & 0x7C00) == 0x7C00) continue;  // not finite
    data.push_back(static_cast<uint8_t>(v));
    data.push_back(static_cast<uint8_t>(v >> 8));
  }
  std::vector<float> values;
  ASSERT_TRUE(to_floats(Format::kF16, data, false, values).ok());
  EXPECT_EQ(values[1], std::ldexp(1.0F, -24));
  EXPECT_EQ(values[0x3C00], 1.0F);
  std::vector<uint8_t> back(data.size());
  from_floats(Format::kF16, values, back);
  EXPECT_EQ(back, data);
}

TEST(FeatureValues, RoundToTheNearestAndSaturate) {
  const std::vector<float> values = {1e9F, -1e9F, 2.5F, 3.5F, -0.5F, 65519, 65504, 6e-8F};
  const auto as = [&]<class T>(Format format, T) {
    std::vector<uint8_t> data(values.size() * sizeof(T));
    from_floats(format, values, data);
    std::vector<T> result(values.size());
    std::memcpy(result.data(), data.data(), data.size());
    return result;
  };
  EXPECT_EQ(as(Format::kU8, uint8_t{}), (std::vector<uint8_t>{255, 0, 2, 4, 0, 255, 255, 0}));
  EXPECT_EQ(as(Format::kS16, int16_t{}),
            (std::vector<int16_t>{32767, -32768, 2, 4, 0, 32767, 32767, 0}));
  EXPECT_EQ(as(Format::kF16, uint16_t{}),
            (std::vector<uint16_t>{0x7BFF, 0xFBFF, 0x4100, 0x4300, 0xB800, 0x7BFF, 0x7BFF, 1}));
  EXPECT_EQ(as(Format::kBF16, uint16_t{})[2], 0x4020);
  EXPECT_EQ(as(Format::kS32, int32_t{})[0], 1000000000);
}

TEST(FeatureValues, NonFiniteValuesAreNamedOrClamped) {
  std::vector<float> source = {1,
                               -3,
                               std::numeric_limits<float>::quiet_NaN(),
                               std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity(),
                               7};
  std::vector<uint8_t> data(source.size() * 4);
  std::memcpy(data.data(), source.data(), data.size());
  std::vector<float> values;
  const Status status = to_floats(Format::kF32, data, false, values);
  EXPECT_EQ(status.code, Status::Code::kNonFinite);
  EXPECT_NE(status.message.find("element 2 is NaN, and 3 of 6"), std::string::npos)
      << status.message;
  ASSERT_TRUE(to_floats(Format::kF32, data, true, values).ok());
  EXPECT_EQ(values, (std::vector<float>{1, -3, 0, 7, -3, 7}));
}

TEST(FeatureValues, ShapesDoNotOverflow) {
  uint64_t points = 0;
  EXPECT_TRUE(count_points(std::vector<uint32_t>{}, points));
  EXPECT_EQ(points, 1U);
  EXPECT_TRUE(count_points(std::vector<uint32_t>{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0}, points));
  EXPECT_EQ(points, 0U);
  EXPECT_FALSE(count_points(std::vector<uint32_t>{0xFFFFFFFF, 0xFFFFFFFF, 2}, points));
}

}  // namespace
}  // namespace feat::native
