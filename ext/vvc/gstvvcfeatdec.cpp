// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-vvcfeatdec
 * @title: vvcfeatdec
 *
 * Decodes H.266 (VVC) intra pictures of one component (4:0:0), 8 or 10 bit, with the built-in
 * codec or with the reference software VTM (`backend=vtm`), into grey video frames whose caps carry
 * the feature description found in the stream.
 * Access units are found by the element itself, so it can follow filesrc.
 *
 * A damaged unit is dropped with a warning and the stream goes on (see `max-errors`); a picture
 * that does not agree with its hash (an MD5 in an SEI message, or the CRC-32 in the description),
 * or with the description of its feature, counts as damaged. So
 * do units without a description behind a dropped one that may have had it. A stream that ends
 * without a single picture is an error.
 *
 * ## Example
 * |[
 * gst-launch-1.0 filesrc location=feature.266 ! vvcfeatdec ! featureunpack ! featuredequant !
 *     npyenc ! filesink location=feature.npy
 * ]|
 *
 * Since: 0.1
 */

#include "ext/vvc/gstvvcfeatdec.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "ext/common/frame_description.h"
#include "ext/common/gray_format.h"
#include "ext/vvc/coding_properties.h"
#include "ext/vvc/decode_job.h"
#include "ext/vvc/stream_description.h"
#include "ext/vvc/vtm_decoder.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "gst/common/work_queue.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(vvcfeatdec_debug);
#define GST_CAT_DEFAULT vvcfeatdec_debug

namespace {

enum { PROP_MAX_POINTS = PROP_CODING_END, PROP_VERIFY_HASH, PROP_STATS };

constexpr bool kDefaultVerifyHash = true;

// Running totals since start.
struct Stats {
  guint64 units = 0;
  guint64 damaged = 0;
  guint64 bytes = 0;
  guint64 points = 0;
  guint64 decode_time = 0;  // ns
};

struct State {
  explicit State(GstVideoDecoder *decoder) : queue(&decoder->stream_lock) {}

  // Guarded by the object lock.
  CodingProperties coding;
  bool verify_hash = kDefaultVerifyHash;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
  Stats stats;

  // Everything below belongs to the streaming thread (stream lock).
  Refusal refusal;
  WorkQueue queue;
  std::vector<DecodeScratch> scratch;  // of each worker; empty: not yet planned
  GstFlowReturn flow = GST_FLOW_OK;    // of the last frame that left
  std::string vtm_program;             // empty: the built-in codec
  vvc::ParameterSetMemory parameter_sets;
  StreamDescription description;
  vvc::AccessUnitFinder finder;
  GstVideoCodecState *input = nullptr;
  // What is negotiated downstream.
  int out_width = 0;
  int out_height = 0;
  int out_depth = 0;
  InfoPtr out_info;

  void clear_input() { g_clear_pointer(&input, gst_video_codec_state_unref); }
  void forget_output() {
    out_width = out_height = out_depth = 0;
    out_info.reset();
  }
};

}  // namespace

struct _GstVvcFeatDec {
  GstVideoDecoder parent;
  State *state;
};

G_DEFINE_TYPE(GstVvcFeatDec, gst_vvc_feat_dec, GST_TYPE_VIDEO_DECODER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(vvcfeatdec, "vvcfeatdec", GST_RANK_MARGINAL,
                                      GST_TYPE_VVC_FEAT_DEC,
                                      GST_DEBUG_CATEGORY_INIT(vvcfeatdec_debug, "vvcfeatdec", 0,
                                                              "H.266 feature decoder"))

static GstStructure *make_stats(GstVvcFeatDec *self) {
  Stats s;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
  }
  return gst_structure_new("vvcfeatdec-stats", "units", G_TYPE_UINT64, s.units, "damaged",
                           G_TYPE_UINT64, s.damaged, "bytes", G_TYPE_UINT64, s.bytes, "points",
                           G_TYPE_UINT64, s.points, "decode-time", G_TYPE_UINT64, s.decode_time,
                           nullptr);
}

