// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/feature_configuration.h"

#include <algorithm>
#include <climits>
#include <string_view>

#include "gst/rtp/byte_order.h"

namespace feat::rtp {

namespace {

enum Fact : uint8_t {
  kFramerate = 1,
  kPixelAspectRatio = 2,
  kWidth = 3,
  kHeight = 4,
  kProfile = 5,
  kTier = 6,
  kLevel = 7,
  kChromaFormat = 8,
  kBitDepthLuma = 9,
  kBitDepthChroma = 10,
};

constexpr size_t kSizeOfFacts = 2;
constexpr size_t kFactHead = 2;
constexpr size_t kMaxText = 32;

void put(std::vector<uint8_t> &out, Fact fact, std::vector<uint8_t> value) {
  out.push_back(fact);
  out.push_back(static_cast<uint8_t>(value.size()));
  out.insert(out.end(), value.begin(), value.end());
}

void put_number(std::vector<uint8_t> &out, Fact fact, uint32_t value) {
  if (value == 0) return;
  std::vector<uint8_t> bytes(4);
  write_be32(bytes.data(), value);
  put(out, fact, bytes);
}

void put_fraction(std::vector<uint8_t> &out, Fact fact, const Fraction &value) {
  if (value.denominator == 0) return;
  std::vector<uint8_t> bytes(8);
  write_be32(bytes.data(), value.numerator);
  write_be32(bytes.data() + 4, value.denominator);
  put(out, fact, bytes);
}

void put_text(std::vector<uint8_t> &out, Fact fact, const std::string &text) {
  if (!text.empty() && is_fact_text(text)) put(out, fact, {text.begin(), text.end()});
}

// Numbers end up as signed ints in caps.
bool get_number(Bytes value, uint32_t &number) {
  if (value.size() != 4) return false;
  number = read_be32(value.data());
  return number >= 1 && number <= INT_MAX;
}

bool get_fraction(Bytes value, Fraction &fraction) {
  if (value.size() != 8) return false;
  fraction.numerator = read_be32(value.data());
  return fraction.numerator <= INT_MAX && get_number(value.subspan(4), fraction.denominator);
}

bool get_text(Bytes value, std::string &text) {
  text.assign(value.begin(), value.end());
  return !text.empty() && is_fact_text(text);
}

bool get(uint8_t fact, Bytes value, StreamFacts &facts) {
  switch (fact) {
    case kFramerate:
      return get_fraction(value, facts.framerate);
    case kPixelAspectRatio:
      return get_fraction(value, facts.pixel_aspect_ratio) &&
             facts.pixel_aspect_ratio.numerator > 0;
    case kWidth:
      return get_number(value, facts.width);
    case kHeight:
      return get_number(value, facts.height);
    case kProfile:
      return get_text(value, facts.profile);
    case kTier:
      return get_text(value, facts.tier);
    case kLevel:
      return get_text(value, facts.level);
    case kChromaFormat:
      return get_text(value, facts.chroma_format);
    case kBitDepthLuma:
      return get_number(value, facts.bit_depth_luma);
    case kBitDepthChroma:
      return get_number(value, facts.bit_depth_chroma);
    default:
      return true;  // of a later sender; the unit is right without it
  }
}

}  // namespace

bool is_fact_text(const std::string &text) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
  return text.size() <= kMaxText && text.find_first_not_of(kLetters) == std::string::npos;
}

std::vector<uint8_t> write_configuration(const StreamFacts &facts, Bytes description) {
  std::vector<uint8_t> out(kSizeOfFacts);
  put_fraction(out, kFramerate, facts.framerate);
  put_fraction(out, kPixelAspectRatio, facts.pixel_aspect_ratio);
  put_number(out, kWidth, facts.width);
  put_number(out, kHeight, facts.height);
  put_text(out, kProfile, facts.profile);
  put_text(out, kTier, facts.tier);
  put_text(out, kLevel, facts.level);
  put_text(out, kChromaFormat, facts.chroma_format);
  put_number(out, kBitDepthLuma, facts.bit_depth_luma);
  put_number(out, kBitDepthChroma, facts.bit_depth_chroma);
  write_be16(out.data(), static_cast<uint16_t>(out.size() - kSizeOfFacts));
  out.insert(out.end(), description.begin(), description.end());
  return out;
}

const char *read_configuration(Bytes configuration, StreamFacts &facts, Bytes &description) {
  facts = {};
  if (configuration.size() > kMaxConfigurationSize) return "the configuration is longer than 2 MiB";
  if (configuration.size() < kSizeOfFacts) return "the configuration ends within its facts";
  const size_t size = read_be16(configuration.data());
  configuration = configuration.subspan(kSizeOfFacts);
  if (size > configuration.size()) return "the configuration ends within its facts";
  Bytes rest = configuration.first(size);
  description = configuration.subspan(size);
  uint8_t last = 0;
  while (!rest.empty()) {
    if (rest.size() < kFactHead) return "the configuration ends within a fact";
    const uint8_t fact = rest[0];
    const size_t length = rest[1];
    rest = rest.subspan(kFactHead);
    if (length > rest.size()) return "the configuration ends within a fact";
    if (fact <= last) return "the facts of the configuration are out of order";
    last = fact;
    if (!get(fact, rest.first(length), facts)) return "a fact of the configuration is wrong";
    rest = rest.subspan(length);
  }
  return nullptr;
}

}  // namespace feat::rtp
