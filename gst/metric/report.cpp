// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/metric/report.h"

#include <cmath>

#include "gst/common/gstcpp.h"

namespace feat {

std::string to_text(double value, int digits) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const std::string format = "%." + std::to_string(digits) + "g";
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  return g_ascii_formatd(buffer, sizeof(buffer), format.c_str(), value);
}

std::string to_json(const GstStructure *structure) {
  std::string json = "{";
  for (gint i = 0; i < gst_structure_n_fields(structure); ++i) {
    const gchar *name = gst_structure_nth_field_name(structure, static_cast<guint>(i));
    const GValue *value = gst_structure_get_value(structure, name);
    std::string text = "null";
    if (G_VALUE_HOLDS_UINT64(value)) {
      text = std::to_string(g_value_get_uint64(value));
    } else if (G_VALUE_HOLDS_DOUBLE(value) && std::isfinite(g_value_get_double(value))) {
      text = to_text(g_value_get_double(value), 17);
    }
    json += std::string(i > 0 ? ", \"" : "\"") + name + "\": " + text;
  }
  return json + "}\n";
}

void write_report(GstElement *element, const char *location, const GstStructure *structure) {
  const std::string json = to_json(structure);
  ErrorSlot error;
  // A file is replaced as a whole; a device or a pipe stays what it is and is written to.
  const bool replace = g_file_test(location, G_FILE_TEST_IS_REGULAR) != FALSE ||
                       g_file_test(location, G_FILE_TEST_EXISTS) == FALSE;
  if (!g_file_set_contents_full(location, json.c_str(), static_cast<gssize>(json.size()),
                                replace ? G_FILE_SET_CONTENTS_CONSISTENT : G_FILE_SET_CONTENTS_NONE,
                                0666, error.out()))
    GST_ELEMENT_ERROR(element, RESOURCE, WRITE,
                      ("cannot write the report to \"%s\": %s", location, error.message()),
                      (nullptr));
}

}  // namespace feat
