// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/labels.h"

#include <glib.h>

#include <sstream>

#include "gst/common/gstcpp.h"

namespace feat {

bool read_labels(const std::string &path, std::vector<std::string> &labels, std::string &error) {
  gchar *text = nullptr;
  gsize size = 0;
  ErrorSlot slot;
  if (!g_file_get_contents(path.c_str(), &text, &size, slot.out())) {
    error = std::string("The labels cannot be read: ") + slot.message() + ".";
    return false;
  }
  const CharPtr owner(text);
  if (!g_utf8_validate(text, static_cast<gssize>(size), nullptr)) {
    error = "The labels in " + path + " are not text in UTF-8.";
    return false;
  }
  labels.clear();
  std::istringstream lines(std::string(text, size));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    labels.push_back(line);
  }
  return true;
}

}  // namespace feat
