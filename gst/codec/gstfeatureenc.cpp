// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-featureenc
 * @title: featureenc
 *
 * Encodes tensors with the codec made for them: floating point or integers, quantised or not, of
 * any shape. Every output buffer is one unit that can be decoded alone: shape, format and, where
 * there is more to say, the description of the tensor stand in it.
 *
 * One aim is in force: `lossless`, else `target-mse`, else `target-bpfp`, else `step`, else
 * `quality`. With a `profile` learned from features of the same kind units are smaller; a decoder
 * needs the same profile.
 *
 * ## Example
 * |[
 * gst-launch-1.0 filesrc location=feature.npy ! npydec ! featureenc quality=50 !
 *     filesink location=feature.feat
 * ]|
 *
 * Since: 0.1
 */

#include "gst/codec/gstfeatureenc.h"

#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "gst/codec/coding_stream.h"
#include "gst/codec/encoder_settings.h"
#include "gst/codec/profiles.h"
#include "gst/codec/tensor_pool.h"
#include "gst/codec/unit_description.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(featureenc_debug);
#define GST_CAT_DEFAULT featureenc_debug

namespace {

enum { PROP_STATS = PROP_SETTINGS_END };

// Running totals since start, and the last unit.
struct Stats {
  guint64 units = 0;
  guint64 bytes = 0;
  guint64 payload_bytes = 0;
  guint64 description_bytes = 0;
  guint64 points = 0;
  guint64 encode_time = 0;   // ns
  double squared_error = 0;  // sum over all points
  native::EncodeStats last;
  guint64 last_points = 0;
  guint64 last_time = 0;  // ns
};

// What the caps say.
struct Setup {
  InfoPtr info;
  native::TensorInfo tensor;
  std::vector<uint8_t> description;
  guint64 points = 0;
  gsize size = 0;
  CapsPtr caps;  // of the units
};

struct State {
  State(GstElement *element, GstPad *sink, GstPad *src) : stream(element, sink, src) {}

  // Guarded by the object lock.
  EncoderSettings settings;
  Stats stats;

  // Everything below belongs to the streaming thread (stream lock).
  CodingStream stream;
  Refusal refusal;
  std::vector<std::unique_ptr<native::Encoder>> encoders;  // of each worker
  ProfilePtr profile;
  std::shared_ptr<const Setup> setup;  // null where the caps were refused
  guint64 buffers = 0;                 // that came in
};

}  // namespace

struct _GstFeatureEnc {
  GstElement parent;
  GstPad *sinkpad;
  GstPad *srcpad;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureEnc, gst_feature_enc, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(featureenc, "featureenc", GST_RANK_NONE, GST_TYPE_FEATURE_ENC,
                                      GST_DEBUG_CATEGORY_INIT(featureenc_debug, "featureenc", 0,
                                                              "feature encoder"))

static EncoderSettings settings_of(GstFeatureEnc *self) {
  const ObjectLock lock(self);
  return self->state->settings;
}

static double per_point(double sum, guint64 points) {
  return points != 0 ? sum / static_cast<double>(points) : 0.0;
}

static GstStructure *make_stats(GstFeatureEnc *self) {
  Stats s;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
  }
  const double milliseconds = static_cast<double>(s.encode_time) / GST_MSECOND;
  return gst_structure_new(
      "featureenc-stats", "units", G_TYPE_UINT64, s.units, "bytes", G_TYPE_UINT64, s.bytes,
      "payload-bytes", G_TYPE_UINT64, s.payload_bytes, "description-bytes", G_TYPE_UINT64,
      s.description_bytes, "points", G_TYPE_UINT64, s.points, "bpfp", G_TYPE_DOUBLE,
      per_point(8.0 * static_cast<double>(s.bytes), s.points), "payload-bpfp", G_TYPE_DOUBLE,
      per_point(8.0 * static_cast<double>(s.payload_bytes), s.points), "mse", G_TYPE_DOUBLE,
      per_point(s.squared_error, s.points), "encode-time", G_TYPE_UINT64, s.encode_time,
      "milliseconds", G_TYPE_DOUBLE, per_point(milliseconds, s.units), "last-bytes", G_TYPE_UINT64,
      static_cast<guint64>(s.last.bytes), "last-payload-bytes", G_TYPE_UINT64,
      static_cast<guint64>(s.last.payload_bytes), "last-points", G_TYPE_UINT64, s.last_points,
      "last-bpfp", G_TYPE_DOUBLE, per_point(8.0 * static_cast<double>(s.last.bytes), s.last_points),
      "last-step", G_TYPE_DOUBLE, s.last.step, "last-mse", G_TYPE_DOUBLE, s.last.mse, "last-passes",
      G_TYPE_INT, s.last.passes, "last-milliseconds", G_TYPE_DOUBLE,
      static_cast<double>(s.last_time) / GST_MSECOND, nullptr);
}

