// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featuretestsrc
 * @title: featuretestsrc
 * @short_description: makes tensors for tests
 *
 * Tensors of any shape and format: noise, gradients, and synthetic features with the range,
 * mean, spread, outlier channels and token structure that the paper publishes for its five kinds
 * of features. The same seed gives the same tensors on every machine.
 *
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=1 pattern=cls seed=7 ! npyenc ! filesink
 * location=cls.npy gst-launch-1.0 featuretestsrc num-buffers=10 shape="<1,1,16,32>" format=U8 !
 * fakesink
 * ]|
 *
 * Since: 0.1
 */
#include "gst/featureproc/gstfeaturetestsrc.h"

#include <string>
#include <vector>

#include "gst/common/gstcpp.h"
#include "gst/featureproc/testpattern.h"

GST_DEBUG_CATEGORY_STATIC(featuretestsrc_debug);
#define GST_CAT_DEFAULT featuretestsrc_debug

namespace {

using feat::Pattern;

enum { PROP_0, PROP_PATTERN, PROP_SEED, PROP_SHAPE, PROP_FORMAT, PROP_FRAMERATE, PROP_IS_LIVE };

constexpr gint kDefaultFps = 30;

GType pattern_get_type() {
  static const GEnumValue kValues[] = {
      {static_cast<int>(Pattern::kNoise), "Uniform noise, -1 to 1 or all integers", "noise"},
      {static_cast<int>(Pattern::kGradient), "Diagonal gradient over the same values", "gradient"},
      {static_cast<int>(Pattern::kZero), "Zeros", "zero"},
      {static_cast<int>(Pattern::kRamp), "Number of the element plus number of the buffer", "ramp"},
      {static_cast<int>(Pattern::kCls), "Like DINOv2 features for classification", "cls"},
      {static_cast<int>(Pattern::kSeg), "Like DINOv2 features for segmentation", "seg"},
      {static_cast<int>(Pattern::kDpt), "Like DINOv2 features of four layers for depth", "dpt"},
      {static_cast<int>(Pattern::kCsr), "Like Llama3 features for reasoning", "csr"},
      {static_cast<int>(Pattern::kTti), "Like Stable Diffusion 3 latents", "tti"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstFeatureTestPattern", kValues);
  return type;
}

GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS(GST_FEATURE_TENSOR_CAPS_NAME
                    ", format = (string) { F32LE, F16LE, BF16LE, F64LE, U8, S8, U16LE, S16LE, "
                    "U32LE, S32LE, U64LE, S64LE }, framerate = (fraction) [ 0/1, 2147483647/1 ]"));

GstFeatureTask pattern_task(Pattern pattern) {
  GstFeatureTask task = GST_FEATURE_TASK_NONE;
  if (feat::is_synthetic(pattern))
    gst_feature_task_from_string(feat::synth_kind(feat::to_synth(pattern)).name, &task);
  return task;
}

void set_shape(GstStructure *structure, std::span<const int32_t> shape) {
  GValue array = G_VALUE_INIT;
  GValue item = G_VALUE_INIT;
  gst_value_array_init(&array, static_cast<guint>(shape.size()));
  g_value_init(&item, G_TYPE_INT);
  for (const int32_t size : shape) {
    g_value_set_int(&item, size);
    gst_value_array_append_value(&array, &item);
  }
  gst_structure_take_value(structure, "shape", &array);
}

}  // namespace

/* The settings are under the object lock; the rest belongs to the streaming thread. */
struct FeatureTestSrcState {
  Pattern pattern = Pattern::kNoise;
  guint64 seed = 0;
  bool shape_set = false;
  std::vector<int32_t> shape;
  GstFeatureFormat format = GST_FEATURE_FORMAT_UNKNOWN;
  gint fps_n = kDefaultFps;
  gint fps_d = 1;
  bool is_live = false;

  GstClockTime frame_duration = GST_CLOCK_TIME_NONE;  // also under the lock: queries read it

