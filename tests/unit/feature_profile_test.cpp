// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "codecs/feature/integer_coder.h"
#include "codecs/feature/profile.h"
#include "codecs/feature/utf8.h"
#include "tests/unit/feature_profile_util.h"

namespace feat::native {
namespace {

using Bytes = std::vector<uint8_t>;
using Code = Status::Code;

// Where the fields of a file are; docs/feature-codec.md, "Profiles".
constexpr size_t kVersionAt = 4;
constexpr size_t kFlagsAt = 5;
constexpr size_t kChannelsAt = 12;
constexpr size_t kComponentsAt = 16;
constexpr size_t kPositionsAt = 20;

ProfileData make_profile(uint32_t channels, uint32_t components, uint32_t positions) {
  std::mt19937 random(channels * 31 + components);
  ProfileData data;
  data.name = "a layer";
  data.origin = "Zufall, größtenteils";
  data.channels = channels;
  data.components = components;
  data.positions = positions;
  const Numbers mean = normal_numbers(random, channels);
  data.mean.assign(mean.begin(), mean.end());
  const Numbers basis = orthonormal_rows(random, components, channels);
  data.basis.assign(basis.begin(), basis.end());
  for (uint32_t k = 0; k < components; ++k) {
    data.deviations.push_back(20.F / static_cast<float>(k + 1));
    data.correlations.push_back(static_cast<float>(std::sin(k)));
  }
  for (size_t i = 0; i < size_t{positions} * components; ++i) {
    const float deviation = data.deviations[i % components];
    const bool set = i < components || random() % 4 == 0;
    data.position_means.push_back(set ? deviation * static_cast<float>(normal_numbers(random, 1)[0])
                                      : 0.F);
  }
  return data;
}

Bytes write(const ProfileData &data) {
  Bytes file;
  const Status status = Profile::write(data, file);
  EXPECT_TRUE(status.ok()) << status.message;
  return file;
}

std::shared_ptr<const Profile> parse(const Bytes &file) {
  std::shared_ptr<const Profile> profile;
  const Status status = Profile::parse(file, profile);
  EXPECT_TRUE(status.ok()) << status.message;
  return profile;
}

Code code_of(const Bytes &file) {
  std::shared_ptr<const Profile> profile;
  const Status status = Profile::parse(file, profile);
  EXPECT_EQ(status.ok(), profile != nullptr);
  EXPECT_EQ(status.ok(), status.message.empty());
  return status.code;
}

Code code_of(const ProfileData &data) {
  Bytes file = {1, 2, 3};
  const Status status = Profile::write(data, file);
  if (!status.ok()) {
    EXPECT_EQ(file, Bytes({1, 2, 3}));
  }
  return status.code;
}

// With a right checksum.
Bytes sealed(Bytes file) {
  const auto crc = static_cast<uint32_t>(crc32_z(0, file.data(), file.size() - 4));
  std::memcpy(file.data() + file.size() - 4, &crc, 4);
  return file;
}

Bytes with_u32(Bytes file, size_t at, uint32_t value) {
  std::memcpy(file.data() + at, &value, 4);
  return sealed(std::move(file));
}

// Relative to the energy of the components, as vectors of these deviations have it.
double basis_error(const ProfileData &a, const ProfileData &b) {
  double error = 0;
  double energy = 0;
  for (size_t k = 0; k < a.components; ++k) {
    const double variance = double{a.deviations[k]} * a.deviations[k];
    energy += variance;
    for (size_t c = 0; c < a.channels; ++c)
      error +=
          variance *
          std::pow(double{a.basis[k * a.channels + c]} - double{b.basis[k * a.channels + c]}, 2);
  }
  return error / energy;
}

TEST(FeatureProfile, ComesBack) {
  ProfileData data = make_profile(96, 80, 12);
  data.weights.assign(96, 0.25F);
  const Bytes file = write(data);
  const auto profile = parse(file);
  const ProfileData &read = profile->data();
  EXPECT_EQ(read.name, data.name);
  EXPECT_EQ(read.origin, data.origin);
  EXPECT_EQ(read.channels, data.channels);
  EXPECT_EQ(read.components, data.components);
  EXPECT_EQ(read.positions, data.positions);
  EXPECT_EQ(read.mean, data.mean);
  EXPECT_EQ(read.weights, data.weights);
  EXPECT_EQ(read.deviations, data.deviations);
  EXPECT_LT(basis_error(data, read), 1.2e-4);
  for (size_t k = 0; k < data.components; ++k)
    EXPECT_NEAR(read.correlations[k], data.correlations[k], 1.01 / 128);
  ASSERT_EQ(read.position_means.size(), data.position_means.size());
  for (size_t i = 0; i < data.position_means.size(); ++i)
    EXPECT_NEAR(read.position_means[i], data.position_means[i],
                data.deviations[i % data.components] / 31);
  EXPECT_NE(profile->hash(), 0);
  EXPECT_EQ(profile->id(), profile->hash() >> 32);
}

// What was rounded once is not rounded again: the same numbers give the same file.
TEST(FeatureProfile, WrittenAgain) {
  const Bytes file = write(make_profile(64, 64, 5));
  EXPECT_EQ(write(parse(file)->data()), file);
}

TEST(FeatureProfile, Small) {
  for (const auto &[channels, components, positions] :
       {std::array<uint32_t, 3>{1, 1, 0}, {1, 1, 3}, {5, 0, 0}, {3, 1, 1}}) {
    const ProfileData data = make_profile(channels, components, positions);
    const auto profile = parse(write(data));
    ASSERT_NE(profile, nullptr);
    EXPECT_EQ(profile->data().mean, data.mean);
  }
}

TEST(FeatureProfile, SparseIsSmall) {
  ProfileData data = make_profile(512, 512, 0);
  std::ranges::fill(data.basis, 0.F);
  for (size_t k = 0; k < 512; ++k) data.basis[k * 512 + (k * 7) % 512] = 1;
  data.positions = 300;
  data.position_means.assign(size_t{300} * 512, 0);
  data.position_means[3] = 1000;
  const Bytes file = write(data);
  EXPECT_LT(file.size(), 512 * 10 + 4000);
  const auto profile = parse(file);
  EXPECT_NEAR(profile->data().position_means[3], 1000, 1);
}

// Means that are far larger than the deviations take a coarser step, but not a wrong value.
TEST(FeatureProfile, LargePositionMeans) {
  ProfileData data = make_profile(8, 8, 2);
  std::ranges::fill(data.deviations, 1e-3F);
  data.position_means[9] = 1e6F;
  const auto profile = parse(write(data));
  EXPECT_NEAR(profile->data().position_means[9], 1e6, 1e6 * 1e-5);
  std::ranges::fill(data.deviations, 0.F);
  std::ranges::fill(data.position_means, 0.F);
  parse(write(data));
}

TEST(FeatureProfile, DamageIsFound) {
  const Bytes file = write(make_profile(24, 24, 4));
  for (size_t i = 0; i < file.size(); ++i) {
    Bytes damaged = file;
    damaged[i] ^= 0x10;
    EXPECT_NE(code_of(damaged), Code::kOk) << "byte " << i;
  }
  for (size_t size = 0; size < file.size(); size += 7)
    EXPECT_NE(code_of(Bytes(file.begin(), file.begin() + static_cast<ptrdiff_t>(size))), Code::kOk);
  Bytes longer = file;
  longer.push_back(0);
  EXPECT_EQ(code_of(longer), Code::kCorrupt);
  EXPECT_EQ(code_of(Bytes(1000, 0x55)), Code::kCorrupt);
}

// Damage with a right checksum gives an error or a profile of finite numbers, never a crash.
TEST(FeatureProfile, HostileBytes) {
  const Bytes file = write(make_profile(24, 24, 4));
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    Bytes damaged = file;
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
    std::shared_ptr<const Profile> profile;
    if (!Profile::parse(sealed(damaged), profile).ok()) continue;
    for (const auto *numbers : {&profile->data().basis, &profile->data().position_means})
      for (const float number : *numbers) EXPECT_TRUE(std::isfinite(number));
  }
}

TEST(FeatureProfile, SizesOfHostileFiles) {
  const Bytes file = write(make_profile(24, 24, 4));
  EXPECT_EQ(code_of(sealed(file)), Code::kOk);
  EXPECT_EQ(code_of(with_u32(file, kChannelsAt, kMaxProfileChannels + 1)), Code::kLimit);
  EXPECT_EQ(code_of(with_u32(file, kChannelsAt, 0)), Code::kLimit);
  EXPECT_EQ(code_of(with_u32(file, kPositionsAt, kMaxProfilePositions + 1)), Code::kLimit);
  // More positions take no other bytes than their code: that must be long enough for them.
  EXPECT_EQ(code_of(with_u32(file, kPositionsAt, kMaxProfilePositions)), Code::kCorrupt);
  EXPECT_NE(code_of(with_u32(file, kComponentsAt, 25)), Code::kOk);
  Bytes other = file;
  other[kVersionAt] = 2;
  EXPECT_EQ(code_of(sealed(other)), Code::kUnsupported);
  other = file;
  other[kFlagsAt] = 0x82;
  EXPECT_EQ(code_of(sealed(other)), Code::kUnsupported);
}

// Rows at the edge of what is allowed may fall off it when they are rounded: then nothing is
// written.
TEST(FeatureProfile, WhatIsWrittenCanBeRead) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> value(-1, 1);
  int written = 0;
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    ProfileData data = make_profile(4, 1, 0);
    double square = 0;
    for (float &v : data.basis) square += std::pow(v = value(random), 2);
    const float wanted = 0.905F + 0.19F * static_cast<float>(i % 2);
    for (float &v : data.basis) v *= std::sqrt(wanted / static_cast<float>(square));
    Bytes file;
    const Status status = Profile::write(data, file);
    if (!status.ok()) {
      ++refused;
      EXPECT_EQ(status.code, Code::kInvalidArgument);
      EXPECT_NE(status.message.find("once it is rounded"), std::string::npos) << status.message;
      EXPECT_TRUE(file.empty());
      continue;
    }
    ++written;
    std::shared_ptr<const Profile> read;
    EXPECT_TRUE(Profile::parse(file, read).ok());
  }
  EXPECT_GT(written, 100);
  EXPECT_GT(refused, 100);
}

