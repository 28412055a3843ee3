// SPDX-License-Identifier: LGPL-2.1-or-later
// The truncation regions of Table 4 of "Feature Coding in the Era of Large Models", free of GLib.
#ifndef GST_FEATURE_CONDITION_RANGES_H
#define GST_FEATURE_CONDITION_RANGES_H

namespace feat {

struct ConditionRanges {
  const char *name;
  int axis;        // of (N,C,H,W), along which the region differs, or -1
  unsigned count;  // of regions, 1 to 4
  double min[4];
  double max[4];
};

inline constexpr ConditionRanges kConditionRanges[] = {
    {"cls-vtm", -1, 1, {-20}, {20}},
    {"seg-vtm", -1, 1, {-20}, {20}},
    {"dpt-vtm", 1, 4, {-1, -2, -10, -20}, {1, 2, 10, 20}},
    {"csr-vtm", -1, 1, {-5}, {5}},
    {"tti-vtm", -1, 1, {-5.79}, {4.46}},
    {"cls-hyperprior", -1, 1, {-5}, {5}},
    {"seg-hyperprior", -1, 1, {-5}, {5}},
    {"dpt-hyperprior", 1, 4, {-1, -2, -10, -10}, {1, 2, 10, 10}},
    {"csr-hyperprior", -1, 1, {-5}, {5}},
    {"tti-hyperprior", -1, 1, {-5.79}, {4.46}},
};

}  // namespace feat

#endif  // GST_FEATURE_CONDITION_RANGES_H
