// SPDX-License-Identifier: LGPL-2.1-or-later
// The description as CBOR; docs/bitstream.md is the specification.
#include <bit>
#include <cstring>

#include "cborreader.h"
#include "cborwriter.h"
#include "gstfeatureinfo-private.h"

namespace {

constexpr guint64 kVersion = 1;

// Keys of 0 and more must be understood, keys below 0 may be passed over.
enum Key {
  kKeyVersion = 0,
  kKeyShape = 1,
  kKeyFormat = 2,
  kKeyBitDepth = 3,
  kKeyRangeMin = 4,
  kKeyRangeMax = 5,
  kKeyRangeAxis = 6,
  kKeyRounding = 7,
  kKeyPacking = 8,
  kKeyGrid = 9,
  kKeyTask = -1,
};

const guint8 kUuid[16] = {0xd6, 0x55, 0x20, 0x5d, 0xd0, 0xe4, 0x4c, 0x26,
                          0x83, 0x6d, 0x64, 0xc6, 0x45, 0x01, 0xc8, 0xcd};

bool mirrored(double min, double max) {
  return std::bit_cast<guint64>(-min) == std::bit_cast<guint64>(max);
}

bool symmetric(const GstFeatureInfo *info) {
  for (std::size_t i = 0; i < info->range_min.size(); i++) {
    if (!mirrored(info->range_min[i], info->range_max[i])) return false;
  }
  return true;
}

void write_ranges(feat::CborWriter *w, int key, const GstFeatureInfo *info,
                  const feat::Vector<gdouble> &values) {
  w->integer(key);
  if (info->range_axis < 0) {
    w->number(values[0]);
    return;
  }
  w->array(values.size());
  for (double value : values) w->number(value);
}

// What the map says, before it is known to make sense.
struct Fields {
  bool seen[kKeyGrid + 1] = {};
  guint64 n_dims = 0;
  gint shape[GST_FEATURE_MAX_DIMS];
  guint64 format = GST_FEATURE_FORMAT_F32LE;
  guint64 bit_depth = 0;
  feat::Vector<gdouble> range_min, range_max;
  guint64 range_axis = 0;
  guint64 rounding = GST_FEATURE_ROUNDING_NEAREST;
  guint64 packing = GST_FEATURE_PACKING_NONE;
  guint64 grid[2] = {0, 0};
  guint64 task = GST_FEATURE_TASK_NONE;
};

bool read_ranges(feat::CborReader *r, feat::Vector<gdouble> *values) {
  guint64 n = 1;
  if (r->next_is_array() && !r->array(GST_FEATURE_MAX_RANGES, &n)) return false;
  values->resize(n);
  for (double &value : *values) {
    if (!r->number(&value)) return false;
  }
  return true;
}

bool read_shape(feat::CborReader *r, Fields *f) {
  if (!r->array(GST_FEATURE_MAX_DIMS, &f->n_dims)) return false;
  for (guint64 i = 0; i < f->n_dims; i++) {
    guint64 size;
    if (!r->unsigned_up_to(G_MAXINT, &size)) return false;
    f->shape[i] = static_cast<gint>(size);
  }
  return true;
}

bool read_grid(feat::CborReader *r, Fields *f) {
  guint64 n;
  if (!r->array(2, &n)) return false;
  if (n != 2) return r->fail("a grid that is not two integers");
  return r->unsigned_up_to(G_MAXINT, &f->grid[0]) && r->unsigned_up_to(G_MAXINT, &f->grid[1]);
}

bool read_value(feat::CborReader *r, guint64 key, Fields *f) {
  switch (key) {
    case kKeyVersion: {
      guint64 version;
      if (!r->unsigned_up_to(G_MAXUINT64, &version)) return false;
      return version == kVersion || r->fail("a version other than 1");
    }
    case kKeyShape:
      return read_shape(r, f);
    case kKeyFormat:
      return r->unsigned_up_to(GST_FEATURE_FORMAT_S64LE, &f->format);
    case kKeyBitDepth:
      return r->unsigned_up_to(16, &f->bit_depth);
    case kKeyRangeMin:
      return read_ranges(r, &f->range_min);
    case kKeyRangeMax:
      return read_ranges(r, &f->range_max);
    case kKeyRangeAxis:
      return r->unsigned_up_to(GST_FEATURE_MAX_DIMS - 1, &f->range_axis);
    case kKeyRounding:
      return r->unsigned_up_to(GST_FEATURE_ROUNDING_FLOOR, &f->rounding);
    case kKeyPacking:
      return r->unsigned_up_to(GST_FEATURE_PACKING_MOSAIC, &f->packing);
    case kKeyGrid:
      return read_grid(r, f);
    default:
      return r->fail("an unknown key of 0 or more, which a reader may not pass over");
  }
}

// Reads the whole map; the pairs that are understood lie from *known_begin to *known_end.
bool read_map(feat::CborReader *r, Fields *f, gsize *known_begin, gsize *known_end) {
  guint64 pairs;
  if (!r->map(&pairs)) return false;
  *known_begin = r->offset();
  *known_end = r->offset();
  bool was_negative = false;
  guint64 last = 0;
  for (guint64 i = 0; i < pairs; i++) {
    bool negative;
    guint64 key;
    if (!r->key(&negative, &key)) return false;
    if (i == 0 && (negative || key != kKeyVersion)) return r->fail("the version must come first");
    // Order of the encoded keys: 0, 1, 2 ... -1, -2 ...; duplicates break it too.
    if (i > 0 && (negative != was_negative ? was_negative : key <= last)) {
      return r->fail("a key twice or out of order");
    }
    was_negative = negative;
    last = key;
    if (!negative) {
      if (!read_value(r, key, f)) return false;
      f->seen[key] = true;
    } else if (key == ~static_cast<guint64>(kKeyTask)) {
      if (!r->unsigned_up_to(GST_FEATURE_TASK_TTI, &f->task)) return false;
    } else {
      if (!r->skip()) return false;
      continue;
    }
    *known_end = r->offset();
  }
  if (!f->seen[kKeyVersion]) return r->fail("no version");
  if (!f->seen[kKeyShape]) return r->fail("no shape");
  return r->at_end() || r->fail("bytes behind the map");
}

bool to_info(const feat::CborReader &r, Fields *f, GstFeatureInfo *info, GError **error) {
  gst_feature_info_set_shape(info, f->shape, static_cast<guint>(f->n_dims));
  const auto format = static_cast<GstFeatureFormat>(f->format);
  if (gst_feature_format_get_size(format) == 0) return r.fail("an unknown element format");
  gst_feature_info_set_format(info, format);
  info->task = static_cast<GstFeatureTask>(f->task);
  if (!gst_feature_info_set_packing(info, static_cast<GstFeaturePacking>(f->packing),
                                    static_cast<guint>(f->grid[0]),
                                    static_cast<guint>(f->grid[1]))) {
    return r.fail("a grid that does not go with the packing");
  }
  if (!f->seen[kKeyBitDepth]) {
    return !(f->seen[kKeyRangeMin] || f->seen[kKeyRangeMax] || f->seen[kKeyRangeAxis] ||
             f->seen[kKeyRounding]) ||
           r.fail("ranges or rounding without a bit depth");
  }
  if (!gst_feature_info_set_quantization(info, static_cast<guint>(f->bit_depth),
                                         static_cast<GstFeatureRounding>(f->rounding), format) ||
      f->bit_depth == 0) {
    return r.fail("a bit depth outside 2 to 16");
  }
  if (!f->seen[kKeyRangeMin]) return r.fail("a bit depth without a range");
  if (!f->seen[kKeyRangeMax]) {
    f->range_max = f->range_min;
    for (double &value : f->range_max) value = -value;
  }
  if (f->range_min.size() != f->range_max.size()) {
    return r.fail("lower and upper ends of ranges differ in number");
  }
  const gint axis = f->seen[kKeyRangeAxis] ? static_cast<gint>(f->range_axis) : -1;
  return gst_feature_info_set_ranges(info, axis, f->range_min.data(), f->range_max.data(),
                                     static_cast<guint>(f->range_min.size()), error);
}

}  // namespace

