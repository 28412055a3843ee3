// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// The standard library first: check.h has a macro fail().
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gst/check/gstcheck.h>

namespace test {

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    gchar *path = g_dir_make_tmp("feature-XXXXXX", nullptr);
    fail_unless(path != nullptr);
    path_ = path;
    g_free(path);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;
  const std::string &path() const { return path_; }
  std::string write(const std::string &name, const std::vector<guint8> &bytes) const {
    const std::string file = path_ + "/" + name;
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char *>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    fail_unless(out.good(), "%s", file.c_str());
    return file;
  }

 private:
  std::string path_;
};

}  // namespace test
