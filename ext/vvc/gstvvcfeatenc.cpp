// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-vvcfeatenc
 * @title: vvcfeatenc
 *
 * Encodes packed features (grey video frames) as H.266 (VVC) intra pictures, 4:0:0, 8 or 10 bit,
 * with the built-in codec or with the reference software VTM (`backend=vtm`). Every output buffer
 * is one access unit that can be decoded alone: parameter sets, the description of the feature as
 * an SEI message, one IDR picture.
 *
 * A frame whose caps carry a `feature` structure is coded at its bit depth: 8 up to 8 bits, 10 for
 * 9 and 10 bits; more is an error. Without it GRAY8 is coded at 8 bits and GRAY16_LE at the upper
 * 10 of its 16.
 *
 * ## Example
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=1 ! featuretrunc ! featurequant ! featurepack !
 *     vvcfeatenc qp=32 ! filesink location=feature.266
 * ]|
 *
 * Since: 0.1
 */

#include "ext/vvc/gstvvcfeatenc.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "ext/common/frame_description.h"
#include "ext/common/gray_format.h"
#include "ext/vvc/coding_properties.h"
#include "ext/vvc/encode_job.h"
#include "ext/vvc/encoder_settings.h"
#include "ext/vvc/h266_stream.h"
#include "ext/vvc/input_description.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "gst/common/work_queue.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(vvcfeatenc_debug);
#define GST_CAT_DEFAULT vvcfeatenc_debug

namespace {

enum { PROP_VTM_CONFIG = PROP_SETTINGS_END, PROP_STATS };

// Running totals since start.
struct Stats {
  guint64 units = 0;
  guint64 dropped = 0;
  guint64 bytes = 0;
  guint64 slice_bytes = 0;
  guint64 description_bytes = 0;
  guint64 points = 0;
  guint64 encode_time = 0;  // ns
  int qp = 0;               // of the last unit
};

struct State {
  explicit State(GstVideoEncoder *encoder) : queue(&encoder->stream_lock) {}

  // Guarded by the object lock.
  CodingProperties coding;
  EncoderSettings settings;
  std::string vtm_config;
  Stats stats;

  // Everything below belongs to the streaming thread (stream lock).
  Refusal refusal;
  WorkQueue queue;
  std::vector<EncodeScratch> scratch;  // of each worker
  GstFlowReturn flow = GST_FLOW_OK;    // of the last frame that left
  bool use_vtm = false;
  VtmEncoder vtm;
  std::shared_ptr<const EncodeSetup> setup;  // null where the caps were refused
  GstVideoCodecState *input = nullptr;
  CapsPtr input_caps;  // that the setup follows; null where they were refused
  bool description_due = true;
  GstClockTime description_sent = GST_CLOCK_TIME_NONE;

  void clear_input() { g_clear_pointer(&input, gst_video_codec_state_unref); }
};

}  // namespace

struct _GstVvcFeatEnc {
  GstVideoEncoder parent;
  State *state;
};

G_DEFINE_TYPE(GstVvcFeatEnc, gst_vvc_feat_enc, GST_TYPE_VIDEO_ENCODER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(vvcfeatenc, "vvcfeatenc", GST_RANK_NONE,
                                      GST_TYPE_VVC_FEAT_ENC,
                                      GST_DEBUG_CATEGORY_INIT(vvcfeatenc_debug, "vvcfeatenc", 0,
                                                              "H.266 feature encoder"))

static GstStructure *make_stats(GstVvcFeatEnc *self) {
  Stats s;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
  }
  const double bpfp = s.points != 0 ? 8.0 * static_cast<double>(s.bytes) / s.points : 0.0;
  const double payload_bpfp =
      s.points != 0 ? 8.0 * static_cast<double>(s.slice_bytes) / s.points : 0.0;
  return gst_structure_new(
      "vvcfeatenc-stats", "units", G_TYPE_UINT64, s.units, "dropped", G_TYPE_UINT64, s.dropped,
      "bytes", G_TYPE_UINT64, s.bytes, "slice-bytes", G_TYPE_UINT64, s.slice_bytes,
      "description-bytes", G_TYPE_UINT64, s.description_bytes, "points", G_TYPE_UINT64, s.points,
      "bpfp", G_TYPE_DOUBLE, bpfp, "payload-bpfp", G_TYPE_DOUBLE, payload_bpfp, "encode-time",
      G_TYPE_UINT64, s.encode_time, "qp", G_TYPE_INT, s.qp, nullptr);
}

