// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Files that are found by name: in the folders of an environment variable, separated as in PATH,
// and in the one where this project installs such files.
#pragma once

#include <glib.h>

#include <string>
#include <vector>

namespace feat {

class SearchPath {
 public:
  SearchPath(const char *variable, const char *installed)
      : variable_(variable), installed_(installed) {}

  std::vector<std::string> folders() const;
  std::string text() const;  // for messages
  // The file of that name, with or without the suffix; a name with a separator, or of a file that
  // is there, is a path. Empty: there is none.
  std::string path_of(const std::string &name, const char *suffix) const;
  // Calls `look` with the path of each file that has the suffix, until it returns true.
  template <typename Look>
  bool find(const char *suffix, const Look &look) const {
    for (const std::string &folder : folders()) {
      GDir *dir = g_dir_open(folder.c_str(), 0, nullptr);
      if (dir == nullptr) continue;
      bool found = false;
      while (const gchar *name = found ? nullptr : g_dir_read_name(dir))
        found = g_str_has_suffix(name, suffix) && look(folder + G_DIR_SEPARATOR_S + name);
      g_dir_close(dir);
      if (found) return true;
    }
    return false;
  }

 private:
  const char *variable_;
  const char *installed_;
};

}  // namespace feat
