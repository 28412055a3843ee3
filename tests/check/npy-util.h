/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NPY_TEST_UTIL_H
#define NPY_TEST_UTIL_H

#include <glib/gstdio.h>

#include "featureproc-util.h"

#define TENSOR "application/x-feature-tensor, "

using Bytes = std::vector<guint8>;

inline std::string data_path(const char *name) {
  const gchar *folder = g_getenv("FEATURE_TEST_DATA");
  fail_unless(folder != nullptr, "FEATURE_TEST_DATA is not set");
  return std::string(folder) + "/npy/" + name + ".npy";
}

// A file that NumPy wrote (tests/data/make_npy.py).
inline Bytes fixture(const char *name) {
  gchar *contents = nullptr;
  gsize size = 0;
  fail_unless(g_file_get_contents(data_path(name).c_str(), &contents, &size, nullptr), "%s", name);
  Bytes bytes(contents, contents + size);
  g_free(contents);
  return bytes;
}

// An NPY file with any header text.
inline Bytes npy_file(const std::string &header, const Bytes &data = {}, guint8 major = 1) {
  Bytes bytes = {0x93, 'N', 'U', 'M', 'P', 'Y', major, 0};
  const gsize length = header.size() + 1;
  for (int i = 0; i < (major == 1 ? 2 : 4); i++)
    bytes.push_back(static_cast<guint8>(length >> (8 * i)));
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.push_back('\n');
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

inline Bytes operator+(Bytes a, const Bytes &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

#endif /* NPY_TEST_UTIL_H */
