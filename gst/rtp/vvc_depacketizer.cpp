// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/vvc_depacketizer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace feat::vvcrtp {
namespace {

constexpr const char *kLost = "a packet of it did not arrive";

// Types that only stand at the head of an access unit (clause 7.4.2.4.3).
bool begins_unit(int type) {
  return (type >= kOpi && type <= kSps) || type == kAud;
}

// Start codes have a fourth byte at the head of a unit and before parameter sets (clause B.2).
bool has_zero_byte(int type) {
  return type >= kOpi && type <= kSuffixAps;
}

}  // namespace

void Depacketizer::reset() {
  fresh_ = true;
  in_unit_ = in_fragment_ = false;
  unit_ = {};
  heads_.clear();
}

void Depacketizer::begin_unit(const Packet &packet) {
  stats_.received++;
  in_unit_ = true;
  in_fragment_ = false;
  timestamp_ = packet.timestamp;
  damage_ = nullptr;
  // Nothing is known of what came before the first packet of all.
  gap_before_ = packet.gap || fresh_;
  fresh_ = false;
  in_first_packet_ = true;
  head_begins_ = false;
  first_type_ = vcl_type_ = -1;
  unit_ = {};
  unit_.time = packet.time;
}

void Depacketizer::damage(const char *why) {
  if (damage_ == nullptr) damage_ = why;
  in_fragment_ = false;
  unit_ = {};
}

// A gap in front of a unit took packets of the one before, whole units, or packets that were never
// part of the stream (forward error correction takes sequence numbers). Or the head of this one.
bool Depacketizer::head_is_whole() const {
  if (!gap_before_ || head_begins_) return true;
  const auto heads = heads_.find(vcl_type_);
  return heads != heads_.end() && (heads->second >> first_type_ & 1) != 0;
}

void Depacketizer::end_unit(bool packet_missing, std::vector<AccessUnit> &out) {
  if (packet_missing) damage(kLost);
  if (in_fragment_) damage("its last NAL unit has no end");
  if (damage_ == nullptr && first_type_ < 0) damage("it has no NAL unit");
  if (damage_ == nullptr && !head_is_whole()) damage("its first packet did not arrive");
  in_unit_ = false;
  if (damage_ != nullptr) {
    stats_.damaged++;
    last_damage_ = damage_;
    return;
  }
  if (!gap_before_) heads_[vcl_type_] |= uint32_t{1} << first_type_;
  stats_.complete++;
  stats_.bytes += unit_.data.size();
  out.push_back(std::exchange(unit_, {}));
}

void Depacketizer::push(const Packet &packet, std::vector<AccessUnit> &out) {
  stats_.packets++;
  if (in_unit_ && packet.timestamp != timestamp_) end_unit(packet.gap, out);
  if (!in_unit_) {
    begin_unit(packet);
  } else if (packet.gap) {
    damage(kLost);
  }
  take(packet.payload);
  in_first_packet_ = false;
  if (packet.marker) end_unit(false, out);
}

void Depacketizer::finish() {
  std::vector<AccessUnit> none;
  if (in_unit_) end_unit(true, none);
}

void Depacketizer::append(Bytes bytes) {
  if (damage_ != nullptr) return;
  if (bytes.size() > max_unit_bytes_ - std::min(max_unit_bytes_, unit_.data.size())) {
    damage("it is larger than max-unit-size");
    return;
  }
  unit_.data.insert(unit_.data.end(), bytes.begin(), bytes.end());
}

void Depacketizer::begin_nal(NalHeader header) {
  static constexpr std::array<uint8_t, 4> kStartCode = {0, 0, 0, 1};
  if (header.forbidden) damage("a NAL unit is marked as damaged");
  if (header.temporal_id_plus1 == 0) damage("a NAL unit header has a temporal id of 0");
  if (damage_ != nullptr) return;
  const bool long_code = first_type_ < 0 || has_zero_byte(header.type);
  append(long_code ? Bytes(kStartCode) : Bytes(kStartCode).subspan(1));
  const std::array<uint8_t, 2> bytes = {header.first(), header.second()};
  append(bytes);
  if (first_type_ < 0) first_type_ = header.type;
  if (in_first_packet_ && begins_unit(header.type)) head_begins_ = true;
  if (is_vcl(header.type) && vcl_type_ < 0) {
    vcl_type_ = header.type;
    unit_.irap = is_irap(header.type);
  }
}

void Depacketizer::take(Bytes payload) {
  if (damage_ != nullptr) return;
  if (payload.size() < kNalHeader) {
    damage("a packet is shorter than its header");
    return;
  }
  const NalHeader header = NalHeader::read(payload);
  const bool starts_fragment = header.type == kFragmentation;
  if (in_fragment_ && !starts_fragment) {
    damage("a NAL unit has no end");
  } else if (header.type <= kLastNalType) {
    begin_nal(header);
    append(payload.subspan(kNalHeader));
  } else if (header.type == kAggregation) {
    take_aggregation(payload);
  } else if (starts_fragment) {
    take_fragment(payload);
  }  // else reserved: receivers ignore it
}

void Depacketizer::take_aggregation(Bytes payload) {
  Bytes rest = payload.subspan(kNalHeader);
  if (rest.empty()) damage("an aggregation packet is empty");
  while (!rest.empty() && damage_ == nullptr) {
    if (rest.size() < kApSize) {
      damage("an aggregation packet ends within a size");
      return;
    }
    const size_t size = static_cast<size_t>(rest[0]) << 8 | rest[1];
    rest = rest.subspan(kApSize);
    if (size < kNalHeader || size > rest.size()) {
      damage("a size in an aggregation packet is wrong");
      return;
    }
    const NalHeader header = NalHeader::read(rest);
    if (header.type > kLastNalType) {
      damage("an aggregation packet holds another packet");
      return;
    }
    begin_nal(header);
    append(rest.subspan(kNalHeader, size - kNalHeader));
    rest = rest.subspan(size);
  }
}

void Depacketizer::take_fragment(Bytes payload) {
  if (payload.size() <= kNalHeader + kFuHeader) {
    damage("a fragment is empty");
    return;
  }
  const uint8_t fu_header = payload[kNalHeader];
  const bool start = (fu_header & 0x80) != 0;
  const bool end = (fu_header & 0x40) != 0;
  NalHeader header = NalHeader::read(payload);
  header.type = fu_header & 0x1f;
  if (header.type > kLastNalType || (start && end)) {
    damage("a fragment header is wrong");
    return;
  }
  if (start == in_fragment_) {
    damage(start ? "a NAL unit has no end" : "a NAL unit has no beginning");
    return;
  }
  if (start) {
    begin_nal(header);
    fragment_ = header;
    in_fragment_ = damage_ == nullptr;
  } else if (header.first() != fragment_.first() || header.second() != fragment_.second()) {
    damage("fragments of different NAL units follow each other");
  }
  append(payload.subspan(kNalHeader + kFuHeader));
  if (end) in_fragment_ = false;
}

}  // namespace feat::vvcrtp
