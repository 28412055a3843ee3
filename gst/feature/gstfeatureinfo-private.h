/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_INFO_PRIVATE_H
#define GST_FEATURE_INFO_PRIVATE_H

#include <gst/feature/gstfeatureinfo.h>

#include <cstddef>
#include <vector>

namespace feat {

// Memory as GLib gives it: running out of it ends the process rather than throwing through C.
template <class T>
struct GlibAllocator {
  using value_type = T;
  GlibAllocator() = default;
  template <class U>
  GlibAllocator(const GlibAllocator<U> &) {}
  T *allocate(std::size_t n) { return static_cast<T *>(g_malloc_n(n, sizeof(T))); }
  void deallocate(T *memory, std::size_t) { g_free(memory); }
  bool operator==(const GlibAllocator &) const = default;
};

template <class T>
using Vector = std::vector<T, GlibAllocator<T>>;

// Why a range cannot quantise anything, or nullptr.
const char *range_problem(double min, double max);

}  // namespace feat

struct _GstFeatureInfo {
  guint n_dims = 0;
  gint shape[GST_FEATURE_MAX_DIMS] = {};
  GstFeatureFormat format = GST_FEATURE_FORMAT_UNKNOWN;
  guint bit_depth = 0;  // 0: not quantised, and the fields up to range_max have their defaults
  GstFeatureFormat source_format = GST_FEATURE_FORMAT_UNKNOWN;
  GstFeatureRounding rounding = GST_FEATURE_ROUNDING_NEAREST;
  gint range_axis = -1;
  feat::Vector<gdouble> range_min;
  feat::Vector<gdouble> range_max;
  GstFeaturePacking packing = GST_FEATURE_PACKING_NONE;
  guint grid_rows = 0;
  guint grid_columns = 0;
  GstFeatureTask task = GST_FEATURE_TASK_NONE;
  gint framerate_n = 0;
  gint framerate_d = 1;
};

#endif /* GST_FEATURE_INFO_PRIVATE_H */
