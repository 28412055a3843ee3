// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featuremetric
 * @title: featuremetric
 * @short_description: measures how far tensors are from a reference
 *
 * Compares the tensors of its pad test with those of its pad ref, the first with the first and so
 * on, and hands the test tensors on. For each pair it posts an element message `featuremetric`
 * with mean squared error, PSNR, largest error, cosine similarity and number of points; the
 * property `stats` has the same over all pairs.
 *
 * |[
 * gst-launch-1.0 featuremetric name=m print=true ! fakesink  \
 *   featuretestsrc num-buffers=3 pattern=csr ! tee name=t  \
 *   t. ! queue ! m.ref  t. ! queue ! featuretrunc conditions=csr-vtm ! m.test
 * ]|
 *
 * Since: 0.1
 */
#include "gst/metric/gstfeaturemetric.h"

#include <algorithm>
#include <string>

#include "gst/common/gstcpp.h"
#include "gst/metric/comparison.h"
#include "gst/metric/report.h"

GST_DEBUG_CATEGORY_STATIC(featuremetric_debug);
#define GST_CAT_DEFAULT featuremetric_debug

namespace {

enum { PROP_0, PROP_STATS, PROP_PEAK, PROP_NON_FINITE, PROP_PRINT, PROP_LOCATION };

enum NonFinite { NON_FINITE_ERROR, NON_FINITE_SKIP };

GType non_finite_get_type() {
  static const GEnumValue kValues[] = {
      {NON_FINITE_ERROR, "NaN and infinity end the stream with an error", "error"},
      {NON_FINITE_SKIP, "Pairs with NaN or infinity are counted and left out", "skip"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstFeatureMetricNonFinite", kValues);
  return type;
}

#define TENSOR_TEMPLATE(name, direction)                   \
  GST_STATIC_PAD_TEMPLATE(name, direction, GST_PAD_ALWAYS, \
                          GST_STATIC_CAPS(GST_FEATURE_TENSOR_CAPS_NAME))
GstStaticPadTemplate ref_template = TENSOR_TEMPLATE("ref", GST_PAD_SINK);
GstStaticPadTemplate test_template = TENSOR_TEMPLATE("test", GST_PAD_SINK);
GstStaticPadTemplate src_template = TENSOR_TEMPLATE("src", GST_PAD_SRC);

std::string shape_text(const GstFeatureInfo *info) {
  guint n = 0;
  const gint *shape = gst_feature_info_get_shape(info, &n);
  std::string text = "(";
  for (guint i = 0; i < n; ++i) text += (i > 0 ? "," : "") + std::to_string(shape[i]);
  return text + ")";
}

/// Why two descriptions cannot be compared, or an empty string.
std::string mismatch(const GstFeatureInfo *ref, const GstFeatureInfo *test) {
  guint n_ref = 0;
  guint n_test = 0;
  const gint *ref_shape = gst_feature_info_get_shape(ref, &n_ref);
  const gint *test_shape = gst_feature_info_get_shape(test, &n_test);
  if (!std::equal(ref_shape, ref_shape + n_ref, test_shape, test_shape + n_test))
    return "ref has shape " + shape_text(ref) + " and test " + shape_text(test);
  const GstFeatureFormat a = gst_feature_info_get_format(ref);
  const GstFeatureFormat b = gst_feature_info_get_format(test);
  const bool quantized = gst_feature_info_is_quantized(ref);
  if (quantized != static_cast<bool>(gst_feature_info_is_quantized(test)))
    return std::string("only ") + (quantized ? "ref" : "test") + " is quantised";
  if (gst_feature_format_is_float(a) != gst_feature_format_is_float(b))
    return std::string("ref has format ") + gst_feature_format_to_string(a) + " and test " +
           gst_feature_format_to_string(b);
  const guint ref_bits = gst_feature_info_get_bit_depth(ref);
  const guint test_bits = gst_feature_info_get_bit_depth(test);
  if (ref_bits != test_bits)
    return "ref has " + std::to_string(ref_bits) + " bits and test " + std::to_string(test_bits);
  return {};
}

void set_figures(GstStructure *s, const feat::Comparison &c, double peak) {
  gst_structure_set(s, "points", G_TYPE_UINT64, c.points, "mse", G_TYPE_DOUBLE, c.mse(), "psnr",
                    G_TYPE_DOUBLE, c.psnr(peak), "peak", G_TYPE_DOUBLE, peak, "max-error",
                    G_TYPE_DOUBLE, c.max_error, "cosine", G_TYPE_DOUBLE, c.cosine(), "non-finite",
                    G_TYPE_UINT64, c.non_finite, nullptr);
}

}  // namespace

/* Settings and totals are under the object lock; the descriptions belong to the thread of the
 * source pad, which also sees the events of the sink pads. */
struct FeatureMetricState {
  double peak = 0;
  NonFinite non_finite = NON_FINITE_ERROR;
  bool print = false;
  std::string location;

  feat::Comparison total;
  guint64 n_pairs = 0;
  guint64 n_ref = 0;
  guint64 n_test = 0;

  feat::InfoPtr ref_info;
  feat::InfoPtr test_info;
  bool reported = false;

  double effective_peak(const feat::Comparison &c) const { return peak > 0 ? peak : c.ref_range(); }
  GstStructure *stats() const {
    GstStructure *s =
        gst_structure_new("featuremetric", "buffers", G_TYPE_UINT64, n_pairs, "ref-buffers",
                          G_TYPE_UINT64, n_ref, "test-buffers", G_TYPE_UINT64, n_test, nullptr);
    set_figures(s, total, effective_peak(total));
    return s;
  }
  void reset() {
    total = {};
    n_pairs = n_ref = n_test = 0;
    reported = false;
  }
};

struct _GstFeatureMetric {
  GstAggregator parent;
  GstAggregatorPad *ref;
  GstAggregatorPad *test;
  FeatureMetricState *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureMetric, gst_feature_metric, GST_TYPE_AGGREGATOR)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(featuremetric, "featuremetric", GST_RANK_NONE,
                                      GST_TYPE_FEATURE_METRIC,
                                      GST_DEBUG_CATEGORY_INIT(featuremetric_debug, "featuremetric",
                                                              0, "feature metrics"));

static GstFlowReturn gst_feature_metric_fail(GstFeatureMetric *self, const std::string &text) {
  guint64 index = 0;
  {
    const feat::ObjectLock lock(self);
    index = self->state->n_pairs;
  }
  GST_ELEMENT_ERROR(self, STREAM, FAILED, ("buffer %" G_GUINT64_FORMAT ": %s", index, text.c_str()),
                    (nullptr));
  return GST_FLOW_ERROR;
}

/* Compares one pair and posts the message. */
static GstFlowReturn gst_feature_metric_compare(GstFeatureMetric *self, GstBuffer *ref,
                                                GstBuffer *test) {
  FeatureMetricState &s = *self->state;
  if (s.ref_info == nullptr || s.test_info == nullptr) return GST_FLOW_NOT_NEGOTIATED;
  const std::string problem = mismatch(s.ref_info.get(), s.test_info.get());
  if (!problem.empty()) return gst_feature_metric_fail(self, problem);
  const feat::MappedBuffer ref_map(ref, GST_MAP_READ);
  const feat::MappedBuffer test_map(test, GST_MAP_READ);
  if (!ref_map.ok() || !test_map.ok()) return gst_feature_metric_fail(self, "cannot map a buffer");
  const gsize ref_size = gst_feature_info_get_size(s.ref_info.get());
  const gsize test_size = gst_feature_info_get_size(s.test_info.get());
  if (ref_map.size() != ref_size || test_map.size() != test_size)
    return gst_feature_metric_fail(self, "ref has " + std::to_string(ref_map.size()) + " of " +
                                             std::to_string(ref_size) + " bytes and test " +
                                             std::to_string(test_map.size()) + " of " +
                                             std::to_string(test_size));
  const feat::Comparison c =
      feat::compare(gst_feature_info_get_format(s.ref_info.get()), ref_map.data(),
                    gst_feature_info_get_format(s.test_info.get()), test_map.data(),
                    gst_feature_info_get_n_points(s.ref_info.get()));

  GstStructure *figures = nullptr;
  bool stop = false;
  {
    const feat::ObjectLock lock(self);
    figures = gst_structure_new("featuremetric", "index", G_TYPE_UINT64, s.n_pairs, "pts",
                                G_TYPE_UINT64, GST_BUFFER_PTS(test), nullptr);
    set_figures(figures, c, s.effective_peak(c));
    stop = c.non_finite > 0 && s.non_finite == NON_FINITE_ERROR;
    if (!stop) {
      s.total.add(c);
      ++s.n_pairs;
    }
  }
  if (stop) {
    gst_structure_free(figures);
    return gst_feature_metric_fail(
        self, std::to_string(c.non_finite) + " pairs have NaN or infinity, the first at index " +
                  std::to_string(c.first_non_finite) + "; non-finite=skip leaves them out");
  }
  gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), figures));
  return GST_FLOW_OK;
}

