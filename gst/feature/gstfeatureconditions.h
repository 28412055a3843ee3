/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_CONDITIONS_H
#define GST_FEATURE_CONDITIONS_H

#include <gst/feature/gstfeatureinfo.h>

G_BEGIN_DECLS

/**
 * GstFeatureConditionsRow:
 * @conditions: which row
 * @name: its name, "cls-vtm"
 * @task: the task
 * @bit_depth: bits per quantised value: 10
 * @range_axis: the axis of the ranges, counted in the paper's four-dimensional shape (N,C,H,W),
 *     or -1
 * @n_ranges: number of ranges, 1 to 4
 * @range_min: lower ends of the truncation region (Table 4)
 * @range_max: upper ends
 * @packing: layout (section 8.1)
 * @grid_rows: rows of the mosaic, or 0
 * @grid_columns: columns of the mosaic, or 0
 * @n_dims: dimensions of the paper's shape
 * @shape: the paper's shape (Table 1); 0 where it varies
 *
 * One row of the paper's test conditions.
 */
typedef struct {
  GstFeatureConditions conditions;
  const gchar *name;
  GstFeatureTask task;
  guint bit_depth;
  gint range_axis;
  guint n_ranges;
  gdouble range_min[4];
  gdouble range_max[4];
  GstFeaturePacking packing;
  guint grid_rows;
  guint grid_columns;
  guint n_dims;
  gint shape[4];
} GstFeatureConditionsRow;

/**
 * gst_feature_conditions_get_row: (skip)
 * @conditions: which conditions
 *
 * Returns: (transfer none) (nullable): the row; %NULL for %GST_FEATURE_CONDITIONS_CUSTOM
 */
GST_FEATURE_API const GstFeatureConditionsRow *gst_feature_conditions_get_row(
    GstFeatureConditions conditions);

G_END_DECLS

#endif /* GST_FEATURE_CONDITIONS_H */
