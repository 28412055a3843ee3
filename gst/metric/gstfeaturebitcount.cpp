// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featurebitcount
 * @title: featurebitcount
 * @short_description: counts bytes and prints bits per feature point
 *
 * Lets everything through and counts it. Where the caps tell the shape of the feature inside, or
 * the property `points` does, it also knows bits per feature point (BPFP). For each unit it posts
 * an element message `featurebitcount`; `stats` has the totals.
 *
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=1 pattern=cls ! featuretrunc conditions=cls-vtm !  \
 *   featurequant conditions=cls-vtm ! featurebitcount print=true ! fakesink
 * ]|
 *
 * Since: 0.1
 */
#include "gst/metric/gstfeaturebitcount.h"

#include <string>

#include "gst/common/gstcpp.h"
#include "gst/metric/report.h"

GST_DEBUG_CATEGORY_STATIC(featurebitcount_debug);
#define GST_CAT_DEFAULT featurebitcount_debug

namespace {

enum { PROP_0, PROP_STATS, PROP_POINTS, PROP_PRINT, PROP_LOCATION };

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/// Bytes and the points they stand for; units without known points make the sum unknown.
struct Count {
  guint64 bytes = 0;
  guint64 points = 0;
  bool known = true;

  bool has_rate() const { return known && points > 0; }
  double rate() const { return static_cast<double>(bytes) * 8 / static_cast<double>(points); }
  void write(GstStructure *s) const {
    gst_structure_set(s, "bytes", G_TYPE_UINT64, bytes, "bits", G_TYPE_UINT64, bytes * 8, nullptr);
    if (known) gst_structure_set(s, "points", G_TYPE_UINT64, points, nullptr);
    if (has_rate()) gst_structure_set(s, "bpfp", G_TYPE_DOUBLE, rate(), nullptr);
  }
};

}  // namespace

/* Everything is under the object lock. */
struct FeatureBitCountState {
  guint64 points_property = 0;
  bool print = false;
  std::string location;

  bool caps_tell = false;  // the caps told the number of points
  guint64 caps_points = 0;
  bool rtp = false;  // a unit is many packets, and the last has the marker
  guint64 n_units = 0;
  guint64 n_buffers = 0;
  Count unit;  // under way
  Count total;

  GstStructure *stats() const {
    GstStructure *s = gst_structure_new("featurebitcount", "units", G_TYPE_UINT64, n_units,
                                        "buffers", G_TYPE_UINT64, n_buffers, nullptr);
    total.write(s);
    return s;
  }
  void reset() {
    n_units = n_buffers = 0;
    unit = total = {};
  }
};

struct _GstFeatureBitCount {
  GstBaseTransform parent;
  FeatureBitCountState *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureBitCount, gst_feature_bit_count, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(
    featurebitcount, "featurebitcount", GST_RANK_NONE, GST_TYPE_FEATURE_BIT_COUNT,
    GST_DEBUG_CATEGORY_INIT(featurebitcount_debug, "featurebitcount", 0, "bits per feature point"));

static gboolean gst_feature_bit_count_set_caps(GstBaseTransform *base, GstCaps *caps, GstCaps *) {
  const bool tells =
      gst_feature_caps_has_info(caps) ||
      gst_structure_has_name(gst_caps_get_structure(caps, 0), GST_FEATURE_TENSOR_CAPS_NAME);
  feat::InfoPtr info;
  if (tells) {
    feat::ErrorSlot error;
    info.reset(gst_feature_info_from_caps(caps, error.out()));
    if (info == nullptr)
      GST_ELEMENT_WARNING(base, STREAM, FORMAT,
                          ("the caps do not tell the number of points: %s", error.message()),
                          (nullptr));
  }
  const feat::ObjectLock lock(base);
  FeatureBitCountState &s = *GST_FEATURE_BIT_COUNT(base)->state;
  s.caps_tell = info != nullptr;
  s.caps_points = info != nullptr ? gst_feature_info_get_n_points(info.get()) : 0;
  s.rtp = gst_structure_has_name(gst_caps_get_structure(caps, 0), "application/x-rtp");
  return TRUE;
}

static GstFlowReturn gst_feature_bit_count_transform_ip(GstBaseTransform *base, GstBuffer *buffer) {
  FeatureBitCountState &s = *GST_FEATURE_BIT_COUNT(base)->state;
  GstStructure *figures = nullptr;
  {
    const feat::ObjectLock lock(base);
    const gsize size = gst_buffer_get_size(buffer);
    ++s.n_buffers;
    s.unit.bytes += size;
    s.total.bytes += size;
    // Stream headers and all packets but the last belong to the unit that they come before.
    const bool whole = s.rtp ? GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_MARKER)
                             : !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER);
    if (whole) {
      s.unit.points = s.caps_tell ? s.caps_points : s.points_property;
      s.unit.known = s.caps_tell || s.points_property > 0;
      s.total.points += s.unit.points;
      s.total.known = s.total.known && s.unit.known;
      figures = gst_structure_new("featurebitcount", "index", G_TYPE_UINT64, s.n_units, nullptr);
      s.unit.write(figures);
      ++s.n_units;
      s.unit = {};
    }
  }
  if (figures != nullptr)
    gst_element_post_message(GST_ELEMENT(base), gst_message_new_element(GST_OBJECT(base), figures));
  return GST_FLOW_OK;
}

