// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "codecs/hyperprior/cpu_backend.h"
#include "codecs/hyperprior/half.h"
#include "codecs/hyperprior/latents.h"
#include "codecs/hyperprior/preparation.h"
#include "codecs/hyperprior/unit_header.h"
#include "tests/hyperprior/plain_transforms.h"
#include "tests/unit/hyperprior_util.h"
#include "tests/unit/vvc_targets.h"

namespace feat::hyperprior::test {

namespace {

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<uint16_t> samples;
  ConstPlane view() const { return {samples.data(), width, height, width}; }
  Plane writable() { return {samples.data(), width, height, width}; }
};

// Smooth in both directions, with some noise.
Picture smooth(int width, int height, int bits = 10) {
  Picture p{width, height, {}};
  const auto high = static_cast<float>((1 << bits) - 1);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      p.samples.push_back(static_cast<uint16_t>(
          std::clamp(high * (0.5F +
                             0.3F * std::sin(0.11F * static_cast<float>(x)) *
                                 std::cos(0.07F * static_cast<float>(y)) +
                             0.02F * noise(static_cast<uint32_t>(y * width + x))),
                     0.0F, high)));
  return p;
}

// Columns that have nothing in common with their neighbours.
Picture columns(int width, int height) {
  Picture p{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      p.samples.push_back(static_cast<uint16_t>(
          512 + 300 * noise(static_cast<uint32_t>(x)) +
          60 * std::sin(0.3F * static_cast<float>(y) + static_cast<float>(x)) +
          30 * noise(static_cast<uint32_t>(y * width + x + 100000))));
  return p;
}

std::shared_ptr<const Model> read(const std::vector<uint8_t> &file) {
  Status status;
  auto model = Model::load(file, status);
  EXPECT_TRUE(status.ok()) << status.message;
  return model;
}

std::shared_ptr<const EntropyModel> load(const std::vector<uint8_t> &file) {
  Status status;
  const auto model = read(file);
  if (!model) return nullptr;
  auto entropy = EntropyModel::create(model, status);
  EXPECT_TRUE(status.ok()) << status.message;
  return entropy;
}

double mse(const Picture &a, const Picture &b) {
  double sum = 0;
  for (size_t i = 0; i < a.samples.size(); ++i) {
    const double d = double{static_cast<double>(a.samples[i])} - b.samples[i];
    sum += d * d;
  }
  return sum / static_cast<double>(a.samples.size());
}

class HyperpriorCodec : public testing::Test {
 protected:
  std::vector<uint8_t> encode(const Picture &picture, double quality, EncodeStats *stats = nullptr,
                              int bits = 10) {
    Encoder encoder(model, &transforms);
    EncodeOptions options;
    options.quality = quality;
    options.bit_depth = bits;
    options.description = description;
    std::vector<uint8_t> unit;
    const Status status = encoder.encode(picture.view(), options, unit, stats);
    EXPECT_TRUE(status.ok()) << status.message;
    return unit;
  }

  Picture decode(std::span<const uint8_t> unit) {
    UnitInfo info;
    Status status = read_info(unit, kDefaultMaxPoints, info);
    EXPECT_TRUE(status.ok()) << status.message;
    EXPECT_EQ(info.bytes, unit.size());
    EXPECT_EQ(info.description, description);
    Picture out{info.width, info.height, {}};
    out.samples.resize(static_cast<size_t>(info.width) * static_cast<size_t>(info.height));
    Decoder decoder(model, &transforms);
    status = decoder.decode(unit, out.writable());
    EXPECT_TRUE(status.ok()) << status.message;
    return out;
  }

  std::vector<uint8_t> file = small_model().file();
  std::shared_ptr<const EntropyModel> model = load(file);
  ::test::PlainTransforms transforms{read(file)};
  std::vector<uint8_t> description = {1, 2, 3};
};

TEST_F(HyperpriorCodec, QualityIsRateAndError) {
  for (const Picture &picture : {smooth(200, 77), columns(96, 257), columns(128, 126)}) {
    size_t bytes = 0;
    double error = 1e9;
    for (const double quality : {0.2, 0.5, 0.8}) {
      EncodeStats stats;
      const std::vector<uint8_t> unit = encode(picture, quality, &stats);
      EXPECT_EQ(stats.bytes, unit.size());
      EXPECT_EQ(stats.y_bits + stats.z_bits + stats.header_bits, 8 * unit.size());
      EXPECT_NEAR(static_cast<double>(stats.y_bits), stats.y_estimated_bits,
                  0.005 * stats.y_estimated_bits + 100);
      const double now = mse(picture, decode(unit));
      const double step = std::exp2(9 - 10 * quality);
      EXPECT_LT(now, step * step / 6 + 1);
      EXPECT_LT(now, error);
      EXPECT_GT(unit.size(), bytes);
      bytes = unit.size();
      error = now;
    }
  }
}

TEST_F(HyperpriorCodec, SizesAndDepths) {
  for (const int width : {1, 7, 16, 33})
    for (const int height : {1, 5, 16, 70})
      for (const int bits : {1, 8, 16}) {
        const Picture picture = smooth(width, height, bits);
        const Picture out = decode(encode(picture, 1.0, nullptr, bits));
        EXPECT_EQ(out.width, width);
        EXPECT_EQ(out.height, height);
        EXPECT_LT(mse(picture, out), std::exp2(2 * (bits - 10)) + 1) << width << "x" << height;
      }
}

TEST_F(HyperpriorCodec, ConstantPlane) {
  Picture picture = smooth(40, 40);
  std::fill(picture.samples.begin(), picture.samples.end(), uint16_t{700});
  EXPECT_LT(mse(picture, decode(encode(picture, 0.5))), 0.1);
}

TEST_F(HyperpriorCodec, ColumnsPayWhereNeighboursAreStrangers) {
  const Picture picture = columns(256, 126);
  const Prepared prepared = prepare(model->model().description(), picture.view(), 10);
  EXPECT_EQ(prepared.how.layout, Layout::kColumns);
  const Prepared rows = prepare(model->model().description(), smooth(256, 126).view(), 10);
  EXPECT_EQ(rows.how.layout, Layout::kRows);
}

TEST_F(HyperpriorCodec, GridsBehindSpecialRows) {
  const Prepared vit = prepare(model->model().description(), columns(64, 257).view(), 10);
  EXPECT_EQ(vit.how.special_rows, 1);
  EXPECT_EQ(vit.how.map_width, 16);
  const Prepared text = prepare(model->model().description(), columns(64, 126).view(), 10);
  EXPECT_EQ(text.how.special_rows, 0);
  EXPECT_EQ(text.how.map_width, 8);
}

TEST_F(HyperpriorCodec, PreparingLosesNothing) {
  for (const int width : {1, 3, 64, 130})
    for (const int height : {1, 2, 8, 9, 17, 65, 126, 257}) {
      const Picture picture = columns(width, height);
      const Prepared prepared = prepare(model->model().description(), picture.view(), 10);
      Picture back = picture;
      std::fill(back.samples.begin(), back.samples.end(), uint16_t{0});
      restore(model->model().description(), prepared.how, prepared.samples.data(), 10,
              back.writable());
      EXPECT_EQ(picture.samples, back.samples) << width << "x" << height;
    }
}

TEST_F(HyperpriorCodec, WrongArguments) {
  Encoder encoder(model, &transforms);
  std::vector<uint8_t> unit;
  const Picture picture = smooth(16, 16);
  EncodeOptions options;
  options.quality = 1.5;
  EXPECT_EQ(encoder.encode(picture.view(), options, unit).message,
            "the quality is 1.500000, outside of 0 to 1");
  options.quality = 0.5;
  options.bit_depth = 8;
  EXPECT_EQ(encoder.encode(picture.view(), options, unit).code, Status::Code::kInvalidArgument);
  options.bit_depth = 17;
  EXPECT_EQ(encoder.encode(picture.view(), options, unit).message,
            "the bit depth is 17, outside of 1 to 16");
  EXPECT_TRUE(unit.empty());
}

TEST_F(HyperpriorCodec, AnotherModelIsNamed) {
  ModelParts parts = small_model();
  parts.description.name = "another";
  const auto another = load(parts.file());
  const std::vector<uint8_t> unit = encode(smooth(32, 32), 0.5);
  Picture out = smooth(32, 32);
  Decoder decoder(another, &transforms);
  const Status status = decoder.decode(unit, out.writable());
  EXPECT_EQ(status.code, Status::Code::kModel);
  EXPECT_NE(status.message.find("(another)"), std::string::npos) << status.message;
}

TEST_F(HyperpriorCodec, EveryDamagedByteIsSeen) {
  const Picture picture = smooth(40, 24);
  const std::vector<uint8_t> unit = encode(picture, 0.4);
  Picture out = picture;
  Decoder decoder(model, &transforms);
  for (size_t i = 0; i < unit.size(); ++i) {
    std::vector<uint8_t> damaged = unit;
    damaged[i] ^= 0x10;
    EXPECT_FALSE(decoder.decode(damaged, out.writable()).ok()) << i;
    EXPECT_FALSE(decoder.decode(std::span(unit).first(i), out.writable()).ok()) << i;
  }
  std::vector<uint8_t> newer = unit;
  newer[3] = 2;
  EXPECT_EQ(decoder.decode(newer, out.writable()).message,
            "the unit is of version 2, this codec knows version 1");
}

TEST_F(HyperpriorCodec, FindsUnits) {
  const std::vector<uint8_t> unit = encode(smooth(16, 16), 0.2);
  std::vector<uint8_t> stream = {'F', 'H', 0, 'F'};
  stream.insert(stream.end(), unit.begin(), unit.end());
  EXPECT_EQ(find_magic(stream, 0), 4U);
  EXPECT_EQ(find_magic(stream, 5), stream.size());
  size_t wanted = 0;
  EXPECT_EQ(find_unit(std::span(stream).subspan(4), wanted), static_cast<ptrdiff_t>(unit.size()));
  EXPECT_EQ(find_unit(std::span(stream).subspan(4, 20), wanted), 0);
  EXPECT_EQ(wanted, unit.size());
  EXPECT_EQ(find_unit(stream, wanted), -1);
}

TEST_F(HyperpriorCodec, LimitOfPoints) {
  const std::vector<uint8_t> unit = encode(smooth(32, 32), 0.2);
  UnitInfo info;
  EXPECT_EQ(read_info(unit, 1000, info).message,
            "the unit's plane has 1024 samples, above the limit of 1000");
}

// A backend that says what it is asked.
class OtherBackend final : public EntropyBackend {
 public:
  explicit OtherBackend(std::shared_ptr<const EntropyModel> model) : cpu_(std::move(model)) {}

  bool decode(const CodedLatents &coded, int z_height, int z_width, const float *gains, FloatMap &y,
              BackendError &error) override {
    ++calls;
    if (fails) return fail(error, "it cannot", damaged);
    return cpu_.decode(coded, z_height, z_width, gains, y, error);
  }
  bool encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
              BackendError &error) override {
    ++calls;
    if (fails) return fail(error, "it cannot", damaged);
    return cpu_.encode(y, z, weigh, coded, error);
  }
  LatentBits bits() override { return cpu_.bits(); }
  const char *device() const override { return "other"; }

  int calls = 0;
  bool fails = false;
  bool damaged = false;

 private:
  CpuBackend cpu_;
};

TEST_F(HyperpriorCodec, AnotherBackend) {
  OtherBackend backend(model);
  const Picture picture = smooth(50, 30);
  Encoder encoder(model, &transforms, 1, &backend);
  EncodeOptions options;
  options.description = description;
  std::vector<uint8_t> unit;
  ASSERT_TRUE(encoder.encode(picture.view(), options, unit).ok());
  EXPECT_EQ(backend.calls, 1);
  EXPECT_EQ(unit, encode(picture, options.quality));
  Decoder decoder(model, &transforms, 1, &backend);
  Picture out = picture;
  ASSERT_TRUE(decoder.decode(unit, out.writable()).ok());
  EXPECT_EQ(backend.calls, 2);
  EXPECT_EQ(out.samples, decode(unit).samples);
  backend.fails = true;
  Status status = decoder.decode(unit, out.writable());
  EXPECT_EQ(status.code, Status::Code::kTransforms);
  EXPECT_EQ(status.message, "it cannot");
  const std::vector<uint8_t> before = unit;
  EXPECT_EQ(encoder.encode(picture.view(), options, unit).code, Status::Code::kTransforms);
  EXPECT_EQ(unit, before);
  backend.damaged = true;
  EXPECT_EQ(decoder.decode(unit, out.writable()).code, Status::Code::kCorrupt);
}

TEST_F(HyperpriorCodec, GainsMeetAtSteps) {
  EXPECT_EQ(model->step_code(0.01), 0);
  EXPECT_EQ(model->step_code(1e9), model->step_codes() - 1);
  EXPECT_NEAR(model->gains(0)[5], 100, 0.01);
  EXPECT_NEAR(model->gains(16)[5], 50, 0.01);
  EXPECT_NEAR(model->gains(24)[5], 50 / std::sqrt(2.0), 0.01);
}

// What a model predicts for some hyper-latents, as a hash.
uint64_t predicted(const EntropyModel &model, int amplitude, PhaseRow *kernel) {
  constexpr int kHeight = 9;
  constexpr int kWidth = 7;
  const auto channels = static_cast<uint32_t>(model.model().description().hyper_latents);
  std::vector<int32_t> z;
  for (uint32_t i = 0; i < kHeight * kWidth * channels; ++i)
    z.push_back(static_cast<int32_t>(static_cast<float>(amplitude) * noise(i + 77)));
  std::vector<uint8_t> tables;
  std::vector<int32_t> means;
  model.predict(z, kHeight, kWidth, 1, tables, means, kernel);
  EXPECT_GT(*std::max_element(tables.begin(), tables.end()),
            *std::min_element(tables.begin(), tables.end()) + 5);
  std::vector<uint8_t> again;
  std::vector<int32_t> again_means;
  model.predict(z, kHeight, kWidth, 3, again, again_means, kernel);
  EXPECT_EQ(tables, again);
  EXPECT_EQ(means, again_means);
  for (const int32_t mean : means)
    for (int shift = 0; shift < 32; shift += 8)
      tables.push_back(static_cast<uint8_t>(mean >> shift));
  return XXH3_64bits(tables.data(), tables.size());
}

// What is pinned here decides how bits are read: it must be the same on every machine, by every
// kernel.
TEST_F(HyperpriorCodec, IntegersArePinned) {
  vvc::on_every_target(
      [&] { EXPECT_EQ(predicted(*model, 150, phase_row), 16557192295321160810U); });
  EXPECT_EQ(predicted(*model, 150, scalar::phase_row), 16557192295321160810U);
}

TEST(HyperpriorDefault, IntegersArePinned) {
  std::ifstream stream(HYPERPRIOR_DEFAULT_MODEL, std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(stream),
                                   std::istreambuf_iterator<char>()};
  const auto model = load(bytes);
  ASSERT_TRUE(model);
  vvc::on_every_target([&] { EXPECT_EQ(predicted(*model, 12, phase_row), 9029173209128098319U); });
  EXPECT_EQ(predicted(*model, 12, scalar::phase_row), 9029173209128098319U);
}

TEST(HyperpriorNetwork, KernelsAgree) {
  const auto model = load(small_model().file());
  std::string wrong;
  const auto network = IntegerNetwork::create(model->model(), wrong);
  ASSERT_TRUE(network) << wrong;
  for (const int width : {1, 2, 5, 16}) {
    constexpr int kHeight = 3;
    std::vector<int32_t> z(static_cast<size_t>(kHeight * width * kHyperLatents));
    for (size_t i = 0; i < z.size(); ++i)
      z[i] = static_cast<int32_t>(127 * noise(static_cast<uint32_t>(i)));
    const size_t row = static_cast<size_t>(2 * width * network->outputs());
    std::vector<int32_t> fast(row * 2 * kHeight);
    std::vector<int32_t> plain(fast.size());
    network->run(z, kHeight, width, 2, [&](int y, const int32_t *values) {
      std::copy_n(values, row, fast.begin() + static_cast<ptrdiff_t>(row) * y);
    });
    network->run(
        z, kHeight, width, 1,
        [&](int y, const int32_t *values) {
          std::copy_n(values, row, plain.begin() + static_cast<ptrdiff_t>(row) * y);
        },
        scalar::phase_row);
    EXPECT_EQ(fast, plain);
  }
}

TEST(HyperpriorModel, KeepsWhatWasWritten) {
  const ModelParts parts = small_model();
  Status status;
  const auto model = Model::load(parts.file(), status);
  ASSERT_TRUE(model) << status.message;
  EXPECT_EQ(model->description().steps, parts.description.steps);
  EXPECT_EQ(model->description().hyper_synthesis.size(), 3U);
  EXPECT_EQ(model->tensor("g_a.weight")->floats(), dct_weights());
  EXPECT_EQ(model->tensor("nothing"), nullptr);
}

TEST(HyperpriorModel, BrokenFilesAreRefused) {
  const std::vector<uint8_t> file = small_model().file();
  Status status;
  for (size_t length = 0; length < file.size(); length += length < 6000 ? 1 : 997) {
    EXPECT_FALSE(Model::load(std::span(file).first(length), status));
    EXPECT_FALSE(status.message.empty());
  }
  size_t header = 0;
  for (size_t i = 0; i < 4; ++i) header |= size_t{file[8 + i]} << (8 * i);
  for (size_t i = 0; i < 12 + header; ++i) {
    for (const uint8_t flip : {0x01, 0x80}) {
      std::vector<uint8_t> damaged = file;
      damaged[i] ^= flip;
      const auto model = Model::load(damaged, status);
      if (model) EntropyModel::create(model, status);
    }
  }
}

TEST(HyperpriorModel, SentencesSayWhatIsWrong) {
  Status status;
  ModelParts parts = small_model();
  parts.description.hyper_synthesis[2].out = kLatents;
  EXPECT_FALSE(Model::load(parts.file(), status));
  EXPECT_EQ(status.message,
            "the model is broken: its hyper-synthesis is broken: layer h_s.1 has a tensor "
            "h_s.1.weight of another shape");
  parts = small_model();
  parts.tensors.erase("g_s.bias");
  EXPECT_FALSE(Model::load(parts.file(), status));
  EXPECT_EQ(status.message,
            "the model is broken: its synthesis is broken: layer g_s has no tensor g_s.bias");
  parts = small_model();
  TensorData &shift = parts.tensors["h_s.0.shift"];
  shift.bytes[0] = 31;
  auto model = Model::load(parts.file(), status);
  ASSERT_TRUE(model) << status.message;
  EXPECT_FALSE(EntropyModel::create(model, status));
  EXPECT_EQ(status.message, "the model is broken: sums of its layer h_s.0 may not fit in 32 bits");
}

TEST(HyperpriorExport, IntegersFollowTheFloats) {
  // Without relu the small network is linear: outputs grow with a hyper-latent as weights say.
  const ModelParts parts = small_model();
  const auto model = load(parts.file());
  std::vector<uint8_t> tables;
  std::vector<int32_t> means;
  const std::vector<int32_t> nothing(kHyperLatents, 0);
  model->predict(nothing, 1, 1, 1, tables, means);
  // relu(bias of h_s.0) through the middle of h_s.1 at one place of 2x2, where all but a border of
  // zeros is the same: computed here in floating point.
  const FloatTensor bias0 = floats({8}, 1.0F, 200);
  const FloatTensor weight1 = floats({2 * kLatents, 8, 3, 3}, 0.3F, 300);
  const FloatTensor bias1 = floats({2 * kLatents}, 0.1F, 400);
  for (int c = 0; c < kLatents; ++c) {
    double place = 30 + double{bias1.values[static_cast<size_t>(c)]};
    double mean = bias1.values[static_cast<size_t>(kLatents + c)];
    for (int i = 0; i < 8; ++i) {
      const double x = std::max(0.0F, bias0.values[static_cast<size_t>(i)]);
      for (int ky = 1; ky < 3; ++ky)
        for (int kx = 1; kx < 3; ++kx) {
          const int at = (c * 8 + i) * 9 + 3 * ky + kx;
          place += x * weight1.values[static_cast<size_t>(at)];
          mean += x * weight1.values[static_cast<size_t>(at + kLatents * 72)];
        }
    }
    EXPECT_NEAR(tables[static_cast<size_t>(c)], std::clamp(place, 0.0, 63.0), 0.52);
    EXPECT_NEAR(static_cast<double>(means[static_cast<size_t>(c)]) / kOutputScale, mean, 0.01);
  }
}

TEST(HyperpriorHalf, RoundTrips) {
  for (uint32_t i = 0; i < 65536; ++i) {
    const auto half = static_cast<uint16_t>(i);
    const float value = half_to_float(half);
    if (std::isnan(value)) continue;
    EXPECT_EQ(half_from_float(value), half);
  }
  EXPECT_EQ(half_from_float(65520.0F), 0x7C00);
  EXPECT_EQ(half_from_float(65519.0F), 0x7BFF);
  EXPECT_EQ(half_from_float(1.0F + 0x1p-11F), 0x3C00);    // a tie goes to the even one
  EXPECT_EQ(half_from_float(1.0F + 0x1.8p-10F), 0x3C02);  // and so does this
  EXPECT_EQ(half_from_float(0x1p-25F), 0);
  EXPECT_EQ(half_from_float(-0x1.8p-24F), 0x8002);
  EXPECT_TRUE(std::isnan(half_to_float(half_from_float(std::numeric_limits<float>::quiet_NaN()))));
}

}  // namespace

}  // namespace feat::hyperprior::test