  feat::InfoPtr info;
  guint64 n_frames = 0;
  // Where the present frame rate began, so that a change does not make time jump.
  guint64 base_frames = 0;
  GstClockTime base_time = 0;
};

struct _GstFeatureTestSrc {
  GstPushSrc parent;
  FeatureTestSrcState *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureTestSrc, gst_feature_test_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(
    featuretestsrc, "featuretestsrc", GST_RANK_NONE, GST_TYPE_FEATURE_TEST_SRC,
    GST_DEBUG_CATEGORY_INIT(featuretestsrc_debug, "featuretestsrc", 0, "feature test source"));

/* The template, narrowed to what the properties fix. */
static GstCaps *gst_feature_test_src_get_caps(GstBaseSrc *base, GstCaps *filter) {
  GstFeatureTestSrc *self = GST_FEATURE_TEST_SRC(base);
  GstCaps *caps = gst_caps_make_writable(gst_static_pad_template_get_caps(&src_template));
  {
    const feat::ObjectLock lock(self);
    const FeatureTestSrcState &s = *self->state;
    if (s.format != GST_FEATURE_FORMAT_UNKNOWN)
      gst_caps_set_simple(caps, "format", G_TYPE_STRING, gst_feature_format_to_string(s.format),
                          nullptr);
    if (s.shape_set) set_shape(gst_caps_get_structure(caps, 0), s.shape);
  }
  if (filter == nullptr) return caps;
  GstCaps *result = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(caps);
  return result;
}

static GstCaps *gst_feature_test_src_fixate(GstBaseSrc *base, GstCaps *caps) {
  GstFeatureTestSrc *self = GST_FEATURE_TEST_SRC(base);
  // Elements that quantise also accept what is quantised already; it takes a caps filter to make
  // that the choice.
  guint choice = 0;
  for (guint i = gst_caps_get_size(caps); i > 0; --i) {
    if (!gst_structure_has_field(gst_caps_get_structure(caps, i - 1), "bit-depth")) choice = i - 1;
  }
  GstCaps *chosen = gst_caps_copy_nth(caps, choice);
  gst_caps_unref(caps);
  caps = chosen;
  GstStructure *structure = gst_caps_get_structure(caps, 0);
  {
    const feat::ObjectLock lock(self);
    const FeatureTestSrcState &s = *self->state;
    gst_structure_fixate_field_string(
        structure, "format", gst_feature_format_to_string(feat::pattern_format(s.pattern)));
    if (!gst_structure_has_field(structure, "shape"))
      set_shape(structure, feat::pattern_shape(s.pattern));
    gst_structure_fixate_field_nearest_fraction(structure, "framerate", s.fps_n, s.fps_d);
    const GstFeatureTask task = pattern_task(s.pattern);
    if (task != GST_FEATURE_TASK_NONE && !gst_structure_has_field(structure, "task"))
      gst_structure_set(structure, "task", G_TYPE_STRING, gst_feature_task_to_string(task),
                        nullptr);
  }
  return GST_BASE_SRC_CLASS(gst_feature_test_src_parent_class)->fixate(base, caps);
}

static gboolean gst_feature_test_src_set_caps(GstBaseSrc *base, GstCaps *caps) {
  GstFeatureTestSrc *self = GST_FEATURE_TEST_SRC(base);
  FeatureTestSrcState &s = *self->state;
  feat::ErrorSlot error;
  feat::InfoPtr info(gst_feature_info_from_caps(caps, error.out()));
  if (info == nullptr ||
      !gst_feature_info_validate(info.get(), GST_FEATURE_DEFAULT_MAX_POINTS, error.out())) {
    GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("%s", error.message()), (nullptr));
    return FALSE;
  }
  Pattern pattern = Pattern::kNoise;
  {
    const feat::ObjectLock lock(self);
    pattern = s.pattern;
  }
  if (gst_feature_info_is_quantized(info.get()) && feat::is_synthetic(pattern)) {
    GST_ELEMENT_ERROR(self, STREAM, FORMAT,
                      ("pattern %s makes no quantised tensors of %u bits; featurequant does",
                       feat::synth_kind(feat::to_synth(pattern)).name,
                       gst_feature_info_get_bit_depth(info.get())),
                      (nullptr));
    return FALSE;
  }
  if (s.info != nullptr) {
    gint fps_n = 0;
    gint fps_d = 1;
    gst_feature_info_get_framerate(s.info.get(), &fps_n, &fps_d);
    if (fps_n > 0)
      s.base_time += gst_util_uint64_scale(s.n_frames - s.base_frames,
                                           static_cast<guint64>(fps_d) * GST_SECOND,
                                           static_cast<guint64>(fps_n));
    s.base_frames = s.n_frames;
  }
  s.info = std::move(info);
  gint fps_n = 0;
  gint fps_d = 1;
  gst_feature_info_get_framerate(s.info.get(), &fps_n, &fps_d);
  const feat::ObjectLock lock(self);
  s.frame_duration =
      fps_n > 0 ? gst_util_uint64_scale_int(GST_SECOND, fps_d, fps_n) : GST_CLOCK_TIME_NONE;
  return TRUE;
}

/* A tensor is complete at the end of its time. */
static gboolean gst_feature_test_src_query(GstBaseSrc *base, GstQuery *query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) {
    const gboolean live = gst_base_src_is_live(base);  // takes the lock itself
    const feat::ObjectLock lock(base);
    const GstClockTime duration = GST_FEATURE_TEST_SRC(base)->state->frame_duration;
    if (GST_CLOCK_TIME_IS_VALID(duration)) {
      gst_query_set_latency(query, live, duration, GST_CLOCK_TIME_NONE);
      return TRUE;
    }
  }
  return GST_BASE_SRC_CLASS(gst_feature_test_src_parent_class)->query(base, query);
}

