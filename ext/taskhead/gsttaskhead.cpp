// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-taskhead
 * @title: taskhead
 * @short_description: shows what a model's head makes of features
 *
 * Runs the second half of a model that was cut in two and gives its answer in a form for people:
 * the name of a class or a token as text, segmentation and depth as coloured pictures, an image.
 *
 * |[
 * gst-launch-1.0 filesrc location=feature.npy ! npydec ! taskhead task=seg model=vit.pt
 * method=head_seg !  \ videoconvert ! autovideosink
 * ]|
 *
 * Since: 0.1
 */
#include "ext/taskhead/gsttaskhead.h"

#include <gst/video/video.h>

#include <cmath>
#include <cstring>

#include "codecs/taskmetrics/task_metrics.h"
#include "ext/taskhead/head_output.h"
#include "ext/taskhead/labels.h"
#include "ext/taskhead/number_list.h"
#include "ext/taskhead/picture.h"
#include "ext/taskhead/truth.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(taskhead_debug);
#define GST_CAT_DEFAULT taskhead_debug

namespace {

enum { PROP_LABELS = kFilterProperties, PROP_CHOICES, PROP_DEPTH_RANGE };

// Guarded by the object lock.
struct Settings {
  std::string labels;
  std::string choices;
  std::vector<double> depth_range;
};

struct HeadState {
  Settings settings;

  // Of the streaming thread.
  GstFeatureTask task = GST_FEATURE_TASK_NONE;
  std::vector<std::string> labels;
  std::unique_ptr<Truth> choices;
  DepthRange range;
  InfoPtr tensor;
  gint fps_n = 0;
  gint fps_d = 1;
  std::vector<uint8_t> bytes;
  std::vector<float> floats;
  std::vector<int32_t> classes;
};

bool is_text(GstFeatureTask task) {
  return task == GST_FEATURE_TASK_CLS || task == GST_FEATURE_TASK_CSR;
}

// Of the largest logit, among all.
double probability_of(std::span<const float> logits, size_t index) {
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(static_cast<double>(logit) - static_cast<double>(logits[index]));
  return 1 / sum;
}

}  // namespace

struct _GstTaskHead {
  GstModelFilter parent;
  HeadState *state;
};

G_DEFINE_FINAL_TYPE(GstTaskHead, gst_task_head, GST_TYPE_MODEL_FILTER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(taskhead, "taskhead", GST_RANK_NONE, GST_TYPE_TASK_HEAD,
                                      GST_DEBUG_CATEGORY_INIT(taskhead_debug, "taskhead", 0,
                                                              "shows what a head gives"))

static std::string start(GstModelFilter *filter) {
  HeadState &s = *GST_TASK_HEAD(filter)->state;
  Settings settings;
  {
    const ObjectLock lock(filter);
    settings = s.settings;
  }
  s.labels.clear();
  s.choices.reset();
  s.range = {};
  std::string error;
  if (!depth_range_of(settings.depth_range, s.range, error)) return error;
  if (!settings.labels.empty() && !read_labels(settings.labels, s.labels, error)) return error;
  if (settings.choices.empty()) return {};
  s.choices = Truth::open(settings.choices, error);
  return s.choices ? "" : "The choices cannot be read: " + error + ".";
}

static std::string set_caps(GstModelFilter *filter, const GstCaps *caps) {
  HeadState &s = *GST_TASK_HEAD(filter)->state;
  const FilterSettings settings = settings_of(filter);
  std::string error;
  s.tensor = info_for_model(caps, settings.max_points, error);
  if (!s.tensor) return error;
  gst_feature_info_get_framerate(s.tensor.get(), &s.fps_n, &s.fps_d);
  s.task = settings.task != GST_FEATURE_TASK_NONE ? settings.task
                                                  : gst_feature_info_get_task(s.tensor.get());
  if (s.task == GST_FEATURE_TASK_NONE)
    return "The task is not known: neither the caps nor the property task tell it.";
  return {};
}

static std::string read_tensor(GstModelFilter *filter, GstBuffer *buffer, TorchTensor &input) {
  HeadState &s = *GST_TASK_HEAD(filter)->state;
  const MappedBuffer map(buffer, GST_MAP_READ);
  if (!map.ok()) return "it cannot be read";
  std::string wrong = wrong_size(s.tensor.get(), map.size());
  if (wrong.empty()) input = head_input(s.tensor.get(), {map.data(), map.size()}, s.bytes);
  return wrong;
}

/* --- text --- */

static std::string name_of(const HeadState &s, size_t index, const char *kind) {
  return s.labels.empty() ? kind + std::to_string(index) : s.labels[index];
}

static std::string answer_of(HeadState &s, guint64 number, const HeadOutput &output,
                             std::string &error) {
  if (!s.labels.empty() && s.labels.size() < output.channels) {
    error = "the head gives " + std::to_string(output.channels) + " values, but there are " +
            std::to_string(s.labels.size()) + " labels";
    return {};
  }
  size_t best = largest(output.values);
  if (s.task == GST_FEATURE_TASK_CLS)
    return name_of(s, best, "class ") + " " +
           std::to_string(std::lround(100 * probability_of(output.values, best))) + " %";
  if (!s.choices) return name_of(s, best, "token ");
  std::vector<int32_t> tokens;
  std::vector<uint64_t> shape;
  if (s.choices->get(number, tokens, shape, error) != Truth::Found::kYes) return {};
  const std::optional<size_t> choice = best_choice(output.values, tokens);
  if (!choice) {
    error = "none of its choices is a token of the vocabulary";
    return {};
  }
  const auto token = static_cast<size_t>(tokens[*choice]);
  // A, B, C, ...; nobody has more than 26.
  return std::string(1, static_cast<char>('A' + *choice % 26)) + ": " + name_of(s, token, "token ");
}

static std::string make_text(HeadState &s, guint64 number, const HeadOutput &output, CapsPtr &caps,
                             BufferPtr &buffer) {
  std::string error;
  const std::string text = answer_of(s, number, output, error);
  if (!error.empty()) return error;
  caps.reset(gst_caps_new_simple("text/x-raw", "format", G_TYPE_STRING, "utf8", nullptr));
  buffer.reset(gst_buffer_new_memdup(text.data(), text.size()));
  return {};
}

/* --- pictures --- */

static void paint(HeadState &s, const HeadOutput &output, const Picture &picture) {
  if (s.task == GST_FEATURE_TASK_SEG) {
    labels_of(output.values, output.channels, s.classes);
    paint_labels(s.classes, picture);
  } else if (s.task == GST_FEATURE_TASK_DPT) {
    paint_depth(output.values, s.range.near, s.range.far, picture);
  } else {
    paint_planes(output.values, picture);
  }
}

static std::string make_picture(HeadState &s, const HeadOutput &output, CapsPtr &caps,
                                BufferPtr &buffer) {
  GstVideoInfo video;
  if (output.width > G_MAXINT / 4 || output.height > G_MAXINT / 4 ||
      !gst_video_info_set_format(&video, GST_VIDEO_FORMAT_RGB, static_cast<guint>(output.width),
                                 static_cast<guint>(output.height)))
    return "a picture of " + std::to_string(output.width) + "x" + std::to_string(output.height) +
           " is too large";
  GST_VIDEO_INFO_FPS_N(&video) = s.fps_n;
  GST_VIDEO_INFO_FPS_D(&video) = s.fps_d;
  caps.reset(gst_video_info_to_caps(&video));
  buffer.reset(gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&video), nullptr));
  if (!buffer) return "there is not enough memory";
  const MappedBuffer map(buffer.get(), GST_MAP_WRITE);
  if (!map.ok()) return "the picture cannot be written";
  std::memset(map.data(), 0, map.size());  // between the rows
  paint(s, output,
        {map.data(), GST_VIDEO_INFO_PLANE_STRIDE(&video, 0), output.width, output.height});
  return {};
}

