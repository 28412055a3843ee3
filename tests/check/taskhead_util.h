// SPDX-License-Identifier: LGPL-2.1-or-later
// What the tests of featureextract, taskhead and taskheadsink share.
#pragma once

// The standard library first: check.h has a macro fail().
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gst/common/gstcpp.h"
#include "tests/check/featureproc-util.h"

namespace test {

// The model of tests/data/taskhead/make_models.py.
inline std::string tiny_model(const std::string &method) {
  const gchar *folder = g_getenv("FEATURE_TEST_DATA");
  fail_unless(folder != nullptr, "FEATURE_TEST_DATA is not set");
  return "model=" + std::string(folder) + "/taskhead/tiny.pt method=" + method;
}

inline bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

inline void expect_part(const std::string &text, const std::string &part) {
  fail_unless(has(text, part), "'%s' is not in '%s'", part.c_str(), text.c_str());
}

// The error of an element that does not start.
inline std::string start_error(const std::string &description) {
  GError *error = nullptr;
  GstElement *element = gst_parse_launch(description.c_str(), &error);
  fail_unless(error == nullptr, "%s: %s", description.c_str(), error ? error->message : "");
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  std::string text;
  if (GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR)) {
    gst_message_parse_error(message, &error, nullptr);
    text = error->message;
    g_error_free(error);
    gst_message_unref(message);
  }
  gst_element_set_state(element, GST_STATE_NULL);
  gst_bus_set_flushing(bus, TRUE);
  gst_object_unref(bus);
  gst_object_unref(element);
  return text;
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    const feat::CharPtr path(g_dir_make_tmp("taskhead-XXXXXX", nullptr));
    fail_unless(path != nullptr);
    path_ = path.get();
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  std::string file(const std::string &name) const { return path_ + "/" + name; }
  std::string write(const std::string &name, const std::string &bytes) const {
    std::ofstream out(file(name), std::ios::binary);
    out << bytes;
    fail_unless(out.good(), "%s", name.c_str());
    return file(name);
  }
  // An .npy file; `descr` and `shape` as NumPy writes them.
  template <typename T>
  std::string npy(const std::string &name, const std::string &descr, const std::string &shape,
                  const std::vector<T> &values) const {
    std::string header =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size() & 0xff);
    bytes += static_cast<char>(header.size() >> 8);
    bytes += header;
    bytes.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
    return write(name, bytes);
  }

 private:
  std::string path_;
};

inline std::string read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace test
