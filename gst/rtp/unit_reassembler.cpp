// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/unit_reassembler.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace feat::rtp {

namespace {

// Whether two fragments tell the same of their unit.
bool agree(const PendingUnit &unit, const FragmentHeader &header) {
  const FragmentHeader &known = unit.header;
  return known.kind == header.kind && known.config_id == header.config_id &&
         known.has_config == header.has_config && known.total_size == header.total_size &&
         (!unit.began || !header.first() ||
          (known.crc == header.crc && known.config_size == header.config_size));
}

bool equal(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace

std::optional<uint32_t> UnitReassembler::victim(const FragmentHeader &header,
                                                const Packet &packet) const {
  if (units_.empty()) return std::nullopt;
  const auto unit = find(units_, header.unit_id);
  const bool known = unit != units_.end();
  const uint64_t more = packet.cost + kPieceCost + (known ? 0 : kUnitCost);
  if (!known && units_.size() >= limits_.max_pending_units) return units_.front().header.unit_id;
  if (known && unit->wrong != nullptr) return std::nullopt;  // nothing will be stored
  // Subtraction: the sum might overflow.
  if (pending_bytes_ > limits_.max_pending_bytes ||
      more > limits_.max_pending_bytes - pending_bytes_)
    return units_.front().header.unit_id;
  return std::nullopt;
}

void UnitReassembler::damage(PendingUnit &unit, const char *why) {
  pending_bytes_ -= unit.cost - kUnitCost;
  unit.cost = kUnitCost;
  unit.pieces.clear();
  unit.wrong = why;
}

UnitReassembler::Result UnitReassembler::add(const FragmentHeader &header, Bytes content,
                                             const Packet &packet) {
  auto unit = find(units_, header.unit_id);
  if (unit == units_.end()) {
    unit = units_.emplace(units_.end());
    unit->header = header;
    unit->time = packet.time;
    unit->cost = kUnitCost;
    pending_bytes_ += kUnitCost;
  } else if (unit->wrong != nullptr) {
    return Result::kRefused;
  } else if (!agree(*unit, header)) {
    damage(*unit, "its fragments disagree about it");
    return Result::kRefused;
  }
  unit->time = std::min(unit->time, packet.time);
  if (header.first()) {
    unit->header.crc = header.crc;
    unit->header.config_size = header.config_size;
    unit->began = true;
  }

  const auto next = unit->pieces.lower_bound(header.offset);
  if (next != unit->pieces.end() && next->first == header.offset &&
      equal(next->second.bytes, content))
    return Result::kDuplicate;
  const auto before = next != unit->pieces.begin() ? std::prev(next) : unit->pieces.end();
  const bool overlaps =
      (next != unit->pieces.end() && next->first < uint64_t{header.offset} + content.size()) ||
      (next != unit->pieces.end() && next->first == header.offset) ||
      (before != unit->pieces.end() &&
       uint64_t{before->first} + before->second.bytes.size() > header.offset);
  if (overlaps) {
    damage(*unit, "its fragments overlap");
    return Result::kRefused;
  }
  if (next != unit->pieces.end()) unit->reordered = true;
  unit->pieces.emplace_hint(next, header.offset, PendingUnit::Piece{content, packet.owner});
  unit->received += content.size();
  unit->cost += packet.cost + kPieceCost;
  pending_bytes_ += packet.cost + kPieceCost;
  return unit->complete() ? Result::kComplete : Result::kStored;
}

PendingUnit UnitReassembler::take(uint32_t unit_id) {
  const auto at = find(units_, unit_id);
  PendingUnit unit = std::move(*at);
  units_.erase(at);
  pending_bytes_ -= unit.cost;
  return unit;
}

void UnitReassembler::clear() {
  units_.clear();
  pending_bytes_ = 0;
}

}  // namespace feat::rtp
