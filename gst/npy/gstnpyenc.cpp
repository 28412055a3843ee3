// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-npyenc
 * @title: npyenc
 * @short_description: writes tensors in NumPy's NPY format
 *
 * Puts the header that numpy.save writes in front of every tensor, so that each buffer is a
 * whole file: filesink takes a single one, multifilesink makes a file of each. The elements are
 * not touched; quantised tensors are written as their integers. NumPy has no bfloat16: such
 * tensors are widened to float32, which is exact, or written as raw data in the way of ml_dtypes.
 *
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=1 pattern=cls ! npyenc ! filesink location=cls.npy
 * ]|
 *
 * Since: 0.1
 */
#include "gst/npy/gstnpyenc.h"

#include <string>

#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "gst/common/scalar.h"
#include "gst/npy/npyheader.h"

GST_DEBUG_CATEGORY_STATIC(npyenc_debug);
#define GST_CAT_DEFAULT npyenc_debug

namespace {

enum { PROP_0, PROP_BFLOAT16 };

enum BFloat16Mode { BFLOAT16_FLOAT32, BFLOAT16_RAW };

GType bfloat16_mode_get_type() {
  static const GEnumValue kValues[] = {
      {BFLOAT16_FLOAT32, "Widened to float32, which is exact", "float32"},
      {BFLOAT16_RAW, "Two raw bytes with descr '<V2', as ml_dtypes has it", "raw"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstNpyEncBFloat16", kValues);
  return type;
}

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_FEATURE_TENSOR_CAPS_NAME));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                                                            GST_STATIC_CAPS("application/x-npy"));

const char *to_descr(GstFeatureFormat format, BFloat16Mode mode) {
  switch (format) {
    case GST_FEATURE_FORMAT_F32LE:
      return "<f4";
    case GST_FEATURE_FORMAT_F16LE:
      return "<f2";
    case GST_FEATURE_FORMAT_BF16LE:
      return mode == BFLOAT16_RAW ? "<V2" : "<f4";
    case GST_FEATURE_FORMAT_F64LE:
      return "<f8";
    case GST_FEATURE_FORMAT_U8:
      return "|u1";
    case GST_FEATURE_FORMAT_S8:
      return "|i1";
    case GST_FEATURE_FORMAT_U16LE:
      return "<u2";
    case GST_FEATURE_FORMAT_S16LE:
      return "<i2";
    case GST_FEATURE_FORMAT_U32LE:
      return "<u4";
    case GST_FEATURE_FORMAT_S32LE:
      return "<i4";
    case GST_FEATURE_FORMAT_U64LE:
      return "<u8";
    case GST_FEATURE_FORMAT_S64LE:
      return "<i8";
    case GST_FEATURE_FORMAT_UNKNOWN:
      break;
  }
  return nullptr;
}

/* A copy of bfloat16 data as float32; nullptr if the input cannot be read. */
GstBuffer *widen(GstBuffer *input) {
  const feat::MappedBuffer in(input, GST_MAP_READ);
  if (!in.ok()) return nullptr;
  GstBuffer *output = gst_buffer_new_allocate(nullptr, in.size() * 2, nullptr);
  const feat::MappedBuffer out(output, GST_MAP_WRITE);
  for (gsize i = 0; i + 2 <= in.size(); i += 2)
    feat::store_le(out.data() + 2 * i,
                   feat::bfloat16_to_float(feat::load_le<guint16>(in.data() + i)));
  return output;
}

}  // namespace

/* `bfloat16` is under the object lock; the rest belongs to the streaming thread. */
struct NpyEncState {
  BFloat16Mode bfloat16 = BFLOAT16_FLOAT32;
  feat::Refusal refusal;
  std::string header;
  gsize size = 0;  // of one input tensor
  bool widen = false;
};

struct _GstNpyEnc {
  GstBaseTransform parent;
  NpyEncState *state;
};

