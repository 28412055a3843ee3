// SPDX-License-Identifier: LGPL-2.1-or-later
// Table 4, Table 1 and section 8.1 of "Feature Coding in the Era of Large Models".
#include <gst/feature/gstfeatureconditions.h>

namespace {

// clang-format off
const GstFeatureConditionsRow rows[] = {
    {GST_FEATURE_CONDITIONS_CLS_VTM, "cls-vtm", GST_FEATURE_TASK_CLS, 10,
     -1, 1, {-20}, {20},
     GST_FEATURE_PACKING_STACK, 0, 0, 4, {1, 1, 257, 1536}},
    {GST_FEATURE_CONDITIONS_SEG_VTM, "seg-vtm", GST_FEATURE_TASK_SEG, 10,
     -1, 1, {-20}, {20},
     GST_FEATURE_PACKING_STACK, 0, 0, 4, {2, 1, 1370, 1536}},
    {GST_FEATURE_CONDITIONS_DPT_VTM, "dpt-vtm", GST_FEATURE_TASK_DPT, 10,
     1, 4, {-1, -2, -10, -20}, {1, 2, 10, 20},
     GST_FEATURE_PACKING_STACK, 0, 0, 4, {2, 4, 1611, 1536}},
    {GST_FEATURE_CONDITIONS_CSR_VTM, "csr-vtm", GST_FEATURE_TASK_CSR, 10,
     -1, 1, {-5}, {5},
     GST_FEATURE_PACKING_ROWS, 0, 0, 4, {1, 1, 0, 4096}},
    {GST_FEATURE_CONDITIONS_TTI_VTM, "tti-vtm", GST_FEATURE_TASK_TTI, 10,
     -1, 1, {-5.79}, {4.46},
     GST_FEATURE_PACKING_MOSAIC, 4, 4, 4, {1, 16, 128, 128}},
    {GST_FEATURE_CONDITIONS_CLS_HYPERPRIOR, "cls-hyperprior", GST_FEATURE_TASK_CLS, 10,
     -1, 1, {-5}, {5},
     GST_FEATURE_PACKING_STACK, 0, 0, 4, {1, 1, 257, 1536}},
    {GST_FEATURE_CONDITIONS_SEG_HYPERPRIOR, "seg-hyperprior", GST_FEATURE_TASK_SEG, 10,
     -1, 1, {-5}, {5},
     GST_FEATURE_PACKING_STACK, 0, 0, 4, {2, 1, 1370, 1536}},
    {GST_FEATURE_CONDITIONS_DPT_HYPERPRIOR, "dpt-hyperprior", GST_FEATURE_TASK_DPT, 10,
     1, 4, {-1, -2, -10, -10}, {1, 2, 10, 10},
     GST_FEATURE_PACKING_STACK, 0, 0, 4, {2, 4, 1611, 1536}},
    {GST_FEATURE_CONDITIONS_CSR_HYPERPRIOR, "csr-hyperprior", GST_FEATURE_TASK_CSR, 10,
     -1, 1, {-5}, {5},
     GST_FEATURE_PACKING_ROWS, 0, 0, 4, {1, 1, 0, 4096}},
    {GST_FEATURE_CONDITIONS_TTI_HYPERPRIOR, "tti-hyperprior", GST_FEATURE_TASK_TTI, 10,
     -1, 1, {-5.79}, {4.46},
     GST_FEATURE_PACKING_MOSAIC, 4, 4, 4, {1, 16, 128, 128}},
};
// clang-format on

}  // namespace

const GstFeatureConditionsRow *gst_feature_conditions_get_row(GstFeatureConditions conditions) {
  for (const auto &row : rows) {
    if (row.conditions == conditions) return &row;
  }
  return nullptr;
}