/* Once, at the end of both streams. */
static void gst_feature_metric_report(GstFeatureMetric *self) {
  FeatureMetricState &s = *self->state;
  feat::StructurePtr stats;
  std::string line;
  std::string location;
  guint64 n_ref = 0;
  guint64 n_test = 0;
  {
    const feat::ObjectLock lock(self);
    if (s.reported) return;
    s.reported = true;
    stats.reset(s.stats());
    n_ref = s.n_ref;
    n_test = s.n_test;
    location = s.location;
    const feat::Comparison &c = s.total;
    const double peak = s.effective_peak(c);
    if (s.print)
      line = std::to_string(s.n_pairs) + " buffers, " + std::to_string(c.points) + " points, MSE " +
             feat::to_text(c.mse(), 6) + ", PSNR " + feat::to_text(c.psnr(peak), 5) + " dB (peak " +
             feat::to_text(peak, 6) + "), max error " + feat::to_text(c.max_error, 6) +
             ", cosine " + feat::to_text(c.cosine(), 8);
  }
  if (n_ref != n_test)
    GST_ELEMENT_WARNING(self, STREAM, FAILED,
                        ("ref had %" G_GUINT64_FORMAT " buffers and test %" G_GUINT64_FORMAT
                         "; only the first %" G_GUINT64_FORMAT " were compared",
                         n_ref, n_test, std::min(n_ref, n_test)),
                        (nullptr));
  if (!line.empty()) g_print("%s: %s\n", GST_OBJECT_NAME(self), line.c_str());
  if (!location.empty()) feat::write_report(GST_ELEMENT(self), location.c_str(), stats.get());
}