TEST(FeatureProfile, WhatCannotBeWritten) {
  const ProfileData good = make_profile(6, 6, 2);
  EXPECT_EQ(code_of(good), Code::kOk);
  const auto with = [&](auto change) {
    ProfileData data = good;
    change(data);
    return code_of(data);
  };
  EXPECT_EQ(with([](ProfileData &d) { d.mean.pop_back(); }), Code::kInvalidArgument);
  EXPECT_EQ(with([](ProfileData &d) { d.components = 7; }), Code::kInvalidArgument);
  EXPECT_EQ(with([](ProfileData &d) { d.weights.assign(6, 0); }), Code::kInvalidArgument);
  EXPECT_EQ(with([](ProfileData &d) { d.deviations[1] = -1; }), Code::kInvalidArgument);
  EXPECT_EQ(with([](ProfileData &d) { d.basis[0] += 1; }), Code::kInvalidArgument);
  EXPECT_EQ(with([](ProfileData &d) { d.name = "\xff"; }), Code::kInvalidArgument);
  EXPECT_EQ(with([](ProfileData &d) { d.name.assign(70000, 'a'); }), Code::kLimit);
  EXPECT_EQ(with([](ProfileData &d) { d.mean[2] = std::numeric_limits<float>::quiet_NaN(); }),
            Code::kNonFinite);
  EXPECT_EQ(
      with([](ProfileData &d) { d.position_means[3] = std::numeric_limits<float>::infinity(); }),
      Code::kNonFinite);
}

