// SPDX-License-Identifier: LGPL-2.1-or-later
// The final figures of an element, for people and for programs.
#ifndef GST_METRIC_REPORT_H
#define GST_METRIC_REPORT_H

#include <gst/gst.h>

#include <string>

namespace feat {

/// "%.*g" with a point whatever the locale; "inf" and "-inf".
std::string to_text(double value, int digits);

/// Fields of type guint64 and gdouble as one JSON object with a line feed; infinity and NaN,
/// which JSON has not, become null.
std::string to_json(const GstStructure *structure);

/// Writes the JSON object to a file, posting an error message on failure.
void write_report(GstElement *element, const char *location, const GstStructure *structure);

}  // namespace feat

#endif  // GST_METRIC_REPORT_H
