// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/error_text.h"

#include <c10/util/Exception.h>

#include "codecs/torch/error_line.h"

namespace feat::hyperprior::train {

std::string error_text(const std::exception &error) {
  const auto *torch = dynamic_cast<const c10::Error *>(&error);
  return torch != nullptr ? error_line(torch->what_without_backtrace()) : error.what();
}

}  // namespace feat::hyperprior::train
