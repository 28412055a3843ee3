/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_INFO_H
#define GST_FEATURE_INFO_H

#include <gst/feature/gstfeatureenums.h>

G_BEGIN_DECLS

/**
 * GST_FEATURE_TENSOR_CAPS_NAME:
 *
 * Media type of raw and quantised tensors.
 */
#define GST_FEATURE_TENSOR_CAPS_NAME "application/x-feature-tensor"

/**
 * GstFeatureInfo:
 *
 * Description of a feature tensor: shape and element format; for a quantised tensor also bit
 * depth, ranges, rounding and the format it came from; for a packed one how it was laid out.
 *
 * The same description has three carriers: tensor caps, the `feature` structure in other caps,
 * and CBOR inside coded units (docs/bitstream.md).
 */
typedef struct _GstFeatureInfo GstFeatureInfo;

#define GST_TYPE_FEATURE_INFO (gst_feature_info_get_type())
GST_FEATURE_API GType gst_feature_info_get_type(void);

/**
 * gst_feature_info_new:
 *
 * Returns: (transfer full): a description without shape and format
 */
GST_FEATURE_API GstFeatureInfo *gst_feature_info_new(void);
/**
 * gst_feature_info_copy:
 * @info: a description
 *
 * Returns: (transfer full): a deep copy
 */
GST_FEATURE_API GstFeatureInfo *gst_feature_info_copy(const GstFeatureInfo *info);
GST_FEATURE_API void gst_feature_info_free(GstFeatureInfo *info);
/**
 * gst_feature_info_is_equal:
 * @info: a description
 * @other: another one
 *
 * Returns: whether every field is the same, ranges compared bit by bit
 */
GST_FEATURE_API gboolean gst_feature_info_is_equal(const GstFeatureInfo *info,
                                                   const GstFeatureInfo *other);

/**
 * gst_feature_info_get_shape:
 * @info: a description
 * @n_dims: (out): number of dimensions, 0 to %GST_FEATURE_MAX_DIMS
 *
 * Returns: (transfer none) (array length=n_dims): the shape, slowest dimension first
 */
GST_FEATURE_API const gint *gst_feature_info_get_shape(const GstFeatureInfo *info, guint *n_dims);
/**
 * gst_feature_info_set_shape:
 * @info: a description
 * @shape: (array length=n_dims): the shape, slowest dimension first, each 0 or more
 * @n_dims: number of dimensions, at most %GST_FEATURE_MAX_DIMS
 *
 * A dimension of 0 is a tensor without points, as in NumPy; no dimension at all is a scalar.
 *
 * Returns: %FALSE if a value is out of range (the description is then unchanged)
 */
GST_FEATURE_API gboolean gst_feature_info_set_shape(GstFeatureInfo *info, const gint *shape,
                                                    guint n_dims);

/**
 * gst_feature_info_get_format:
 * @info: a description
 *
 * Returns: format of the elements in the buffer: of a quantised tensor the integer one
 */
GST_FEATURE_API GstFeatureFormat gst_feature_info_get_format(const GstFeatureInfo *info);
GST_FEATURE_API void gst_feature_info_set_format(GstFeatureInfo *info, GstFeatureFormat format);

/**
 * gst_feature_info_is_quantized:
 * @info: a description
 *
 * Returns: whether a quantisation is set
 */
GST_FEATURE_API gboolean gst_feature_info_is_quantized(const GstFeatureInfo *info);
/**
 * gst_feature_info_set_quantization:
 * @info: a description
 * @bit_depth: 2 to 16; 0 removes the quantisation
 * @rounding: how values were rounded
 * @source_format: floating-point or integer format that dequantising restores
 *
 * Also sets the element format: U8 up to 8 bits, U16LE above. Removing the quantisation sets it
 * back to the source format and clears the ranges.
 *
 * Returns: %FALSE if a value is out of range (the description is then unchanged)
 */
GST_FEATURE_API gboolean gst_feature_info_set_quantization(GstFeatureInfo *info, guint bit_depth,
                                                           GstFeatureRounding rounding,
                                                           GstFeatureFormat source_format);
