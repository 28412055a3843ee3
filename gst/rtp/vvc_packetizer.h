// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Cuts the access units of an H.266 stream into RTP payloads (RFC 9328, without decoding order
// numbers). Plain C++: it plans, and copies nothing.
#pragma once

#include <array>
#include <vector>

#include "gst/rtp/vvc_payload.h"

namespace feat::vvcrtp {

enum class Aggregate {
  kNone,
  kZeroLatency,  // up to the first slice or suffix unit, so that no slice waits for another
  kMax,          // as many as fit
};

// A payload is made of pieces: a few bytes of its own, then bytes of the access unit.
struct Piece {
  std::array<uint8_t, 4> head{};
  uint8_t head_size = 0;
  Bytes data;
};

struct Payload {
  enum class Kind { kSingle, kAggregation, kFragment };
  Kind kind = Kind::kSingle;
  size_t first_piece = 0;
  size_t pieces = 0;
  size_t size = 0;         // in bytes
  bool marker = false;     // the last of the access unit
  bool important = false;  // holds something that is no slice: parameter sets, headers, SEI
};

struct Plan {
  std::vector<Piece> pieces;
  std::vector<Payload> payloads;
  size_t units_left_out = 0;  // of the types 28 to 31, which the format cannot carry

  void clear();
};

// The smallest payload that a fragment fits in.
inline constexpr size_t kMinPayload = kNalHeader + kFuHeader + 1;

// Plans the payloads for the NAL units (header and payload, no start code) of one access unit, none
// larger than `max_payload` (at least kMinPayload). The plan refers to the memory of `units`.
void plan_payloads(std::span<const Bytes> units, size_t max_payload, Aggregate aggregate,
                   Plan &plan);

}  // namespace feat::vvcrtp
