// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/score_report.h"

#include <cerrno>
#include <fstream>

namespace feat {

namespace {

nlohmann::ordered_json json_of(const GValue *value) {
  if (G_VALUE_HOLDS_UINT64(value)) return g_value_get_uint64(value);
  if (G_VALUE_HOLDS_INT(value)) return g_value_get_int(value);
  if (G_VALUE_HOLDS_DOUBLE(value)) return g_value_get_double(value);
  if (G_VALUE_HOLDS_FLOAT(value)) return g_value_get_float(value);
  if (G_VALUE_HOLDS_BOOLEAN(value)) return g_value_get_boolean(value) != FALSE;
  if (G_VALUE_HOLDS_STRING(value)) return g_value_get_string(value);
  if (!GST_VALUE_HOLDS_ARRAY(value)) return nullptr;
  auto array = nlohmann::ordered_json::array();
  for (guint i = 0; i < gst_value_array_get_size(value); ++i)
    array.push_back(json_of(gst_value_array_get_value(value, i)));
  return array;
}

}  // namespace

nlohmann::ordered_json json_of(const GstStructure *structure) {
  auto object = nlohmann::ordered_json::object();
  for (gint i = 0; i < gst_structure_n_fields(structure); ++i) {
    const gchar *name = gst_structure_nth_field_name(structure, static_cast<guint>(i));
    object[name] = json_of(gst_structure_get_value(structure, name));
  }
  return object;
}

bool write_json(const std::string &path, const nlohmann::ordered_json &json, std::string &error) {
  // Text from elsewhere may not be UTF-8.
  const std::string text =
      json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  // Not by way of another file: the path may be /dev/stdout.
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file.good()) return true;
  error = "The report cannot be written to " + path + ": " + g_strerror(errno) + ".";
  return false;
}

}  // namespace feat