GST_FEATURE_API guint gst_feature_info_get_bit_depth(const GstFeatureInfo *info);
GST_FEATURE_API GstFeatureRounding gst_feature_info_get_rounding(const GstFeatureInfo *info);
/**
 * gst_feature_info_get_source_format:
 * @info: a description
 *
 * Returns: the format that dequantising restores; of a tensor that is not quantised its own
 */
GST_FEATURE_API GstFeatureFormat gst_feature_info_get_source_format(const GstFeatureInfo *info);

/**
 * gst_feature_info_set_ranges:
 * @info: a quantised description
 * @axis: the dimension the ranges go along, or -1 for one range for all
 * @range_min: (array length=n_ranges): lower ends, finite
 * @range_max: (array length=n_ranges): upper ends, finite, each above its lower end
 * @n_ranges: 1 for @axis -1, else the size of that dimension, at most %GST_FEATURE_MAX_RANGES
 * @error: return location for an error
 *
 * Returns: %FALSE with @error set if the ranges make no sense (the description is unchanged)
 */
GST_FEATURE_API gboolean gst_feature_info_set_ranges(GstFeatureInfo *info, gint axis,
                                                     const gdouble *range_min,
                                                     const gdouble *range_max, guint n_ranges,
                                                     GError **error);
/**
 * gst_feature_info_get_range_min:
 * @info: a description
 * @n_ranges: (out): number of ranges
 *
 * Returns: (transfer none) (array length=n_ranges): the lower ends
 */
GST_FEATURE_API const gdouble *gst_feature_info_get_range_min(const GstFeatureInfo *info,
                                                              guint *n_ranges);
/**
 * gst_feature_info_get_range_max:
 * @info: a description
 * @n_ranges: (out): number of ranges
 *
 * Returns: (transfer none) (array length=n_ranges): the upper ends
 */
GST_FEATURE_API const gdouble *gst_feature_info_get_range_max(const GstFeatureInfo *info,
                                                              guint *n_ranges);
/**
 * gst_feature_info_get_range_axis:
 * @info: a description
 *
 * Returns: the dimension the ranges go along, -1 where one range serves all
 */
GST_FEATURE_API gint gst_feature_info_get_range_axis(const GstFeatureInfo *info);

GST_FEATURE_API GstFeaturePacking gst_feature_info_get_packing(const GstFeatureInfo *info);
/**
 * gst_feature_info_set_packing:
 * @info: a description
 * @packing: the layout
 * @grid_rows: rows of a mosaic's grid, 0 otherwise
 * @grid_columns: columns of a mosaic's grid, 0 otherwise
 *
 * Returns: %FALSE if a value is out of range (the description is unchanged)
 */
GST_FEATURE_API gboolean gst_feature_info_set_packing(GstFeatureInfo *info,
                                                      GstFeaturePacking packing, guint grid_rows,
                                                      guint grid_columns);
GST_FEATURE_API guint gst_feature_info_get_grid_rows(const GstFeatureInfo *info);
GST_FEATURE_API guint gst_feature_info_get_grid_columns(const GstFeatureInfo *info);

GST_FEATURE_API GstFeatureTask gst_feature_info_get_task(const GstFeatureInfo *info);
GST_FEATURE_API void gst_feature_info_set_task(GstFeatureInfo *info, GstFeatureTask task);

/**
 * gst_feature_info_get_framerate:
 * @info: a description
 * @numerator: (out): frames
 * @denominator: (out): per so many seconds
 *
 * Frame rate of tensor caps; 0/1 means not stated. Not part of the `feature` structure or CBOR.
 */
GST_FEATURE_API void gst_feature_info_get_framerate(const GstFeatureInfo *info, gint *numerator,
                                                    gint *denominator);
/**
 * gst_feature_info_set_framerate:
 * @info: a description
 * @numerator: frames, 0 or more
 * @denominator: per so many seconds, 1 or more
 *
 * The fraction is brought to lowest terms.
 */
GST_FEATURE_API void gst_feature_info_set_framerate(GstFeatureInfo *info, gint numerator,
                                                    gint denominator);

/**
 * gst_feature_info_validate:
 * @info: a description
 * @max_points: limit of the number of points, 0 for none
 * @error: return location for an error
 *
 * Checks everything against everything: format known, points and bytes do not overflow (not even
 * where a dimension of 0 would hide it), points within @max_points, element format right for the
 * bit depth, ranges match their axis, packing fits the shape.
 *
 * Returns: %FALSE with @error set if something is wrong
 */
