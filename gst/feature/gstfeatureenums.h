/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_ENUMS_H
#define GST_FEATURE_ENUMS_H

#include <gst/feature/gstfeature-prelude.h>

G_BEGIN_DECLS

/**
 * GST_FEATURE_MAX_DIMS:
 *
 * Largest number of dimensions of a feature tensor.
 */
#define GST_FEATURE_MAX_DIMS 8

/**
 * GST_FEATURE_DEFAULT_MAX_POINTS:
 *
 * Default limit of the number of points (elements) of one tensor, 2^28; the default of every
 * `max-points` property.
 */
#define GST_FEATURE_DEFAULT_MAX_POINTS (G_GUINT64_CONSTANT(1) << 28)

/**
 * GST_FEATURE_MAX_RANGES:
 *
 * Largest number of quantisation ranges of one description.
 */
#define GST_FEATURE_MAX_RANGES 65536

/**
 * GstFeatureFormat:
 * @GST_FEATURE_FORMAT_UNKNOWN: not known
 * @GST_FEATURE_FORMAT_F32LE: IEEE 754 binary32
 * @GST_FEATURE_FORMAT_F16LE: IEEE 754 binary16
 * @GST_FEATURE_FORMAT_BF16LE: bfloat16, the upper half of a binary32
 * @GST_FEATURE_FORMAT_F64LE: IEEE 754 binary64
 * @GST_FEATURE_FORMAT_U8: unsigned 8-bit integer
 * @GST_FEATURE_FORMAT_S8: signed 8-bit integer
 * @GST_FEATURE_FORMAT_U16LE: unsigned 16-bit integer
 * @GST_FEATURE_FORMAT_S16LE: signed 16-bit integer
 * @GST_FEATURE_FORMAT_U32LE: unsigned 32-bit integer
 * @GST_FEATURE_FORMAT_S32LE: signed 32-bit integer
 * @GST_FEATURE_FORMAT_U64LE: unsigned 64-bit integer
 * @GST_FEATURE_FORMAT_S64LE: signed 64-bit integer
 *
 * Format of one element of a tensor, little-endian throughout. The numbers are part of the CBOR
 * description and never change.
 */
typedef enum {
  GST_FEATURE_FORMAT_UNKNOWN = 0,
  GST_FEATURE_FORMAT_F32LE = 1,
  GST_FEATURE_FORMAT_F16LE = 2,
  GST_FEATURE_FORMAT_BF16LE = 3,
  GST_FEATURE_FORMAT_F64LE = 4,
  GST_FEATURE_FORMAT_U8 = 5,
  GST_FEATURE_FORMAT_S8 = 6,
  GST_FEATURE_FORMAT_U16LE = 7,
  GST_FEATURE_FORMAT_S16LE = 8,
  GST_FEATURE_FORMAT_U32LE = 9,
  GST_FEATURE_FORMAT_S32LE = 10,
  GST_FEATURE_FORMAT_U64LE = 11,
  GST_FEATURE_FORMAT_S64LE = 12,
} GstFeatureFormat;

/**
 * GstFeatureRounding:
 * @GST_FEATURE_ROUNDING_NEAREST: to the nearest integer, halves to even
 * @GST_FEATURE_ROUNDING_FLOOR: towards minus infinity, as the reference software of "Feature
 *     Coding in the Era of Large Models" does
 *
 * How a quantised value is rounded. The numbers are part of the CBOR description.
 */
typedef enum {
  GST_FEATURE_ROUNDING_NEAREST = 0,
  GST_FEATURE_ROUNDING_FLOOR = 1,
} GstFeatureRounding;

/**
 * GstFeaturePacking:
 * @GST_FEATURE_PACKING_NONE: not packed: a tensor
 * @GST_FEATURE_PACKING_ROWS: the two innermost dimensions as they are; all outer dimensions are 1
 * @GST_FEATURE_PACKING_STACK: shape (N,C,H,W) gives N*H rows of C*W columns: channels side by
 *     side, images on top of each other (section 8.1 of the paper); with fewer dimensions the
 *     missing outer ones count as 1, with more the outermost ones are merged into N
 * @GST_FEATURE_PACKING_MOSAIC: C channels of HxW in a grid of `grid-rows` x `grid-columns`,
 *     channel r*columns+c at row r, column c; grids of several images on top of each other
 *
 * How a tensor is laid out as a picture. The numbers are part of the CBOR description.
 */
