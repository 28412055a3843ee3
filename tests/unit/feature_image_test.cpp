// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The image layout of the native feature codec: transforms there and back, rotations of channels,
// units of all shapes, damaged payloads, and the bytes of one payload.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/image_blocks.h"
#include "codecs/feature/image_coder.h"
#include "codecs/feature/image_klt.h"
#include "codecs/feature/image_payload.h"
#include "codecs/feature/image_rotation.h"
#include "codecs/feature/image_shape.h"
#include "codecs/feature/image_transform.h"

namespace feat::native {
namespace {

// Smooth pictures whose channels depend on each other, with some noise.
std::vector<float> make_images(const ImageShape &shape, uint32_t seed = 1) {
  std::mt19937 random(seed);
  const auto uniform = [&] { return static_cast<float>(random()) / 4294967296.0F - 0.5F; };
  std::vector<float> values(shape.points());
  const size_t plane = shape.height * shape.width;
  for (size_t p = 0; p < shape.images * shape.channels; ++p) {
    const float first = 2 * uniform();
    const float second = 2 * uniform();
    for (size_t i = 0; i < plane; ++i) {
      const auto y = static_cast<float>(i / shape.width);
      const auto x = static_cast<float>(i % shape.width);
      values[p * plane + i] = 0.3F + first * std::sin(0.11F * x + 0.05F * y) +
                              second * std::cos(0.07F * y - 0.02F * x) + 0.2F * uniform();
    }
  }
  return values;
}

std::vector<uint8_t> bytes_of(const std::vector<float> &values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

double squared_distance(const float *a, const float *b, size_t size) {
  double sum = 0;
  for (size_t i = 0; i < size; ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum;
}

TEST(ImageBlocks, CoverEachSideOnce) {
  for (size_t size = 1; size < 300; ++size) {
    const std::vector<Extent> extents = split_side(size);
    size_t next = 0;
    for (const Extent &extent : extents) {
      EXPECT_EQ(extent.first, next);
      next += extent.size;
      EXPECT_LE(extent.size, 48U);
      if (extents.size() > 1) {
        EXPECT_GE(extent.size, 17U);
      }
    }
    EXPECT_EQ(next, size);
  }
}

TEST(ImageBlocks, OrderHoldsEachFrequencyOnce) {
  for (const auto &[height, width] :
       {std::pair<size_t, size_t>{32, 32}, {1, 1}, {1, 48}, {17, 40}}) {
    const BlockKind kind(height, width);
    std::vector<uint16_t> places = kind.place;
    std::sort(places.begin(), places.end());
    for (size_t i = 0; i < places.size(); ++i) EXPECT_EQ(places[i], i);
    EXPECT_TRUE(std::is_sorted(kind.diagonal.begin(), kind.diagonal.end()));
    EXPECT_EQ(kind.place[0], 0);
    size_t count = 0;
    for (const BlockKind::Band &band : kind.bands) count += band.count;
    EXPECT_EQ(count, kind.size());
    for (size_t k = 0; k < kind.size(); ++k) EXPECT_EQ(k < kind.split, kind.diagonal[k] < 16);
  }
}

TEST(ImageTransform, ComesBackAndKeepsEnergy) {
  for (const auto &[height, width] : {std::pair<uint32_t, uint32_t>{1, 1},
                                      {2, 3},
                                      {1, 100},
                                      {32, 32},
                                      {33, 64},
                                      {48, 49},
                                      {100, 65},
                                      {128, 128},
                                      {17, 200}}) {
    const std::array<uint32_t, 3> dims = {3, height, width};
    const ImageShape shape(dims);
    const std::vector<float> samples = make_images(shape);
    const BlockGrid grid(height, width);
    const ImageTransform transform(grid);
    std::vector<float> coefficients(samples.size());
    std::vector<float> back(samples.size());
    const size_t plane = size_t{height} * width;
    for (size_t c = 0; c < 3; ++c)
      transform.forward(samples.data() + c * plane, 3, c, coefficients.data());
    for (size_t c = 0; c < 3; ++c)
      transform.inverse(coefficients.data(), 3, c, back.data() + c * plane);
    const double energy = std::inner_product(samples.begin(), samples.end(), samples.begin(), 0.0);
    const double kept =
        std::inner_product(coefficients.begin(), coefficients.end(), coefficients.begin(), 0.0);
    EXPECT_NEAR(kept / energy, 1, 1e-5) << height << "x" << width;
    EXPECT_LT(squared_distance(samples.data(), back.data(), back.size()), 1e-10 * energy);
  }
}

// A matrix with orthonormal columns, from Gram and Schmidt.
std::vector<double> random_rotation(size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<double> matrix(n * n);
  for (double &m : matrix) m = static_cast<double>(random()) / 4294967296.0 - 0.5;
  for (size_t c = 0; c < n; ++c) {
    for (size_t other = 0; other <= c; ++other) {
      double product = 0;
      for (size_t r = 0; r < n; ++r) product += matrix[r * n + c] * matrix[r * n + other];
      for (size_t r = 0; r < n; ++r) {
        if (other < c)
          matrix[r * n + c] -= product * matrix[r * n + other];
        else
          matrix[r * n + c] /= std::sqrt(product);
      }
    }
  }
  return matrix;
}

TEST(ImageRotation, QuantisedAnglesComeClose) {
  for (const size_t n : {size_t{2}, size_t{3}, size_t{16}, kMaxRotatedChannels}) {
    const std::vector<double> matrix = random_rotation(n, static_cast<uint32_t>(n));
    const Angles angles = quantise_rotation(matrix, n, kMaxAngleBits);
    EXPECT_EQ(angles.indices.size(), angle_count(n));
    const std::vector<float> rotation = rotation_of(angles, n);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        double product = 0;
        for (size_t k = 0; k < n; ++k) product += double{rotation[i * n + k]} * rotation[j * n + k];
        EXPECT_NEAR(product, i == j ? 1 : 0, 1e-5);
      }
      // Each row is a column of the matrix, but for its sign.
      double product = 0;
      for (size_t k = 0; k < n; ++k) product += rotation[i * n + k] * matrix[k * n + i];
      EXPECT_GT(std::fabs(product), 0.995);
    }
  }
}

TEST(ImageRotation, AnglesAreCodedAsTheyAre) {
  for (int bits = kMinAngleBits; bits <= kMaxAngleBits; ++bits) {
    const size_t n = 9;
    Angles angles = quantise_rotation(random_rotation(n, 3), n, bits);
    angles.indices[0] = 1 << (bits - 1);
    angles.indices[1] = -(1 << (bits - 1));
    std::vector<uint8_t> bytes;
    BitWriter writer(bytes);
    Angles written = angles;
    code_angles(writer, n, written);
    writer.finish();
    EXPECT_NEAR(static_cast<double>(bytes.size()) * 8, cost_of(angles, n), 10);
    BitReader reader(bytes);
    Angles read;
    code_angles(reader, n, read);
    EXPECT_EQ(read.bits, bits);
    EXPECT_EQ(read.indices, angles.indices);
  }
}

TEST(ImageKlt, GathersChannelsThatAreAlike) {
  const std::array<uint32_t, 3> dims = {4, 64, 64};
  const ImageShape shape(dims);
  std::vector<float> values = make_images(shape);
  const size_t plane = 64 * 64;
  for (size_t c = 1; c < 4; ++c) {
    for (size_t i = 0; i < plane; ++i)
      values[c * plane + i] = 0.01F * values[c * plane + i] + values[i];
  }
  const BlockGrid grid(64, 64);
  const ImageTransform transform(grid);
  std::vector<float> coefficients(values.size());
  for (size_t c = 0; c < 4; ++c)
    transform.forward(values.data() + c * plane, 4, c, coefficients.data());
  const CoefficientImages images{grid, 4, 1, coefficients.data()};
  const Angles angles = choose_angles(images, 0, 0.05F, 0.33F, true);
  ASSERT_GT(angles.bits, 0);
  const std::vector<float> rotation = rotation_of(angles, 4);
  for (size_t c = 0; c < 4; ++c) EXPECT_NEAR(std::fabs(rotation[c]), 0.5, 0.06);
  // Far above all values nothing is worth an angle.
  EXPECT_EQ(choose_angles(images, 0, 1e4F, 0.33F, true).bits, 0);
}

struct Unit {
  std::vector<uint8_t> bytes;
  EncodeStats stats;
};

Unit encode(const std::vector<uint32_t> &dims, const std::vector<float> &values, double step,
            int effort, int threads, Layout layout = Layout::kImage) {
  EncodeOptions options;
  options.target = Target::kStep;
  options.value = step;
  options.effort = effort;
  options.layout = layout;
  options.threads = threads;
  Unit unit;
  Encoder encoder;
  const Status status = encoder.encode({Format::kF32, dims}, bytes_of(values), options, nullptr,
                                       unit.bytes, &unit.stats);
  EXPECT_TRUE(status.ok()) << status.message;
  return unit;
}

std::vector<float> decode(const std::vector<uint8_t> &unit, size_t points, int threads) {
  Decoder decoder({kDefaultMaxPoints, threads});
  std::vector<uint8_t> data(points * sizeof(float));
  const Status status = decoder.decode(unit, nullptr, data);
  EXPECT_TRUE(status.ok()) << status.message;
  std::vector<float> values(points);
  std::memcpy(values.data(), data.data(), data.size());
  return values;
}

// Where a step makes another rotation the better one, rates jump; targets within the jump are
// reached by what bits are worth.
TEST(ImageUnits, TargetsBetweenRotationsAreReached) {
  const std::vector<uint32_t> two = {2, 64, 64};
  const std::vector<uint32_t> dims = {12, 64, 64};
  const ImageShape shape(dims);
  const size_t plane = shape.height * shape.width;
  const std::vector<float> sources = make_images(ImageShape(two), 3);
  const std::vector<float> noise = make_images(shape, 4);
  std::vector<float> values(shape.points());
  for (size_t c = 0; c < shape.channels; ++c)
    for (size_t i = 0; i < plane; ++i)
      values[c * plane + i] = std::cos(0.5F * static_cast<float>(c)) * sources[i] +
                              std::sin(0.5F * static_cast<float>(c)) * sources[plane + i] +
                              0.2F * noise[c * plane + i];
  for (double target = 0.03; target < 0.1; target *= 1.1) {
    EncodeOptions options;
    options.target = Target::kBpfp;
    options.value = target;
    options.layout = Layout::kImage;
    std::vector<uint8_t> unit;
    const TensorInfo tensor{Format::kF32, dims};
    ASSERT_TRUE(Encoder().encode(tensor, bytes_of(values), options, nullptr, unit).ok());
    const double wanted = target * static_cast<double>(values.size()) / 8;
    EXPECT_NEAR(static_cast<double>(unit.size()) / wanted, 1, 0.025) << target;
  }
}

TEST(ImageUnits, ShapesEffortsAndThreadsAgree) {
  const std::vector<std::vector<uint32_t>> shapes = {{1},
                                                     {5},
                                                     {3, 7},
                                                     {1, 1, 1},
                                                     {2, 3, 17},
                                                     {1, 40, 50},
                                                     {3, 33, 100},
                                                     {2, 4, 64, 48},
                                                     {70, 20, 20},
                                                     {64, 17, 32},
                                                     {2, 2, 3, 16, 31},
                                                     {500, 1, 1},
                                                     {300, 2, 8, 8}};
  for (const auto &dims : shapes) {
    const ImageShape shape(dims);
    const std::vector<float> values = make_images(shape);
    for (const int effort : {0, 2}) {
      for (const double step : {0.01, 0.5}) {
        const Unit unit = encode(dims, values, step, effort, 1);
        EXPECT_EQ(unit.stats.layout, Layout::kImage);
        EXPECT_EQ(unit.bytes, encode(dims, values, step, effort, 3).bytes);
        const std::vector<float> decoded = decode(unit.bytes, values.size(), 1);
        EXPECT_EQ(decoded, decode(unit.bytes, values.size(), 3));
        const double mse = squared_distance(values.data(), decoded.data(), values.size()) /
                           static_cast<double>(values.size());
        EXPECT_NEAR(mse, unit.stats.mse, 0.01 * unit.stats.mse + 1e-9);
        EXPECT_LT(mse, 0.5 * step * step);
      }
    }
  }
}

TEST(ImageUnits, LargeImagesAreSeveralJobs) {
  const std::vector<uint32_t> dims = {1, 1024, 1024};
  const ImageShape shape(dims);
  EXPECT_EQ(plan_images(shape, BlockGrid(1024, 1024)).jobs.size(), 2U);
  const std::vector<float> values = make_images(shape);
  const Unit unit = encode(dims, values, 0.5, 0, 1);
  EXPECT_EQ(unit.bytes, encode(dims, values, 0.5, 0, 3).bytes);
  const std::vector<float> decoded = decode(unit.bytes, values.size(), 3);
  EXPECT_NEAR(squared_distance(values.data(), decoded.data(), values.size()) /
                  static_cast<double>(values.size()),
              unit.stats.mse, 1e-3 * unit.stats.mse);
}

TEST(ImageUnits, AutoTakesImagesForImages) {
  const std::vector<uint32_t> dims = {4, 48, 48};
  const std::vector<float> values = make_images(ImageShape(dims));
  EXPECT_EQ(encode(dims, values, 0.2, 2, 1, Layout::kAuto).stats.layout, Layout::kImage);
  std::vector<float> shuffled = values;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(1));
  EXPECT_NE(encode(dims, shuffled, 0.2, 2, 1, Layout::kAuto).stats.layout, Layout::kImage);
}

UnitHeader header_of(const std::vector<uint32_t> &dims) {
  UnitHeader header;
  header.tensor.shape = dims;
  header.layout = Layout::kImage;
  return header;
}

TEST(ImageUnits, DamagedPayloadsAreSurvived) {
  const std::vector<uint32_t> dims = {90, 3, 20, 33};
  const ImageShape shape(dims);
  const std::vector<float> values = make_images(shape);
  UnitHeader header = header_of(dims);
  header.step_code = -500;
  const std::vector<uint8_t> good = encode_images(header, values, search_of(1), 2).bytes;
  std::vector<float> decoded(values.size());
  EXPECT_TRUE(decode_images(header, good, 2, decoded).ok());
  EXPECT_EQ(decode_images(header, {}, 1, decoded).code, Status::Code::kCorrupt);
  EXPECT_EQ(decode_images(header, std::span(good).first(3), 1, decoded).code,
            Status::Code::kCorrupt);
  std::mt19937 random(5);
  for (int i = 0; i < 20; ++i) {
    std::vector<uint8_t> bad = good;
    for (int j = 0; j < 5; ++j) bad[random() % bad.size()] = static_cast<uint8_t>(random());
    bad.erase(bad.end() - static_cast<ptrdiff_t>(random() % (bad.size() / 2)), bad.end());
    const Status status = decode_images(header, bad, 2, decoded);
    EXPECT_TRUE(status.ok() || status.code == Status::Code::kCorrupt);
  }
  // Noise makes enormous levels.
  const UnitHeader small = header_of({5, 70, 40});
  std::vector<float> some(5 * 70 * 40);
  for (int i = 0; i < 20; ++i) {
    std::vector<uint8_t> noise(4000);
    for (uint8_t &byte : noise) byte = static_cast<uint8_t>(i == 0 ? 0 : (i == 1 ? 255 : random()));
    EXPECT_TRUE(decode_images(small, noise, 1, some).ok());
  }
}

// Coefficients that lie on points, so that no rounding decides anything.
TEST(ImageCoder, BytesNeverChange) {
  const BlockGrid grid(40, 70);
  const size_t channels = 5;
  std::mt19937 random(7);
  std::vector<float> coefficients(channels * 40 * 70);
  for (size_t r = 0; r < grid.rows().size(); ++r) {
    for (size_t c = 0; c < grid.columns().size(); ++c) {
      const BlockKind &kind = grid.kind(r, c);
      for (size_t ch = 0; ch < channels; ++ch) {
        float *block = coefficients.data() + channels * grid.offset(r, c) + ch * kind.size();
        // The first coefficient is predicted with a scale that rounds; it stays zero.
        for (size_t k = 1; k < kind.size(); ++k) {
          const uint32_t range = 1 + 4000 / static_cast<uint32_t>((k + 4) * (ch + 1));
          block[k] = 2 * (static_cast<float>(random() % range) - static_cast<float>(range / 2));
        }
      }
    }
  }
  std::vector<uint8_t> bytes;
  BitWriter writer(bytes);
  const CodingParameters parameters{0, Quantizer::kScalar, 0.01F, 0};
  ImageCoder<BitWriter> encoder(grid, channels, parameters, writer);
  encoder.code(0, grid.rows().size(), coefficients.data());
  writer.finish();
  EXPECT_EQ(encoder.squared_error(), 0);
  uint64_t hash = 14695981039346656037U;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 1099511628211U;
  EXPECT_EQ(bytes.size(), 3977U);
  EXPECT_EQ(hash, 16399378821572877517U);
  BitReader reader(bytes);
  ImageCoder<BitReader> decoder(grid, channels, parameters, reader);
  std::vector<float> decoded(coefficients.size());
  decoder.code(0, grid.rows().size(), decoded.data());
  EXPECT_EQ(decoded, coefficients);
}

}  // namespace
}  // namespace feat::native