GBytes *gst_feature_info_to_cbor(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, nullptr);
  g_return_val_if_fail(gst_feature_info_validate(info, 0, nullptr), nullptr);
  const GstFeatureFormat format = gst_feature_info_get_source_format(info);
  const bool write_format = format != GST_FEATURE_FORMAT_F32LE;
  const bool quantized = info->bit_depth != 0;
  const bool write_max = quantized && !symmetric(info);
  const bool write_axis = quantized && info->range_axis >= 0;
  const bool write_rounding = quantized && info->rounding != GST_FEATURE_ROUNDING_NEAREST;
  const bool write_packing = info->packing != GST_FEATURE_PACKING_NONE;
  const bool write_grid = info->packing == GST_FEATURE_PACKING_MOSAIC;
  const bool write_task = info->task != GST_FEATURE_TASK_NONE;

  feat::CborWriter w;
  w.map(2U + write_format + 2U * quantized + write_max + write_axis + write_rounding +
        write_packing + write_grid + write_task);
  w.integer(kKeyVersion);
  w.integer(kVersion);
  w.integer(kKeyShape);
  w.array(info->n_dims);
  for (guint i = 0; i < info->n_dims; i++) w.integer(info->shape[i]);
  const auto pair = [&w](bool wanted, int key, gint64 value) {
    if (!wanted) return;
    w.integer(key);
    w.integer(value);
  };
  pair(write_format, kKeyFormat, format);
  pair(quantized, kKeyBitDepth, info->bit_depth);
  if (quantized) write_ranges(&w, kKeyRangeMin, info, info->range_min);
  if (write_max) write_ranges(&w, kKeyRangeMax, info, info->range_max);
  pair(write_axis, kKeyRangeAxis, info->range_axis);
  pair(write_rounding, kKeyRounding, info->rounding);
  pair(write_packing, kKeyPacking, info->packing);
  if (write_grid) {
    w.integer(kKeyGrid);
    w.array(2);
    w.integer(info->grid_rows);
    w.integer(info->grid_columns);
  }
  pair(write_task, kKeyTask, info->task);
  return w.take();
}

