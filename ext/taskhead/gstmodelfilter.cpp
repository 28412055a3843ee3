// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/gstmodelfilter.h"

#include <exception>

using namespace feat;

namespace {

struct FilterState {
  FilterSettings settings;  // under the object lock, as the next two
  guint64 buffers = 0;
  double seconds = 0;

  GstPad *src_pad = nullptr;

  // Of the streaming thread.
  std::unique_ptr<Model> model;
  LateCapsPad source;
  Refusal refusal;
  bool have_caps = false;
  guint64 number = 0;  // of the buffer since start or flush
};

}  // namespace

struct GstModelFilterPrivate {
  FilterState *state;
};

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GstModelFilter, gst_model_filter, GST_TYPE_ELEMENT)

static GstModelFilterPrivate *private_of(GstModelFilter *self) {
  return static_cast<GstModelFilterPrivate *>(gst_model_filter_get_instance_private(self));
}

static FilterState &state_of(GstModelFilter *self) {
  return *private_of(self)->state;
}

FilterSettings feat::settings_of(GstModelFilter *self) {
  const ObjectLock lock(self);
  return state_of(self).settings;
}

static GstFlowReturn fail(GstModelFilter *self, const std::string &what) {
  GST_ELEMENT_ERROR(self, STREAM, FAILED,
                    ("Buffer %" G_GUINT64_FORMAT ": %s.", state_of(self).number, what.c_str()),
                    (nullptr));
  return GST_FLOW_ERROR;
}

static void count(GstModelFilter *self) {
  FilterState &s = state_of(self);
  const ObjectLock lock(self);
  ++s.buffers;
  s.seconds = s.model->seconds();
}

// One buffer through the model; what went wrong, without a stop.
static std::string process(GstModelFilter *self, GstBuffer *in, CapsPtr &caps, BufferPtr &out) {
  FilterState &s = state_of(self);
  GstModelFilterClass *klass = GST_MODEL_FILTER_GET_CLASS(self);
  TorchTensor input;
  TorchTensor output;
  std::string error = klass->read(self, in, input);
  if (!error.empty()) return error;
  if (!s.model->run(input, output, error)) return error;
  count(self);
  const InfoPtr info = info_of(output);
  ErrorSlot slot;
  if (!gst_feature_info_validate(info.get(), settings_of(self).max_points, slot.out()))
    return std::string("the model's output: ") + slot.message();
  if (points_of(output) == 0) return "the model gives nothing: shape " + shape_of(output);
  return klass->make(self, s.number, output, caps, out);
}

static GstFlowReturn gst_model_filter_chain(GstPad *, GstObject *parent, GstBuffer *buffer) {
  auto *self = GST_MODEL_FILTER(parent);
  FilterState &s = state_of(self);
  const BufferPtr in(buffer);
  if (!s.have_caps || !s.model) return GST_FLOW_NOT_NEGOTIATED;
  CapsPtr caps;
  BufferPtr out;
  std::string error;
  try {
    error = process(self, buffer, caps, out);
  } catch (const std::exception &) {  // of containers: their memory
    error = "there is not enough memory";
  }
  if (!error.empty()) return fail(self, error);
  if (!s.source.send_caps(std::move(caps)))
    return GST_PAD_IS_FLUSHING(s.src_pad) ? GST_FLOW_FLUSHING : GST_FLOW_NOT_NEGOTIATED;
  gst_buffer_copy_into(
      out.get(), buffer,
      static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0, -1);
  ++s.number;
  return gst_pad_push(s.src_pad, out.release());
}

static gboolean take_caps(GstModelFilter *self, GstEvent *event) {
  FilterState &s = state_of(self);
  GstCaps *caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const std::string error = GST_MODEL_FILTER_GET_CLASS(self)->set_caps(self, caps);
  s.have_caps = error.empty();
  gst_event_unref(event);
  return s.have_caps ? TRUE : s.refusal.post(self, error.c_str());
}

static gboolean gst_model_filter_sink_event(GstPad *pad, GstObject *parent, GstEvent *event) {
  auto *self = GST_MODEL_FILTER(parent);
  FilterState &s = state_of(self);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS:
      return take_caps(self, event);
    case GST_EVENT_FLUSH_STOP:
    case GST_EVENT_STREAM_START:
      s.number = 0;
      break;
    case GST_EVENT_EOS:
      s.source.release();
      break;
    default:
      break;
  }
  if (s.source.holds(event)) return TRUE;
  return gst_pad_event_default(pad, parent, event);
}

