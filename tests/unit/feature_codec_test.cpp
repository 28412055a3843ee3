// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The native feature codec as its callers see it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "codecs/feature/dct.h"
#include "codecs/feature/feature_codec.h"
#include "codecs/feature/layout.h"
#include "codecs/feature/profile.h"
#include "codecs/feature/rate_search.h"
#include "codecs/feature/unit_header.h"

namespace feat::native {
namespace {

struct Feature {
  TensorInfo info;
  std::vector<uint8_t> data;
};

Feature feature_of(const std::vector<uint32_t> &shape, const std::vector<float> &values) {
  Feature feature{{Format::kF32, shape}, std::vector<uint8_t>(values.size() * 4)};
  if (!values.empty()) std::memcpy(feature.data.data(), values.data(), feature.data.size());
  return feature;
}

std::vector<float> floats_of(const std::vector<uint8_t> &data) {
  std::vector<float> values(data.size() / 4);
  if (!data.empty()) std::memcpy(values.data(), data.data(), data.size());
  return values;
}

// Rows of channels with means and spreads of their own; smooth over a grid of `side` if there is
// one.
Feature tokens(const std::vector<uint32_t> &shape, size_t side = 0) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  const size_t columns = shape.back();
  size_t rows = 1;
  for (const uint32_t d : shape) rows *= d;
  rows /= columns;
  std::vector<float> values(rows * columns);
  for (size_t c = 0; c < columns; ++c) {
    const float mean = 3 * normal(random);
    const float spread = std::exp(normal(random));
    const float slope = side != 0 ? 0.5F * normal(random) : 0;
    for (size_t t = 0; t < rows; ++t) {
      const float place = side != 0 && t > 0 ? static_cast<float>((t - 1) % side) : 0;
      values[t * columns + c] = mean + spread * (normal(random) + slope * place);
    }
  }
  return feature_of(shape, values);
}

double error_of(const Feature &feature, const std::vector<uint8_t> &decoded) {
  const auto a = floats_of(feature.data);
  const auto b = floats_of(decoded);
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum / static_cast<double>(a.size());
}

struct Coded {
  std::vector<uint8_t> unit;
  EncodeStats stats;
  std::vector<uint8_t> decoded;
};

Coded coded(const Feature &feature, const EncodeOptions &options,
            const Profile *profile = nullptr) {
  Coded result;
  Encoder encoder;
  const Status status =
      encoder.encode(feature.info, feature.data, options, profile, result.unit, &result.stats);
  EXPECT_TRUE(status.ok()) << status.message;
  result.decoded.resize(feature.data.size());
  Decoder decoder;
  const Status back = decoder.decode(result.unit, profile, result.decoded);
  EXPECT_TRUE(back.ok()) << back.message;
  return result;
}

EncodeOptions at_step(double step, int effort = kDefaultEffort) {
  EncodeOptions options;
  options.target = Target::kStep;
  options.value = step;
  options.effort = effort;
  return options;
}

TEST(FeatureCodec, ShapesEffortsAndSteps) {
  const std::vector<std::vector<uint32_t>> shapes = {
      {},          {1},         {7},       {300}, {5, 1}, {1, 1, 9, 33}, {3, 2, 12, 20},
      {1, 65, 24}, {2, 257, 8}, {40, 1, 6}};
  for (const auto &shape : shapes) {
    const Feature feature = shape.empty() ? feature_of({}, {2.5F}) : tokens(shape);
    for (int effort = 0; effort <= kMaxEffort; ++effort) {
      for (const double step : {0.001, 0.5, 30.0}) {
        const Coded result = coded(feature, at_step(step, effort));
        // An error of step^2 / 12 is that of plain rounding; zeroing costs some more.
        EXPECT_LT(error_of(feature, result.decoded), step * step / 2);
        EXPECT_NEAR(result.stats.mse, error_of(feature, result.decoded),
                    0.02 * result.stats.mse + 1e-7);
        EXPECT_EQ(result.stats.bytes, result.unit.size());
      }
    }
  }
}

TEST(FeatureCodec, EmptyTensors) {
  for (const auto &shape : {std::vector<uint32_t>{0}, {4, 0, 3}, {1, 0}}) {
    const Feature feature = feature_of(shape, {});
    EXPECT_LT(coded(feature, at_step(1)).unit.size(), 24U);
    EncodeOptions lossless;
    lossless.target = Target::kLossless;
    coded(feature, lossless);
  }
}

TEST(FeatureCodec, InfoTellsTheTensor) {
  Feature feature = tokens({1, 1, 20, 16});
  const std::vector<uint8_t> description = {9, 8, 7};
  EncodeOptions options = at_step(0.7);
  options.description = description;
  const Coded result = coded(feature, options);
  UnitInfo info;
  ASSERT_TRUE(Decoder().read_info(result.unit, info).ok());
  EXPECT_EQ(info.tensor, feature.info);
  EXPECT_EQ(info.bytes, result.unit.size());
  EXPECT_EQ(info.description, description);
  EXPECT_FALSE(info.lossless);
  EXPECT_EQ(info.profile_id, 0U);
  EXPECT_NEAR(info.step, 0.7, 0.001);
  EXPECT_EQ(info.layout, Layout::kTokens);
  // Magic, length, checksum; format, shape, description, step, tools.
  EXPECT_EQ(result.unit.size() - result.stats.payload_bytes, 2U + 2 + 4 + 1 + 3 + 4 + 3);
}

TEST(FeatureCodec, GridsAreFoundWhereTheyPay) {
  const Feature smooth = tokens({1, 1, 1 + 16 * 16, 48}, 16);
  const Coded automatic = coded(smooth, at_step(0.5));
  EXPECT_EQ(automatic.stats.layout, Layout::kGrid);
  EncodeOptions options = at_step(0.5);
  options.layout = Layout::kTokens;
  EXPECT_LT(automatic.unit.size(), coded(smooth, options).unit.size());
  EXPECT_EQ(coded(tokens({1, 1, 257, 48}), at_step(0.5)).stats.layout, Layout::kTokens);
  options.layout = Layout::kGrid;
  coded(tokens({3, 17, 5}), options);
  std::vector<uint8_t> unit;
  const Feature odd = tokens({1, 1, 12, 8});
  EXPECT_EQ(Encoder().encode(odd.info, odd.data, options, nullptr, unit).code,
            Status::Code::kInvalidArgument);
  EXPECT_TRUE(unit.empty());
}

TEST(FeatureCodec, ThreadsDoNotChangeTheUnit) {
  const Feature feature = tokens({2, 1, 1100, 1024});  // several jobs
  EncodeOptions options = at_step(1, 0);
  const Coded one = coded(feature, options);
  options.threads = 3;
  const Coded three = coded(feature, options);
  EXPECT_EQ(one.unit, three.unit);
  DecoderConfig config;
  config.threads = 4;
  std::vector<uint8_t> decoded(feature.data.size());
  ASSERT_TRUE(Decoder(config).decode(one.unit, nullptr, decoded).ok());
  EXPECT_EQ(decoded, one.decoded);
}

TEST(FeatureCodec, TargetsAreReached) {
  const Feature feature = tokens({1, 1, 120, 100});
  for (const double target : {0.1, 0.5, 2.0, 6.0, 14.0}) {
    EncodeOptions options;
    options.target = Target::kBpfp;
    options.value = target;
    const Coded result = coded(feature, options);
    const double bpfp = 8.0 * static_cast<double>(result.unit.size()) / 12000;
    EXPECT_NEAR(bpfp / target, 1, 0.02) << target;
    EXPECT_LE(result.stats.passes, 13);
  }
  for (const double target : {1e-4, 0.01, 0.5}) {
    EncodeOptions options;
    options.target = Target::kMse;
    options.value = target;
    EXPECT_NEAR(error_of(feature, coded(feature, options).decoded) / target, 1, 0.03) << target;
  }
}

TEST(FeatureCodec, QualityRisesWithRate) {
  const Feature feature = tokens({1, 1, 60, 64});
  size_t last = 0;
  for (int quality = 0; quality <= 100; quality += 20) {
    EncodeOptions options;
    options.value = quality;
    const size_t size = coded(feature, options).unit.size();
    EXPECT_GE(size, last);
    last = size;
  }
}

TEST(FeatureCodec, LowRatesCostLittle) {
  const Feature feature = tokens({1, 1, 257, 1024});
  EncodeOptions options;
  options.target = Target::kBpfp;
  options.value = 0.005;
  const Coded result = coded(feature, options);
  EXPECT_LE(static_cast<double>(result.unit.size()) * 8 / (257.0 * 1024), 0.0051);
}

TEST(FeatureCodec, OutliersAreCodedNotClipped) {
  Feature feature = tokens({1, 1, 64, 40});
  auto values = floats_of(feature.data);
  values[5 * 40 + 7] = -50000;
  values[6 * 40 + 7] = 1e7F;
  feature = feature_of(feature.info.shape, values);
  const Coded result = coded(feature, at_step(0.5));
  EXPECT_LT(error_of(feature, result.decoded), 0.2);
}

TEST(FeatureCodec, IntegersAndHalvesKeepTheirFormat) {
  std::vector<uint8_t> data(48 * 32 * 2);
  std::mt19937 random(1);
  for (size_t i = 0; i < data.size(); i += 2) data[i] = static_cast<uint8_t>(random());
  for (const Format format :
       {Format::kU8, Format::kS8, Format::kU16, Format::kS16, Format::kF16, Format::kBF16}) {
    Feature feature{{format, {48, 32}}, data};
    feature.data.resize(48 * 32 * size_of(format));
    const Coded result = coded(feature, at_step(0.25, 2));
    if (format != Format::kF16 && format != Format::kBF16) {
      EXPECT_EQ(result.decoded, feature.data) << name_of(format);
    }
    EncodeOptions lossless;
    lossless.target = Target::kLossless;
    EXPECT_EQ(coded(feature, lossless).decoded, feature.data) << name_of(format);
  }
}

// Values that are multiples of the step, coded without means, give the same unit on every machine.
TEST(FeatureCodec, UnitIsPinned) {
  std::vector<float> values(7 * 50);
  std::mt19937 random(2);
  for (float &v : values) v = static_cast<float>(random() % 5 * (random() % 3)) - 3;
  const Feature feature = feature_of({7, 50}, values);
  const Coded result = coded(feature, at_step(2, 0));
  uint64_t hash = 14695981039346656037U;
  for (const uint8_t byte : result.unit) hash = (hash ^ byte) * 1099511628211U;
  EXPECT_EQ(hash, 7260890733993689471U) << result.unit.size() << " bytes";
}

TEST(FeatureCodec, BadOptionsAreNamed) {
  const Feature feature = tokens({4, 4});
  std::vector<uint8_t> unit = {1};
  const auto message = [&](const EncodeOptions &options) {
    const Status status = Encoder().encode(feature.info, feature.data, options, nullptr, unit);
    EXPECT_EQ(status.code, Status::Code::kInvalidArgument);
    EXPECT_EQ(unit.size(), 1U);
    return status.message;
  };
  EncodeOptions options = at_step(-1);
  EXPECT_NE(message(options).find("-1"), std::string::npos);
  options = at_step(1, 5);
  EXPECT_NE(message(options).find("effort 5 is not from 0 to 4"), std::string::npos);
  options = at_step(1);
  options.threads = 0;
  message(options);
  options = {};
  options.value = 100.5;
  message(options);
  Encoder encoder;
  EXPECT_EQ(encoder.encode({Format::kF32, {4, 5}}, feature.data, at_step(1), nullptr, unit).code,
            Status::Code::kInvalidArgument);
  EXPECT_EQ(
      encoder.encode({Format::kF32, std::vector<uint32_t>(9, 1)}, {}, at_step(1), nullptr, unit)
          .code,
      Status::Code::kInvalidArgument);
}

TEST(FeatureCodec, NonFiniteValues) {
  auto values = floats_of(tokens({8, 8}).data);
  values[9] = NAN;
  const Feature feature = feature_of({8, 8}, values);
  std::vector<uint8_t> unit;
  EXPECT_EQ(Encoder().encode(feature.info, feature.data, at_step(1), nullptr, unit).code,
            Status::Code::kNonFinite);
  EncodeOptions options = at_step(1);
  options.clamp_non_finite = true;
  for (const float v : floats_of(coded(feature, options).decoded)) EXPECT_TRUE(std::isfinite(v));
  options.target = Target::kLossless;
  EXPECT_EQ(coded(feature, options).decoded, feature.data);
}

TEST(FeatureCodec, EveryDamagedBitIsSeen) {
  const Feature feature = tokens({1, 1, 10, 12});
  const Coded result = coded(feature, at_step(1));
  Decoder decoder;
  std::vector<uint8_t> decoded(feature.data.size());
  for (size_t bit = 0; bit < 8 * result.unit.size(); ++bit) {
    std::vector<uint8_t> damaged = result.unit;
    damaged[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    EXPECT_FALSE(decoder.decode(damaged, nullptr, decoded).ok()) << bit;
  }
  for (size_t size = 0; size < result.unit.size(); ++size)
    EXPECT_FALSE(decoder.decode(std::span(result.unit).first(size), nullptr, decoded).ok()) << size;
}

TEST(FeatureCodec, LimitsAreKept) {
  DecoderConfig config;
  config.max_points = 1000;
  const Feature feature = tokens({1001});
  const Coded result = coded(feature, at_step(1));
  UnitInfo info;
  const Status status = Decoder(config).read_info(result.unit, info);
  EXPECT_EQ(status.code, Status::Code::kLimit);
  EXPECT_NE(status.message.find("1001 has more than 1000 points"), std::string::npos)
      << status.message;
  std::vector<uint8_t> decoded(4);
  EXPECT_EQ(Decoder().decode(result.unit, nullptr, decoded).code, Status::Code::kInvalidArgument);
}

std::shared_ptr<const Profile> some_profile(uint32_t channels, const char *name) {
  ProfileData data;
  data.name = name;
  data.channels = data.components = channels;
  data.mean.assign(channels, 1.0F);
  data.basis = dct_basis(channels);
  data.deviations.assign(channels, 2.0F);
  data.correlations.assign(channels, 0.25F);
  data.positions = 1;
  data.position_means.assign(channels, 4.0F);
  std::vector<uint8_t> file;
  EXPECT_TRUE(Profile::write(data, file).ok());
  std::shared_ptr<const Profile> profile;
  EXPECT_TRUE(Profile::parse(file, profile).ok());
  return profile;
}

TEST(FeatureCodec, ProfilesAreNamedAndChecked) {
  const auto profile = some_profile(24, "one");
  const auto other = some_profile(24, "other");
  const Feature feature = tokens({2, 30, 24});
  for (const double step : {1.0, 1e-3}) {
    const Coded result = coded(feature, at_step(step), profile.get());
    EXPECT_LT(error_of(feature, result.decoded), step * step / 4);
    UnitInfo info;
    ASSERT_TRUE(Decoder().read_info(result.unit, info).ok());
    EXPECT_EQ(info.profile_id, profile->id());
    std::vector<uint8_t> decoded(feature.data.size());
    EXPECT_EQ(Decoder().decode(result.unit, nullptr, decoded).code, Status::Code::kProfile);
    EXPECT_EQ(Decoder().decode(result.unit, other.get(), decoded).code, Status::Code::kProfile);
    // A profile of the same id but another hash: the checksum tells.
    std::vector<uint8_t> renamed = result.unit;
    const size_t at = renamed.size() - result.stats.payload_bytes - 3 - 4;
    for (size_t i = 0; i < 4; ++i)
      renamed[at + i] = static_cast<uint8_t>(other->id() >> (24 - 8 * i));
    EXPECT_EQ(Decoder().decode(renamed, other.get(), decoded).code, Status::Code::kCorrupt);
  }
  const Feature narrow = tokens({10, 23});
  std::vector<uint8_t> unit;
  EXPECT_EQ(Encoder().encode(narrow.info, narrow.data, at_step(1), profile.get(), unit).code,
            Status::Code::kProfile);
}

TEST(FeatureUnits, AreFoundInAStream) {
  const Feature feature = tokens({3, 5});
  std::vector<uint8_t> stream = {0xFC, 0x00, 0xFC};
  Encoder encoder;
  ASSERT_TRUE(encoder.encode(feature.info, feature.data, at_step(1), nullptr, stream).ok());
  const std::span<const uint8_t> data(stream);
  EXPECT_EQ(find_magic(data, 0), 3U);
  size_t wanted = 0;
  EXPECT_EQ(find_unit(data, wanted), -1);
  const auto unit = data.subspan(3);
  EXPECT_EQ(find_unit(unit, wanted), static_cast<ptrdiff_t>(unit.size()));
  for (size_t size = 0; size < unit.size(); ++size) {
    EXPECT_EQ(find_unit(unit.first(size), wanted), 0);
    EXPECT_GT(wanted, size);
    EXPECT_LE(wanted, unit.size());
  }
}

TEST(FeatureUnits, UnknownVersionsAndFlagsAreUnsupported) {
  const Coded result = coded(tokens({3, 5}), at_step(1));
  UnitInfo info;
  std::vector<uint8_t> unit = result.unit;
  unit[1] = 0xE2;
  EXPECT_EQ(Decoder().read_info(unit, info).code, Status::Code::kUnsupported);
  unit = result.unit;
  unit[2 + 1 + 4] |= 0x80;
  EXPECT_EQ(Decoder().read_info(unit, info).code, Status::Code::kUnsupported);
}

TEST(FeatureLayout, JobsCoverEachRowOnce) {
  for (const auto &shape : std::vector<std::vector<uint32_t>>{
           {3, 257, 1536}, {1, 4096, 4096}, {100, 7, 9}, {5, 2000000}, {2, 40, 100000}, {3}}) {
    const MatrixShape matrices{std::span(shape)};
    for (const bool whole : {false, true}) {
      std::vector<int> seen(matrices.matrices * matrices.rows);
      for (const Job &job : split_jobs(matrices, whole)) {
        EXPECT_TRUE(!whole || job.rows == matrices.rows);
        for (uint64_t m = 0; m < job.matrices; ++m) {
          for (uint64_t t = 0; t < job.rows; ++t)
            ++seen[(job.first_matrix + m) * matrices.rows + job.first_row + t];
        }
      }
      EXPECT_EQ(std::accumulate(seen.begin(), seen.end(), 0), static_cast<int>(seen.size()));
      EXPECT_EQ(*std::min_element(seen.begin(), seen.end()), 1);
    }
  }
}

TEST(FeatureLayout, GridsHaveAllTheRows) {
  for (const uint64_t rows : {16U, 126U, 193U, 257U, 1374U, 1611U, 32768U}) {
    const auto grids = grids_of(rows);
    EXPECT_FALSE(grids.empty()) << rows;
    for (const Grid &grid : grids) {
      EXPECT_LE(grid.special_rows, 8U);
      EXPECT_EQ((rows - grid.special_rows) % grid.height, 0U);
      const uint64_t width = (rows - grid.special_rows) / grid.height;
      EXPECT_LE(std::max<uint64_t>(width, grid.height), 2 * std::min<uint64_t>(width, grid.height));
    }
  }
  for (const uint64_t rows : {0U, 1U, 10U, 40000U}) EXPECT_TRUE(grids_of(rows).empty()) << rows;
}

// Smooth places in `columns` channels behind `special` other rows; the second matrix is small.
std::vector<float> smooth_grid(uint32_t special, uint32_t height, uint32_t width,
                               uint32_t columns) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> values;
  for (const float scale : {1.0F, 0.001F}) {
    std::vector<float> phases(2 * size_t{columns});
    for (float &phase : phases) phase = 3 * normal(random);
    for (uint32_t t = 0; t < special + height * width; ++t) {
      const float y = t < special ? 0.0F : static_cast<float>((t - special) / width);
      const float x = t < special ? 0.0F : static_cast<float>((t - special) % width);
      for (uint32_t c = 0; c < columns; ++c) {
        const float smooth =
            std::sin(phases[2 * c] + 0.4F * x) * std::sin(phases[2 * c + 1] + 0.5F * y);
        values.push_back(scale * (smooth + 0.1F * normal(random)));
      }
    }
  }
  return values;
}

TEST(FeatureLayout, FindsTheGrid) {
  struct Case {
    uint32_t special, height, width;
  };
  for (const Case &c : {Case{1, 16, 16}, Case{1, 12, 16}, Case{1, 16, 12}, Case{5, 20, 11}}) {
    const std::vector<uint32_t> dims = {2, c.special + c.height * c.width, 48};
    const auto choice =
        choose_grid(MatrixShape(dims), smooth_grid(c.special, c.height, c.width, 48), 0.1);
    EXPECT_EQ(choice.grid.special_rows, c.special);
    EXPECT_EQ(choice.grid.height, c.height);
    EXPECT_GT(choice.gain, 0.5);
  }
  std::mt19937 random(6);
  std::normal_distribution<float> normal;
  const std::vector<uint32_t> dims = {126, 96};
  std::vector<float> noise(size_t{126} * 96);
  for (float &value : noise) value = normal(random);
  EXPECT_LT(choose_grid(MatrixShape(dims), noise, 0.1).gain, 0.02);
}

TEST(FeatureSearch, ReachesTargetsOfCurves) {
  const auto find = [](double target, bool rising, auto curve) {
    int calls = 0;
    int last = 0;
    const int code = search_step(0, target, rising, 0.005, 12, [&](int c) {
      ++calls;
      last = c;
      return curve(c / 256.0);
    });
    EXPECT_EQ(code, last);
    EXPECT_LE(calls, 13);
    return curve(code / 256.0) / target;
  };
  for (const double target : {0.01, 1.0, 20.0}) {
    EXPECT_NEAR(find(target, true, [](double x) { return std::exp2(2 * x) / 12; }), 1, 0.01);
    EXPECT_NEAR(find(target, false, [](double x) { return std::log1p(std::exp(8 - 2 * x)); }), 1,
                0.01);
  }
  // Out of reach: the closest that there is.
  EXPECT_NEAR(find(50, true, [](double x) { return 10 * std::exp2(x) / (1 + std::exp2(x)); }), 0.2,
              0.01);
}

}  // namespace
}  // namespace feat::native
