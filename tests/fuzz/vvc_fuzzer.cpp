// SPDX-License-Identifier: LGPL-2.1-or-later
// The VVC decoder on arbitrary byte streams, unit by unit as an element would call it. A part of
// the inputs is decoded by several threads too, which must make no difference.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/vvc/vvc.h"

using namespace feat::vvc;

namespace {

struct Outcome {
  Status status;
  Picture picture;
};

void check(const Outcome &o) {
  if (o.status.ok() != !o.picture.samples.empty()) __builtin_trap();
  if (o.status.ok() == !o.status.message.empty()) __builtin_trap();
}

DecoderConfig config_for(int threads) {
  DecoderConfig config;
  config.max_points = 1 << 18;
  config.threads = threads;
  return config;
}

std::vector<std::span<const uint8_t>> units_of(std::span<const uint8_t> stream) {
  std::vector<std::span<const uint8_t>> units;
  while (!stream.empty()) {
    AccessUnitFinder finder;
    const size_t length = finder.find(stream, true);
    units.push_back(stream.first(length));
    stream = stream.subspan(length);
  }
  return units;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::span<const uint8_t> stream(data, size);
  StreamInfo info;
  peek_stream_info(stream, info);
  const auto units = units_of(stream);
  const auto decoder = Decoder::create(config_for(1));
  std::vector<Outcome> outcomes(units.size());
  for (size_t i = 0; i < units.size(); i++) {
    outcomes[i].status = decoder->decode(units[i], outcomes[i].picture);
    check(outcomes[i]);
  }
  if (size % 16 != 0) return 0;
  const auto threaded = Decoder::create(config_for(3));
  size_t received = 0;
  const auto receive = [&] {
    Outcome o;
    o.status = threaded->receive(o.picture);
    check(o);
    const Outcome &expected = outcomes[received++];
    if (o.status.code != expected.status.code || o.status.message != expected.status.message ||
        o.picture.samples != expected.picture.samples) {
      __builtin_trap();
    }
  };
  for (const auto unit : units) {
    threaded->submit(unit);
    if (threaded->pending() >= 3) receive();
  }
  while (threaded->pending() > 0) receive();
  return 0;
}