static void gst_feature_bit_count_report(GstFeatureBitCount *self) {
  feat::StructurePtr stats;
  std::string line;
  std::string location;
  {
    const feat::ObjectLock lock(self);
    const FeatureBitCountState &s = *self->state;
    stats.reset(s.stats());
    location = s.location;
    if (s.print) {
      line = std::to_string(s.n_units) + " units, " + std::to_string(s.total.bytes) + " bytes, " +
             std::to_string(s.total.bytes * 8) + " bits, ";
      if (s.total.has_rate())
        line +=
            std::to_string(s.total.points) + " points, BPFP " + feat::to_text(s.total.rate(), 6);
      else
        line += s.total.known ? "no points" : "points unknown (the property points tells them)";
    }
  }
  if (!line.empty()) g_print("%s: %s\n", GST_OBJECT_NAME(self), line.c_str());
  if (!location.empty()) feat::write_report(GST_ELEMENT(self), location.c_str(), stats.get());
}

static void gst_feature_bit_count_reset(GstBaseTransform *base) {
  const feat::ObjectLock lock(base);
  GST_FEATURE_BIT_COUNT(base)->state->reset();
}

static gboolean gst_feature_bit_count_sink_event(GstBaseTransform *base, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS)
    gst_feature_bit_count_report(GST_FEATURE_BIT_COUNT(base));
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) gst_feature_bit_count_reset(base);
  return GST_BASE_TRANSFORM_CLASS(gst_feature_bit_count_parent_class)->sink_event(base, event);
}

static gboolean gst_feature_bit_count_start(GstBaseTransform *base) {
  gst_feature_bit_count_reset(base);
  const feat::ObjectLock lock(base);
  FeatureBitCountState &s = *GST_FEATURE_BIT_COUNT(base)->state;
  s.caps_tell = s.rtp = false;
  s.caps_points = 0;
  return TRUE;
}

static void gst_feature_bit_count_set_property(GObject *object, guint id, const GValue *value,
                                               GParamSpec *pspec) {
  FeatureBitCountState &s = *GST_FEATURE_BIT_COUNT(object)->state;
  const feat::ObjectLock lock(object);
  switch (id) {
    case PROP_POINTS:
      s.points_property = g_value_get_uint64(value);
      break;
    case PROP_PRINT:
      s.print = g_value_get_boolean(value) != FALSE;
      break;
    case PROP_LOCATION: {
      const gchar *location = g_value_get_string(value);
      s.location = location != nullptr ? location : "";
      break;
    }
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_feature_bit_count_get_property(GObject *object, guint id, GValue *value,
                                               GParamSpec *pspec) {
  const FeatureBitCountState &s = *GST_FEATURE_BIT_COUNT(object)->state;
  const feat::ObjectLock lock(object);
  switch (id) {
    case PROP_STATS:
      g_value_take_boxed(value, s.stats());
      break;
    case PROP_POINTS:
      g_value_set_uint64(value, s.points_property);
      break;
    case PROP_PRINT:
      g_value_set_boolean(value, s.print);
      break;
    case PROP_LOCATION:
      g_value_set_string(value, s.location.empty() ? nullptr : s.location.c_str());
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_feature_bit_count_finalize(GObject *object) {
  delete GST_FEATURE_BIT_COUNT(object)->state;
  G_OBJECT_CLASS(gst_feature_bit_count_parent_class)->finalize(object);
}

static void gst_feature_bit_count_class_init(GstFeatureBitCountClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS(klass);
  object_class->set_property = gst_feature_bit_count_set_property;
  object_class->get_property = gst_feature_bit_count_get_property;
  object_class->finalize = gst_feature_bit_count_finalize;
  base_class->set_caps = gst_feature_bit_count_set_caps;
  base_class->transform_ip = gst_feature_bit_count_transform_ip;
  base_class->sink_event = gst_feature_bit_count_sink_event;
  base_class->start = gst_feature_bit_count_start;
  base_class->passthrough_on_same_caps = TRUE;
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstFeatureBitCount:stats:
   *
   * Totals since start or flush: `units`, `buffers`, `bytes`, `bits`, `points` (guint64) and
   * `bpfp` (gdouble); `points` and `bpfp` only where the points of every unit are known.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
  /**
   * GstFeatureBitCount:points:
   *
   * Feature points of one unit where the caps do not tell them; 0: not known.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_POINTS,
      g_param_spec_uint64("points", "Points", "Points of a unit where the caps do not tell them", 0,
                          G_MAXUINT64, 0, flags));
  /**
   * GstFeatureBitCount:print:
   *
   * Prints a line with the totals to the standard output at the end of the stream.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PRINT,
      g_param_spec_boolean("print", "Print", "Print a line with the totals at the end", FALSE,
                           flags));
  /**
   * GstFeatureBitCount:location:
   *
   * File that `stats` is written to as JSON at the end of the stream.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LOCATION,
      g_param_spec_string("location", "Location", "File for the totals as JSON", nullptr, flags));

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "Feature bit counter", "Analyzer/Feature",
                                        "Counts bytes and bits per feature point",
                                        "GStreamer feature plug-ins");
}

static void gst_feature_bit_count_init(GstFeatureBitCount *self) {
  self->state = new FeatureBitCountState();
  gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}