static GstFlowReturn gst_feature_metric_aggregate(GstAggregator *aggregator, gboolean) {
  GstFeatureMetric *self = GST_FEATURE_METRIC(aggregator);
  FeatureMetricState &s = *self->state;
  GstBuffer *ref = gst_aggregator_pad_peek_buffer(self->ref);
  GstBuffer *test = gst_aggregator_pad_peek_buffer(self->test);
  GstFlowReturn flow = GST_FLOW_OK;
  const bool ref_waits = ref == nullptr && !gst_aggregator_pad_is_eos(self->ref);
  const bool test_waits = test == nullptr && !gst_aggregator_pad_is_eos(self->test);
  if (ref_waits || test_waits) {
    flow = GST_AGGREGATOR_FLOW_NEED_DATA;
  } else if (ref == nullptr && test == nullptr) {
    gst_feature_metric_report(self);
    flow = GST_FLOW_EOS;
  } else {
    if (ref != nullptr && test != nullptr) flow = gst_feature_metric_compare(self, ref, test);
    {
      const feat::ObjectLock lock(self);
      s.n_ref += ref != nullptr ? 1 : 0;
      s.n_test += test != nullptr ? 1 : 0;
    }
    if (ref != nullptr) gst_aggregator_pad_drop_buffer(self->ref);
    if (test != nullptr) gst_aggregator_pad_drop_buffer(self->test);
    if (flow == GST_FLOW_OK && test != nullptr)
      flow = gst_aggregator_finish_buffer(aggregator, gst_buffer_ref(test));
  }
  gst_clear_buffer(&ref);
  gst_clear_buffer(&test);
  return flow;
}

static void gst_feature_metric_reset(GstFeatureMetric *self) {
  const feat::ObjectLock lock(self);
  self->state->reset();
}

static gboolean gst_feature_metric_sink_event(GstAggregator *aggregator, GstAggregatorPad *pad,
                                              GstEvent *event) {
  GstFeatureMetric *self = GST_FEATURE_METRIC(aggregator);
  FeatureMetricState &s = *self->state;
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps *caps = nullptr;
    gst_event_parse_caps(event, &caps);
    feat::ErrorSlot error;
    feat::InfoPtr info(gst_feature_info_from_caps(caps, error.out()));
    if (info == nullptr) {
      GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("pad %s: %s", GST_PAD_NAME(pad), error.message()),
                        (nullptr));
      gst_event_unref(event);
      return FALSE;
    }
    if (pad == self->test) {
      s.test_info = std::move(info);
      gst_aggregator_set_src_caps(aggregator, caps);
    } else {
      s.ref_info = std::move(info);
    }
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
    // The base class tells only of flushes that a seek from downstream began.
    gst_feature_metric_reset(self);
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT && pad == self->test) {
    const GstSegment *segment = nullptr;
    gst_event_parse_segment(event, &segment);
    gst_aggregator_update_segment(aggregator, segment);
  }
  return GST_AGGREGATOR_CLASS(gst_feature_metric_parent_class)->sink_event(aggregator, pad, event);
}

static GstFlowReturn gst_feature_metric_flush(GstAggregator *aggregator) {
  gst_feature_metric_reset(GST_FEATURE_METRIC(aggregator));
  return GST_FLOW_OK;
}

