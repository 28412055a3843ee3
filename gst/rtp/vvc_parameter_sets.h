// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The parameter sets in force in an H.266 stream, to be repeated in band or sent beside the stream
// (the sprop parameters of RFC 9328). Plain C++.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gst/rtp/vvc_payload.h"

namespace feat::vvcrtp {

class ParameterSets {
 public:
  // Takes note of a NAL unit (header and payload) if it is a DCI, VPS, SPS or PPS, and returns
  // whether that changed anything. Units larger than kMaxBytes are not kept, so that a stream
  // cannot fill memory: there are 97 sets at most.
  bool learn(Bytes unit);
  // Those that `units` do not hold themselves, in the order in which they may refer to each other.
  std::vector<Bytes> missing_in(std::span<const Bytes> units) const;
  // Those of a nal_unit_type.
  std::vector<Bytes> of_type(int type) const;
  bool empty() const { return sets_.empty(); }
  void clear() { sets_.clear(); }

  static constexpr size_t kMaxBytes = 16384;

 private:
  std::map<int, std::vector<uint8_t>> sets_;  // by type and id
};

// Where units that a decoder needs first go: behind an access unit delimiter.
size_t insert_position(std::span<const Bytes> units);

// What SDP says of a stream, from its sequence parameter set.
struct ProfileTierLevel {
  int profile_id = 0;
  int tier_flag = 0;
  int level_id = 0;
  std::string interop_constraints;  // base16
};
// Nothing if the unit is no sequence parameter set, or says nothing of it.
std::optional<ProfileTierLevel> profile_of(Bytes sps);

}  // namespace feat::vvcrtp
