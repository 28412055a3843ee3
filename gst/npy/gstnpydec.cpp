// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-npydec
 * @title: npydec
 * @short_description: reads tensors from NumPy's NPY format
 *
 * Takes the bytes of one or more arrays as numpy.save writes them, in pieces of any size, and
 * gives one buffer of tensor data an array. Header versions 1.0 to 3.0, both byte orders,
 * booleans, integers of 8 to 64 bits and real numbers of 16 to 64 bits are read; big-endian data
 * is converted. Arrays in Fortran order, Python objects, complex numbers, strings and structured
 * data end the stream with an error that names the type.
 *
 * |[
 * gst-launch-1.0 filesrc location=feature.npy ! npydec ! fakesink silent=false -v
 * ]|
 *
 * Since: 0.1
 */
#include "gst/npy/gstnpydec.h"

#include <gst/base/gstadapter.h>

#include <algorithm>
#include <string>

#include "gst/common/gstcpp.h"
#include "gst/npy/npyheader.h"

GST_DEBUG_CATEGORY_STATIC(npydec_debug);
#define GST_CAT_DEFAULT npydec_debug

namespace {

enum { PROP_0, PROP_MAX_POINTS, PROP_FRAMERATE, PROP_TASK };

constexpr size_t kFirstNeed = 10;

struct Settings {
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
  gint fps_n = 0;
  gint fps_d = 1;
  GstFeatureTask task = GST_FEATURE_TASK_NONE;
};

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                                                             GST_STATIC_CAPS("application/x-npy"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(GST_FEATURE_TENSOR_CAPS_NAME));

GstFeatureFormat to_format(const feat::npy::Header &header) {
  const unsigned log2 = header.item_bytes == 8   ? 3
                        : header.item_bytes == 4 ? 2
                        : header.item_bytes == 2 ? 1
                                                 : 0;
  static constexpr GstFeatureFormat kInt[] = {GST_FEATURE_FORMAT_S8, GST_FEATURE_FORMAT_S16LE,
                                              GST_FEATURE_FORMAT_S32LE, GST_FEATURE_FORMAT_S64LE};
  static constexpr GstFeatureFormat kUint[] = {GST_FEATURE_FORMAT_U8, GST_FEATURE_FORMAT_U16LE,
                                               GST_FEATURE_FORMAT_U32LE, GST_FEATURE_FORMAT_U64LE};
  static constexpr GstFeatureFormat kFloat[] = {GST_FEATURE_FORMAT_UNKNOWN,
                                                GST_FEATURE_FORMAT_F16LE, GST_FEATURE_FORMAT_F32LE,
                                                GST_FEATURE_FORMAT_F64LE};
  switch (header.kind) {
    case feat::npy::Kind::kBool:
      return GST_FEATURE_FORMAT_U8;
    case feat::npy::Kind::kInt:
      return kInt[log2];
    case feat::npy::Kind::kUint:
      return kUint[log2];
    case feat::npy::Kind::kFloat:
      return kFloat[log2];
    case feat::npy::Kind::kBFloat16:
      return GST_FEATURE_FORMAT_BF16LE;
  }
  return GST_FEATURE_FORMAT_UNKNOWN;
}

void swap_bytes(guint8 *data, size_t size, unsigned item) {
  for (size_t i = 0; i + item <= size; i += item) std::reverse(data + i, data + i + item);
}

}  // namespace

/* What one stream needs. Only the streaming thread touches it, except between streams; the
 * settings are under the object lock. */
struct NpyDecState {
  Settings settings;
  GstAdapter *adapter = gst_adapter_new();
  feat::npy::Header header;
  bool have_header = false;
  bool failed = false;   // an error was posted; what is left is not looked at
  bool refused = false;  // downstream takes no more, so what is left is not missed
  size_t need = kFirstNeed;
  guint64 consumed = 0;  // bytes of whole arrays so far
  guint64 n_arrays = 0;
  guint64 n_received = 0;
  GstClockTime pts = GST_CLOCK_TIME_NONE;  // of the array under way
  GstEvent *segment = nullptr;             // goes out behind the caps
  feat::CapsPtr caps;

  ~NpyDecState() {
    gst_clear_event(&segment);
    g_object_unref(adapter);
  }
  void restart_array() {
    have_header = false;
    need = kFirstNeed;
    pts = GST_CLOCK_TIME_NONE;
  }
  void reset() {
    gst_adapter_clear(adapter);
    restart_array();
    failed = refused = false;
    consumed = n_arrays = n_received = 0;
  }
};

struct _GstNpyDec {
  GstElement parent;
  GstPad *sinkpad;
  GstPad *srcpad;
  NpyDecState *state;
};

