// SPDX-License-Identifier: LGPL-2.1-or-later
// The VVC decoder on arbitrary byte streams, unit by unit as an element would call it.
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/vvc.h"

using namespace feat::vvc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::span<const uint8_t> stream(data, size);
  StreamInfo info;
  peek_stream_info(stream, info);
  DecoderConfig config;
  config.max_points = 1 << 18;
  const auto decoder = Decoder::create(config);
  while (!stream.empty()) {
    AccessUnitFinder finder;
    const size_t length = finder.find(stream, true);
    Picture picture;
    const Status status = decoder->decode(stream.first(length), picture);
    if (status.ok() != !picture.samples.empty()) __builtin_trap();
    if (status.ok() == !status.message.empty()) __builtin_trap();
    stream = stream.subspan(length);
  }
  return 0;
}