typedef enum {
  GST_FEATURE_PACKING_NONE = 0,
  GST_FEATURE_PACKING_ROWS = 1,
  GST_FEATURE_PACKING_STACK = 2,
  GST_FEATURE_PACKING_MOSAIC = 3,
} GstFeaturePacking;

/**
 * GstFeatureTask:
 * @GST_FEATURE_TASK_NONE: not stated
 * @GST_FEATURE_TASK_CLS: image classification
 * @GST_FEATURE_TASK_SEG: semantic segmentation
 * @GST_FEATURE_TASK_DPT: depth estimation
 * @GST_FEATURE_TASK_CSR: common sense reasoning
 * @GST_FEATURE_TASK_TTI: text-to-image synthesis
 *
 * What the feature is for. The numbers are part of the CBOR description.
 */
typedef enum {
  GST_FEATURE_TASK_NONE = 0,
  GST_FEATURE_TASK_CLS = 1,
  GST_FEATURE_TASK_SEG = 2,
  GST_FEATURE_TASK_DPT = 3,
  GST_FEATURE_TASK_CSR = 4,
  GST_FEATURE_TASK_TTI = 5,
} GstFeatureTask;

/**
 * GstFeatureConditions:
 * @GST_FEATURE_CONDITIONS_CUSTOM: none: the properties say everything
 * @GST_FEATURE_CONDITIONS_CLS_VTM: classification, VTM baseline
 * @GST_FEATURE_CONDITIONS_SEG_VTM: segmentation, VTM baseline
 * @GST_FEATURE_CONDITIONS_DPT_VTM: depth, VTM baseline
 * @GST_FEATURE_CONDITIONS_CSR_VTM: common sense reasoning, VTM baseline
 * @GST_FEATURE_CONDITIONS_TTI_VTM: text-to-image, VTM baseline
 * @GST_FEATURE_CONDITIONS_CLS_HYPERPRIOR: classification, Hyperprior baseline
 * @GST_FEATURE_CONDITIONS_SEG_HYPERPRIOR: segmentation, Hyperprior baseline
 * @GST_FEATURE_CONDITIONS_DPT_HYPERPRIOR: depth, Hyperprior baseline
 * @GST_FEATURE_CONDITIONS_CSR_HYPERPRIOR: common sense reasoning, Hyperprior baseline
 * @GST_FEATURE_CONDITIONS_TTI_HYPERPRIOR: text-to-image, Hyperprior baseline
 *
 * The rows of Table 4 (truncation ranges) with the packing of section 8.1 of the paper.
 */
typedef enum {
  GST_FEATURE_CONDITIONS_CUSTOM = 0,
  GST_FEATURE_CONDITIONS_CLS_VTM,
  GST_FEATURE_CONDITIONS_SEG_VTM,
  GST_FEATURE_CONDITIONS_DPT_VTM,
  GST_FEATURE_CONDITIONS_CSR_VTM,
  GST_FEATURE_CONDITIONS_TTI_VTM,
  GST_FEATURE_CONDITIONS_CLS_HYPERPRIOR,
  GST_FEATURE_CONDITIONS_SEG_HYPERPRIOR,
  GST_FEATURE_CONDITIONS_DPT_HYPERPRIOR,
  GST_FEATURE_CONDITIONS_CSR_HYPERPRIOR,
  GST_FEATURE_CONDITIONS_TTI_HYPERPRIOR,
} GstFeatureConditions;

/**
 * GstFeatureError:
 * @GST_FEATURE_ERROR_CAPS: caps or structure without a needed field, or with a wrong one
 * @GST_FEATURE_ERROR_CBOR: a CBOR description that is damaged or of an unknown version
 * @GST_FEATURE_ERROR_SHAPE: a shape that is empty, too deep, or overflows
 * @GST_FEATURE_ERROR_RANGE: quantisation ranges that make no sense
 * @GST_FEATURE_ERROR_LIMIT: larger than the limit the caller set
 *
 * Errors of the library; every message names the value and the limit.
 */
