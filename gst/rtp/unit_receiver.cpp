// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/unit_receiver.h"

#include <algorithm>
#include <utility>

namespace feat::rtp {

namespace {

constexpr uint64_t kClockRate = 90000;

// Copies the first `size` bytes of the pieces.
std::vector<uint8_t> gather(const PendingUnit &unit, size_t size) {
  std::vector<uint8_t> bytes;
  bytes.reserve(size);
  for (const auto &[offset, piece] : unit.pieces) {
    const size_t n = std::min(size - bytes.size(), piece.bytes.size());
    bytes.insert(bytes.end(), piece.bytes.begin(), piece.bytes.begin() + static_cast<ptrdiff_t>(n));
    if (bytes.size() == size) break;
  }
  return bytes;
}

// The pieces without the configuration at their head.
std::vector<Bytes> unit_parts(const PendingUnit &unit) {
  std::vector<Bytes> parts;
  parts.reserve(unit.pieces.size());
  size_t skip = unit.header.config_size;
  for (const auto &[offset, piece] : unit.pieces) {
    const size_t n = std::min(skip, piece.bytes.size());
    skip -= n;
    if (n < piece.bytes.size()) parts.push_back(piece.bytes.subspan(n));
  }
  return parts;
}

bool crc_is_right(const PendingUnit &unit, const std::vector<uint8_t> *configuration) {
  UnitCrc crc(unit.header.kind, unit.header.unit_id);
  if (configuration != nullptr) crc.add(*configuration);
  for (const auto &[offset, piece] : unit.pieces) crc.add(piece.bytes);
  return crc.value() == unit.header.crc;
}

}  // namespace

UnitReceiver::Place UnitReceiver::place(uint32_t unit_id) const {
  const uint32_t ahead = unit_id - *done_;
  const uint32_t behind = *done_ - unit_id;
  if (behind <= kBehind) return Place::kDone;
  return ahead <= kAhead ? Place::kNext : Place::kFar;
}

void UnitReceiver::set_configuration(UnitKind kind, uint8_t config_id, Bytes configuration) {
  remember(
      kind, config_id,
      std::make_shared<const std::vector<uint8_t>>(configuration.begin(), configuration.end()));
}

Configuration UnitReceiver::known(UnitKind kind, uint8_t config_id) const {
  for (const Known &k : configurations_)
    if (k.kind == kind && k.config_id == config_id) return k.configuration;
  return nullptr;
}

Configuration UnitReceiver::remember(UnitKind kind, uint8_t config_id,
                                     Configuration configuration) {
  const auto at = std::find_if(configurations_.begin(), configurations_.end(),
                               [config_id](const Known &k) { return k.config_id == config_id; });
  if (at != configurations_.end()) {
    if (at->kind == kind && *at->configuration == *configuration)
      configuration = at->configuration;  // the object of before: nothing has changed
    configurations_.erase(at);
  } else if (configurations_.size() == kConfigurations) {
    configurations_.erase(configurations_.begin());
  }
  configurations_.push_back({kind, config_id, configuration});
  return configuration;
}

void UnitReceiver::push(const Packet &packet, uint32_t ssrc) {
  ++stats_.packets;
  stats_.bytes += packet.payload.size();
  if (packet.time != kNoTime) now_ = packet.time;
  if (ssrc_ && *ssrc_ != ssrc) {
    finish();
    reset();
    configurations_.clear();
    ++stats_.restarts;
  }
  ssrc_ = ssrc;
  PacketHeader header;
  const char *error = read_packet_header(packet.payload, header);
  if (error != nullptr) {
    ++stats_.invalid;
    listener_.invalid(error);
    return;
  }
  if (header.aggregate)
    push_aggregate(packet);
  else
    push_fragment(packet);
}

void UnitReceiver::push_fragment(const Packet &packet) {
  FragmentHeader header;
  Bytes content;
  if (const char *error = read_fragment(packet.payload, header, content)) {
    ++stats_.invalid;
    listener_.invalid(error);
    return;
  }
  if (!done_) done_ = header.unit_id - 1;
  if (place(header.unit_id) == Place::kDone) {
    ++stats_.late;
    return;
  }
  if (too_large(header, packet.time)) return;
  if (!make_room(header, packet)) return;
  if (!reassembler_.has(header.unit_id)) ++stats_.units_received;
  switch (reassembler_.add(header, content, packet)) {
    case UnitReassembler::Result::kComplete:
      complete(reassembler_.take(header.unit_id));
      break;
    case UnitReassembler::Result::kDuplicate:
      ++stats_.duplicate;
      break;
    default:
      break;
  }
}

bool UnitReceiver::too_large(const FragmentHeader &header, uint64_t time) {
  if (header.total_size <= reassembler_.limits().max_unit_size) return false;
  // Nothing is stored of it: every fragment comes here, the unit counts once.
  if (refused_ == header.unit_id) return true;
  refused_ = header.unit_id;
  ++stats_.units_received;
  ++stats_.damaged;
  if (place(header.unit_id) == Place::kNext) {
    settle_before(header.unit_id, time);
    done_ = header.unit_id;
  }
  report(1, header.unit_id, time, "is announced with more than max-unit-size bytes");
  return true;
}

// Gives up the oldest units until the fragment fits; false if its own unit was among them.
bool UnitReceiver::make_room(const FragmentHeader &header, const Packet &packet) {
  while (const auto victim = reassembler_.victim(header, packet)) {
    const bool own = *victim == header.unit_id;
    give_up(*victim, packet.time, "did not fit into max-pending-bytes or max-pending-units");
    if (own) return false;
    if (place(header.unit_id) == Place::kDone) {
      ++stats_.late;
      return false;
    }
  }
  return true;
}

// A unit that is in the reassembler.
void UnitReceiver::give_up(uint32_t unit_id, uint64_t time, const char *reason) {
  const PendingUnit unit = reassembler_.take(unit_id);
  ++stats_.damaged;
  if (place(unit_id) == Place::kNext) {
    settle_before(unit_id, time);
    done_ = unit_id;
  }
  report(1, unit_id, time, unit.wrong != nullptr ? unit.wrong : reason);
}

// Everything before this unit, which is ahead, will not come any more.
void UnitReceiver::settle_before(uint32_t unit_id, uint64_t time) {
  const uint32_t missing = unit_id - *done_ - 1;
  if (missing == 0) return;
  uint32_t damaged = 0;
  const char *why = nullptr;
  const auto &units = reassembler_.units();
  for (auto at = units.begin(); at != units.end();) {
    const uint32_t id = at->header.unit_id;
    ++at;
    const uint32_t ahead = id - *done_;
    if (ahead == 0 || ahead > missing) continue;
    const PendingUnit unit = reassembler_.take(id);
    if (why == nullptr) why = unit.wrong;
    ++damaged;
  }
  stats_.damaged += damaged;
  stats_.lost += missing - damaged;
  report(missing, *done_ + 1, time, why != nullptr ? why : "lost packets");
}

void UnitReceiver::report(uint32_t units, uint32_t first, uint64_t time, const char *reason) {
  Loss loss;
  loss.units = units;
  loss.first = first;
  loss.reason = reason;
  loss.time = time != kNoTime ? time : now_;
  listener_.loss(loss);
}

void UnitReceiver::complete(PendingUnit unit) {
  const FragmentHeader &header = unit.header;
  const bool far = place(header.unit_id) == Place::kFar;
  Configuration configuration;
  if (header.has_config) {
    if (crc_is_right(unit, nullptr))
      configuration =
          std::make_shared<const std::vector<uint8_t>>(gather(unit, header.config_size));
  } else {
    configuration = known(header.kind, header.config_id);
    if (configuration && !crc_is_right(unit, configuration.get())) configuration = nullptr;
  }
  if (far && header.has_config && !configuration) {
    ++stats_.damaged;
    report(1, header.unit_id, unit.time, "does not agree with its checksum");
    return;
  }
  if (far) restart(header.unit_id, header.has_config || !configuration);
  settle_before(header.unit_id, unit.time);
  done_ = header.unit_id;
  if (configuration) {
    if (header.has_config)
      configuration = remember(header.kind, header.config_id, std::move(configuration));
    deliver(unit, configuration);
  } else if (header.has_config || known(header.kind, header.config_id)) {
    ++stats_.damaged;
    report(1, header.unit_id, unit.time, "does not agree with its checksum");
  } else {
    ++stats_.no_description;
    report(1, header.unit_id, unit.time, "came before a description of it");
  }
}

void UnitReceiver::deliver(PendingUnit &unit, const Configuration &configuration) {
  ReceivedUnit received;
  received.kind = unit.header.kind;
  received.unit_id = unit.header.unit_id;
  received.time = unit.time;
  received.configuration = configuration;
  received.size = unit.header.total_size - unit.header.config_size;
  received.parts = unit_parts(unit);
  if (listener_.unit(received)) {
    ++stats_.complete;
    if (unit.reordered) ++stats_.recovered;
  } else {
    ++stats_.damaged;
    report(1, unit.header.unit_id, unit.time, "is not what its description says");
  }
}

// A unit that is far from the last one is complete: the sender began anew.
void UnitReceiver::restart(uint32_t unit_id, bool forget_configurations) {
  finish();
  done_ = unit_id - 1;
  refused_.reset();
  if (forget_configurations) configurations_.clear();
  ++stats_.restarts;
}

void UnitReceiver::push_aggregate(const Packet &packet) {
  AggregateHeader header;
  std::vector<AggregateUnit> units;
  if (const char *error = read_aggregate(packet.payload, header, units)) {
    ++stats_.invalid;
    listener_.invalid(error);
    return;
  }
  if (!done_) done_ = header.unit_id - 1;
  uint32_t unit_id = header.unit_id;
  size_t late = 0;
  for (const AggregateUnit &entry : units) {
    PendingUnit unit;
    unit.header.kind = header.kind;
    unit.header.config_id = header.config_id;
    unit.header.has_config = header.has_config;
    unit.header.unit_id = unit_id++;
    unit.header.crc = entry.crc;
    unit.header.config_size = static_cast<uint32_t>(header.configuration.size());
    unit.header.total_size =
        static_cast<uint32_t>(header.configuration.size() + entry.bytes.size());
    if (place(unit.header.unit_id) == Place::kDone) {
      ++late;
      continue;
    }
    if (too_large(unit.header, packet.time)) continue;
    // Fragments of the same unit cannot have come from the same sender.
    if (reassembler_.has(unit.header.unit_id))
      reassembler_.take(unit.header.unit_id);
    else
      ++stats_.units_received;
    unit.time = packet.time;
    if (unit.time != kNoTime) unit.time += uint64_t{entry.time_offset} * 1'000'000'000 / kClockRate;
    if (!header.configuration.empty())
      unit.pieces.emplace(0, PendingUnit::Piece{header.configuration, nullptr});
    unit.pieces.emplace(unit.header.config_size, PendingUnit::Piece{entry.bytes, nullptr});
    complete(std::move(unit));
  }
  if (late == units.size()) ++stats_.late;
}

void UnitReceiver::finish() {
  uint32_t last = 0;  // the pending unit that is farthest ahead
  for (const PendingUnit &unit : reassembler_.units())
    if (place(unit.header.unit_id) == Place::kNext)
      last = std::max(last, unit.header.unit_id - *done_);
  if (last > 0) {
    settle_before(*done_ + last + 1, now_);
    *done_ += last;
  }
  if (reassembler_.units().empty()) return;
  const uint32_t first = reassembler_.units().front().header.unit_id;
  const auto far = static_cast<uint32_t>(reassembler_.units().size());
  stats_.damaged += far;
  reassembler_.clear();
  report(far, first, now_, "lost packets");
}

void UnitReceiver::reset() {
  reassembler_.clear();
  done_.reset();
  refused_.reset();
  ssrc_.reset();
  now_ = kNoTime;
}

}  // namespace feat::rtp