static void gst_feature_enc_set_property(GObject *object, guint id, const GValue *value,
                                         GParamSpec *pspec) {
  const ObjectLock lock(object);
  if (!set_encoder_setting(GST_FEATURE_ENC(object)->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void gst_feature_enc_get_property(GObject *object, guint id, GValue *value,
                                         GParamSpec *pspec) {
  auto *self = GST_FEATURE_ENC(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  const ObjectLock lock(self);
  if (!get_encoder_setting(self->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

/* --- caps --- */

static gboolean take_caps(GstFeatureEnc *self, const GstCaps *caps) {
  State &s = *self->state;
  const EncoderSettings settings = settings_of(self);
  s.setup.reset();
  auto setup = std::make_shared<Setup>();
  ErrorSlot error;
  setup->info.reset(gst_feature_info_from_caps(caps, error.out()));
  if (!setup->info ||
      !gst_feature_info_validate(setup->info.get(), settings.max_points, error.out())) {
    return s.refusal.post(self, (without_stop(error.message()) + ".").c_str());
  }
  const std::string wrong = tensor_of(setup->info.get(), setup->tensor);
  if (!wrong.empty()) return s.refusal.post(self, wrong.c_str());
  setup->description = description_of(setup->info.get());
  if (setup->description.size() > native::kMaxDescriptionBytes) {
    const std::string sentence =
        "The description of the tensor has " + std::to_string(setup->description.size()) +
        " bytes; a unit holds at most " + std::to_string(native::kMaxDescriptionBytes) + ".";
    return s.refusal.post(self, sentence.c_str());
  }
  setup->points = gst_feature_info_get_n_points(setup->info.get());
  setup->size = gst_feature_info_get_size(setup->info.get());
  gint fps_n = 0;
  gint fps_d = 1;
  gst_feature_info_get_framerate(setup->info.get(), &fps_n, &fps_d);
  setup->caps.reset(
      gst_caps_new_simple(FEATURE_CODED_CAPS_NAME, "alignment", G_TYPE_STRING, "unit", nullptr));
  gst_feature_caps_set_info(setup->caps.get(), setup->info.get());
  if (fps_n > 0) {
    gst_caps_set_simple(setup->caps.get(), "framerate", GST_TYPE_FRACTION, fps_n, fps_d, nullptr);
  }
  if (s.stream.plan(settings.threads)) {
    s.encoders.clear();
    s.encoders.resize(static_cast<size_t>(s.stream.jobs()));
  }
  s.stream.set_framerate(fps_n, fps_d);
  s.setup = std::move(setup);
  return TRUE;
}

/* --- coding --- */

static void count_unit(GstFeatureEnc *self, const Setup &setup, const native::EncodeStats &unit,
                       guint64 time) {
  const ObjectLock lock(self);
  Stats &stats = self->state->stats;
  stats.units++;
  stats.bytes += unit.bytes;
  stats.payload_bytes += unit.payload_bytes;
  stats.description_bytes += setup.description.size();
  stats.points += setup.points;
  stats.encode_time += time;
  stats.squared_error += unit.mse * static_cast<double>(setup.points);
  stats.last = unit;
  stats.last_points = setup.points;
  stats.last_time = time;
}

static GstFlowReturn send_unit(GstFeatureEnc *self, const Setup &setup, BufferPtr unit) {
  State &s = *self->state;
  if (!s.stream.send_caps(setup.caps.get()))
    return GST_PAD_IS_FLUSHING(self->srcpad) ? GST_FLOW_FLUSHING : GST_FLOW_NOT_NEGOTIATED;
  return gst_pad_push(self->srcpad, unit.release());
}

namespace {

class TensorJob final : public WorkQueue::Job {
 public:
  TensorJob(GstFeatureEnc *self, BufferPtr tensor)
      : self_(self),
        tensor_(std::move(tensor)),
        setup_(self->state->setup),
        profile_(self->state->profile),
        number_(self->state->buffers),
        options_(encode_options(settings_of(self))) {
    options_.description = setup_->description;
    const gsize size = gst_buffer_get_size(tensor_.get());
    if (size != setup_->size) {
      status_ = {native::Status::Code::kInvalidArgument, "it has " + std::to_string(size) +
                                                             " bytes where its caps ask for " +
                                                             std::to_string(setup_->size)};
    }
  }

  void run(int worker, int threads, GCancellable *cancellable) override {
    if (!status_.ok() || g_cancellable_is_cancelled(cancellable)) return;
    const gint64 begin = g_get_monotonic_time();
    options_.threads = MIN(threads, native::kMaxThreads);
    try {
      encode(self_->state->encoders[static_cast<size_t>(worker)]);
    } catch (const std::bad_alloc &) {
      status_ = {native::Status::Code::kLimit, "there is not enough memory for it"};
    }
    time_ = static_cast<guint64>(g_get_monotonic_time() - begin) * GST_USECOND;
  }

  void deliver() override {
    GstFlowReturn &flow = self_->state->stream.flow;
    if (flow != GST_FLOW_OK) return;  // nothing leaves behind a tensor that did not
    if (!status_.ok()) {
      flow = fail();
      return;
    }
    if (!unit_) return;  // cancelled
    gst_buffer_copy_into(unit_.get(), tensor_.get(), GST_BUFFER_COPY_METADATA, 0, -1);
    GST_BUFFER_FLAG_UNSET(unit_.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    tensor_.reset();
    count_unit(self_, *setup_, stats_, time_);
    flow = send_unit(self_, *setup_, std::move(unit_));
  }

 private:
  void encode(std::unique_ptr<native::Encoder> &encoder) {
    if (!encoder) encoder = std::make_unique<native::Encoder>();
    const MappedBuffer map(tensor_.get(), GST_MAP_READ);
    if (!map.ok()) {
      status_ = {native::Status::Code::kInvalidArgument, "its memory cannot be mapped"};
      return;
    }
    std::vector<uint8_t> unit;
    status_ = encoder->encode(setup_->tensor, {map.data(), map.size()}, options_, profile_.get(),
                              unit, &stats_);
    if (status_.ok()) unit_.reset(gst_buffer_new_memdup(unit.data(), unit.size()));
  }

  GstFlowReturn fail() {
    const bool numbers = status_.code == native::Status::Code::kNonFinite;
    GST_ELEMENT_ERROR(self_, STREAM, ENCODE,
                      ("Tensor %" G_GUINT64_FORMAT " cannot be coded: %s%s.", number_,
                       without_stop(status_.message).c_str(),
                       numbers ? "; non-finite=clamp would replace such values" : ""),
                      (nullptr));
    return GST_FLOW_ERROR;
  }

  GstFeatureEnc *const self_;
  BufferPtr tensor_;
  const std::shared_ptr<const Setup> setup_;
  const ProfilePtr profile_;
  const guint64 number_;
  native::EncodeOptions options_;

  native::Status status_;
  BufferPtr unit_;
  native::EncodeStats stats_;
  guint64 time_ = 0;
};

}  // namespace

static GstFlowReturn gst_feature_enc_chain(GstPad *, GstObject *parent, GstBuffer *buffer) {
  auto *self = GST_FEATURE_ENC(parent);
  State &s = *self->state;
  BufferPtr tensor(buffer);
  if (!s.setup) {
    s.refusal.post(self, "Tensors came without caps.");
    return GST_FLOW_NOT_NEGOTIATED;
  }
  if (s.stream.flow != GST_FLOW_OK) return s.stream.flow;
  s.stream.submit(std::make_unique<TensorJob>(self, std::move(tensor)));
  s.buffers++;
  return s.stream.flow;
}

/* --- events and queries --- */

static gboolean end_of_stream(GstFeatureEnc *self, GstEvent *event) {
  State &s = *self->state;
  s.stream.drain();
  if (s.setup) s.stream.send_caps(s.setup->caps.get());
  s.stream.send_waiting();
  gst_element_post_message(GST_ELEMENT_CAST(self),
                           gst_message_new_element(GST_OBJECT_CAST(self), make_stats(self)));
  return gst_pad_push_event(self->srcpad, event);
}

static gboolean gst_feature_enc_sink_event(GstPad *pad, GstObject *parent, GstEvent *event) {
  auto *self = GST_FEATURE_ENC(parent);
  State &s = *self->state;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: {
      // Tensors in work are not waited for: each goes with its own caps.
      GstCaps *caps = nullptr;
      gst_event_parse_caps(event, &caps);
      const gboolean taken = take_caps(self, caps);
      gst_event_unref(event);
      return taken;
    }
    case GST_EVENT_FLUSH_START:
      s.stream.abort();
      break;
    case GST_EVENT_FLUSH_STOP:
      s.stream.flush();
      break;
    case GST_EVENT_STREAM_START:
      s.stream.drain();
      s.stream.forget_caps();
      break;
    case GST_EVENT_EOS:
      return end_of_stream(self, event);
    default:
      if (!is_serialized(event)) break;
      s.stream.drain();
      if (s.setup) s.stream.send_caps(s.setup->caps.get());
      if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT && s.stream.flow == GST_FLOW_EOS)
        s.stream.flow = GST_FLOW_OK;
      return s.stream.send(event);
  }
  return gst_pad_event_default(pad, parent, event);
}

static gboolean gst_feature_enc_sink_query(GstPad *pad, GstObject *parent, GstQuery *query) {
  State &s = *GST_FEATURE_ENC(parent)->state;
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_ACCEPT_CAPS: {
      // Others than tensors are refused here, tensors that cannot be coded by an error that says
      // why.
      GstCaps *caps = nullptr;
      gst_query_parse_accept_caps(query, &caps);
      const bool tensor =
          gst_caps_get_size(caps) > 0 &&
          gst_structure_has_name(gst_caps_get_structure(caps, 0), GST_FEATURE_TENSOR_CAPS_NAME);
      gst_query_set_accept_caps_result(query, tensor);
      return TRUE;
    }
    case GST_QUERY_ALLOCATION:
      return propose_tensor_pool(query);
    case GST_QUERY_DRAIN:
      s.stream.drain();
      break;
    default:
      break;
  }
  return gst_pad_query_default(pad, parent, query);
}

static gboolean gst_feature_enc_src_query(GstPad *pad, GstObject *parent, GstQuery *query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY)
    return GST_FEATURE_ENC(parent)->state->stream.answer_latency(query);
  return gst_pad_query_default(pad, parent, query);
}

/* --- states --- */

static bool start(GstFeatureEnc *self) {
  State &s = *self->state;
  std::string profile;
  {
    const ObjectLock lock(self);
    s.stats = Stats();
    profile = s.settings.profile;
  }
  s.stream.start();
  s.refusal.clear();
  s.buffers = 0;
  if (profile.empty()) return true;
  const std::string wrong = load_profile(profile, s.profile);
  if (wrong.empty()) return true;
  GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", wrong.c_str()), (nullptr));
  return false;
}

static void stop(GstFeatureEnc *self) {
  State &s = *self->state;
  s.stream.stop();
  s.encoders.clear();
  s.setup.reset();
  s.profile.reset();
}

static GstStateChangeReturn gst_feature_enc_change_state(GstElement *element,
                                                         GstStateChange transition) {
  auto *self = GST_FEATURE_ENC(element);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start(self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) self->state->stream.abort();
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_feature_enc_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) stop(self);
  return result;
}

static void gst_feature_enc_finalize(GObject *object) {
  delete GST_FEATURE_ENC(object)->state;
  G_OBJECT_CLASS(gst_feature_enc_parent_class)->finalize(object);
}

static void gst_feature_enc_init(GstFeatureEnc *self) {
  GstElementClass *element_class = GST_ELEMENT_GET_CLASS(self);
  self->sinkpad =
      gst_pad_new_from_template(gst_element_class_get_pad_template(element_class, "sink"), "sink");
  gst_pad_set_chain_function(self->sinkpad, gst_feature_enc_chain);
  gst_pad_set_event_function(self->sinkpad, gst_feature_enc_sink_event);
  gst_pad_set_query_function(self->sinkpad, gst_feature_enc_sink_query);
  gst_element_add_pad(GST_ELEMENT(self), self->sinkpad);
  self->srcpad =
      gst_pad_new_from_template(gst_element_class_get_pad_template(element_class, "src"), "src");
  gst_pad_set_query_function(self->srcpad, gst_feature_enc_src_query);
  gst_pad_use_fixed_caps(self->srcpad);
  gst_element_add_pad(GST_ELEMENT(self), self->srcpad);
  self->state = new State(GST_ELEMENT(self), self->sinkpad, self->srcpad);
}

static void gst_feature_enc_class_init(GstFeatureEncClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = gst_feature_enc_set_property;
  object_class->get_property = gst_feature_enc_get_property;
  object_class->finalize = gst_feature_enc_finalize;
  element_class->change_state = gst_feature_enc_change_state;
  install_encoder_settings(object_class);
  /**
   * featureenc:stats:
   *
   * Totals since start, also posted as an element message `featureenc-stats` at EOS: `units`,
   * `bytes`, `payload-bytes` (of them, without headers, checksums and descriptions),
   * `description-bytes`, `points`, `bpfp` (all bits over feature points), `payload-bpfp`, `mse` (in
   * the units of the tensors, over all points), `encode-time` (ns, the sum over all tensors),
   * `milliseconds` (of it, for each tensor). Of the last tensor: `last-bytes`,
   * `last-payload-bytes`, `last-points`, `last-bpfp`, `last-step` (0 without loss), `last-mse`,
   * `last-passes` (times it was coded to reach the target), `last-milliseconds`.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  const CapsPtr sink_caps = codable_tensor_caps();
  const CapsPtr src_caps(
      gst_caps_from_string(FEATURE_CODED_CAPS_NAME ", alignment = (string) unit"));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
  gst_element_class_set_static_metadata(element_class, "Feature encoder", "Codec/Encoder",
                                        "Encodes feature tensors with the codec made for them",
                                        "The gst-feature project");
}
