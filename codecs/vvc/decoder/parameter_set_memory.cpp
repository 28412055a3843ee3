// SPDX-License-Identifier: LGPL-2.1-or-later
#include <exception>
#include <set>

#include "codecs/vvc/decoder/alf.h"
#include "codecs/vvc/decoder/bit_reader.h"
#include "codecs/vvc/decoder/error.h"
#include "codecs/vvc/decoder/lmcs.h"
#include "codecs/vvc/decoder/nal.h"
#include "codecs/vvc/decoder/parameter_sets.h"

namespace feat::vvc {
namespace {

// Larger sets than any that intra pictures need are not kept, so that a stream cannot fill memory.
constexpr size_t kMaxSetBytes = 16384;

// Which set a NAL unit holds, in the order in which sets may refer to each other; 0: none.
uint32_t key_of(const NalUnit &nal) {
  if (nal.layer_id != 0) return 0;
  const uint8_t first = nal.payload.empty() ? 0 : nal.payload[0];
  const auto key = [](NalType type, uint32_t id) { return static_cast<uint32_t>(type) << 8 | id; };
  switch (nal.type) {
    case NalType::kSps:
      return key(nal.type, first >> 4);
    case NalType::kPps:
      return key(nal.type, first >> 2);
    case NalType::kPrefixAps:
    case NalType::kSuffixAps:
      return key(NalType::kPrefixAps, first);  // type and id
    default:
      return 0;
  }
}

// Whether it can be read; one with tools that this decoder does not do counts as well.
bool is_intact(const NalUnit &nal) {
  constexpr uint32_t kAlf = 0;
  constexpr uint32_t kLmcs = 1;
  try {
    const std::vector<uint8_t> payload = unescape(nal.payload);
    BitReader r(payload);
    if (nal.type == NalType::kSps) {
      parse_sps(r);
    } else if (nal.type == NalType::kPps) {
      parse_pps(r);
    } else {
      const uint32_t type = r.bits(3);
      r.bits(5);  // id
      const bool chroma = r.flag();
      if (type == kAlf) parse_alf(r, chroma);
      if (type == kLmcs) parse_lmcs(r, chroma);
    }
    return true;
  } catch (const DecodeError &error) {
    return error.status.code == Status::Code::kUnsupported;
  } catch (const std::exception &) {
    return false;
  }
}

// Start code, header and payload.
std::vector<uint8_t> nal_bytes(uint32_t key, const NalUnit &nal) {
  std::vector<uint8_t> bytes = {0, 0, 0, 1, 0, static_cast<uint8_t>(key >> 8 << 3 | 1)};
  bytes.insert(bytes.end(), nal.payload.begin(), nal.payload.end());
  return bytes;
}

}  // namespace

std::vector<uint8_t> ParameterSetMemory::missing_sets(std::span<const uint8_t> unit) {
  std::set<uint32_t> present;
  std::vector<NalUnit> for_later;  // behind the picture
  const auto learn = [this](uint32_t key, const NalUnit &nal) {
    sets_.erase(key);
    if (nal.payload.size() <= kMaxSetBytes && is_intact(nal)) sets_[key] = nal_bytes(key, nal);
  };
  NalUnit nal;
  while (next_nal_unit(unit, nal)) {
    const uint32_t key = key_of(nal);
    if (key == 0) continue;
    if (nal.type == NalType::kSuffixAps) {
      for_later.push_back(nal);
    } else {
      present.insert(key);
      learn(key, nal);
    }
  }
  std::vector<uint8_t> missing;
  for (const auto &[key, bytes] : sets_) {
    if (!present.contains(key)) missing.insert(missing.end(), bytes.begin(), bytes.end());
  }
  for (const NalUnit &set : for_later) learn(key_of(set), set);
  return missing;
}

}  // namespace feat::vvc
