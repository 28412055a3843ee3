// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/torch/error_line.h"

#include <cctype>

namespace feat {

namespace {

std::string trimmed(const std::string &line) {
  const char *const kSpace = " \t\r\n.";
  const size_t begin = line.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return line.substr(begin, line.find_last_not_of(kSpace) + 1 - begin);
}

// "RuntimeError: mat1 and mat2 …", "torch.jit.Error: …": the name of an exception is in front.
bool names_exception(const std::string &line) {
  const size_t colon = line.find(": ");
  if (colon == std::string::npos || colon < 5) return false;
  for (size_t i = 0; i < colon; ++i)
    if (std::isalnum(static_cast<unsigned char>(line[i])) == 0 && line[i] != '.' && line[i] != '_')
      return false;
  const std::string name = line.substr(0, colon);
  const auto ends = [&](const std::string &end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  return ends("Error") || ends("Exception");
}

}  // namespace

std::string error_line(const std::string &text) {
  std::string first;
  std::string found;  // the last one: behind the traceback
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    const std::string line = trimmed(text.substr(at, end - at));
    if (first.empty()) first = line;
    if (names_exception(line)) found = line;
    at = end + 1;
  }
  if (found.empty()) return first.empty() ? "an error without a text" : first;
  // A model's own exceptions keep their names; LibTorch's are all runtime errors.
  const std::string plain = "RuntimeError: ";
  return found.compare(0, plain.size(), plain) == 0 ? found.substr(plain.size()) : found;
}

}  // namespace feat