G_DEFINE_FINAL_TYPE(GstNpyDec, gst_npy_dec, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(npydec, "npydec", GST_RANK_PRIMARY, GST_TYPE_NPY_DEC,
                                      GST_DEBUG_CATEGORY_INIT(npydec_debug, "npydec", 0,
                                                              "NPY decoder"));

static Settings gst_npy_dec_settings(GstNpyDec *self) {
  feat::ObjectLock lock(self);
  return self->state->settings;
}

static std::string gst_npy_dec_place(GstNpyDec *self) {
  const NpyDecState &s = *self->state;
  return "array " + std::to_string(s.n_arrays) + " at byte " + std::to_string(s.consumed);
}

/* Bytes that the array under way still lacks, as far as they are known. */
static std::string gst_npy_dec_missing(GstNpyDec *self) {
  const NpyDecState &s = *self->state;
  const gsize available = gst_adapter_available(s.adapter);
  if (s.have_header)
    return std::to_string(s.header.data_bytes - available) + " of " +
           std::to_string(s.header.data_bytes) + " data bytes are missing";
  return "at least " + std::to_string(s.need - available) + " bytes of the header are missing";
}

static gboolean gst_npy_dec_set_caps(GstNpyDec *self, const Settings &settings) {
  NpyDecState &s = *self->state;
  const feat::InfoPtr info(gst_feature_info_new());
  gst_feature_info_set_shape(info.get(), s.header.shape.data(), s.header.n_dims);
  gst_feature_info_set_format(info.get(), to_format(s.header));
  gst_feature_info_set_task(info.get(), settings.task);
  gst_feature_info_set_framerate(info.get(), settings.fps_n, settings.fps_d);
  feat::ErrorSlot error;
  if (!gst_feature_info_validate(info.get(), settings.max_points, error.out())) {
    s.failed = true;
    GST_ELEMENT_ERROR(self, STREAM, DECODE,
                      ("%s: %s", gst_npy_dec_place(self).c_str(), error.message()), (nullptr));
    return FALSE;
  }
  feat::CapsPtr caps(gst_feature_info_to_caps(info.get()));
  if (s.caps == nullptr || !gst_caps_is_equal(caps.get(), s.caps.get())) {
    if (!gst_pad_push_event(self->srcpad, gst_event_new_caps(caps.get()))) return FALSE;
    s.caps = std::move(caps);
  }
  if (s.segment != nullptr) {
    GstEvent *segment = s.segment;
    s.segment = nullptr;
    gst_pad_push_event(self->srcpad, segment);
  }
  return TRUE;
}

/* Reads the header in front. GST_FLOW_CUSTOM_SUCCESS: not all of it is there. */
static GstFlowReturn gst_npy_dec_read_header(GstNpyDec *self) {
  NpyDecState &s = *self->state;
  const Settings settings = gst_npy_dec_settings(self);
  feat::npy::Result result;
  do {
    if (gst_adapter_available(s.adapter) < s.need) return GST_FLOW_CUSTOM_SUCCESS;
    const auto *data = static_cast<const guint8 *>(gst_adapter_map(s.adapter, s.need));
    result = feat::npy::parse_header({data, s.need}, settings.max_points, &s.header);
    gst_adapter_unmap(s.adapter);
    if (result.status == feat::npy::Status::kNeedMore) s.need = result.need;
  } while (result.status == feat::npy::Status::kNeedMore);
  if (result.status == feat::npy::Status::kError) {
    s.failed = true;
    GST_ELEMENT_ERROR(self, STREAM, DECODE,
                      ("%s: %s", gst_npy_dec_place(self).c_str(), result.error.c_str()), (nullptr));
    return GST_FLOW_ERROR;
  }
  guint64 distance = 0;
  const GstClockTime pts = gst_adapter_prev_pts(s.adapter, &distance);
  s.pts = distance == 0 ? pts : GST_CLOCK_TIME_NONE;
  gst_adapter_flush(s.adapter, s.header.header_bytes);
  s.have_header = true;
  return GST_FLOW_OK;
}

static GstFlowReturn gst_npy_dec_push_array(GstNpyDec *self) {
  NpyDecState &s = *self->state;
  const Settings settings = gst_npy_dec_settings(self);
  const auto size = static_cast<gsize>(s.header.data_bytes);
  GstBuffer *buffer = size == 0 ? gst_buffer_new() : gst_adapter_take_buffer(s.adapter, size);
  buffer = gst_buffer_make_writable(buffer);
  if (s.header.big_endian && size > 0) {
    const feat::MappedBuffer map(buffer, GST_MAP_READWRITE);
    if (!map.ok()) {
      gst_buffer_unref(buffer);
      GST_ELEMENT_ERROR(self, RESOURCE, FAILED, ("cannot map %" G_GSIZE_FORMAT " bytes", size),
                        (nullptr));
      return GST_FLOW_ERROR;
    }
    swap_bytes(map.data(), size, s.header.item_bytes);
  }
  GST_BUFFER_PTS(buffer) = s.pts;
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION(buffer) = GST_CLOCK_TIME_NONE;
  if (settings.fps_n > 0) {
    const guint64 unit = GST_SECOND * static_cast<guint64>(settings.fps_d);
    const auto rate = static_cast<guint64>(settings.fps_n);
    GST_BUFFER_PTS(buffer) = gst_util_uint64_scale(s.n_arrays, unit, rate);
    GST_BUFFER_DURATION(buffer) =
        gst_util_uint64_scale(s.n_arrays + 1, unit, rate) - GST_BUFFER_PTS(buffer);
  }
  GST_BUFFER_OFFSET(buffer) = s.n_arrays;
  GST_BUFFER_OFFSET_END(buffer) = s.n_arrays + 1;
  if (s.n_arrays == 0)
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  else
    GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_DISCONT);
  s.consumed += s.header.header_bytes + s.header.data_bytes;
  ++s.n_arrays;
  s.restart_array();
  return gst_pad_push(self->srcpad, buffer);
}