static gboolean gst_feature_metric_start(GstAggregator *aggregator) {
  GstFeatureMetric *self = GST_FEATURE_METRIC(aggregator);
  gst_feature_metric_reset(self);
  self->state->ref_info.reset();
  self->state->test_info.reset();
  return TRUE;
}

static void gst_feature_metric_set_property(GObject *object, guint id, const GValue *value,
                                            GParamSpec *pspec) {
  FeatureMetricState &s = *GST_FEATURE_METRIC(object)->state;
  const feat::ObjectLock lock(object);
  switch (id) {
    case PROP_PEAK:
      s.peak = g_value_get_double(value);
      break;
    case PROP_NON_FINITE:
      s.non_finite = static_cast<NonFinite>(g_value_get_enum(value));
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

static void gst_feature_metric_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec) {
  const FeatureMetricState &s = *GST_FEATURE_METRIC(object)->state;
  const feat::ObjectLock lock(object);
  switch (id) {
    case PROP_STATS:
      g_value_take_boxed(value, s.stats());
      break;
    case PROP_PEAK:
      g_value_set_double(value, s.peak);
      break;
    case PROP_NON_FINITE:
      g_value_set_enum(value, s.non_finite);
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

static void gst_feature_metric_finalize(GObject *object) {
  delete GST_FEATURE_METRIC(object)->state;
  G_OBJECT_CLASS(gst_feature_metric_parent_class)->finalize(object);
}

static void gst_feature_metric_install_properties(GObjectClass *klass) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_PLAYING);
  /**
   * GstFeatureMetric:stats:
   *
   * Figures over all pairs since start or flush: `buffers`, `ref-buffers`, `test-buffers`,
   * `points`, `non-finite` (guint64), `mse`, `psnr` in dB, `peak`, `max-error`, `cosine` (gdouble).
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Figures over all pairs", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
  /**
   * GstFeatureMetric:peak:
   *
   * Peak of the PSNR, in units of the values; 0: the range (maximum minus minimum) of the
   * reference, of each buffer for the message and of all for the totals.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_PEAK,
      g_param_spec_double("peak", "Peak", "Peak of the PSNR; 0: range of the reference", 0,
                          G_MAXDOUBLE, 0, flags));
  /**
   * GstFeatureMetric:non-finite:
   *
   * What NaN and infinity do.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_NON_FINITE,
      g_param_spec_enum("non-finite", "Non-finite", "What NaN and infinity do",
                        non_finite_get_type(), NON_FINITE_ERROR, flags));
  /**
   * GstFeatureMetric:print:
   *
   * Prints a line with the totals to the standard output at the end of the stream.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_PRINT,
      g_param_spec_boolean("print", "Print", "Print a line with the totals at the end", FALSE,
                           flags));
  /**
   * GstFeatureMetric:location:
   *
   * File that `stats` is written to as JSON at the end of the stream.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      klass, PROP_LOCATION,
      g_param_spec_string("location", "Location", "File for the totals as JSON", nullptr, flags));
}

static void gst_feature_metric_class_init(GstFeatureMetricClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstAggregatorClass *aggregator_class = GST_AGGREGATOR_CLASS(klass);
  object_class->set_property = gst_feature_metric_set_property;
  object_class->get_property = gst_feature_metric_get_property;
  object_class->finalize = gst_feature_metric_finalize;
  aggregator_class->aggregate = gst_feature_metric_aggregate;
  aggregator_class->sink_event = gst_feature_metric_sink_event;
  aggregator_class->flush = gst_feature_metric_flush;
  aggregator_class->start = gst_feature_metric_start;
  aggregator_class->negotiate = nullptr;  // the caps of the test pad go through as they are
  gst_feature_metric_install_properties(object_class);

  gst_element_class_add_static_pad_template_with_gtype(element_class, &ref_template,
                                                       GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element_class, &test_template,
                                                       GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype(element_class, &src_template,
                                                       GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata(element_class, "Feature metrics", "Analyzer/Feature",
                                        "Measures how far tensors are from a reference",
                                        "GStreamer feature plug-ins");
}

static GstAggregatorPad *gst_feature_metric_add_sink(GstFeatureMetric *self, const char *name) {
  GstPadTemplate *pad_template =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(self), name);
  auto *pad = GST_AGGREGATOR_PAD(g_object_new(GST_TYPE_AGGREGATOR_PAD, "name", name, "direction",
                                              GST_PAD_SINK, "template", pad_template, nullptr));
  gst_element_add_pad(GST_ELEMENT(self), GST_PAD(pad));
  return pad;
}

static void gst_feature_metric_init(GstFeatureMetric *self) {
  self->state = new FeatureMetricState();
  self->ref = gst_feature_metric_add_sink(self, "ref");
  self->test = gst_feature_metric_add_sink(self, "test");
}
