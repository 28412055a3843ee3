// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Puts the access units of an H.266 stream together from RTP payloads (RFC 9328, without decoding
// order numbers). Plain C++; takes any bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gst/rtp/vvc_payload.h"

namespace feat::vvcrtp {

struct Packet {
  Bytes payload;
  uint32_t timestamp = 0;
  bool marker = false;
  bool gap = false;   // packets may be missing in front of this one
  uint64_t time = 0;  // the caller's; comes out with the unit
};

// A whole access unit, as a byte stream.
struct AccessUnit {
  std::vector<uint8_t> data;
  bool irap = false;  // decoding may begin here
  uint64_t time = 0;  // of its first packet
};

class Depacketizer {
 public:
  struct Stats {
    uint64_t packets = 0;
    uint64_t received = 0;  // units of which a packet came
    uint64_t complete = 0;
    uint64_t damaged = 0;
    uint64_t bytes = 0;  // of complete units
  };

  // Larger units are dropped.
  void set_max_unit_bytes(size_t limit) { max_unit_bytes_ = limit; }

  // Takes a packet, and appends the units that are whole with it to `out`: one, and before it the
  // last one if that had no marker.
  void push(const Packet &packet, std::vector<AccessUnit> &out);
  // Drops the unit under way, as at the end of a stream: its last packet has not come.
  void finish();
  // Begins a new stream; the counts stay.
  void reset();

  const Stats &stats() const { return stats_; }
  // Why the last damaged unit was dropped, in words.
  const std::string &last_damage() const { return last_damage_; }
  // Whether a unit is under way.
  bool in_unit() const { return in_unit_; }

 private:
  void begin_unit(const Packet &packet);
  void end_unit(bool packet_missing, std::vector<AccessUnit> &out);
  void damage(const char *why);
  void take(Bytes payload);
  void take_aggregation(Bytes payload);
  void take_fragment(Bytes payload);
  void begin_nal(NalHeader header);
  void append(Bytes bytes);
  bool head_is_whole() const;

  size_t max_unit_bytes_ = size_t{64} << 20;
  Stats stats_;
  std::string last_damage_;

  bool fresh_ = true;  // no packet has come yet

  // The unit under way.
  bool in_unit_ = false;
  uint32_t timestamp_ = 0;
  const char *damage_ = nullptr;  // what is wrong with it
  bool gap_before_ = false;
  bool in_first_packet_ = false;
  bool head_begins_ = false;  // the first packet holds what only stands at the head of a unit
  int first_type_ = -1;       // of its NAL units
  int vcl_type_ = -1;         // of its first slice
  AccessUnit unit_;
  bool in_fragment_ = false;
  NalHeader fragment_;

  // Which types units begin with that were not behind a gap, by the type of their slices: a bit
  // for each. By this a unit behind a gap is known to have all of its head.
  std::map<int, uint32_t> heads_;
};

}  // namespace feat::vvcrtp