static GstFlowReturn gst_npy_dec_chain(GstPad *, GstObject *parent, GstBuffer *buffer) {
  GstNpyDec *self = GST_NPY_DEC(parent);
  NpyDecState &s = *self->state;
  if (s.failed) {
    gst_buffer_unref(buffer);
    return GST_FLOW_ERROR;
  }
  if (GST_BUFFER_IS_DISCONT(buffer) && (s.have_header || gst_adapter_available(s.adapter) > 0)) {
    GST_ELEMENT_WARNING(self, STREAM, DECODE,
                        ("%s: dropped at a discontinuity, %s", gst_npy_dec_place(self).c_str(),
                         gst_npy_dec_missing(self).c_str()),
                        (nullptr));
    gst_adapter_clear(s.adapter);
    s.restart_array();
    s.consumed = s.n_received;
  }
  s.n_received += gst_buffer_get_size(buffer);
  gst_adapter_push(s.adapter, buffer);
  GstFlowReturn flow = GST_FLOW_OK;
  while (flow == GST_FLOW_OK) {
    if (!s.have_header) {
      flow = gst_npy_dec_read_header(self);
      if (flow != GST_FLOW_OK) break;
      if (!gst_npy_dec_set_caps(self, gst_npy_dec_settings(self))) {
        flow = GST_PAD_IS_FLUSHING(self->srcpad) ? GST_FLOW_FLUSHING : GST_FLOW_NOT_NEGOTIATED;
        break;
      }
    }
    if (gst_adapter_available(s.adapter) < s.header.data_bytes) break;
    flow = gst_npy_dec_push_array(self);
  }
  if (flow == GST_FLOW_CUSTOM_SUCCESS) flow = GST_FLOW_OK;
  s.refused = flow != GST_FLOW_OK;
  return flow;
}

/* Downstream counts in time. A segment in bytes, or one whose times the framerate property
 * replaces, becomes an open one from 0. */
static void gst_npy_dec_take_segment(GstNpyDec *self, GstEvent *event) {
  NpyDecState &s = *self->state;
  const GstSegment *upstream = nullptr;
  gst_event_parse_segment(event, &upstream);
  gst_clear_event(&s.segment);
  if (upstream->format == GST_FORMAT_TIME && gst_npy_dec_settings(self).fps_n == 0) {
    s.segment = event;
  } else {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    s.segment = gst_event_new_segment(&segment);
    gst_event_set_seqnum(s.segment, gst_event_get_seqnum(event));
    gst_event_unref(event);
  }
  if (s.caps != nullptr) {
    GstEvent *segment = s.segment;
    s.segment = nullptr;
    gst_pad_push_event(self->srcpad, segment);
  }
}

static void gst_npy_dec_end(GstNpyDec *self) {
  const NpyDecState &s = *self->state;
  if (s.failed || s.refused) return;
  if (s.have_header || gst_adapter_available(s.adapter) > 0) {
    GST_ELEMENT_ERROR(self, STREAM, DECODE,
                      ("%s: the stream ends early, %s", gst_npy_dec_place(self).c_str(),
                       gst_npy_dec_missing(self).c_str()),
                      (nullptr));
  } else if (s.n_received == 0) {
    GST_ELEMENT_ERROR(self, STREAM, WRONG_TYPE, ("the stream is empty: 0 bytes and no NPY array"),
                      (nullptr));
  }
}