GstFeatureInfo *gst_feature_info_from_cbor(const guint8 *data, gsize size, GError **error) {
  g_return_val_if_fail(data != nullptr || size == 0, nullptr);
  feat::CborReader r(data, size, error);
  Fields fields;
  gsize known_begin = 0, known_end = 0;
  g_autoptr(GstFeatureInfo) info = gst_feature_info_new();
  if (!read_map(&r, &fields, &known_begin, &known_end) || !to_info(r, &fields, info, error) ||
      !gst_feature_info_validate(info, 0, error)) {
    return nullptr;
  }
  // One description has one encoding: defaults are left out, numbers take their shortest form.
  // Keys that may be passed over come last, behind what is compared.
  g_autoptr(GBytes) again = gst_feature_info_to_cbor(info);
  gsize size_again;
  const auto *data_again = static_cast<const guint8 *>(g_bytes_get_data(again, &size_again));
  constexpr gsize kMapHead = 1;  // of at most 11 pairs
  if (known_end - known_begin != size_again - kMapHead ||
      std::memcmp(data + known_begin, data_again + kMapHead, size_again - kMapHead) != 0) {
    r.fail("not the deterministic encoding of what it describes");
    return nullptr;
  }
  return static_cast<GstFeatureInfo *>(g_steal_pointer(&info));
}

const guint8 *gst_feature_uuid(void) {
  return kUuid;
}
