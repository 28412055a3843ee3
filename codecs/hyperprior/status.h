// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace feat::hyperprior {

// Outcome of an operation. A message is one sentence that names the value and the limit.
struct Status {
  enum class Code {
    kOk,
    kInvalidArgument,  // the caller's mistake
    kUnsupported,      // a version this codec does not know
    kCorrupt,          // not a unit or model, or damaged
    kLimit,            // larger than a limit the caller set
    kModel,            // the unit was made with another model
    kTransforms,       // the networks could not run
  };
  Code code = Code::kOk;
  std::string message;

  bool ok() const { return code == Code::kOk; }
};

}  // namespace feat::hyperprior