static std::string make_result(GstModelFilter *filter, guint64 number, const TorchTensor &tensor,
                               CapsPtr &caps, BufferPtr &buffer) {
  HeadState &s = *GST_TASK_HEAD(filter)->state;
  HeadOutput output;
  std::string wrong = head_output(s.task, tensor, s.floats, output);
  if (!wrong.empty()) return wrong;
  return is_text(s.task) ? make_text(s, number, output, caps, buffer)
                         : make_picture(s, output, caps, buffer);
}

/* --- properties --- */

static void gst_task_head_set_property(GObject *object, guint id, const GValue *value,
                                       GParamSpec *pspec) {
  if (id < kFilterProperties) {
    set_filter_property(object, id, value, pspec);
    return;
  }
  Settings &settings = GST_TASK_HEAD(object)->state->settings;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_LABELS:
      settings.labels = string_of(value);
      break;
    case PROP_CHOICES:
      settings.choices = string_of(value);
      break;
    case PROP_DEPTH_RANGE:
      settings.depth_range = doubles_of(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_task_head_get_property(GObject *object, guint id, GValue *value,
                                       GParamSpec *pspec) {
  if (id < kFilterProperties) {
    get_filter_property(object, id, value, pspec);
    return;
  }
  const Settings &settings = GST_TASK_HEAD(object)->state->settings;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_LABELS:
      set_string(value, settings.labels);
      break;
    case PROP_CHOICES:
      set_string(value, settings.choices);
      break;
    case PROP_DEPTH_RANGE:
      set_doubles(value, settings.depth_range);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_task_head_finalize(GObject *object) {
  delete GST_TASK_HEAD(object)->state;
  G_OBJECT_CLASS(gst_task_head_parent_class)->finalize(object);
}

static void gst_task_head_class_init(GstTaskHeadClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *filter_class = GST_MODEL_FILTER_CLASS(klass);
  object_class->set_property = gst_task_head_set_property;
  object_class->get_property = gst_task_head_get_property;
  object_class->finalize = gst_task_head_finalize;
  filter_class->name = "taskhead";
  filter_class->start = start;
  filter_class->set_caps = set_caps;
  filter_class->read = read_tensor;
  filter_class->make = make_result;
  install_filter_properties(object_class, "Task of the head; none: as the caps have it");
  install_string(object_class, PROP_LABELS, "labels", "Labels",
                 "Text file with a line for each class or token");
  install_string(object_class, PROP_CHOICES, "choices", "Choices",
                 "csr: .npy file (samples,choices) with the token of each choice, -1 as padding");
  install_doubles(
      object_class, PROP_DEPTH_RANGE, "depth-range", "Depth range",
      "dpt: nearest and farthest depth of the colours, in metres; empty: <0.001, 10.0>");
  const CapsPtr sink = tensor_caps(kFloatFormats);
  CapsPtr src(gst_caps_from_string("text/x-raw, format=utf8"));
  src.reset(gst_caps_merge(src.release(), gst_caps_from_string(GST_VIDEO_CAPS_MAKE("RGB"))));
  add_pad_templates(element_class, sink.get(), src.get());
  gst_element_class_set_static_metadata(
      element_class, "Task head", "Filter/Feature",
      "Shows what the head of a TorchScript model makes of features", "GStreamer feature plug-ins");
}

static void gst_task_head_init(GstTaskHead *self) {
  self->state = new HeadState();
}
