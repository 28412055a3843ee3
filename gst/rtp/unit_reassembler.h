// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Fragments in, complete units out, in memory that is bounded by what was received. Knows nothing
// of order, descriptions or checksums: see unit_receiver.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "gst/rtp/feature_payload.h"

namespace feat::rtp {

struct Limits {
  uint64_t max_unit_size = uint64_t{64} << 20;
  uint64_t max_pending_bytes = uint64_t{128} << 20;
  uint32_t max_pending_units = 16;
};

inline constexpr uint64_t kNoTime = UINT64_MAX;

// The payload of an RTP packet.
struct Packet {
  Bytes payload;
  std::shared_ptr<const void> owner;  // keeps the payload's memory
  size_t cost = 0;                    // memory that the owner holds
  uint64_t time = kNoTime;            // ns
};

// A unit in work.
struct PendingUnit {
  struct Piece {
    Bytes bytes;
    std::shared_ptr<const void> owner;
  };

  FragmentHeader header;  // with crc and config_size once the first fragment is there
  uint64_t time = kNoTime;
  std::map<uint32_t, Piece> pieces;  // by offset
  uint64_t received = 0;             // bytes
  uint64_t cost = 0;
  bool reordered = false;       // a fragment came behind one with a higher offset
  const char *wrong = nullptr;  // what damages it; it then holds no pieces

  bool began = false;  // the first fragment is there

  bool complete() const { return wrong == nullptr && began && received == header.total_size; }
};

class UnitReassembler {
  template <class List>
  static auto find(List &units, uint32_t unit_id) {
    return std::find_if(units.begin(), units.end(), [unit_id](const PendingUnit &unit) {
      return unit.header.unit_id == unit_id;
    });
  }

 public:
  // What a piece costs besides its bytes, and a unit besides its pieces.
  static constexpr size_t kPieceCost = 128;
  static constexpr size_t kUnitCost = 256;

  enum class Result { kStored, kComplete, kDuplicate, kRefused };

  void set_limits(const Limits &limits) { limits_ = limits; }
  const Limits &limits() const { return limits_; }

  // The oldest unit that must go before the fragment fits, if any: take() it and ask again.
  std::optional<uint32_t> victim(const FragmentHeader &header, const Packet &packet) const;
  // Stores a fragment for which there is room. kRefused: its unit is damaged.
  Result add(const FragmentHeader &header, Bytes content, const Packet &packet);

  bool has(uint32_t unit_id) const { return find(units_, unit_id) != units_.end(); }
  // Removes a unit that is there.
  PendingUnit take(uint32_t unit_id);
  // Units in the order of their arrival.
  const std::list<PendingUnit> &units() const { return units_; }
  uint64_t pending_bytes() const { return pending_bytes_; }
  void clear();

 private:
  void damage(PendingUnit &unit, const char *why);

  Limits limits_;
  std::list<PendingUnit> units_;
  uint64_t pending_bytes_ = 0;  // what is stored, with its overhead
};

}  // namespace feat::rtp
