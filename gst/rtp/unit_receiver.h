// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The receiver's side of docs/rtp-payload.md without GStreamer: payloads in; verified units, and
// what was lost before them, out. Never looks at sequence numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gst/rtp/unit_reassembler.h"

namespace feat::rtp {

// What the units behind it are; the same object as long as it holds.
using Configuration = std::shared_ptr<const std::vector<uint8_t>>;

// A complete unit whose checksum is right.
struct ReceivedUnit {
  UnitKind kind = UnitKind::kTensor;
  uint32_t unit_id = 0;
  uint64_t time = kNoTime;
  Configuration configuration;
  size_t size = 0;
  std::vector<Bytes> parts;  // the unit, in order
};

// Units that will not be delivered.
struct Loss {
  uint32_t units = 0;       // lost or damaged
  uint32_t first = 0;       // id
  std::string reason;       // a clause, for people
  uint64_t time = kNoTime;  // of the packet at which it was noticed
};

struct ReceiverStats {
  uint64_t units_received = 0;  // of which a packet arrived
  uint64_t complete = 0;        // handed on
  uint64_t damaged = 0;         // a packet arrived, but the unit was not handed on
  uint64_t lost = 0;            // no packet arrived
  uint64_t recovered = 0;       // complete although its packets were out of order
  uint64_t no_description = 0;  // complete, but of unknown configuration
  uint64_t restarts = 0;        // of the sender
  uint64_t packets = 0;
  uint64_t bytes = 0;      // of payload
  uint64_t late = 0;       // packets of units that are done
  uint64_t duplicate = 0;  // packets
  uint64_t invalid = 0;    // packets that make no sense
};

class UnitReceiver {
 public:
  // Units farther from the last one are those of a sender that began anew. Behind it the window is
  // small: whoever jumped ahead by mistake or malice must not make the rest look late for long.
  static constexpr uint32_t kAhead = 16384;
  static constexpr uint32_t kBehind = 256;
  // Configurations kept: packets may be reordered around a change.
  static constexpr size_t kConfigurations = 4;

  class Listener {
   public:
    virtual ~Listener() = default;
    // False: the unit is not what its configuration says, and counts as damaged.
    virtual bool unit(const ReceivedUnit &unit) = 0;
    virtual void loss(const Loss &loss) = 0;
    // A packet was ignored.
    virtual void invalid(const char *why) = 0;
  };

  explicit UnitReceiver(Listener &listener) : listener_(listener) {}

  void set_limits(const Limits &limits) { reassembler_.set_limits(limits); }
  // From outside the stream; the stream's own replaces it.
  void set_configuration(UnitKind kind, uint8_t config_id, Bytes configuration);
  void push(const Packet &packet, uint32_t ssrc);
  // Gives up what is pending.
  void finish();
  // Forgets the stream, pending units included, but neither configurations nor totals.
  void reset();
  void forget_configurations() { configurations_.clear(); }
  void clear_stats() { stats_ = {}; }

  const ReceiverStats &stats() const { return stats_; }
  const UnitReassembler &reassembler() const { return reassembler_; }

 private:
  struct Known {
    UnitKind kind;
    uint8_t config_id;
    Configuration configuration;
  };
  enum class Place { kNext, kDone, kFar };

  Place place(uint32_t unit_id) const;
  void push_fragment(const Packet &packet);
  void push_aggregate(const Packet &packet);
  bool too_large(const FragmentHeader &header, uint64_t time);
  bool make_room(const FragmentHeader &header, const Packet &packet);
  void complete(PendingUnit unit);
  void deliver(PendingUnit &unit, const Configuration &configuration);
  void give_up(uint32_t unit_id, uint64_t time, const char *reason);
  void settle_before(uint32_t unit_id, uint64_t time);
  void restart(uint32_t unit_id, bool forget_configurations);
  void report(uint32_t units, uint32_t first, uint64_t time, const char *reason);
  Configuration known(UnitKind kind, uint8_t config_id) const;
  Configuration remember(UnitKind kind, uint8_t config_id, Configuration configuration);

  Listener &listener_;
  UnitReassembler reassembler_;
  ReceiverStats stats_;
  std::vector<Known> configurations_;  // the latest last
  std::optional<uint32_t> ssrc_;
  std::optional<uint32_t> done_;     // the last unit whose fate is settled, and of all before it
  std::optional<uint32_t> refused_;  // the last unit that was over the limit of size
  uint64_t now_ = kNoTime;
};

}  // namespace feat::rtp
