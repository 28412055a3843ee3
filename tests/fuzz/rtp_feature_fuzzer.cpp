// SPDX-License-Identifier: LGPL-2.1-or-later
// Whole sequences of RTP payloads through the receiver of feature units.
//
// The first byte chooses. 0: the rest is packets as an attacker would send them, each behind three
// bytes: sender and size. Else: a script of what a sender and a network do with right packets, so
// that inputs get past the checksum; whatever comes out must then be what went in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "gst/rtp/feature_configuration.h"
#include "gst/rtp/unit_receiver.h"

using namespace feat::rtp;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// The input, which never ends: behind it there are zeros.
class Input {
 public:
  Input(const uint8_t *data, size_t size) : rest_(data, size) {}
  bool empty() const { return rest_.empty(); }
  uint8_t byte() {
    if (rest_.empty()) return 0;
    const uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  Bytes bytes(size_t n) {
    const Bytes taken = rest_.first(std::min(n, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  Bytes rest_;
};

using Content = std::vector<uint8_t>;

class Collector final : public UnitReceiver::Listener {
 public:
  bool unit(const ReceivedUnit &unit) override {
    Content content;
    for (const Bytes part : unit.parts) content.insert(content.end(), part.begin(), part.end());
    require(content.size() == unit.size);
    require(unit.configuration != nullptr);
    StreamFacts facts;
    Bytes description;
    if (read_configuration(*unit.configuration, facts, description) == nullptr)
      require(write_configuration(facts, description).size() <= unit.configuration->size());
    if (sent != nullptr) {
      const auto at = sent->find(unit.unit_id);
      require(at != sent->end() && at->second == content);
      // Behind what looks like a restart the ids of before may come again.
      if (receiver->stats().restarts != restarts) came.clear();
      restarts = receiver->stats().restarts;
      require(came.insert(unit.unit_id).second);
    }
    ++units;
    return (units & 7) != 7;  // some are not what their description says
  }
  void loss(const Loss &loss) override { require(loss.units > 0 && !loss.reason.empty()); }
  void invalid(const char *why) override { require(why != nullptr); }

  const std::map<uint32_t, Content> *sent = nullptr;  // what went in, where that is known
  const UnitReceiver *receiver = nullptr;
  std::set<uint32_t> came;
  uint64_t restarts = 0;
  uint64_t units = 0;
};

// A receiver with limits that are soon reached.
struct Session {
  static constexpr uint64_t kMaxPacket = 65536 + 1024;

  Collector collector;
  UnitReceiver receiver{collector};
  uint64_t packets = 0;

  explicit Session(uint8_t options) {
    Limits limits;
    limits.max_unit_size = (options & 1) != 0 ? 300 : uint64_t{1} << 30;
    limits.max_pending_bytes = (options & 2) != 0 ? 4096 : 65536;
    limits.max_pending_units = (options & 4) != 0 ? 1 : 5;
    receiver.set_limits(limits);
    collector.receiver = &receiver;
  }
  void push(Bytes payload, uint32_t ssrc) {
    // A copy of the exact size lets a sanitizer see one byte too many.
    const auto copy = std::make_shared<const Content>(payload.begin(), payload.end());
    Packet packet;
    packet.payload = *copy;
    packet.owner = copy;
    packet.cost = payload.size();
    packet.time = ++packets * 1000;
    receiver.push(packet, ssrc);
    const UnitReassembler &pending = receiver.reassembler();
    require(pending.pending_bytes() <= std::max(pending.limits().max_pending_bytes, kMaxPacket));
    require(pending.units().size() <= pending.limits().max_pending_units);
  }
  void finish() {
    receiver.finish();
    require(receiver.reassembler().pending_bytes() == 0);
    const ReceiverStats &s = receiver.stats();
    require(s.packets == packets);
    require(s.complete <= collector.units);
  }
};

void hostile(Input &input) {
  Session session(input.byte());
  while (!input.empty()) {
    const uint8_t sender = input.byte();
    const size_t size = static_cast<size_t>(input.byte()) << 8 | input.byte();
    session.push(input.bytes(size), sender & 3);
    if ((sender & 0xf0) == 0xf0) session.receiver.finish();
    if ((sender & 0xf0) == 0xe0) session.receiver.reset();
  }
  session.finish();
}

// Right packets, in the hands of a network.
class Script {
 public:
  explicit Script(Input &input) : input_(input), session_(input.byte() & ~1) {
    session_.collector.sent = &sent_;
    unit_id_ = uint32_t{input.byte()} << 24 | 0xffffe0;  // ids may wrap
  }

  void run() {
    while (!input_.empty()) step();
    session_.finish();
  }

 private:
  void step() {
    const uint8_t command = input_.byte();
    switch (command & 7) {
      case 0:
        send_unit(1 + (command >> 3));
        break;
      case 1:
        send_aggregate(1 + (command >> 3) % 6);
        break;
      case 2:  // the network: one packet of those on the way, maybe again
      case 3:
        if (on_the_way_.empty()) break;
        deliver(input_.byte() % on_the_way_.size(), (command & 8) != 0);
        break;
      case 4:  // all of them, in order
        while (!on_the_way_.empty()) deliver(0, false);
        break;
      case 5:  // loss
        if (!on_the_way_.empty())
          on_the_way_.erase(on_the_way_.begin() + input_.byte() % on_the_way_.size());
        break;
      case 6:  // another description
        ++config_id_;
        configuration_.assign(1 + (command >> 3), config_id_);
        break;
      default:
        if ((command & 8) != 0) {
          unit_id_ +=
              1u << (command >> 4 & 15) * 2;  // as if units were lost, or the sender restarted
        } else {
          has_config_ = (command & 16) != 0;
        }
    }
  }

  uint32_t crc(const Content &unit, uint32_t unit_id) const {
    UnitCrc crc(UnitKind::kTensor, unit_id);
    crc.add(configuration_);
    crc.add(unit);
    return crc.value();
  }

  void fill(PacketHeader &header) const {
    header.config_id = config_id_;
    header.has_config = has_config_;
    header.unit_id = unit_id_;
  }

  // Ids that came round again are passed over: packets of their first use may be on the way.
  void next_id() {
    while (sent_.contains(unit_id_)) ++unit_id_;
  }

  void send_unit(size_t fragment) {
    next_id();
    const Bytes unit = input_.bytes(input_.byte());
    FragmentHeader header;
    fill(header);
    sent_[unit_id_] = {unit.begin(), unit.end()};
    header.crc = crc(sent_[unit_id_], unit_id_);
    Content bytes;
    if (has_config_) {
      bytes = configuration_;
      header.config_size = static_cast<uint32_t>(configuration_.size());
    }
    bytes.insert(bytes.end(), unit.begin(), unit.end());
    header.total_size = static_cast<uint32_t>(bytes.size());
    do {
      const size_t size = std::min(fragment * 4, bytes.size() - header.offset);
      uint8_t head[kMaxFragmentHeaderSize];
      const size_t head_size = write_fragment_header(header, static_cast<uint32_t>(size), head);
      Content payload(head, head + head_size);
      const auto *begin = bytes.data() + header.offset;
      payload.insert(payload.end(), begin, begin + size);
      on_the_way_.push_back(std::move(payload));
      header.offset += static_cast<uint32_t>(size);
    } while (header.offset < header.total_size);
    ++unit_id_;
  }

  void send_aggregate(size_t n) {
    next_id();
    for (size_t i = 0; i < n; ++i)
      if (sent_.contains(unit_id_ + static_cast<uint32_t>(i))) return;
    PacketHeader header;
    fill(header);
    header.aggregate = true;
    std::vector<AggregateUnit> units(n);
    for (AggregateUnit &entry : units) {
      const Bytes unit = input_.bytes(input_.byte() % 32);
      sent_[unit_id_] = {unit.begin(), unit.end()};
      entry.time_offset = input_.byte() * 1000u;
      entry.crc = crc(sent_[unit_id_], unit_id_);
      entry.bytes = unit;
      ++unit_id_;
    }
    on_the_way_.push_back(
        write_aggregate(header, has_config_ ? Bytes(configuration_) : Bytes(), units));
  }

  void deliver(size_t index, bool keep) {
    const Content payload = on_the_way_[index];
    if (!keep) on_the_way_.erase(on_the_way_.begin() + static_cast<ptrdiff_t>(index));
    session_.push(payload, 1);
  }

  Input &input_;
  Session session_;
  std::map<uint32_t, Content> sent_;
  std::vector<Content> on_the_way_;
  Content configuration_ = {0, 0};
  uint8_t config_id_ = 0;
  bool has_config_ = true;
  uint32_t unit_id_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Input input(data, size);
  if (input.byte() == 0)
    hostile(input);
  else
    Script(input).run();
  // And the configuration by itself.
  StreamFacts facts;
  Bytes description;
  read_configuration({data, size}, facts, description);
  return 0;
}