static bool open_model(GstModelFilter *self) {
  FilterState &s = state_of(self);
  const FilterSettings settings = settings_of(self);
  std::string error = GST_MODEL_FILTER_GET_CLASS(self)->start(self);
  if (error.empty()) s.model = Model::load(settings.model, error);
  if (!error.empty())
    GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("%s", error.c_str()), (nullptr));
  s.refusal.clear();
  s.have_caps = false;
  s.number = 0;
  const ObjectLock lock(self);
  s.buffers = 0;
  s.seconds = 0;
  return error.empty();
}

static GstStateChangeReturn gst_model_filter_change_state(GstElement *element,
                                                          GstStateChange transition) {
  auto *self = GST_MODEL_FILTER(element);
  FilterState &s = state_of(self);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open_model(self))
    return GST_STATE_CHANGE_FAILURE;
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_model_filter_parent_class)->change_state(element, transition);
  const bool failed =
      transition == GST_STATE_CHANGE_READY_TO_PAUSED && result == GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY || failed) {
    s.model.reset();
    s.source.clear();
  }
  return result;
}

static GstStructure *make_stats(GstModelFilter *self) {
  const FilterState &s = state_of(self);
  const ObjectLock lock(self);
  return gst_structure_new(GST_MODEL_FILTER_GET_CLASS(self)->name, "buffers", G_TYPE_UINT64,
                           s.buffers, "seconds", G_TYPE_DOUBLE, s.seconds, nullptr);
}

void feat::set_filter_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec) {
  FilterSettings &settings = state_of(GST_MODEL_FILTER(object)).settings;
  const ObjectLock lock(object);
  if (id == kFilterTask)
    settings.task = static_cast<GstFeatureTask>(g_value_get_enum(value));
  else if (id == kFilterMaxPoints)
    settings.max_points = g_value_get_uint64(value);
  else if (id < kFilterModel || !set_model_property(settings.model, id - kFilterModel, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

void feat::get_filter_property(GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  auto *self = GST_MODEL_FILTER(object);
  const FilterSettings settings = settings_of(self);
  if (id == kFilterStats)
    g_value_take_boxed(value, make_stats(self));
  else if (id == kFilterTask)
    g_value_set_enum(value, settings.task);
  else if (id == kFilterMaxPoints)
    g_value_set_uint64(value, settings.max_points);
  else if (id < kFilterModel || !get_model_property(settings.model, id - kFilterModel, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void gst_model_filter_finalize(GObject *object) {
  delete &state_of(GST_MODEL_FILTER(object));
  G_OBJECT_CLASS(gst_model_filter_parent_class)->finalize(object);
}

void feat::install_filter_properties(GObjectClass *object_class, const char *task) {
  install_task(object_class, kFilterTask, task);
  install_max_points(object_class, kFilterMaxPoints);
  g_object_class_install_property(
      object_class, kFilterStats,
      g_param_spec_boxed("stats", "Statistics", "Buffers, and the seconds that the model took",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
  install_model_properties(object_class, kFilterModel);
}

static GstPad *add_pad(GstModelFilter *self, const char *name) {
  GstElementClass *klass = GST_ELEMENT_GET_CLASS(self);
  GstPad *pad = gst_pad_new_from_template(gst_element_class_get_pad_template(klass, name), name);
  gst_element_add_pad(GST_ELEMENT(self), pad);
  return pad;
}

// Not in init: the pad templates are those of the class that derives from this one.
static void gst_model_filter_constructed(GObject *object) {
  auto *self = GST_MODEL_FILTER(object);
  FilterState &s = state_of(self);
  G_OBJECT_CLASS(gst_model_filter_parent_class)->constructed(object);
  GstPad *sink_pad = add_pad(self, "sink");
  gst_pad_set_chain_function(sink_pad, gst_model_filter_chain);
  gst_pad_set_event_function(sink_pad, gst_model_filter_sink_event);
  s.src_pad = add_pad(self, "src");
  gst_pad_use_fixed_caps(s.src_pad);
  s.source.set_pad(s.src_pad);
}

static void gst_model_filter_class_init(GstModelFilterClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  object_class->constructed = gst_model_filter_constructed;
  object_class->finalize = gst_model_filter_finalize;
  GST_ELEMENT_CLASS(klass)->change_state = gst_model_filter_change_state;
}

static void gst_model_filter_init(GstModelFilter *self) {
  private_of(self)->state = new FilterState();
}