/* A source that became live in between would wait for a clock that it never looked at. */
static GstStateChangeReturn gst_feature_test_src_change_state(GstElement *element,
                                                              GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    bool is_live = false;
    {
      const feat::ObjectLock lock(element);
      is_live = GST_FEATURE_TEST_SRC(element)->state->is_live;
    }
    gst_base_src_set_live(GST_BASE_SRC(element), is_live);  // takes the lock itself
  }
  return GST_ELEMENT_CLASS(gst_feature_test_src_parent_class)->change_state(element, transition);
}

static gboolean gst_feature_test_src_start(GstBaseSrc *base) {
  FeatureTestSrcState &s = *GST_FEATURE_TEST_SRC(base)->state;
  s.info.reset();
  s.n_frames = s.base_frames = 0;
  s.base_time = 0;
  return TRUE;
}

static GstFlowReturn gst_feature_test_src_create(GstPushSrc *push, GstBuffer **output) {
  GstFeatureTestSrc *self = GST_FEATURE_TEST_SRC(push);
  FeatureTestSrcState &s = *self->state;
  if (s.info == nullptr) return GST_FLOW_NOT_NEGOTIATED;
  Pattern pattern = Pattern::kNoise;
  guint64 seed = 0;
  {
    const feat::ObjectLock lock(self);
    pattern = s.pattern;
    seed = s.seed;
  }
  GstBuffer *buffer =
      gst_buffer_new_allocate(nullptr, gst_feature_info_get_size(s.info.get()), nullptr);
  {
    const feat::MappedBuffer map(buffer, GST_MAP_WRITE);
    feat::fill_pattern(pattern, seed, s.n_frames, s.info.get(), map.data());
  }
  gint fps_n = 0;
  gint fps_d = 1;
  gst_feature_info_get_framerate(s.info.get(), &fps_n, &fps_d);
  if (fps_n > 0) {
    const guint64 unit = static_cast<guint64>(fps_d) * GST_SECOND;
    const guint64 n = s.n_frames - s.base_frames;
    GST_BUFFER_PTS(buffer) =
        s.base_time + gst_util_uint64_scale(n, unit, static_cast<guint64>(fps_n));
    GST_BUFFER_DURATION(buffer) = s.base_time +
                                  gst_util_uint64_scale(n + 1, unit, static_cast<guint64>(fps_n)) -
                                  GST_BUFFER_PTS(buffer);
  }
  GST_BUFFER_OFFSET(buffer) = s.n_frames;
  GST_BUFFER_OFFSET_END(buffer) = s.n_frames + 1;
  ++s.n_frames;
  *output = buffer;
  return GST_FLOW_OK;
}