static gboolean gst_npy_dec_sink_event(GstPad *pad, GstObject *parent, GstEvent *event) {
  GstNpyDec *self = GST_NPY_DEC(parent);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS:
      gst_event_unref(event);
      return TRUE;
    case GST_EVENT_SEGMENT:
      gst_npy_dec_take_segment(self, event);
      return TRUE;
    case GST_EVENT_FLUSH_STOP:
      self->state->reset();
      break;
    case GST_EVENT_STREAM_START:
      self->state->reset();
      self->state->caps.reset();
      break;
    case GST_EVENT_EOS:
      gst_npy_dec_end(self);
      break;
    default:
      break;
  }
  return gst_pad_event_default(pad, parent, event);
}

static GstStateChangeReturn gst_npy_dec_change_state(GstElement *element,
                                                     GstStateChange transition) {
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_npy_dec_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    NpyDecState &s = *GST_NPY_DEC(element)->state;
    s.reset();
    s.caps.reset();
    gst_clear_event(&s.segment);
  }
  return result;
}

static void gst_npy_dec_set_property(GObject *object, guint id, const GValue *value,
                                     GParamSpec *pspec) {
  Settings &settings = GST_NPY_DEC(object)->state->settings;
  const feat::ObjectLock lock(object);
  switch (id) {
    case PROP_MAX_POINTS:
      settings.max_points = g_value_get_uint64(value);
      break;
    case PROP_FRAMERATE:
      settings.fps_n = gst_value_get_fraction_numerator(value);
      settings.fps_d = gst_value_get_fraction_denominator(value);
      break;
    case PROP_TASK:
      settings.task = static_cast<GstFeatureTask>(g_value_get_enum(value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_npy_dec_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  const Settings settings = gst_npy_dec_settings(GST_NPY_DEC(object));
  switch (id) {
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      break;
    case PROP_FRAMERATE:
      gst_value_set_fraction(value, settings.fps_n, settings.fps_d);
      break;
    case PROP_TASK:
      g_value_set_enum(value, settings.task);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_npy_dec_finalize(GObject *object) {
  delete GST_NPY_DEC(object)->state;
  G_OBJECT_CLASS(gst_npy_dec_parent_class)->finalize(object);
}

static void gst_npy_dec_class_init(GstNpyDecClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = gst_npy_dec_set_property;
  object_class->get_property = gst_npy_dec_get_property;
  object_class->finalize = gst_npy_dec_finalize;
  element_class->change_state = gst_npy_dec_change_state;
  const auto mutable_flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                      GST_PARAM_MUTABLE_PLAYING);
  const auto ready_flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                    GST_PARAM_MUTABLE_READY);

  /**
   * GstNpyDec:max-points:
   *
   * Most points (elements) of one array; a larger one ends the stream with an error before
   * anything is allocated for it.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_POINTS,
      g_param_spec_uint64("max-points", "Maximum points", "Most points of one array", 1,
                          G_MAXUINT64, GST_FEATURE_DEFAULT_MAX_POINTS, mutable_flags));
  /**
   * GstNpyDec:framerate:
   *
   * Arrays per second: sets time stamps and durations by counting arrays, and the caps field.
   * 0/1 keeps the time stamps of upstream, which files do not have.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_FRAMERATE,
      gst_param_spec_fraction("framerate", "Frame rate",
                              "Arrays per second; 0/1: time stamps as they come from upstream", 0,
                              1, G_MAXINT, 1, 0, 1, ready_flags));
  /**
   * GstNpyDec:task:
   *
   * What the feature is for: the caps field `task`.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TASK,
      g_param_spec_enum("task", "Task", "Task that is written into the caps", GST_TYPE_FEATURE_TASK,
                        GST_FEATURE_TASK_NONE, mutable_flags));

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "NPY decoder", "Codec/Decoder",
                                        "Reads tensors from NumPy's NPY format",
                                        "GStreamer feature plug-ins");
}

static void gst_npy_dec_init(GstNpyDec *self) {
  self->state = new NpyDecState();
  self->sinkpad = gst_pad_new_from_static_template(&sink_template, "sink");
  gst_pad_set_chain_function(self->sinkpad, gst_npy_dec_chain);
  gst_pad_set_event_function(self->sinkpad, gst_npy_dec_sink_event);
  gst_element_add_pad(GST_ELEMENT(self), self->sinkpad);
  self->srcpad = gst_pad_new_from_static_template(&src_template, "src");
  gst_pad_use_fixed_caps(self->srcpad);
  gst_element_add_pad(GST_ELEMENT(self), self->srcpad);
}
