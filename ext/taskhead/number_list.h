// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Properties that are arrays of numbers, as <0.001, 10.0>.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "ext/taskhead/model_properties.h"

namespace feat {

void install_doubles(GObjectClass *object_class, guint id, const char *name, const char *nick,
                     const char *blurb);
void install_ints(GObjectClass *object_class, guint id, const char *name, const char *nick,
                  const char *blurb);
std::vector<double> doubles_of(const GValue *array);
std::vector<int> ints_of(const GValue *array);
void set_doubles(GValue *array, const std::vector<double> &numbers);
void set_ints(GValue *array, const std::vector<int> &numbers);

// The range of depth that two numbers mean, none meaning 0.001 to 10 metres. False: the error is a
// sentence.
struct DepthRange {
  float near = 0.001F;
  float far = 10;
};
bool depth_range_of(const std::vector<double> &numbers, DepthRange &range, std::string &error);

}  // namespace feat