typedef enum {
  GST_FEATURE_ERROR_CAPS,
  GST_FEATURE_ERROR_CBOR,
  GST_FEATURE_ERROR_SHAPE,
  GST_FEATURE_ERROR_RANGE,
  GST_FEATURE_ERROR_LIMIT,
} GstFeatureError;

/**
 * GST_FEATURE_ERROR:
 *
 * Domain of the library's errors.
 */
#define GST_FEATURE_ERROR (gst_feature_error_quark())
GST_FEATURE_API GQuark gst_feature_error_quark(void);

#define GST_TYPE_FEATURE_FORMAT (gst_feature_format_get_type())
GST_FEATURE_API GType gst_feature_format_get_type(void);
#define GST_TYPE_FEATURE_ROUNDING (gst_feature_rounding_get_type())
GST_FEATURE_API GType gst_feature_rounding_get_type(void);
#define GST_TYPE_FEATURE_PACKING (gst_feature_packing_get_type())
GST_FEATURE_API GType gst_feature_packing_get_type(void);
#define GST_TYPE_FEATURE_TASK (gst_feature_task_get_type())
GST_FEATURE_API GType gst_feature_task_get_type(void);
#define GST_TYPE_FEATURE_CONDITIONS (gst_feature_conditions_get_type())
GST_FEATURE_API GType gst_feature_conditions_get_type(void);

/* Names as they stand in caps: "F32LE", "nearest", "stack", "cls". */

/**
 * gst_feature_format_to_string:
 * @format: an element format
 *
 * Returns: (transfer none) (nullable): its name; %NULL for a wrong value or
 * %GST_FEATURE_FORMAT_UNKNOWN
 */
GST_FEATURE_API const gchar *gst_feature_format_to_string(GstFeatureFormat format);
/**
 * gst_feature_format_from_string:
 * @name: a name
 * @format: (out): an element format
 *
 * Returns: %FALSE for an unknown name (@format is then unchanged)
 */
GST_FEATURE_API gboolean gst_feature_format_from_string(const gchar *name,
                                                        GstFeatureFormat *format);
/**
 * gst_feature_rounding_to_string:
 * @rounding: a rounding
 *
 * Returns: (transfer none) (nullable): its name; %NULL for a wrong value
 */
GST_FEATURE_API const gchar *gst_feature_rounding_to_string(GstFeatureRounding rounding);
/**
 * gst_feature_rounding_from_string:
 * @name: a name
 * @rounding: (out): a rounding
 *
 * Returns: %FALSE for an unknown name (@rounding is then unchanged)
 */
GST_FEATURE_API gboolean gst_feature_rounding_from_string(const gchar *name,
                                                          GstFeatureRounding *rounding);
/**
 * gst_feature_packing_to_string:
 * @packing: a packing
 *
 * Returns: (transfer none) (nullable): its name; %NULL for a wrong value
 */
GST_FEATURE_API const gchar *gst_feature_packing_to_string(GstFeaturePacking packing);
/**
 * gst_feature_packing_from_string:
 * @name: a name
 * @packing: (out): a packing
 *
 * Returns: %FALSE for an unknown name (@packing is then unchanged)
 */
GST_FEATURE_API gboolean gst_feature_packing_from_string(const gchar *name,
                                                         GstFeaturePacking *packing);
/**
 * gst_feature_task_to_string:
 * @task: a task
 *
 * Returns: (transfer none) (nullable): its name; %NULL for a wrong value
 */
GST_FEATURE_API const gchar *gst_feature_task_to_string(GstFeatureTask task);
/**
 * gst_feature_task_from_string:
 * @name: a name
 * @task: (out): a task
 *
 * Returns: %FALSE for an unknown name (@task is then unchanged)
 */
GST_FEATURE_API gboolean gst_feature_task_from_string(const gchar *name, GstFeatureTask *task);

/**
 * gst_feature_format_get_size:
 * @format: an element format
 *
 * Returns: bytes of one element, or 0 for %GST_FEATURE_FORMAT_UNKNOWN
 */
GST_FEATURE_API guint gst_feature_format_get_size(GstFeatureFormat format);

/**
 * gst_feature_format_is_float:
 * @format: an element format
 *
 * Returns: whether the format is a floating-point one
 */
GST_FEATURE_API gboolean gst_feature_format_is_float(GstFeatureFormat format);

G_END_DECLS

#endif /* GST_FEATURE_ENUMS_H */
