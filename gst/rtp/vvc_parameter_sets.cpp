// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/vvc_parameter_sets.h"

#include <algorithm>
#include <set>

#include "codecs/vvc/decoder/nal.h"

namespace feat::vvcrtp {
namespace {

constexpr int kNone = -1;

// Type and id of a parameter set; kNone for anything else. Sets of other layers have their own ids.
int key_of(Bytes unit) {
  if (unit.size() <= kNalHeader) return kNone;
  const NalHeader h = NalHeader::read(unit);
  if (h.layer_id != 0) return kNone;
  const uint8_t first = unit[kNalHeader];
  switch (h.type) {
    case kDci:
      return h.type << 8;
    case kVps:
    case kSps:
      return h.type << 8 | first >> 4;
    case kPps:
      return h.type << 8 | first >> 2;
    default:
      return kNone;
  }
}

// pps_seq_parameter_set_id stands behind six bits.
int sps_of(Bytes pps) {
  const int second = pps.size() > kNalHeader + 1 ? pps[kNalHeader + 1] : 0;
  return (pps[kNalHeader] & 3) << 2 | second >> 6;
}

}  // namespace

bool ParameterSets::learn(Bytes unit) {
  const int key = key_of(unit);
  if (key == kNone) return false;
  const auto old = sets_.find(key);
  if (old != sets_.end() && std::ranges::equal(old->second, unit)) return false;
  // What refers to a set that is replaced has to come again.
  if (old != sets_.end() && key >> 8 == kSps) {
    std::erase_if(sets_, [&](const auto &set) {
      return set.first >> 8 == kPps && sps_of(set.second) == (key & 15);
    });
  }
  if (unit.size() > kMaxBytes) return sets_.erase(key) != 0;
  sets_[key].assign(unit.begin(), unit.end());
  return true;
}

std::vector<Bytes> ParameterSets::missing_in(std::span<const Bytes> units) const {
  std::set<int> present;
  for (const Bytes unit : units) present.insert(key_of(unit));
  std::vector<Bytes> missing;
  for (const auto &[key, bytes] : sets_) {
    if (!present.contains(key)) missing.emplace_back(bytes);
  }
  return missing;
}

std::vector<Bytes> ParameterSets::of_type(int type) const {
  std::vector<Bytes> found;
  for (const auto &[key, bytes] : sets_) {
    if (key >> 8 == type) found.emplace_back(bytes);
  }
  return found;
}

size_t insert_position(std::span<const Bytes> units) {
  size_t i = 0;
  while (i < units.size()) {
    const int type = units[i].size() < kNalHeader ? 0 : NalHeader::read(units[i]).type;
    if (type != kAud && type != kOpi) break;
    i++;
  }
  return i;
}

std::optional<ProfileTierLevel> profile_of(Bytes sps) {
  if (sps.size() < kNalHeader || NalHeader::read(sps).type != kSps) return {};
  // Ids, sub-layers, chroma format and block size take 15 bits; then a flag whether the profile
  // follows, in whole bytes (clauses 7.3.2.4 and 7.3.3.1).
  const std::vector<uint8_t> p = vvc::unescape(sps.subspan(kNalHeader));
  constexpr size_t kConstraints = 4;
  if (p.size() <= kConstraints || (p[1] & 1) == 0) return {};
  ProfileTierLevel ptl;
  ptl.profile_id = p[2] >> 1;
  ptl.tier_flag = p[2] & 1;
  ptl.level_id = p[3];
  // Two flags, then general_constraints_info(): one flag or, where that is set, 71 more and the
  // number of bits that follow.
  size_t bytes = 1;
  if ((p[kConstraints] & 0x20) != 0) {
    constexpr size_t kFixedBits = 2 + 1 + 71 + 8;
    if (p.size() <= kConstraints + 10) return {};
    const size_t more =
        static_cast<size_t>((p[kConstraints + 9] & 0x3f) << 2 | p[kConstraints + 10] >> 6);
    bytes = (kFixedBits + more + 7) / 8;
  }
  if (p.size() < kConstraints + bytes) return {};
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < bytes; i++) {
    const uint8_t byte = p[kConstraints + i];
    ptl.interop_constraints += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return ptl;
}

}  // namespace feat::vvcrtp