GST_FEATURE_API gboolean gst_feature_info_validate(const GstFeatureInfo *info, guint64 max_points,
                                                   GError **error);
/**
 * gst_feature_info_get_n_points:
 * @info: a valid description
 *
 * Returns: the product of the dimensions; 0 where it overflows
 */
GST_FEATURE_API guint64 gst_feature_info_get_n_points(const GstFeatureInfo *info);
/**
 * gst_feature_info_get_size:
 * @info: a valid description
 *
 * Returns: bytes of the tensor in a buffer; 0 where it overflows
 */
GST_FEATURE_API gsize gst_feature_info_get_size(const GstFeatureInfo *info);
/**
 * gst_feature_info_get_packed_size:
 * @info: a description with a packing
 * @width: (out): columns of the packed picture
 * @height: (out): rows of the packed picture
 * @error: return location for an error
 *
 * Returns: %FALSE with @error set if the packing does not fit the shape, or the picture has no
 *     area, or a side does not fit an int
 */
GST_FEATURE_API gboolean gst_feature_info_get_packed_size(const GstFeatureInfo *info, gint *width,
                                                          gint *height, GError **error);

/* --- caps --- */

/**
 * gst_feature_info_from_caps:
 * @caps: fixed caps: `application/x-feature-tensor`, or any caps with a `feature` structure
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the description, validated without a limit of points
 */
GST_FEATURE_API GstFeatureInfo *gst_feature_info_from_caps(const GstCaps *caps, GError **error);
/**
 * gst_feature_info_to_caps:
 * @info: a valid description without packing
 *
 * Returns: (transfer full) (nullable): `application/x-feature-tensor` caps
 */
GST_FEATURE_API GstCaps *gst_feature_info_to_caps(const GstFeatureInfo *info);
/**
 * gst_feature_info_to_structure:
 * @info: a valid description
 *
 * Returns: (transfer full): the `feature-tensor` structure that other caps carry in their
 *     `feature` field; its `format` is the format that dequantising restores
 */
GST_FEATURE_API GstStructure *gst_feature_info_to_structure(const GstFeatureInfo *info);
/**
 * gst_feature_info_from_structure:
 * @structure: a `feature-tensor` structure
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the description
 */
GST_FEATURE_API GstFeatureInfo *gst_feature_info_from_structure(const GstStructure *structure,
                                                                GError **error);
/**
 * gst_feature_caps_set_info:
 * @caps: writable caps
 * @info: (nullable): a valid description; %NULL removes the field
 *
 * Writes the `feature` field of every structure of @caps.
 */
GST_FEATURE_API void gst_feature_caps_set_info(GstCaps *caps, const GstFeatureInfo *info);
/**
 * gst_feature_caps_has_info:
 * @caps: caps
 *
 * Returns: whether the first structure has a `feature` field
 */
GST_FEATURE_API gboolean gst_feature_caps_has_info(const GstCaps *caps);

/* --- CBOR (docs/bitstream.md) --- */

/**
 * gst_feature_info_to_cbor:
 * @info: a valid description
 *
 * Returns: (transfer full): deterministic CBOR (RFC 8949 section 4.2.1)
 */
GST_FEATURE_API GBytes *gst_feature_info_to_cbor(const GstFeatureInfo *info);
/**
 * gst_feature_info_from_cbor:
 * @data: (array length=size): one CBOR map, nothing behind it
 * @size: bytes in @data
 * @error: return location for an error
 *
 * Safe on hostile input: nothing is allocated beyond a small multiple of @size.
 *
 * Returns: (transfer full) (nullable): the description, validated without a limit of points
 */
GST_FEATURE_API GstFeatureInfo *gst_feature_info_from_cbor(const guint8 *data, gsize size,
                                                           GError **error);

/**
 * gst_feature_uuid:
 *
 * Returns: (transfer none) (array fixed-size=16): the UUID of the SEI message
 *     user_data_unregistered that carries the CBOR description in H.266
 */
GST_FEATURE_API const guint8 *gst_feature_uuid(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstFeatureInfo, gst_feature_info_free)

G_END_DECLS

#endif /* GST_FEATURE_INFO_H */