static void gst_feature_test_src_get_times(GstBaseSrc *base, GstBuffer *buffer, GstClockTime *start,
                                           GstClockTime *end) {
  *start = *end = GST_CLOCK_TIME_NONE;
  if (!gst_base_src_is_live(base) || !GST_BUFFER_PTS_IS_VALID(buffer)) return;
  *start = GST_BUFFER_PTS(buffer);
  *end = *start + GST_BUFFER_DURATION(buffer);
}

static void gst_feature_test_src_take_shape(GstFeatureTestSrc *self, const GValue *value) {
  std::vector<int32_t> shape;
  const guint n = gst_value_array_get_size(value);
  for (guint i = 0; i < n; ++i) {
    const GValue *item = gst_value_array_get_value(value, i);
    if (!G_VALUE_HOLDS_INT(item) || g_value_get_int(item) < 0 || n > GST_FEATURE_MAX_DIMS) {
      const feat::CharPtr text(g_strdup_value_contents(value));
      g_warning("featuretestsrc: shape %s is not at most %d integers of 0 or more", text.get(),
                GST_FEATURE_MAX_DIMS);
      return;
    }
    shape.push_back(g_value_get_int(item));
  }
  self->state->shape = std::move(shape);
  self->state->shape_set = true;
}

static void gst_feature_test_src_set_property(GObject *object, guint id, const GValue *value,
                                              GParamSpec *pspec) {
  GstFeatureTestSrc *self = GST_FEATURE_TEST_SRC(object);
  const feat::ObjectLock lock(self);
  FeatureTestSrcState &s = *self->state;
  switch (id) {
    case PROP_PATTERN:
      s.pattern = static_cast<Pattern>(g_value_get_enum(value));
      break;
    case PROP_SEED:
      s.seed = g_value_get_uint64(value);
      break;
    case PROP_SHAPE:
      gst_feature_test_src_take_shape(self, value);
      break;
    case PROP_FORMAT:
      s.format = static_cast<GstFeatureFormat>(g_value_get_enum(value));
      break;
    case PROP_FRAMERATE:
      s.fps_n = gst_value_get_fraction_numerator(value);
      s.fps_d = gst_value_get_fraction_denominator(value);
      break;
    case PROP_IS_LIVE:
      s.is_live = g_value_get_boolean(value) != FALSE;
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_feature_test_src_get_property(GObject *object, guint id, GValue *value,
                                              GParamSpec *pspec) {
  GstFeatureTestSrc *self = GST_FEATURE_TEST_SRC(object);
  const feat::ObjectLock lock(self);
  const FeatureTestSrcState &s = *self->state;
  switch (id) {
    case PROP_PATTERN:
      g_value_set_enum(value, static_cast<int>(s.pattern));
      break;
    case PROP_SEED:
      g_value_set_uint64(value, s.seed);
      break;
    case PROP_SHAPE: {
      GValue item = G_VALUE_INIT;
      g_value_init(&item, G_TYPE_INT);
      for (const int32_t size : s.shape) {
        g_value_set_int(&item, size);
        gst_value_array_append_value(value, &item);
      }
      break;
    }
    case PROP_FORMAT:
      g_value_set_enum(value, s.format);
      break;
    case PROP_FRAMERATE:
      gst_value_set_fraction(value, s.fps_n, s.fps_d);
      break;
    case PROP_IS_LIVE:
      g_value_set_boolean(value, s.is_live);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_feature_test_src_finalize(GObject *object) {
  delete GST_FEATURE_TEST_SRC(object)->state;
  G_OBJECT_CLASS(gst_feature_test_src_parent_class)->finalize(object);
}

static void gst_feature_test_src_install_properties(GObjectClass *klass) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_READY);
  /**
   * GstFeatureTestSrc:pattern:
   *
   * What is made. The five synthetic features come in the paper's shape and format unless
   * `shape`, `format` or caps downstream say otherwise.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_PATTERN,
      g_param_spec_enum("pattern", "Pattern", "What is made", pattern_get_type(),
                        static_cast<int>(Pattern::kNoise), flags));
  /**
   * GstFeatureTestSrc:seed:
   *
   * Chooses the random numbers; channels of synthetic features with outliers do not depend on
   * it, as if all samples came from one model.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_SEED,
      g_param_spec_uint64("seed", "Seed", "Chooses the random numbers", 0, G_MAXUINT64, 0, flags));
  /**
   * GstFeatureTestSrc:shape:
   *
   * Shape, slowest dimension first: up to 8 numbers from 0 up, "<1,1,257,1536>". Not set: what
   * caps downstream say, else the paper's shape, or <1,1,64,256> for the plain patterns.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_SHAPE,
      gst_param_spec_array(
          "shape", "Shape", "Shape, slowest dimension first",
          g_param_spec_int("size", "Size", "Size of one dimension", 0, G_MAXINT, 1, flags), flags));
  /**
   * GstFeatureTestSrc:format:
   *
   * Element format. Unknown: what caps downstream say, else F16LE for tti and F32LE for the
   * others.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_FORMAT,
      g_param_spec_enum("format", "Format", "Element format", GST_TYPE_FEATURE_FORMAT,
                        GST_FEATURE_FORMAT_UNKNOWN, flags));
  /**
   * GstFeatureTestSrc:framerate:
   *
   * Tensors per second of stream time, where caps downstream leave it open. 0/1: no time stamps.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_FRAMERATE,
      gst_param_spec_fraction("framerate", "Frame rate", "Tensors per second; 0/1: no time stamps",
                              0, 1, G_MAXINT, 1, kDefaultFps, 1, flags));
  /**
   * GstFeatureTestSrc:is-live:
   *
   * Whether tensors come in real time, as from a camera.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_IS_LIVE,
      g_param_spec_boolean("is-live", "Is live", "Whether tensors come in real time", FALSE,
                           flags));
}

static void gst_feature_test_src_class_init(GstFeatureTestSrcClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS(klass);
  object_class->set_property = gst_feature_test_src_set_property;
  object_class->get_property = gst_feature_test_src_get_property;
  object_class->finalize = gst_feature_test_src_finalize;
  element_class->change_state = gst_feature_test_src_change_state;
  base_class->get_caps = gst_feature_test_src_get_caps;
  base_class->fixate = gst_feature_test_src_fixate;
  base_class->set_caps = gst_feature_test_src_set_caps;
  base_class->start = gst_feature_test_src_start;
  base_class->query = gst_feature_test_src_query;
  base_class->get_times = gst_feature_test_src_get_times;
  GST_PUSH_SRC_CLASS(klass)->create = gst_feature_test_src_create;
  gst_feature_test_src_install_properties(object_class);

  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "Feature test source", "Source/Feature",
                                        "Makes tensors for tests", "GStreamer feature plug-ins");
}

static void gst_feature_test_src_init(GstFeatureTestSrc *self) {
  self->state = new FeatureTestSrcState();
  gst_base_src_set_format(GST_BASE_SRC(self), GST_FORMAT_TIME);
}
