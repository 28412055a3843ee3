// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-taskheadsink
 * @title: taskheadsink
 * @short_description: measures what features are still good for
 *
 * Runs the head of a model on features, compares what it gives with what is right, and tells the
 * task's metric: top-1 accuracy, mIoU, RMSE of depth, accuracy of choices, FID. Posts an element
 * message `taskheadsink-sample` for each sample and `taskheadsink-result` at the end.
 *
 * |[
 * gst-launch-1.0 -m multifilesrc location=features/%05d.npy ! npydec ! taskheadsink task=cls  \
 *   model=vit.pt method=head_cls truth=truth.npy json=result.json
 * ]|
 *
 * Since: 0.1
 */
#include "ext/taskhead/gsttaskheadsink.h"

#include <cmath>
#include <exception>
#include <limits>

#include "ext/taskhead/head_output.h"
#include "ext/taskhead/model_properties.h"
#include "ext/taskhead/number_list.h"
#include "ext/taskhead/score_report.h"
#include "ext/taskhead/scorer.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(taskheadsink_debug);
#define GST_CAT_DEFAULT taskheadsink_debug

namespace {

enum {
  PROP_0,
  PROP_TASK,
  PROP_TRUTH,
  PROP_CHOICES,
  PROP_CLASSES,
  PROP_CROP,
  PROP_DEPTH_RANGE,
  PROP_FID_MODEL,
  PROP_FID_METHOD,
  PROP_FID_REFERENCE,
  PROP_SAMPLE_FROM,
  PROP_JSON,
  PROP_MAX_POINTS,
  PROP_METRIC,
  PROP_SAMPLES,
  PROP_MODEL  // and the others of model_properties.h
};

enum SampleFrom { SAMPLE_FROM_ORDER, SAMPLE_FROM_OFFSET, SAMPLE_FROM_TIMESTAMP };

GType sample_from_get_type() {
  static const GEnumValue kValues[] = {
      {SAMPLE_FROM_ORDER, "Buffers are counted, from 0", "order"},
      {SAMPLE_FROM_OFFSET, "The offset of the buffer", "offset"},
      {SAMPLE_FROM_TIMESTAMP, "The time stamp times the frame rate of the caps", "timestamp"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstTaskHeadSinkSampleFrom", kValues);
  return type;
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Settings {
  GstFeatureTask task = GST_FEATURE_TASK_NONE;
  ModelSettings model;
  ScoreSettings score;
  SampleFrom sample_from = SAMPLE_FROM_ORDER;
  std::string json;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

struct SinkState {
  Settings settings;  // under the object lock, as the next two
  double metric = kNaN;
  guint64 samples = 0;

  // Of the streaming thread.
  std::unique_ptr<Model> model;
  std::unique_ptr<Scorer> scorer;
  GstFeatureTask task = GST_FEATURE_TASK_NONE;  // of the scorer
  Refusal refusal;
  InfoPtr info;
  guint64 number = 0;  // of the buffer
  guint64 skipped = 0;
  bool reported = false;
  nlohmann::ordered_json records;
  std::vector<uint8_t> bytes;
  std::vector<float> floats;
};

}  // namespace

struct _GstTaskHeadSink {
  GstBaseSink parent;
  SinkState *state;
};

G_DEFINE_FINAL_TYPE(GstTaskHeadSink, gst_task_head_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(taskheadsink, "taskheadsink", GST_RANK_NONE,
                                      GST_TYPE_TASK_HEAD_SINK,
                                      GST_DEBUG_CATEGORY_INIT(taskheadsink_debug, "taskheadsink", 0,
                                                              "measures task heads"))

static Settings settings_of(GstTaskHeadSink *self) {
  const ObjectLock lock(self);
  return self->state->settings;
}

/* --- the start --- */

static void begin_anew(GstTaskHeadSink *self) {
  SinkState &s = *self->state;
  s.scorer.reset();
  s.task = GST_FEATURE_TASK_NONE;
  s.number = s.skipped = 0;
  s.reported = false;
  s.records = nlohmann::ordered_json::array();
  const ObjectLock lock(self);
  s.metric = kNaN;
  s.samples = 0;
}

static gboolean gst_task_head_sink_start(GstBaseSink *base) {
  auto *self = GST_TASK_HEAD_SINK(base);
  SinkState &s = *self->state;
  s.refusal.clear();
  s.info.reset();
  begin_anew(self);
  std::string error;
  s.model = Model::load(settings_of(self).model, error);
  if (s.model) return TRUE;
  GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("%s", error.c_str()), (nullptr));
  return FALSE;
}

// The scorer of the caps' task; what is wrong, as a sentence.
static std::string prepare_scorer(GstTaskHeadSink *self, const Settings &settings,
                                  GstFeatureTask task) {
  SinkState &s = *self->state;
  if (s.scorer && task == s.task) return {};
  if (s.scorer)
    return std::string("The task changes from ") + gst_feature_task_to_string(s.task) + " to " +
           gst_feature_task_to_string(task) + " in mid-stream.";
  ScoreSettings score = settings.score;
  score.fid.device = settings.model.device;
  score.fid.threads = settings.model.threads;
  std::string error;
  s.scorer = make_scorer(task, score, error);
  s.task = task;
  return error;
}

static gboolean gst_task_head_sink_set_caps(GstBaseSink *base, GstCaps *caps) {
  auto *self = GST_TASK_HEAD_SINK(base);
  SinkState &s = *self->state;
  const Settings settings = settings_of(self);
  std::string error;
  InfoPtr info = info_for_model(caps, settings.max_points, error);
  if (info) {
    const bool given = settings.task != GST_FEATURE_TASK_NONE;
    error = prepare_scorer(self, settings,
                           given ? settings.task : gst_feature_info_get_task(info.get()));
  }
  gint fps_n = 0;
  if (info) gst_feature_info_get_framerate(info.get(), &fps_n, nullptr);
  if (error.empty() && settings.sample_from == SAMPLE_FROM_TIMESTAMP && fps_n == 0)
    error = "sample-from=timestamp needs caps with a frame rate.";
  if (!error.empty()) return s.refusal.post(self, error.c_str());
  s.info = std::move(info);
  return TRUE;
}

/* --- samples --- */

// Which sample a buffer is. False: the error says why it is not known, without a stop.
static bool sample_of(GstTaskHeadSink *self, GstBuffer *buffer, guint64 &sample,
                      std::string &error) {
  const SinkState &s = *self->state;
  switch (settings_of(self).sample_from) {
    case SAMPLE_FROM_ORDER:
      sample = s.number;
      return true;
    case SAMPLE_FROM_OFFSET:
      sample = GST_BUFFER_OFFSET(buffer);
      error = "it has no offset, which sample-from=offset needs";
      return GST_BUFFER_OFFSET_IS_VALID(buffer);
    case SAMPLE_FROM_TIMESTAMP:
      break;
  }
  error = "it has no time stamp, which sample-from=timestamp needs";
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) return false;
  gint fps_n = 0;
  gint fps_d = 1;
  gst_feature_info_get_framerate(s.info.get(), &fps_n, &fps_d);
  sample = gst_util_uint64_scale_round(GST_BUFFER_PTS(buffer), static_cast<guint64>(fps_n),
                                       GST_SECOND * static_cast<guint64>(fps_d));
  return true;
}

static Outcome score(GstTaskHeadSink *self, GstBuffer *buffer, guint64 &sample,
                     GstStructure *fields) {
  SinkState &s = *self->state;
  const MappedBuffer map(buffer, GST_MAP_READ);
  std::string error = map.ok() ? wrong_size(s.info.get(), map.size()) : "it cannot be read";
  if (!error.empty() || !sample_of(self, buffer, sample, error))
    return {Outcome::Kind::kBroken, error};
  const TorchTensor input = head_input(s.info.get(), {map.data(), map.size()}, s.bytes);
  TorchTensor tensor;
  HeadOutput output;
  error.clear();
  if (s.model->run(input, tensor, error)) error = head_output(s.task, tensor, s.floats, output);
  if (!error.empty()) return {Outcome::Kind::kBroken, error};
  gst_structure_set(fields, "sample", G_TYPE_UINT64, sample, "task", G_TYPE_STRING,
                    gst_feature_task_to_string(s.task), nullptr);
  return s.scorer->score(output, sample, fields);
}

static void keep(GstTaskHeadSink *self, StructurePtr fields) {
  SinkState &s = *self->state;
  if (!settings_of(self).json.empty()) s.records.push_back(json_of(fields.get()));
  {
    const ObjectLock lock(self);
    ++s.samples;
    s.metric = s.scorer->running_metric();
  }
  gst_element_post_message(GST_ELEMENT(self),
                           gst_message_new_element(GST_OBJECT(self), fields.release()));
}

static GstFlowReturn gst_task_head_sink_render(GstBaseSink *base, GstBuffer *buffer) {
  auto *self = GST_TASK_HEAD_SINK(base);
  SinkState &s = *self->state;
  if (!s.info || !s.scorer) return GST_FLOW_NOT_NEGOTIATED;
  StructurePtr fields(gst_structure_new_empty("taskheadsink-sample"));
  guint64 sample = s.number;
  Outcome outcome;
  try {
    outcome = score(self, buffer, sample, fields.get());
    if (outcome.kind == Outcome::Kind::kScored) keep(self, std::move(fields));
  } catch (const std::exception &) {  // of containers: their memory
    outcome = {Outcome::Kind::kBroken, "there is not enough memory"};
  }
  if (outcome.kind == Outcome::Kind::kBroken) {
    GST_ELEMENT_ERROR(self, STREAM, FAILED,
                      ("Sample %" G_GUINT64_FORMAT ": %s.", sample, outcome.text.c_str()),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  if (outcome.kind == Outcome::Kind::kSkipped) {
    ++s.skipped;
    GST_ELEMENT_WARNING(
        self, STREAM, FAILED,
        ("Sample %" G_GUINT64_FORMAT " is left out: %s.", sample, outcome.text.c_str()), (nullptr));
  }
  ++s.number;
  return GST_FLOW_OK;
}

/* --- the end --- */

// Writes the file and posts the message, once; `complete` at the end of the stream.
static void report(GstTaskHeadSink *self, bool complete) {
  SinkState &s = *self->state;
  if (s.reported || !s.scorer) return;
  s.reported = true;
  const double metric = s.scorer->final_metric();
  guint64 samples = 0;
  {
    const ObjectLock lock(self);
    s.metric = metric;
    samples = s.samples;
  }
  StructurePtr result(gst_structure_new(
      "taskheadsink-result", "task", G_TYPE_STRING, gst_feature_task_to_string(s.task),
      "metric-name", G_TYPE_STRING, s.scorer->metric_name(), "metric", G_TYPE_DOUBLE, metric,
      "samples", G_TYPE_UINT64, samples, "skipped", G_TYPE_UINT64, s.skipped, nullptr));
  if (const std::string caution = s.scorer->caution(); !caution.empty())
    GST_ELEMENT_WARNING(self, STREAM, FAILED, ("%s", caution.c_str()), (nullptr));
  const std::string path = settings_of(self).json;
  if (!path.empty()) {
    nlohmann::ordered_json json = json_of(result.get());
    json["complete"] = complete;
    json["records"] = std::exchange(s.records, nlohmann::ordered_json::array());
    std::string error;
    if (!write_json(path, json, error))
      GST_ELEMENT_ERROR(self, RESOURCE, WRITE, ("%s", error.c_str()), (nullptr));
  }
  if (complete)
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_element(GST_OBJECT(self), result.release()));
}

static gboolean gst_task_head_sink_event(GstBaseSink *base, GstEvent *event) {
  auto *self = GST_TASK_HEAD_SINK(base);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
    const GstFeatureTask task = self->state->task;
    begin_anew(self);
    // Caps stay over a flush, and so does what they ask for.
    if (self->state->info) (void)prepare_scorer(self, settings_of(self), task);
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) report(self, true);
  return GST_BASE_SINK_CLASS(gst_task_head_sink_parent_class)->event(base, event);
}

static gboolean gst_task_head_sink_stop(GstBaseSink *base) {
  auto *self = GST_TASK_HEAD_SINK(base);
  report(self, false);
  self->state->scorer.reset();
  self->state->model.reset();
  return TRUE;
}

static void gst_task_head_sink_finalize(GObject *object) {
  delete GST_TASK_HEAD_SINK(object)->state;
  G_OBJECT_CLASS(gst_task_head_sink_parent_class)->finalize(object);
}

/* --- properties --- */

static void gst_task_head_sink_set_property(GObject *object, guint id, const GValue *value,
                                            GParamSpec *pspec) {
  Settings &settings = GST_TASK_HEAD_SINK(object)->state->settings;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_TASK:
      settings.task = static_cast<GstFeatureTask>(g_value_get_enum(value));
      break;
    case PROP_TRUTH:
      settings.score.truth = string_of(value);
      break;
    case PROP_CHOICES:
      settings.score.choices = string_of(value);
      break;
    case PROP_CLASSES:
      settings.score.classes = g_value_get_uint(value);
      break;
    case PROP_CROP:
      settings.score.crop = ints_of(value);
      break;
    case PROP_DEPTH_RANGE:
      settings.score.depth_range = doubles_of(value);
      break;
    case PROP_FID_MODEL:
      settings.score.fid.path = string_of(value);
      break;
    case PROP_FID_METHOD:
      settings.score.fid.method = string_of(value);
      break;
    case PROP_FID_REFERENCE:
      settings.score.fid_reference = string_of(value);
      break;
    case PROP_SAMPLE_FROM:
      settings.sample_from = static_cast<SampleFrom>(g_value_get_enum(value));
      break;
    case PROP_JSON:
      settings.json = string_of(value);
      break;
    case PROP_MAX_POINTS:
      settings.max_points = g_value_get_uint64(value);
      break;
    default:
      if (id < PROP_MODEL || !set_model_property(settings.model, id - PROP_MODEL, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_task_head_sink_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec) {
  const SinkState &s = *GST_TASK_HEAD_SINK(object)->state;
  const Settings &settings = s.settings;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_TASK:
      g_value_set_enum(value, settings.task);
      break;
    case PROP_TRUTH:
      set_string(value, settings.score.truth);
      break;
    case PROP_CHOICES:
      set_string(value, settings.score.choices);
      break;
    case PROP_CLASSES:
      g_value_set_uint(value, settings.score.classes);
      break;
    case PROP_CROP:
      set_ints(value, settings.score.crop);
      break;
    case PROP_DEPTH_RANGE:
      set_doubles(value, settings.score.depth_range);
      break;
    case PROP_FID_MODEL:
      set_string(value, settings.score.fid.path);
      break;
    case PROP_FID_METHOD:
      set_string(value, settings.score.fid.method);
      break;
    case PROP_FID_REFERENCE:
      set_string(value, settings.score.fid_reference);
      break;
    case PROP_SAMPLE_FROM:
      g_value_set_enum(value, settings.sample_from);
      break;
    case PROP_JSON:
      set_string(value, settings.json);
      break;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      break;
    case PROP_METRIC:
      g_value_set_double(value, s.metric);
      break;
    case PROP_SAMPLES:
      g_value_set_uint64(value, s.samples);
      break;
    default:
      if (id < PROP_MODEL || !get_model_property(settings.model, id - PROP_MODEL, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void install_figures(GObjectClass *object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property(
      object_class, PROP_METRIC,
      g_param_spec_double("metric", "Metric",
                          "The task's metric so far, NaN before there is one; FID: of the first "
                          "2^k images, and of all at the end",
                          -G_MAXDOUBLE, G_MAXDOUBLE, 0, flags));
  g_object_class_install_property(
      object_class, PROP_SAMPLES,
      g_param_spec_uint64("samples", "Samples", "Samples that the metric is of", 0, G_MAXUINT64, 0,
                          flags));
}

static void install_properties(GObjectClass *object_class) {
  install_task(object_class, PROP_TASK, "Task of the head; none: as the caps have it");
  install_model_properties(object_class, PROP_MODEL);
  install_string(object_class, PROP_TRUTH, "truth", "Truth",
                 "What is right: an .npy file whose first dimension is the sample, or a pattern "
                 "such as truth/%05d.npy");
  install_string(object_class, PROP_CHOICES, "choices", "Choices",
                 "csr: tokens of the choices, (samples,choices) with -1 as padding; as truth");
  g_object_class_install_property(
      object_class, PROP_CLASSES,
      g_param_spec_uint("classes", "Classes",
                        "cls, seg: number of classes that the head must give; 0: any", 0, 65535, 0,
                        kReadyFlags));
  install_ints(object_class, PROP_CROP, "crop", "Crop",
               "dpt: rows from and to, columns from and to that count, as <45, 471, 41, 601>; the "
               "ends are excluded");
  install_doubles(object_class, PROP_DEPTH_RANGE, "depth-range", "Depth range",
                  "dpt: depths that count, in metres, the ends excluded; empty: <0.001, 10.0>");
  install_string(object_class, PROP_FID_MODEL, "fid-model", "FID model",
                 "tti: TorchScript file of the network whose activations are compared");
  install_string(object_class, PROP_FID_METHOD, "fid-method", "FID method",
                 "tti: method of the FID model", "forward");
  install_string(object_class, PROP_FID_REFERENCE, "fid-reference", "FID reference",
                 "tti: .npy file (images,activations) of the reference images");
  g_object_class_install_property(
      object_class, PROP_SAMPLE_FROM,
      g_param_spec_enum("sample-from", "Sample from", "What tells which sample a buffer is",
                        sample_from_get_type(), SAMPLE_FROM_ORDER, kReadyFlags));
  install_string(object_class, PROP_JSON, "json", "JSON", "File to write the result to");
  install_max_points(object_class, PROP_MAX_POINTS);
  install_figures(object_class);
}

static void gst_task_head_sink_class_init(GstTaskHeadSinkClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *base_class = GST_BASE_SINK_CLASS(klass);
  object_class->set_property = gst_task_head_sink_set_property;
  object_class->get_property = gst_task_head_sink_get_property;
  object_class->finalize = gst_task_head_sink_finalize;
  base_class->start = gst_task_head_sink_start;
  base_class->stop = gst_task_head_sink_stop;
  base_class->set_caps = gst_task_head_sink_set_caps;
  base_class->render = gst_task_head_sink_render;
  base_class->event = gst_task_head_sink_event;
  install_properties(object_class);
  const CapsPtr caps = tensor_caps(kFloatFormats);
  gst_element_class_add_pad_template(
      element_class, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps.get()));
  gst_element_class_set_static_metadata(element_class, "Task head sink", "Sink/Feature",
                                        "Measures what features are still good for",
                                        "GStreamer feature plug-ins");
}

static void gst_task_head_sink_init(GstTaskHeadSink *self) {
  self->state = new SinkState();
  // Samples are scored as fast as they come.
  gst_base_sink_set_sync(GST_BASE_SINK(self), FALSE);
}
