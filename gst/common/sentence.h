// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace feat {

// A message of a codec or of GLib as a part of a sentence.
inline std::string without_stop(std::string message) {
  while (!message.empty() && (message.back() == '.' || message.back() == '\n')) message.pop_back();
  return message;
}

}  // namespace feat
