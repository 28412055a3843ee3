// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-featureprofilesink
 * @title: featureprofilesink
 *
 * Learns a profile for featureenc from the tensors that come, and writes it when the stream ends.
 * Sums are kept, not the tensors. At the end it posts an element message `featureprofilesink` with
 * a summary.
 *
 * ## Example
 * |[
 * gst-launch-1.0 multifilesrc location=train/%05d.npy ! npydec !
 *   featureprofilesink location=layer30.featureprofile profile-name="SmolLM2-135M, layer 30"
 * ]|
 *
 * Since: 0.1
 */

#include "gst/codec/gstfeatureprofilesink.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "codecs/feature/learn/profile_learner.h"
#include "codecs/feature/profile.h"
#include "gst/codec/profiles.h"
#include "gst/codec/unit_description.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(featureprofilesink_debug);
#define GST_CAT_DEFAULT featureprofilesink_debug

namespace {

enum {
  PROP_0,
  PROP_LOCATION,
  PROP_PROFILE_NAME,
  PROP_ORIGIN,
  PROP_CLIP_MIN,
  PROP_CLIP_MAX,
  PROP_MAX_POSITIONS,
  PROP_COMPONENTS,
  PROP_MAX_POINTS,
  PROP_STATS
};

// Guarded by the object lock.
struct Settings {
  std::string location;
  std::string name;    // empty: that of the file
  std::string origin;  // empty: how many tensors
  double clip_min = -std::numeric_limits<double>::infinity();
  double clip_max = std::numeric_limits<double>::infinity();
  guint max_positions = native::kDefaultLearnPositions;
  guint components = 0;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

// What came so far, and what was written.
struct Stats {
  guint64 features = 0;
  guint64 rows = 0;
  guint channels = 0;
  bool written = false;
  guint components = 0;
  guint positions = 0;
  guint64 bytes = 0;
  std::string hash;
  double coding_gain = 0;    // dB
  double position_bits = 0;  // a value
};

struct State {
  Settings settings;
  Stats stats;  // guarded by the object lock, too

