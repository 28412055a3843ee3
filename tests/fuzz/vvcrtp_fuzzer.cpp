// SPDX-License-Identifier: LGPL-2.1-or-later
// Any sequence of packets through the depacketizer: units within the limit, that packetize and come
// back unchanged. A packet is a byte of flags, one of length, and the payload.
#include <algorithm>
#include <cstdlib>

#include "codecs/vvc/decoder/nal.h"
#include "gst/rtp/vvc_depacketizer.h"
#include "gst/rtp/vvc_packetizer.h"
#include "gst/rtp/vvc_parameter_sets.h"

using namespace feat::vvcrtp;

namespace {

constexpr size_t kLimit = 512;

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<Bytes> nal_units(Bytes stream) {
  std::vector<Bytes> units;
  feat::vvc::NalUnit nal;
  while (feat::vvc::next_nal_unit(stream, nal)) units.push_back(nal.bytes);
  return units;
}

// The units of an access unit that came out, sent again.
void send_again(const std::vector<Bytes> &units, size_t max_payload, Aggregate mode) {
  Plan plan;
  plan_payloads(units, max_payload, mode, plan);
  Depacketizer depacketizer;
  std::vector<AccessUnit> out;
  // An access unit in front, so that this one does not begin a stream.
  const std::vector<uint8_t> sps = {0, kSps << 3 | 1, 1};
  depacketizer.push({sps, 0, true, false}, out);
  out.clear();
  for (const Payload &p : plan.payloads) {
    require(p.size <= max_payload && p.pieces > 0);
    std::vector<uint8_t> payload;
    for (size_t i = 0; i < p.pieces; i++) {
      const Piece &piece = plan.pieces[p.first_piece + i];
      payload.insert(payload.end(), piece.head.begin(), piece.head.begin() + piece.head_size);
      payload.insert(payload.end(), piece.data.begin(), piece.data.end());
    }
    require(payload.size() == p.size);
    depacketizer.push({payload, 1, p.marker, false}, out);
  }
  std::vector<Bytes> sent;
  for (const Bytes unit : units) {
    const NalHeader h = NalHeader::read(unit);
    if (h.type <= kLastNalType) sent.push_back(unit);
    // Damage that the receiver refuses.
    if (h.forbidden || h.temporal_id_plus1 == 0) return;
  }
  if (sent.empty()) return;
  require(out.size() == 1);
  const auto received = nal_units(out[0].data);
  require(std::ranges::equal(received, sent,
                             [](Bytes a, Bytes b) { return std::ranges::equal(a, b); }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Depacketizer depacketizer;
  depacketizer.set_max_unit_bytes(kLimit);
  ParameterSets sets;
  Bytes rest(data, size);
  uint32_t timestamp = 0;
  std::vector<AccessUnit> out;
  while (rest.size() >= 2) {
    const uint8_t flags = rest[0];
    const size_t length = std::min<size_t>(rest[1], rest.size() - 2);
    if ((flags & 1) != 0) timestamp++;
    if ((flags & 8) != 0) depacketizer.finish();
    if ((flags & 0xf0) == 0xf0) depacketizer.reset();
    const std::vector<uint8_t> payload(rest.begin() + 2,
                                       rest.begin() + static_cast<ptrdiff_t>(2 + length));
    out.clear();
    depacketizer.push({payload, timestamp, (flags & 2) != 0, (flags & 4) != 0}, out);
    require(out.size() <= 2);
    for (const AccessUnit &unit : out) {
      require(!unit.data.empty() && unit.data.size() <= kLimit);
      const auto units = nal_units(unit.data);
      for (const Bytes nal : units) {
        sets.learn(nal);
        profile_of(nal);
      }
      sets.missing_in(units);
      require(insert_position(units) <= units.size());
      send_again(units, kMinPayload + flags % 64, static_cast<Aggregate>(flags % 3));
    }
    rest = rest.subspan(2 + length);
  }
  const Depacketizer::Stats &s = depacketizer.stats();
  require(s.complete + s.damaged <= s.received);
  return 0;
}