static void gst_vvc_feat_dec_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *pspec) {
  auto *self = GST_VVC_FEAT_DEC(object);
  State &s = *self->state;
  const ObjectLock lock(self);
  switch (id) {
    case PROP_MAX_POINTS:
      s.max_points = g_value_get_uint64(value);
      break;
    case PROP_VERIFY_HASH:
      s.verify_hash = g_value_get_boolean(value) != FALSE;
      break;
    default:
      if (set_coding_property(s.coding, id, value)) break;
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_vvc_feat_dec_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *pspec) {
  auto *self = GST_VVC_FEAT_DEC(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  State &s = *self->state;
  const ObjectLock lock(self);
  switch (id) {
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, s.max_points);
      break;
    case PROP_VERIFY_HASH:
      g_value_set_boolean(value, s.verify_hash);
      break;
    default:
      if (get_coding_property(s.coding, id, value)) break;
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static gboolean gst_vvc_feat_dec_start(GstVideoDecoder *decoder) {
  auto *self = GST_VVC_FEAT_DEC(decoder);
  State &s = *self->state;
  CodingProperties coding;
  {
    const ObjectLock lock(self);
    coding = s.coding;
    s.stats = Stats();
  }
  s.vtm_program.clear();
  s.flow = GST_FLOW_OK;
  s.parameter_sets.reset();
  s.refusal.clear();
  s.description = {};
  s.finder.reset();
  s.forget_output();
  gst_video_decoder_set_packetized(decoder, FALSE);
  if (!coding.uses_vtm()) return TRUE;
  std::string message;
  s.vtm_program = find_vtm_decoder(coding.vtm_path, message);
  if (!s.vtm_program.empty()) return TRUE;
  GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", message.c_str()), (nullptr));
  return FALSE;
}

static gboolean gst_vvc_feat_dec_stop(GstVideoDecoder *decoder) {
  State &s = *GST_VVC_FEAT_DEC(decoder)->state;
  s.queue.stop();
  s.scratch.clear();
  s.clear_input();
  return TRUE;
}

static gboolean gst_vvc_feat_dec_set_format(GstVideoDecoder *decoder, GstVideoCodecState *input) {
  auto *self = GST_VVC_FEAT_DEC(decoder);
  State &s = *self->state;
  s.queue.drain();  // older pictures leave with the caps of their units
  s.scratch.clear();
  InfoPtr info;
  if (gst_feature_caps_has_info(input->caps)) {
    ErrorSlot error;
    info.reset(gst_feature_info_from_caps(input->caps, error.out()));
    if (!info) {
      const std::string sentence =
          std::string("The feature description in the caps is wrong: ") + error.message() + ".";
      return s.refusal.post(self, sentence.c_str());
    }
  }
  s.description.set_caps(std::move(info));
  s.clear_input();
  s.input = gst_video_codec_state_ref(input);
  s.forget_output();
  const GstStructure *structure = gst_caps_get_structure(input->caps, 0);
  const gchar *alignment = gst_structure_get_string(structure, "alignment");
  gst_video_decoder_set_packetized(decoder, g_strcmp0(alignment, "au") == 0);
  return TRUE;
}

// Largest access unit waited for: parameter sets, and two bytes a sample (incompressible content
// takes less).
static guint64 unit_limit(GstVvcFeatDec *self) {
  constexpr guint64 kHeaders = 1 << 20;
  const ObjectLock lock(self);
  const guint64 points = self->state->max_points;
  return points > (G_MAXINT - kHeaders) / 2 ? G_MAXINT : kHeaders + 2 * points;
}

static GstFlowReturn gst_vvc_feat_dec_parse(GstVideoDecoder *decoder, GstVideoCodecFrame *,
                                            GstAdapter *adapter, gboolean at_eos) {
  auto *self = GST_VVC_FEAT_DEC(decoder);
  State &s = *self->state;
  const gsize available = gst_adapter_available(adapter);
  if (available == 0) return GST_VIDEO_DECODER_FLOW_NEED_DATA;
  const auto *data = static_cast<const uint8_t *>(gst_adapter_map(adapter, available));
  const size_t size = s.finder.find({data, available}, at_eos != FALSE);
  gst_adapter_unmap(adapter);
  if (size == 0) {
    const guint64 limit = unit_limit(self);
    if (available <= limit) return GST_VIDEO_DECODER_FLOW_NEED_DATA;
    GST_ELEMENT_ERROR(self, STREAM, DECODE,
                      ("No end of an access unit within %" G_GSIZE_FORMAT
                       " bytes, more than the %" G_GUINT64_FORMAT " that max-points allows for.",
                       available, limit),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  s.finder.reset();
  gst_video_decoder_add_to_frame(decoder, static_cast<int>(size));
  return gst_video_decoder_have_frame(decoder);
}

static bool same_info(const GstFeatureInfo *a, const GstFeatureInfo *b) {
  if (a == nullptr || b == nullptr) return a == b;
  return gst_feature_info_is_equal(a, b) != FALSE;
}

// Negotiates the output for the decoded picture if it differs from the last one.
static bool negotiate(GstVvcFeatDec *self, const vvc::Picture &p, const GstFeatureInfo *info) {
  State &s = *self->state;
  auto *decoder = GST_VIDEO_DECODER(self);
  GstVideoCodecState *current = gst_video_decoder_get_output_state(decoder);
  const bool same = current != nullptr && s.out_width == p.width && s.out_height == p.height &&
                    s.out_depth == p.bit_depth && same_info(s.out_info.get(), info);
  if (current != nullptr) gst_video_codec_state_unref(current);
  if (same) return true;

  const GstVideoFormat format =
      p.bit_depth == 8 ? GST_VIDEO_FORMAT_GRAY8 : GST_VIDEO_FORMAT_GRAY16_LE;
  GstVideoCodecState *state = gst_video_decoder_set_output_state(
      decoder, format, static_cast<guint>(p.width), static_cast<guint>(p.height), s.input);
  state->caps = gst_video_info_to_caps(&state->info);
  gst_feature_caps_set_info(state->caps, info);
  gst_video_codec_state_unref(state);
  s.out_width = p.width;
  s.out_height = p.height;
  s.out_depth = p.bit_depth;
  s.out_info.reset(info != nullptr ? gst_feature_info_copy(info) : nullptr);
  return gst_video_decoder_negotiate(decoder) != FALSE;
}

static GstFlowReturn drop_damaged(GstVvcFeatDec *self, GstVideoCodecFrame *frame,
                                  const std::string &message) {
  State &s = *self->state;
  {
    const ObjectLock lock(self);
    s.stats.damaged++;
  }
  s.description.unit_dropped();
  GST_ELEMENT_WARNING(self, STREAM, DECODE, ("A unit was dropped: %s.", message.c_str()),
                      ("%" G_GSIZE_FORMAT " bytes", gst_buffer_get_size(frame->input_buffer)));
  // Counts towards max-errors, and becomes an error beyond it.
  GstFlowReturn flow = GST_FLOW_OK;
  GST_VIDEO_DECODER_ERROR(self, 1, STREAM, DECODE, ("%s", message.c_str()), (nullptr), flow);
  const GstFlowReturn dropped = gst_video_decoder_drop_frame(GST_VIDEO_DECODER(self), frame);
  return flow != GST_FLOW_OK ? flow : dropped;
}

static void count_unit(GstVvcFeatDec *self, const DecodeJob &job) {
  const ObjectLock lock(self);
  Stats &stats = self->state->stats;
  stats.units++;
  stats.bytes += gst_buffer_get_size(job.frame->input_buffer);
  stats.points += job.picture.samples.size();
  stats.decode_time += static_cast<guint64>(job.microseconds) * GST_USECOND;
}

// Sends the picture downstream; takes the frame.
static GstFlowReturn push_picture(GstVvcFeatDec *self, const vvc::Picture &picture,
                                  const GstFeatureInfo *info, GstVideoCodecFrame *frame) {
  auto *decoder = GST_VIDEO_DECODER(self);
  if (!negotiate(self, picture, info)) {
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
  const GstFlowReturn flow = gst_video_decoder_allocate_output_frame(decoder, frame);
  if (flow != GST_FLOW_OK) {
    gst_video_codec_frame_unref(frame);
    return flow;
  }
  GstVideoCodecState *output = gst_video_decoder_get_output_state(decoder);
  GstVideoFrame video;
  const bool mapped =
      gst_video_frame_map(&video, &output->info, frame->output_buffer, GST_MAP_WRITE) != FALSE;
  gst_video_codec_state_unref(output);
  if (!mapped) {
    GST_ELEMENT_ERROR(self, RESOURCE, WRITE, ("An output frame could not be mapped."), (nullptr));
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_ERROR;
  }
  write_gray(picture.samples.data(), picture.bit_depth, &video);
  gst_video_frame_unmap(&video);
  return gst_video_decoder_finish_frame(decoder, frame);
}

// What becomes of a unit once it is decoded or has failed to be; takes the frame.
static GstFlowReturn deliver(GstVvcFeatDec *self, DecodeJob &job) {
  State &s = *self->state;
  GstVideoCodecFrame *frame = job.frame;
  std::string message = job.status.message;
  if (job.status.code == vvc::Status::Code::kInvalidArgument) {
    GST_ELEMENT_ERROR(self, STREAM, DECODE, ("%s", message.c_str()), (nullptr));
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_ERROR;
  }
  // Units may be missing in front of this one, and their descriptions with them.
  if (GST_BUFFER_IS_DISCONT(frame->input_buffer)) s.description.unit_dropped();
  if (!job.status.ok() || !s.description.read(std::move(job.description), message)) {
    return drop_damaged(self, frame, message);
  }
  const GstFeatureInfo *info = s.description.current();
  const vvc::Picture &picture = job.picture;
  if (info != nullptr && !agrees(picture.width, picture.height, picture.bit_depth, info,
                                 job.config.max_points, message)) {
    return drop_damaged(self, frame, message);
  }
  count_unit(self, job);
  return push_picture(self, job.picture, info, frame);
}

namespace {

class UnitJob final : public WorkQueue::Job {
 public:
  UnitJob(GstVvcFeatDec *self, GstVideoCodecFrame *frame) : self_(self) { job_.frame = frame; }
  ~UnitJob() override {
    if (job_.frame != nullptr) gst_video_codec_frame_unref(job_.frame);
  }
  DecodeJob &job() { return job_; }

  void run(int worker, int threads, GCancellable *cancellable) override {
    decode_unit(job_, self_->state->scratch[static_cast<size_t>(worker)], threads, cancellable);
  }

  void deliver() override {
    GstFlowReturn &flow = self_->state->flow;
    if (flow != GST_FLOW_OK) return;  // nothing leaves behind a frame that did not
    flow = ::deliver(self_, job_);
    job_.frame = nullptr;
  }

 private:
  GstVvcFeatDec *const self_;
  DecodeJob job_;
};

}  // namespace

// Chooses how many units to have in work.
static void plan_work(GstVvcFeatDec *self) {
  auto *decoder = GST_VIDEO_DECODER(self);
  State &s = *self->state;
  CodingProperties coding;
  {
    const ObjectLock lock(self);
    coding = s.coding;
  }
  const Parallelism plan = plan_parallelism(coding, GST_VIDEO_DECODER_SINK_PAD(decoder));
  s.scratch.resize(static_cast<size_t>(plan.jobs));
  s.queue.configure(plan.jobs, plan.threads);
  GstClockTime longest = 0;
  if (s.input != nullptr) {
    longest = frames_duration(plan.jobs - 1, GST_VIDEO_INFO_FPS_N(&s.input->info),
                              GST_VIDEO_INFO_FPS_D(&s.input->info));
  }
  gst_video_decoder_set_latency(decoder, 0, longest);
}

static GstFlowReturn gst_vvc_feat_dec_handle_frame(GstVideoDecoder *decoder,
                                                   GstVideoCodecFrame *frame) {
  auto *self = GST_VVC_FEAT_DEC(decoder);
  State &s = *self->state;

  if (s.scratch.empty()) plan_work(self);
  auto work = std::make_unique<UnitJob>(self, frame);
  DecodeJob &job = work->job();
  job.vtm_program = s.vtm_program;
  {
    const ObjectLock lock(self);
    job.config.max_points = s.max_points;
    job.config.check_md5 = s.verify_hash;
  }
  {
    const MappedBuffer map(frame->input_buffer, GST_MAP_READ);
    if (map.ok()) job.missing_sets = s.parameter_sets.missing_sets({map.data(), map.size()});
  }
  s.queue.submit(std::move(work));
  return s.flow;
}

static GstFlowReturn gst_vvc_feat_dec_drain(GstVideoDecoder *decoder) {
  State &s = *GST_VVC_FEAT_DEC(decoder)->state;
  s.queue.drain();
  return s.flow;
}

static GstFlowReturn gst_vvc_feat_dec_finish(GstVideoDecoder *decoder) {
  auto *self = GST_VVC_FEAT_DEC(decoder);
  self->state->queue.drain();
  Stats stats;
  {
    const ObjectLock lock(self);
    stats = self->state->stats;
  }
  if (stats.units == 0 && stats.damaged > 0) {
    GST_ELEMENT_ERROR(
        self, STREAM, DECODE,
        ("The stream ends without a picture; all of its %" G_GUINT64_FORMAT " units were dropped.",
         stats.damaged),
        (nullptr));
  }
  gst_element_post_message(GST_ELEMENT_CAST(self),
                           gst_message_new_element(GST_OBJECT_CAST(self), make_stats(self)));
  return self->state->flow;
}

static gboolean gst_vvc_feat_dec_flush(GstVideoDecoder *decoder) {
  State &s = *GST_VVC_FEAT_DEC(decoder)->state;
  s.queue.clear();
  s.queue.resume();
  s.flow = GST_FLOW_OK;
  s.parameter_sets.reset();
  s.finder.reset();
  s.description.forget_sent();
  return TRUE;
}

static gboolean gst_vvc_feat_dec_sink_event(GstVideoDecoder *decoder, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) {
    GST_VVC_FEAT_DEC(decoder)->state->queue.abort();
  }
  return GST_VIDEO_DECODER_CLASS(gst_vvc_feat_dec_parent_class)->sink_event(decoder, event);
}

static GstStateChangeReturn gst_vvc_feat_dec_change_state(GstElement *element,
                                                          GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    GST_VVC_FEAT_DEC(element)->state->queue.abort();
  }
  return GST_ELEMENT_CLASS(gst_vvc_feat_dec_parent_class)->change_state(element, transition);
}

static void gst_vvc_feat_dec_finalize(GObject *object) {
  delete GST_VVC_FEAT_DEC(object)->state;
  G_OBJECT_CLASS(gst_vvc_feat_dec_parent_class)->finalize(object);
}

static void gst_vvc_feat_dec_init(GstVvcFeatDec *self) {
  self->state = new State(GST_VIDEO_DECODER(self));
}

static void add_templates(GstElementClass *element_class) {
  const std::string side = "(int) [ 1, " + std::to_string(vvc::kMaxSide) + " ]";
  const std::string src = "video/x-raw, format = (string) { GRAY16_LE, GRAY8 }, width = " + side +
                          ", height = " + side + ", framerate = " GST_VIDEO_FPS_RANGE;
  const CapsPtr sink_caps(
      gst_caps_from_string("video/x-h266, stream-format = (string) byte-stream"));
  const CapsPtr src_caps(gst_caps_from_string(src.c_str()));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
}

static void install_properties(GObjectClass *object_class) {
  /**
   * vvcfeatdec:backend:
   *
   * Who decodes: `builtin`, which `auto` means as well, or `vtm`, the reference software. Read when
   * the element starts.
   *
   * Since: 0.1
   */
  /**
   * vvcfeatdec:vtm-path:
   *
   * VTM's decoder, or the folder with DecoderAppStatic or DecoderApp; unless set, PATH is searched.
   *
   * Since: 0.1
   */
  /**
   * vvcfeatdec:threads:
   *
   * How many threads decode, or how many VTM processes; 0: as many as there are cores. As many
   * units are in work at a time; those of a live source one at a time, with all threads. The
   * pictures are the same for any number.
   *
   * Since: 0.1
   */
  install_coding_properties(object_class);
  /**
   * vvcfeatdec:verify-hash:
   *
   * Whether a picture that does not agree with the hash sent with it counts as damaged: an MD5 in
   * an SEI message, or the CRC-32 in the description, which covers the description as well.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_VERIFY_HASH,
      g_param_spec_boolean("verify-hash", "Verify hash",
                           "Drop pictures that do not agree with their MD5 or CRC-32",
                           kDefaultVerifyHash,
                           static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                    GST_PARAM_MUTABLE_PLAYING)));
  /**
   * vvcfeatdec:max-points:
   *
   * Largest picture, in samples before cropping, that is decoded; larger ones are damaged units,
   * before anything is allocated.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_POINTS,
      g_param_spec_uint64("max-points", "Maximum points", "Largest picture in samples", 1,
                          G_MAXUINT64, GST_FEATURE_DEFAULT_MAX_POINTS,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_READY)));
  /**
   * vvcfeatdec:stats:
   *
   * Totals since start, also posted as an element message `vvcfeatdec-stats` at EOS: `units`
   * (decoded), `damaged` (dropped), `bytes`, `points` (samples of decoded pictures),
   * `decode-time` (ns).
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_vvc_feat_dec_class_init(GstVvcFeatDecClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *decoder_class = GST_VIDEO_DECODER_CLASS(klass);

  object_class->set_property = gst_vvc_feat_dec_set_property;
  object_class->get_property = gst_vvc_feat_dec_get_property;
  object_class->finalize = gst_vvc_feat_dec_finalize;
  element_class->change_state = gst_vvc_feat_dec_change_state;
  install_properties(object_class);

  decoder_class->start = gst_vvc_feat_dec_start;
  decoder_class->stop = gst_vvc_feat_dec_stop;
  decoder_class->set_format = gst_vvc_feat_dec_set_format;
  decoder_class->parse = gst_vvc_feat_dec_parse;
  decoder_class->handle_frame = gst_vvc_feat_dec_handle_frame;
  decoder_class->finish = gst_vvc_feat_dec_finish;
  decoder_class->drain = gst_vvc_feat_dec_drain;
  decoder_class->flush = gst_vvc_feat_dec_flush;
  decoder_class->sink_event = gst_vvc_feat_dec_sink_event;

  add_templates(element_class);
  gst_element_class_set_static_metadata(
      element_class, "H.266 feature decoder", "Codec/Decoder/Video",
      "Decodes H.266 (VVC) intra pictures of packed features", "The gst-feature project");
}
