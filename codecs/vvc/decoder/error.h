// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <utility>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

// Thrown inside the decoder, caught in Decoder::decode().
struct DecodeError {
  Status status;
};

[[noreturn]] inline void fail(Status::Code code, std::string message) {
  throw DecodeError{{code, std::move(message)}};
}
[[noreturn]] inline void fail_corrupt(std::string message) {
  fail(Status::Code::kCorrupt, std::move(message));
}
// `what` completes "the stream uses ...".
[[noreturn]] inline void fail_unsupported(const std::string &what) {
  fail(Status::Code::kUnsupported,
       "the stream uses " + what + ", which this decoder does not have");
}

}  // namespace feat::vvc
