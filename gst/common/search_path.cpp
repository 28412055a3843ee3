// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/common/search_path.h"

namespace feat {

namespace {

bool is_file(const std::string &path) {
  return g_file_test(path.c_str(), G_FILE_TEST_IS_REGULAR) != FALSE;
}

}  // namespace

std::vector<std::string> SearchPath::folders() const {
  std::vector<std::string> result;
  if (const gchar *path = g_getenv(variable_)) {
    gchar **parts = g_strsplit(path, G_SEARCHPATH_SEPARATOR_S, -1);
    for (gchar **part = parts; *part != nullptr; part++)
      if (**part != '\0') result.emplace_back(*part);
    g_strfreev(parts);
  }
  result.emplace_back(installed_);
  return result;
}

std::string SearchPath::text() const {
  std::string text;
  for (const std::string &folder : folders())
    text += (text.empty() ? "" : G_SEARCHPATH_SEPARATOR_S) + folder;
  return text;
}

std::string SearchPath::path_of(const std::string &name, const char *suffix) const {
  if (name.find(G_DIR_SEPARATOR) != std::string::npos || is_file(name)) return name;
  for (const std::string &folder : folders()) {
    for (const char *end : {suffix, ""}) {
      std::string path = folder;
      path.append(G_DIR_SEPARATOR_S).append(name).append(end);
      if (is_file(path)) return path;
    }
  }
  return {};
}

}  // namespace feat