static void gst_vvc_feat_enc_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *pspec) {
  auto *self = GST_VVC_FEAT_ENC(object);
  State &s = *self->state;
  const ObjectLock lock(self);
  if (id == PROP_VTM_CONFIG) {
    const gchar *path = g_value_get_string(value);
    s.vtm_config = path != nullptr ? path : "";
  } else if (!set_coding_property(s.coding, id, value) &&
             !set_encoder_setting(s.settings, id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_vvc_feat_enc_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *pspec) {
  auto *self = GST_VVC_FEAT_ENC(object);
  State &s = *self->state;
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  const ObjectLock lock(self);
  if (id == PROP_VTM_CONFIG) {
    g_value_set_string(value, s.vtm_config.empty() ? nullptr : s.vtm_config.c_str());
  } else if (!get_coding_property(s.coding, id, value) &&
             !get_encoder_setting(s.settings, id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static gboolean gst_vvc_feat_enc_start(GstVideoEncoder *encoder) {
  auto *self = GST_VVC_FEAT_ENC(encoder);
  State &s = *self->state;
  s.refusal.clear();
  s.flow = GST_FLOW_OK;
  s.description_due = true;
  s.description_sent = GST_CLOCK_TIME_NONE;
  std::string vtm_path;
  std::string vtm_config;
  {
    const ObjectLock lock(self);
    s.stats = Stats();
    s.use_vtm = s.coding.uses_vtm();
    vtm_path = s.coding.vtm_path;
    vtm_config = s.vtm_config;
  }
  std::string message;
  if (!s.use_vtm || find_vtm_encoder(vtm_path, vtm_config, s.vtm, message)) return TRUE;
  GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", message.c_str()), (nullptr));
  return FALSE;
}

static gboolean gst_vvc_feat_enc_stop(GstVideoEncoder *encoder) {
  State &s = *GST_VVC_FEAT_ENC(encoder)->state;
  s.queue.stop();
  s.scratch.clear();
  s.setup.reset();
  s.input_caps.reset();
  s.clear_input();
  return TRUE;
}

static bool refuse(GstVvcFeatEnc *self, const std::string &sentence) {
  return self->state->refusal.post(self, sentence.c_str()) != FALSE;
}

// Chooses how many frames to have in work.
static void plan_work(GstVvcFeatEnc *self, const GstVideoCodecState *input) {
  auto *encoder = GST_VIDEO_ENCODER(self);
  State &s = *self->state;
  CodingProperties coding;
  {
    const ObjectLock lock(self);
    coding = s.coding;
  }
  const Parallelism plan = plan_parallelism(coding, GST_VIDEO_ENCODER_SINK_PAD(encoder));
  s.scratch.clear();
  s.scratch.resize(static_cast<size_t>(plan.jobs));
  s.queue.configure(plan.jobs, plan.threads);
  gst_video_encoder_set_latency(encoder, 0,
                                frames_duration(plan.jobs - 1, GST_VIDEO_INFO_FPS_N(&input->info),
                                                GST_VIDEO_INFO_FPS_D(&input->info)));
}

static bool same_description(const InfoPtr &a, const InfoPtr &b) {
  return a && b && gst_feature_info_is_equal(a.get(), b.get());
}

// Prepares for frames of these caps, whose video part is that of `input`.
static gboolean configure(GstVvcFeatEnc *self, GstVideoCodecState *input, GstCaps *in_caps) {
  auto *encoder = GST_VIDEO_ENCODER(self);
  State &s = *self->state;
  s.queue.drain();  // older frames leave with the caps they were coded for

  InfoPtr info;
  std::string wrong = read_description(in_caps, input->info, info);
  if (!wrong.empty()) return refuse(self, wrong);
  auto setup = std::make_shared<EncodeSetup>();
  vvc::EncoderConfig &config = setup->config;
  config.width = GST_VIDEO_INFO_WIDTH(&input->info);
  config.height = GST_VIDEO_INFO_HEIGHT(&input->info);
  wrong = choose_bit_depth(info.get(), GST_VIDEO_INFO_FORMAT(&input->info), config.bit_depth);
  if (!wrong.empty()) return refuse(self, wrong);
  vvc::ProfileTierLevel ptl;
  if (!s.use_vtm) {
    vvc::Status status;
    const auto codec = vvc::Encoder::create(config, status);
    if (!codec) return refuse(self, status.message);
    ptl = codec->profile_tier_level();
  }
  setup->video_info = input->info;
  setup->points = info ? gst_feature_info_get_n_points(info.get())
                       : static_cast<guint64>(config.width) * static_cast<guint64>(config.height);
  setup->use_vtm = s.use_vtm;
  setup->vtm = s.vtm;
  setup->info = std::move(info);
  if (!s.setup || !same_description(setup->info, s.setup->info)) s.description_due = true;
  s.setup = std::move(setup);

  CapsPtr caps = h266_caps(ptl, s.setup->config.bit_depth);
  gst_feature_caps_set_info(caps.get(), s.setup->info.get());
  gst_video_codec_state_unref(gst_video_encoder_set_output_state(encoder, caps.release(), input));
  plan_work(self, input);
  if (!gst_video_encoder_negotiate(encoder)) return FALSE;
  s.input_caps.reset(gst_caps_ref(in_caps));
  return TRUE;
}

static gboolean gst_vvc_feat_enc_set_format(GstVideoEncoder *encoder, GstVideoCodecState *input) {
  auto *self = GST_VVC_FEAT_ENC(encoder);
  State &s = *self->state;
  s.input_caps.reset();
  s.clear_input();
  s.input = gst_video_codec_state_ref(input);
  return configure(self, input, input->caps);
}

// The base class tells only of caps with another picture, not of another feature in the same one.
static bool follow_caps(GstVvcFeatEnc *self) {
  State &s = *self->state;
  const CapsPtr caps(gst_pad_get_current_caps(GST_VIDEO_ENCODER_SINK_PAD(self)));
  if (!caps || caps == s.input_caps) return true;
  if (s.input_caps && gst_caps_is_equal(caps.get(), s.input_caps.get())) return true;
  return s.input != nullptr && configure(self, s.input, caps.get()) != FALSE;
}

// Whether this unit carries the description, by config-interval.
static bool description_is_due(State &s, int interval, GstVideoCodecFrame *frame) {
  if (!s.setup->info) return false;
  if (interval < 0 || s.description_due || GST_VIDEO_CODEC_FRAME_IS_FORCE_KEYFRAME(frame)) {
    return true;
  }
  if (interval == 0) return false;
  if (!GST_CLOCK_TIME_IS_VALID(frame->pts) || !GST_CLOCK_TIME_IS_VALID(s.description_sent)) {
    return true;  // without timestamps an interval cannot be kept, so better too often
  }
  const GstClockTimeDiff since = GST_CLOCK_DIFF(s.description_sent, frame->pts);
  return since < 0 || since >= interval * static_cast<GstClockTimeDiff>(GST_SECOND);
}

static void count_unit(GstVvcFeatEnc *self, const EncodeJob &job) {
  const ObjectLock lock(self);
  Stats &stats = self->state->stats;
  stats.units++;
  stats.bytes += job.unit.size();
  stats.slice_bytes += job.slice_bytes;
  stats.description_bytes += job.description_bytes;
  stats.points += job.setup->points;
  stats.qp = job.qp;
  stats.encode_time += static_cast<guint64>(job.microseconds) * GST_USECOND;
}

namespace {

class FrameJob final : public WorkQueue::Job {
 public:
  FrameJob(GstVvcFeatEnc *self, GstVideoCodecFrame *frame) : self_(self) {
    job_.frame = frame;
    job_.setup = self->state->setup;
  }
  ~FrameJob() override {
    if (job_.frame != nullptr) gst_video_codec_frame_unref(job_.frame);
  }
  EncodeJob &job() { return job_; }

  void run(int worker, int threads, GCancellable *cancellable) override {
    if (job_.late || !job_.status.ok()) return;
    encode_frame(job_, self_->state->scratch[static_cast<size_t>(worker)], threads, cancellable);
  }

  void deliver() override {
    GstFlowReturn &flow = self_->state->flow;
    if (flow != GST_FLOW_OK) return;  // nothing leaves behind a frame that did not
    if (!job_.status.ok()) {
      GST_ELEMENT_ERROR(self_, STREAM, ENCODE, ("%s", job_.status.message.c_str()), (nullptr));
      flow = GST_FLOW_ERROR;
      return;
    }
    GstVideoCodecFrame *frame = std::exchange(job_.frame, nullptr);
    if (!job_.late) {  // or else without output: dropped
      count_unit(self_, job_);
      GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
      frame->output_buffer = gst_buffer_new_memdup(job_.unit.data(), job_.unit.size());
    }
    flow = gst_video_encoder_finish_frame(GST_VIDEO_ENCODER(self_), frame);
  }

 private:
  GstVvcFeatEnc *const self_;
  EncodeJob job_;
};

}  // namespace

static GstFlowReturn gst_vvc_feat_enc_handle_frame(GstVideoEncoder *encoder,
                                                   GstVideoCodecFrame *frame) {
  auto *self = GST_VVC_FEAT_ENC(encoder);
  State &s = *self->state;

  if (!follow_caps(self)) {
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  auto work = std::make_unique<FrameJob>(self, frame);
  EncodeJob &job = work->job();
  if (gst_video_encoder_get_max_encode_time(encoder, frame) < 0) {
    GST_DEBUG_OBJECT(self, "frame %u is late, dropped before encoding", frame->system_frame_number);
    job.late = true;
    const ObjectLock lock(self);
    s.stats.dropped++;
  } else {
    EncoderSettings settings;
    {
      const ObjectLock lock(self);
      settings = s.settings;
    }
    if (description_is_due(s, settings.config_interval, frame)) {
      job.described = true;
      job.in_every_unit = settings.config_interval < 0;
      job.crc32 = settings.hash == PictureHash::kCrc32;
      s.description_due = false;
      s.description_sent = frame->pts;
    }
    job.status = encode_options(settings, s.use_vtm, s.setup->points, job.described, job.options);
  }
  s.queue.submit(std::move(work));
  return s.flow;
}

static GstFlowReturn gst_vvc_feat_enc_finish(GstVideoEncoder *encoder) {
  auto *self = GST_VVC_FEAT_ENC(encoder);
  State &s = *self->state;
  s.queue.drain();
  gst_element_post_message(GST_ELEMENT_CAST(self),
                           gst_message_new_element(GST_OBJECT_CAST(self), make_stats(self)));
  return s.flow;
}

static gboolean gst_vvc_feat_enc_flush(GstVideoEncoder *encoder) {
  State &s = *GST_VVC_FEAT_ENC(encoder)->state;
  s.queue.clear();
  s.queue.resume();
  s.flow = GST_FLOW_OK;
  s.description_due = true;
  return TRUE;
}

static gboolean gst_vvc_feat_enc_sink_event(GstVideoEncoder *encoder, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) {
    GST_VVC_FEAT_ENC(encoder)->state->queue.abort();
  }
  return GST_VIDEO_ENCODER_CLASS(gst_vvc_feat_enc_parent_class)->sink_event(encoder, event);
}

static GstStateChangeReturn gst_vvc_feat_enc_change_state(GstElement *element,
                                                          GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    GST_VVC_FEAT_ENC(element)->state->queue.abort();
  }
  return GST_ELEMENT_CLASS(gst_vvc_feat_enc_parent_class)->change_state(element, transition);
}

static gboolean gst_vvc_feat_enc_propose_allocation(GstVideoEncoder *encoder, GstQuery *query) {
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return GST_VIDEO_ENCODER_CLASS(gst_vvc_feat_enc_parent_class)->propose_allocation(encoder, query);
}

static void gst_vvc_feat_enc_finalize(GObject *object) {
  delete GST_VVC_FEAT_ENC(object)->state;
  G_OBJECT_CLASS(gst_vvc_feat_enc_parent_class)->finalize(object);
}

static void gst_vvc_feat_enc_init(GstVvcFeatEnc *self) {
  self->state = new State(GST_VIDEO_ENCODER(self));
}

static void add_templates(GstElementClass *element_class) {
  const std::string sink = std::string("video/x-raw, format = (string) ") + gray_format_list() +
                           ", width = (int) [ 1, " + std::to_string(vvc::kMaxSide) +
                           " ], height = (int) [ 1, " + std::to_string(vvc::kMaxSide) +
                           " ], framerate = " GST_VIDEO_FPS_RANGE;
  const CapsPtr sink_caps(gst_caps_from_string(sink.c_str()));
  const CapsPtr src_caps(gst_caps_from_string(kH266CapsTemplate));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
}

static void install_properties(GObjectClass *object_class) {
  /**
   * vvcfeatenc:backend:
   *
   * Who codes: `builtin`, which `auto` means as well, or `vtm`, the reference software, with the
   * settings of the published baseline. Read when the element starts.
   *
   * Since: 0.1
   */
  /**
   * vvcfeatenc:vtm-path:
   *
   * VTM's encoder, or the folder with EncoderAppStatic or EncoderApp; unless set, PATH is searched.
   *
   * Since: 0.1
   */
  /**
   * vvcfeatenc:threads:
   *
   * How many threads code, or how many VTM processes; 0: as many as there are cores. As many frames
   * are in work at a time; those of a live source one at a time, with all threads. The stream is
   * the same for any number.
   *
   * Since: 0.1
   */
  install_coding_properties(object_class);
  install_encoder_settings(object_class);
  /**
   * vvcfeatenc:vtm-config:
   *
   * VTM's encoder_intra_vtm.cfg; unless set, it is searched for beside the program and further up.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_VTM_CONFIG,
      g_param_spec_string("vtm-config", "VTM configuration",
                          "VTM's encoder_intra_vtm.cfg (null: search beside the program)", nullptr,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_READY)));
  /**
   * vvcfeatenc:stats:
   *
   * Totals since start, also posted as an element message `vvcfeatenc-stats` at EOS: `units`,
   * `dropped` (late frames, with `qos=true`), `bytes`, `slice-bytes` (of them, without parameter
   * sets and SEI messages), `description-bytes` (of them, in descriptions of the feature),
   * `points`, `bpfp` (all bits over feature points), `payload-bpfp` (slice bits over feature
   * points), `encode-time` (ns, the sum over all frames).
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_vvc_feat_enc_class_init(GstVvcFeatEncClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *encoder_class = GST_VIDEO_ENCODER_CLASS(klass);

  object_class->set_property = gst_vvc_feat_enc_set_property;
  object_class->get_property = gst_vvc_feat_enc_get_property;
  object_class->finalize = gst_vvc_feat_enc_finalize;
  install_properties(object_class);

  element_class->change_state = gst_vvc_feat_enc_change_state;
  encoder_class->start = gst_vvc_feat_enc_start;
  encoder_class->stop = gst_vvc_feat_enc_stop;
  encoder_class->set_format = gst_vvc_feat_enc_set_format;
  encoder_class->handle_frame = gst_vvc_feat_enc_handle_frame;
  encoder_class->finish = gst_vvc_feat_enc_finish;
  encoder_class->flush = gst_vvc_feat_enc_flush;
  encoder_class->sink_event = gst_vvc_feat_enc_sink_event;
  encoder_class->propose_allocation = gst_vvc_feat_enc_propose_allocation;

  add_templates(element_class);
  gst_element_class_set_static_metadata(
      element_class, "H.266 feature encoder", "Codec/Encoder/Video",
      "Encodes packed features as H.266 (VVC) intra pictures", "The gst-feature project");
}