TEST(FeatureProfile, Utf8) {
  for (const char *text : {"", "abc", "Größe\n\t", "\xf0\x9f\x98\x80"})
    EXPECT_TRUE(is_utf8_text(text)) << text;
  for (const char *text :
       {"\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x1b[0m"})
    EXPECT_FALSE(is_utf8_text(text)) << text;
  EXPECT_FALSE(is_utf8_text(std::string_view("a\0b", 3)));
}

TEST(FeatureProfile, IntegersComeBack) {
  std::mt19937 random(3);
  std::vector<int32_t> values = {0, 1, -1, kMaxInteger, -kMaxInteger, 2, 3, -4};
  std::vector<IntegerContext> contexts;
  for (int i = 0; i < 2000; ++i) {
    const int digits = static_cast<int>(random() % 25);
    const auto magnitude = static_cast<int32_t>(random() & ((1U << digits) - 1));
    values.push_back(random() % 2 != 0 ? magnitude : -magnitude);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    IntegerContext context;
    for (int &m : context.magnitude) m = static_cast<int>(random() % kMagnitudeContexts);
    context.sign = static_cast<int>(random() % IntegerCoder::kSigns);
    contexts.push_back(context);
  }
  Bytes code;
  RangeEncoder encoder(code);
  BitsOut out(encoder);
  const auto writer = std::make_unique<IntegerCoder>();
  for (size_t i = 0; i < values.size(); ++i) writer->code(out, contexts[i], values[i]);
  encoder.finish();
  RangeDecoder decoder(code);
  BitsIn in(decoder);
  const auto reader = std::make_unique<IntegerCoder>();
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(reader->code(in, contexts[i], 0), values[i]) << i;
}

}  // namespace
}  // namespace feat::native
