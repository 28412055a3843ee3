// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/vvc_packetizer.h"

#include <algorithm>

namespace feat::vvcrtp {
namespace {

constexpr size_t kMaxAggregated = 0xffff;  // the size field has 16 bits

bool is_important(int type) {
  return !is_vcl(type);
}

// Whether `units[index]` is the last slice of its picture, which is one layer of the access unit.
bool ends_picture(std::span<const Bytes> units, size_t index) {
  const int layer = NalHeader::read(units[index]).layer_id;
  return std::none_of(units.begin() + static_cast<ptrdiff_t>(index) + 1, units.end(), [&](Bytes u) {
    const NalHeader h = NalHeader::read(u);
    return is_vcl(h.type) && h.layer_id == layer;
  });
}

class Planner {
 public:
  Planner(std::span<const Bytes> units, size_t max_payload, Plan &plan)
      : units_(units), max_payload_(max_payload), plan_(plan) {}

  void single(size_t index) {
    const Bytes unit = units_[index];
    begin(Payload::Kind::kSingle, is_important(NalHeader::read(unit).type));
    add({}, unit);
  }

  void fragments(size_t index) {
    const Bytes unit = units_[index];
    const NalHeader header = NalHeader::read(unit);
    const bool last_of_picture = is_vcl(header.type) && ends_picture(units_, index);
    NalHeader outer = header;
    outer.type = kFragmentation;
    const size_t room = max_payload_ - kNalHeader - kFuHeader;
    for (size_t at = kNalHeader; at < unit.size(); at += room) {
      const bool start = at == kNalHeader;
      const bool end = unit.size() - at <= room;
      const auto fu_header =
          static_cast<uint8_t>((start ? 0x80 : 0) | (end ? 0x40 : 0) |
                               (end && last_of_picture ? 0x20 : 0) | header.type);
      begin(Payload::Kind::kFragment, is_important(header.type));
      const std::array<uint8_t, 4> head = {outer.first(), outer.second(), fu_header, 0};
      add({head.data(), kNalHeader + kFuHeader},
          unit.subspan(at, std::min(room, unit.size() - at)));
    }
  }

  // `count` units from `index` on in one packet.
  void aggregate(size_t index, size_t count) {
    NalHeader outer = NalHeader::read(units_[index]);
    bool important = false;
    for (const Bytes unit : units_.subspan(index, count)) {
      const NalHeader h = NalHeader::read(unit);
      outer.forbidden = outer.forbidden || h.forbidden;
      outer.layer_id = std::min(outer.layer_id, h.layer_id);
      outer.temporal_id_plus1 = std::min(outer.temporal_id_plus1, h.temporal_id_plus1);
      important = important || is_important(h.type);
    }
    outer.type = kAggregation;
    outer.reserved = false;
    begin(Payload::Kind::kAggregation, important);
    for (size_t i = 0; i < count; i++) {
      const Bytes unit = units_[index + i];
      std::array<uint8_t, 4> head{};
      size_t n = 0;
      if (i == 0) {
        head[n++] = outer.first();
        head[n++] = outer.second();
      }
      head[n++] = static_cast<uint8_t>(unit.size() >> 8);
      head[n++] = static_cast<uint8_t>(unit.size() & 0xff);
      add({head.data(), n}, unit);
    }
  }

 private:
  void begin(Payload::Kind kind, bool important) {
    Payload &p = plan_.payloads.emplace_back();
    p.kind = kind;
    p.important = important;
    p.first_piece = plan_.pieces.size();
  }

  void add(Bytes head, Bytes data) {
    Piece &piece = plan_.pieces.emplace_back();
    std::copy(head.begin(), head.end(), piece.head.begin());
    piece.head_size = static_cast<uint8_t>(head.size());
    piece.data = data;
    Payload &p = plan_.payloads.back();
    p.pieces++;
    p.size += head.size() + data.size();
  }

  std::span<const Bytes> units_;
  size_t max_payload_;
  Plan &plan_;
};

// How many units from `index` on go into one packet together.
size_t group_size(std::span<const Bytes> units, size_t index, size_t max_payload, Aggregate mode) {
  if (mode == Aggregate::kNone) return 1;
  size_t size = kNalHeader;
  size_t count = 0;
  for (const Bytes unit : units.subspan(index)) {
    size += kApSize + unit.size();
    if (size > max_payload || unit.size() > kMaxAggregated) break;
    count++;
    const int type = NalHeader::read(unit).type;
    const bool prefix = type >= kOpi && type <= kPrefixSei && type != kSuffixAps;
    if (mode == Aggregate::kZeroLatency && !prefix) break;
  }
  return std::max<size_t>(count, 1);
}

}  // namespace

void Plan::clear() {
  pieces.clear();
  payloads.clear();
  units_left_out = 0;
}

void plan_payloads(std::span<const Bytes> units, size_t max_payload, Aggregate aggregate,
                   Plan &plan) {
  plan.clear();
  max_payload = std::max(max_payload, kMinPayload);
  std::vector<Bytes> carried;
  carried.reserve(units.size());
  for (const Bytes unit : units) {
    if (unit.size() >= kNalHeader && NalHeader::read(unit).type <= kLastNalType) {
      carried.push_back(unit);
    } else {
      plan.units_left_out++;
    }
  }
  Planner planner(carried, max_payload, plan);
  for (size_t i = 0; i < carried.size();) {
    const size_t count = group_size(carried, i, max_payload, aggregate);
    if (count > 1) {
      planner.aggregate(i, count);
    } else if (carried[i].size() > max_payload) {
      planner.fragments(i);
    } else {
      planner.single(i);
    }
    i += count;
  }
  if (!plan.payloads.empty()) plan.payloads.back().marker = true;
}

}  // namespace feat::vvcrtp