G_DEFINE_FINAL_TYPE(GstNpyEnc, gst_npy_enc, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(npyenc, "npyenc", GST_RANK_PRIMARY, GST_TYPE_NPY_ENC,
                                      GST_DEBUG_CATEGORY_INIT(npyenc_debug, "npyenc", 0,
                                                              "NPY encoder"));

static GstCaps *gst_npy_enc_transform_caps(GstBaseTransform *, GstPadDirection direction, GstCaps *,
                                           GstCaps *filter) {
  GstCaps *caps =
      gst_static_pad_template_get_caps(direction == GST_PAD_SINK ? &src_template : &sink_template);
  if (filter == nullptr) return caps;
  GstCaps *result = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(caps);
  return result;
}

static gboolean gst_npy_enc_set_caps(GstBaseTransform *base, GstCaps *incaps, GstCaps *) {
  GstNpyEnc *self = GST_NPY_ENC(base);
  feat::ErrorSlot error;
  const feat::InfoPtr info(gst_feature_info_from_caps(incaps, error.out()));
  if (info == nullptr) {
    return self->state->refusal.post(self, error.message());
  }
  BFloat16Mode mode = BFLOAT16_FLOAT32;
  {
    const feat::ObjectLock lock(self);
    mode = self->state->bfloat16;
  }
  const GstFeatureFormat format = gst_feature_info_get_format(info.get());
  guint n_dims = 0;
  const gint *shape = gst_feature_info_get_shape(info.get(), &n_dims);
  NpyEncState &s = *self->state;
  s.header = feat::npy::make_header(to_descr(format, mode), {shape, n_dims});
  s.size = gst_feature_info_get_size(info.get());
  s.widen = format == GST_FEATURE_FORMAT_BF16LE && mode == BFLOAT16_FLOAT32;
  return TRUE;
}

/* The whole work: a header and, unless they are widened, the memories of the input. */
static GstFlowReturn gst_npy_enc_prepare_output_buffer(GstBaseTransform *base, GstBuffer *input,
                                                       GstBuffer **output) {
  GstNpyEnc *self = GST_NPY_ENC(base);
  const NpyEncState &s = *self->state;
  const gsize size = gst_buffer_get_size(input);
  if (size != s.size) {
    GST_ELEMENT_ERROR(
        self, STREAM, ENCODE,
        ("a buffer has %" G_GSIZE_FORMAT " bytes; its caps say %" G_GSIZE_FORMAT, size, s.size),
        (nullptr));
    return GST_FLOW_ERROR;
  }
  GstBuffer *buffer =
      s.widen ? widen(input) : gst_buffer_copy_region(input, GST_BUFFER_COPY_MEMORY, 0, size);
  if (buffer == nullptr) {
    GST_ELEMENT_ERROR(self, RESOURCE, FAILED, ("cannot map %" G_GSIZE_FORMAT " bytes", size),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  GstMemory *header = gst_allocator_alloc(nullptr, s.header.size(), nullptr);
  GstMapInfo map;
  gst_memory_map(header, &map, GST_MAP_WRITE);
  s.header.copy(reinterpret_cast<char *>(map.data), s.header.size());
  gst_memory_unmap(header, &map);
  gst_buffer_prepend_memory(buffer, header);
  gst_buffer_copy_into(
      buffer, input,
      static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0,
      static_cast<gsize>(-1));
  *output = buffer;
  return GST_FLOW_OK;
}

static GstFlowReturn gst_npy_enc_transform(GstBaseTransform *, GstBuffer *, GstBuffer *) {
  return GST_FLOW_OK;
}

static gboolean gst_npy_enc_start(GstBaseTransform *base) {
  GST_NPY_ENC(base)->state->refusal.clear();
  return TRUE;
}

static void gst_npy_enc_set_property(GObject *object, guint id, const GValue *value,
                                     GParamSpec *pspec) {
  if (id != PROP_BFLOAT16) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  const feat::ObjectLock lock(object);
  GST_NPY_ENC(object)->state->bfloat16 = static_cast<BFloat16Mode>(g_value_get_enum(value));
}

static void gst_npy_enc_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  if (id != PROP_BFLOAT16) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  const feat::ObjectLock lock(object);
  g_value_set_enum(value, GST_NPY_ENC(object)->state->bfloat16);
}

static void gst_npy_enc_finalize(GObject *object) {
  delete GST_NPY_ENC(object)->state;
  G_OBJECT_CLASS(gst_npy_enc_parent_class)->finalize(object);
}

static void gst_npy_enc_class_init(GstNpyEncClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS(klass);
  object_class->set_property = gst_npy_enc_set_property;
  object_class->get_property = gst_npy_enc_get_property;
  object_class->finalize = gst_npy_enc_finalize;
  base_class->start = gst_npy_enc_start;
  base_class->transform_caps = gst_npy_enc_transform_caps;
  base_class->set_caps = gst_npy_enc_set_caps;
  base_class->prepare_output_buffer = gst_npy_enc_prepare_output_buffer;
  base_class->transform = gst_npy_enc_transform;

  /**
   * GstNpyEnc:bfloat16:
   *
   * How bfloat16 tensors are written: "float32" widens them, "raw" keeps the two bytes under
   * the type string "<V2", which ml_dtypes and npydec read as bfloat16. Counts from the next
   * caps on.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_BFLOAT16,
      g_param_spec_enum("bfloat16", "bfloat16", "How bfloat16 tensors are written",
                        bfloat16_mode_get_type(), BFLOAT16_FLOAT32,
                        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                 GST_PARAM_MUTABLE_READY)));

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "NPY encoder", "Codec/Encoder",
                                        "Writes tensors in NumPy's NPY format",
                                        "GStreamer feature plug-ins");
}

static void gst_npy_enc_init(GstNpyEnc *self) {
  self->state = new NpyEncState();
}