  // Everything below belongs to the streaming thread.
  Refusal refusal;
  InfoPtr info;
  native::TensorInfo tensor;
  std::unique_ptr<native::ProfileLearner> learner;  // made for the first tensor
};

}  // namespace

struct _GstFeatureProfileSink {
  GstBaseSink parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureProfileSink, gst_feature_profile_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(
    featureprofilesink, "featureprofilesink", GST_RANK_NONE, GST_TYPE_FEATURE_PROFILE_SINK,
    GST_DEBUG_CATEGORY_INIT(featureprofilesink_debug, "featureprofilesink", 0, "learns profiles"))

static Settings settings_of(GstFeatureProfileSink *self) {
  const ObjectLock lock(self);
  return self->state->settings;
}

static GstStructure *make_stats(GstFeatureProfileSink *self) {
  const ObjectLock lock(self);
  const Stats &s = self->state->stats;
  GstStructure *stats =
      gst_structure_new("featureprofilesink", "features", G_TYPE_UINT64, s.features, "rows",
                        G_TYPE_UINT64, s.rows, "channels", G_TYPE_UINT, s.channels, nullptr);
  if (s.written)
    gst_structure_set(stats, "components", G_TYPE_UINT, s.components, "positions", G_TYPE_UINT,
                      s.positions, "bytes", G_TYPE_UINT64, s.bytes, "hash", G_TYPE_STRING,
                      s.hash.c_str(), "coding-gain", G_TYPE_DOUBLE, s.coding_gain, "position-bits",
                      G_TYPE_DOUBLE, s.position_bits, nullptr);
  return stats;
}

static std::string string_of(const GValue *value) {
  const gchar *text = g_value_get_string(value);
  return text != nullptr ? text : "";
}

static void gst_feature_profile_sink_set_property(GObject *object, guint id, const GValue *value,
                                                  GParamSpec *pspec) {
  Settings &settings = GST_FEATURE_PROFILE_SINK(object)->state->settings;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_LOCATION:
      settings.location = string_of(value);
      break;
    case PROP_PROFILE_NAME:
      settings.name = string_of(value);
      break;
    case PROP_ORIGIN:
      settings.origin = string_of(value);
      break;
    case PROP_CLIP_MIN:
      settings.clip_min = g_value_get_double(value);
      break;
    case PROP_CLIP_MAX:
      settings.clip_max = g_value_get_double(value);
      break;
    case PROP_MAX_POSITIONS:
      settings.max_positions = g_value_get_uint(value);
      break;
    case PROP_COMPONENTS:
      settings.components = g_value_get_uint(value);
      break;
    case PROP_MAX_POINTS:
      settings.max_points = g_value_get_uint64(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void set_text(GValue *value, const std::string &text) {
  g_value_set_string(value, text.empty() ? nullptr : text.c_str());
}

static void gst_feature_profile_sink_get_property(GObject *object, guint id, GValue *value,
                                                  GParamSpec *pspec) {
  auto *self = GST_FEATURE_PROFILE_SINK(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  const Settings settings = settings_of(self);
  switch (id) {
    case PROP_LOCATION:
      set_text(value, settings.location);
      break;
    case PROP_PROFILE_NAME:
      set_text(value, settings.name);
      break;
    case PROP_ORIGIN:
      set_text(value, settings.origin);
      break;
    case PROP_CLIP_MIN:
      g_value_set_double(value, settings.clip_min);
      break;
    case PROP_CLIP_MAX:
      g_value_set_double(value, settings.clip_max);
      break;
    case PROP_MAX_POSITIONS:
      g_value_set_uint(value, settings.max_positions);
      break;
    case PROP_COMPONENTS:
      g_value_set_uint(value, settings.components);
      break;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

/* --- learning --- */

static void begin_anew(GstFeatureProfileSink *self) {
  self->state->learner.reset();
  const ObjectLock lock(self);
  self->state->stats = {};
}

static gboolean gst_feature_profile_sink_start(GstBaseSink *base) {
  auto *self = GST_FEATURE_PROFILE_SINK(base);
  const Settings settings = settings_of(self);
  if (settings.location.empty()) {
    GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND,
                      ("There is no file to write: the property location is not set."), (nullptr));
    return FALSE;
  }
  if (!(settings.clip_min < settings.clip_max)) {
    GST_ELEMENT_ERROR(
        self, LIBRARY, SETTINGS,
        ("Nothing is between clip-min=%g and clip-max=%g.", settings.clip_min, settings.clip_max),
        (nullptr));
    return FALSE;
  }
  self->state->refusal.clear();
  self->state->info.reset();
  begin_anew(self);
  return TRUE;
}

static gboolean gst_feature_profile_sink_stop(GstBaseSink *base) {
  GST_FEATURE_PROFILE_SINK(base)->state->learner.reset();
  return TRUE;
}

static gboolean gst_feature_profile_sink_set_caps(GstBaseSink *base, GstCaps *caps) {
  auto *self = GST_FEATURE_PROFILE_SINK(base);
  State &s = *self->state;
  ErrorSlot error;
  InfoPtr info(gst_feature_info_from_caps(caps, error.out()));
  if (!info || !gst_feature_info_validate(info.get(), settings_of(self).max_points, error.out())) {
    return s.refusal.post(self, (without_stop(error.message()) + ".").c_str());
  }
  const std::string wrong = tensor_of(info.get(), s.tensor);
  if (!wrong.empty()) return s.refusal.post(self, wrong.c_str());
  s.info = std::move(info);
  return TRUE;
}

static std::unique_ptr<native::ProfileLearner> make_learner(const Settings &settings) {
  native::LearnOptions options;
  const CharPtr file(g_path_get_basename(settings.location.c_str()));
  const std::string stem = file.get();
  options.name = settings.name.empty() ? stem.substr(0, stem.rfind('.')) : settings.name;
  options.clip_min = static_cast<float>(settings.clip_min);
  options.clip_max = static_cast<float>(settings.clip_max);
  options.max_positions = settings.max_positions;
  options.components = settings.components;
  return std::make_unique<native::ProfileLearner>(std::move(options));
}

// Takes one tensor; what is wrong with it as a sentence.
static std::string learn_from(GstFeatureProfileSink *self, std::span<const uint8_t> data) {
  State &s = *self->state;
  const gsize size = gst_feature_info_get_size(s.info.get());
  if (data.size() != size)
    return "it has " + std::to_string(data.size()) + " bytes where its caps ask for " +
           std::to_string(size);
  if (!s.learner) s.learner = make_learner(settings_of(self));
  const native::Status status = s.learner->add(s.tensor, data);
  if (!status.ok()) return without_stop(status.message);
  const ObjectLock lock(self);
  s.stats.features = s.learner->features();
  s.stats.rows = s.learner->rows();
  s.stats.channels = s.learner->channels();
  return {};
}

static GstFlowReturn gst_feature_profile_sink_render(GstBaseSink *base, GstBuffer *buffer) {
  auto *self = GST_FEATURE_PROFILE_SINK(base);
  const guint64 number = self->state->learner ? self->state->learner->features() : 0;
  const MappedBuffer map(buffer, GST_MAP_READ);
  if (!map.ok()) {
    GST_ELEMENT_ERROR(self, RESOURCE, READ, ("A tensor cannot be read."), (nullptr));
    return GST_FLOW_ERROR;
  }
  std::string wrong;
  try {
    wrong = learn_from(self, {map.data(), map.size()});
  } catch (const std::bad_alloc &) {
    wrong = "there is not enough memory for so many channels";
  }
  if (wrong.empty()) return GST_FLOW_OK;
  GST_ELEMENT_ERROR(
      self, STREAM, FAILED,
      ("Tensor %" G_GUINT64_FORMAT " cannot be learned from: %s.", number, wrong.c_str()),
      (nullptr));
  return GST_FLOW_ERROR;
}

/* --- the end --- */

static std::string origin_of(const Settings &settings, const native::LearnReport &report) {
  if (!settings.origin.empty()) return settings.origin;
  return std::to_string(report.features) + " features, " + std::to_string(report.rows) + " rows";
}

static bool write_file(const std::string &path, const std::vector<uint8_t> &bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  return file.good();
}

static void keep_summary(GstFeatureProfileSink *self, const native::LearnReport &report,
                         const std::vector<uint8_t> &bytes) {
  std::shared_ptr<const native::Profile> profile;
  (void)native::Profile::parse(bytes, profile);
  const ObjectLock lock(self);
  Stats &stats = self->state->stats;
  stats.written = true;
  stats.components = report.components;
  stats.positions = report.positions;
  stats.bytes = bytes.size();
  stats.hash = profile ? hash_text(profile->hash()) : "";
  stats.coding_gain = report.coding_gain_db;
  stats.position_bits = report.position_bits;
}

// Makes the profile and writes it; false: an error was posted.
static bool write_profile(GstFeatureProfileSink *self) {
  State &s = *self->state;
  const Settings settings = settings_of(self);
  if (!s.learner) {
    GST_ELEMENT_ERROR(self, STREAM, FAILED, ("No tensor came to learn from."), (nullptr));
    return false;
  }
  native::ProfileData data;
  native::LearnReport report;
  std::vector<uint8_t> bytes;
  native::Status status;
  try {
    status = s.learner->finish(data, report);
    data.origin = origin_of(settings, report);
    if (status.ok()) status = native::Profile::write(data, bytes);
  } catch (const std::bad_alloc &) {
    status = {native::Status::Code::kLimit, "there is not enough memory for so many channels"};
  }
  s.learner.reset();
  if (!status.ok()) {
    GST_ELEMENT_ERROR(self, STREAM, FAILED,
                      ("No profile can be made: %s.", without_stop(status.message).c_str()),
                      (nullptr));
    return false;
  }
  if (!write_file(settings.location, bytes)) {
    GST_ELEMENT_ERROR(self, RESOURCE, WRITE,
                      ("The profile cannot be written to %s.", settings.location.c_str()),
                      GST_ERROR_SYSTEM);
    return false;
  }
  keep_summary(self, report, bytes);
  return true;
}

static gboolean gst_feature_profile_sink_event(GstBaseSink *base, GstEvent *event) {
  auto *self = GST_FEATURE_PROFILE_SINK(base);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) begin_anew(self);
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
    if (!write_profile(self)) {
      gst_event_unref(event);
      return FALSE;
    }
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_element(GST_OBJECT(self), make_stats(self)));
  }
  return GST_BASE_SINK_CLASS(gst_feature_profile_sink_parent_class)->event(base, event);
}

static void gst_feature_profile_sink_finalize(GObject *object) {
  delete GST_FEATURE_PROFILE_SINK(object)->state;
  G_OBJECT_CLASS(gst_feature_profile_sink_parent_class)->finalize(object);
}

/* --- properties --- */

static void install_properties(GObjectClass *object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_READY);
  const auto text = [&](guint id, const char *name, const char *nick, const char *blurb) {
    g_object_class_install_property(object_class, id,
                                    g_param_spec_string(name, nick, blurb, nullptr, flags));
  };
  const auto number = [&](guint id, const char *name, const char *nick, const char *blurb,
                          double value) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    g_object_class_install_property(
        object_class, id,
        g_param_spec_double(name, nick, blurb, -kInfinity, kInfinity, value, flags));
  };
  text(PROP_LOCATION, "location", "Location", "Profile file to write");
  text(PROP_PROFILE_NAME, "profile-name", "Profile name",
       "Which feature, for people; that of the file if not set");
  text(PROP_ORIGIN, "origin", "Origin",
       "What it is learned from, for people; the number of tensors if not set");
  number(PROP_CLIP_MIN, "clip-min", "Clip below", "Values below become this",
         -std::numeric_limits<double>::infinity());
  number(PROP_CLIP_MAX, "clip-max", "Clip above", "Values above become this",
         std::numeric_limits<double>::infinity());
  g_object_class_install_property(
      object_class, PROP_MAX_POSITIONS,
      g_param_spec_uint("max-positions", "Positions",
                        "Rows of a tensor that may get means of their own; 0: none", 0,
                        native::kMaxProfilePositions, native::kDefaultLearnPositions, flags));
  g_object_class_install_property(
      object_class, PROP_COMPONENTS,
      g_param_spec_uint("components", "Components",
                        "Components to keep, with the largest variances; 0: all", 0,
                        native::kMaxLearnChannels, 0, flags));
  g_object_class_install_property(
      object_class, PROP_MAX_POINTS,
      g_param_spec_uint64("max-points", "Most points", "Most elements of a tensor", 1, G_MAXUINT64,
                          GST_FEATURE_DEFAULT_MAX_POINTS, flags));
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "What came, and what was written",
                         GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_feature_profile_sink_class_init(GstFeatureProfileSinkClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS(klass);
  object_class->set_property = gst_feature_profile_sink_set_property;
  object_class->get_property = gst_feature_profile_sink_get_property;
  object_class->finalize = gst_feature_profile_sink_finalize;
  base_class->start = gst_feature_profile_sink_start;
  base_class->stop = gst_feature_profile_sink_stop;
  base_class->set_caps = gst_feature_profile_sink_set_caps;
  base_class->render = gst_feature_profile_sink_render;
  base_class->event = gst_feature_profile_sink_event;
  install_properties(object_class);
  const CapsPtr caps = codable_tensor_caps();
  gst_element_class_add_pad_template(
      element_class, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps.get()));
  gst_element_class_set_static_metadata(element_class, "Feature profile learner", "Sink/Feature",
                                        "Learns a profile for featureenc from tensors",
                                        "The gst-feature project");
}

static void gst_feature_profile_sink_init(GstFeatureProfileSink *self) {
  self->state = new State();
  // Tensors are learned from as fast as they come.
  gst_base_sink_set_sync(GST_BASE_SINK(self), FALSE);
}
