// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace feat::bench {

// A text as a field of a CSV file.
inline std::string csv_field(const std::string &text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace feat::bench
