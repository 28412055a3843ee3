// SPDX-License-Identifier: LGPL-2.1-or-later
// Table 4, Table 1 and section 8.1 of "Feature Coding in the Era of Large Models".
#include "gst/feature/condition_ranges.h"

#include <gst/feature/gstfeatureconditions.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace {

constexpr guint bit_depth = 10;

consteval GstFeatureConditionsRow make_row(GstFeatureConditions conditions, const char *name,
                                           GstFeatureTask task, GstFeaturePacking packing,
                                           guint grid, const std::array<gint, 4> &shape) {
  GstFeatureConditionsRow row = {};
  const auto *ranges =
      std::find_if(std::begin(feat::kConditionRanges), std::end(feat::kConditionRanges),
                   [&](const auto &r) { return std::string_view(r.name) == name; });
  row.conditions = conditions;
  row.name = ranges->name;
  row.task = task;
  row.bit_depth = bit_depth;
  row.range_axis = ranges->axis;
  row.n_ranges = ranges->count;
  std::copy_n(ranges->min, 4, row.range_min);
  std::copy_n(ranges->max, 4, row.range_max);
  row.packing = packing;
  row.grid_rows = grid;
  row.grid_columns = grid;
  row.n_dims = 4;
  std::copy_n(shape.begin(), 4, row.shape);
  return row;
}

// clang-format off
constexpr GstFeatureConditionsRow rows[] = {
    make_row(GST_FEATURE_CONDITIONS_CLS_VTM, "cls-vtm", GST_FEATURE_TASK_CLS,
             GST_FEATURE_PACKING_STACK, 0, {1, 1, 257, 1536}),
    make_row(GST_FEATURE_CONDITIONS_SEG_VTM, "seg-vtm", GST_FEATURE_TASK_SEG,
             GST_FEATURE_PACKING_STACK, 0, {2, 1, 1370, 1536}),
    make_row(GST_FEATURE_CONDITIONS_DPT_VTM, "dpt-vtm", GST_FEATURE_TASK_DPT,
             GST_FEATURE_PACKING_STACK, 0, {2, 4, 1611, 1536}),
    make_row(GST_FEATURE_CONDITIONS_CSR_VTM, "csr-vtm", GST_FEATURE_TASK_CSR,
             GST_FEATURE_PACKING_ROWS, 0, {1, 1, 0, 4096}),
    make_row(GST_FEATURE_CONDITIONS_TTI_VTM, "tti-vtm", GST_FEATURE_TASK_TTI,
             GST_FEATURE_PACKING_MOSAIC, 4, {1, 16, 128, 128}),
    make_row(GST_FEATURE_CONDITIONS_CLS_HYPERPRIOR, "cls-hyperprior", GST_FEATURE_TASK_CLS,
             GST_FEATURE_PACKING_STACK, 0, {1, 1, 257, 1536}),
    make_row(GST_FEATURE_CONDITIONS_SEG_HYPERPRIOR, "seg-hyperprior", GST_FEATURE_TASK_SEG,
             GST_FEATURE_PACKING_STACK, 0, {2, 1, 1370, 1536}),
    make_row(GST_FEATURE_CONDITIONS_DPT_HYPERPRIOR, "dpt-hyperprior", GST_FEATURE_TASK_DPT,
             GST_FEATURE_PACKING_STACK, 0, {2, 4, 1611, 1536}),
    make_row(GST_FEATURE_CONDITIONS_CSR_HYPERPRIOR, "csr-hyperprior", GST_FEATURE_TASK_CSR,
             GST_FEATURE_PACKING_ROWS, 0, {1, 1, 0, 4096}),
    make_row(GST_FEATURE_CONDITIONS_TTI_HYPERPRIOR, "tti-hyperprior", GST_FEATURE_TASK_TTI,
             GST_FEATURE_PACKING_MOSAIC, 4, {1, 16, 128, 128}),
};
// clang-format on

}  // namespace

const GstFeatureConditionsRow *gst_feature_conditions_get_row(GstFeatureConditions conditions) {
  for (const auto &row : rows) {
    if (row.conditions == conditions) return &row;
  }
  return nullptr;
}
