// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-vvcfeatenc
 * @title: vvcfeatenc
 *
 * Encodes packed features (grey video frames) as H.266 (VVC) intra pictures, 4:0:0, 8 or 10 bit,
 * with the built-in codec. Every output buffer is one access unit that can be decoded alone:
 * parameter sets, the description of the feature as an SEI message, one IDR picture.
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

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "ext/vvc/feature_sei.h"
#include "ext/vvc/gray_format.h"
#include "ext/vvc/h266_stream.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(vvcfeatenc_debug);
#define GST_CAT_DEFAULT vvcfeatenc_debug

namespace {

enum { PROP_0, PROP_QP, PROP_MD5, PROP_CONFIG_INTERVAL, PROP_STATS };

constexpr int kDefaultQp = 32;
constexpr bool kDefaultMd5 = true;
constexpr int kDefaultConfigInterval = -1;
constexpr int kMaxConfigInterval = 3600;

// Running totals since start.
struct Stats {
  guint64 units = 0;
  guint64 dropped = 0;
  guint64 bytes = 0;
  guint64 slice_bytes = 0;
  guint64 points = 0;
  guint64 encode_time = 0;  // ns
};

struct State {
  // Properties; guarded by the object lock.
  int qp = kDefaultQp;
  bool md5 = kDefaultMd5;
  int config_interval = kDefaultConfigInterval;
  Stats stats;

  // Everything below belongs to the streaming thread (stream lock).
  Refusal refusal;
  std::unique_ptr<vvc::Encoder> encoder;
  vvc::EncoderConfig config;
  GstVideoCodecState *input = nullptr;
  CapsPtr input_caps;  // that the fields below follow; null where they were refused
  GstVideoInfo video_info;
  guint64 points = 0;  // feature points of one frame
  InfoPtr info;        // null where the caps have no description
  bool description_due = true;
  GstClockTime description_sent = GST_CLOCK_TIME_NONE;
  std::vector<uint16_t> samples;
  std::vector<uint8_t> unit;

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
  return gst_structure_new("vvcfeatenc-stats", "units", G_TYPE_UINT64, s.units, "dropped",
                           G_TYPE_UINT64, s.dropped, "bytes", G_TYPE_UINT64, s.bytes, "slice-bytes",
                           G_TYPE_UINT64, s.slice_bytes, "points", G_TYPE_UINT64, s.points, "bpfp",
                           G_TYPE_DOUBLE, bpfp, "payload-bpfp", G_TYPE_DOUBLE, payload_bpfp,
                           "encode-time", G_TYPE_UINT64, s.encode_time, nullptr);
}

static void gst_vvc_feat_enc_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *pspec) {
  auto *self = GST_VVC_FEAT_ENC(object);
  const ObjectLock lock(self);
  switch (id) {
    case PROP_QP:
      self->state->qp = g_value_get_int(value);
      break;
    case PROP_MD5:
      self->state->md5 = g_value_get_boolean(value) != FALSE;
      break;
    case PROP_CONFIG_INTERVAL:
      self->state->config_interval = g_value_get_int(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_vvc_feat_enc_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *pspec) {
  auto *self = GST_VVC_FEAT_ENC(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  const ObjectLock lock(self);
  switch (id) {
    case PROP_QP:
      g_value_set_int(value, self->state->qp);
      break;
    case PROP_MD5:
      g_value_set_boolean(value, self->state->md5);
      break;
    case PROP_CONFIG_INTERVAL:
      g_value_set_int(value, self->state->config_interval);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static gboolean gst_vvc_feat_enc_start(GstVideoEncoder *encoder) {
  auto *self = GST_VVC_FEAT_ENC(encoder);
  State &s = *self->state;
  s.refusal.clear();
  s.encoder.reset();
  s.info.reset();
  s.description_due = true;
  s.description_sent = GST_CLOCK_TIME_NONE;
  const ObjectLock lock(self);
  s.stats = Stats();
  return TRUE;
}

static gboolean gst_vvc_feat_enc_stop(GstVideoEncoder *encoder) {
  State &s = *GST_VVC_FEAT_ENC(encoder)->state;
  s.input_caps.reset();
  s.clear_input();
  s.encoder.reset();
  s.samples = {};
  s.unit = {};
  return TRUE;
}

static bool refuse(GstVvcFeatEnc *self, const std::string &sentence) {
  return self->state->refusal.post(self, sentence.c_str()) != FALSE;
}

// Bit depth to code at: from the description, or else from the video format.
static bool choose_bit_depth(GstVvcFeatEnc *self, const GstFeatureInfo *info, GstVideoFormat format,
                             int &bit_depth) {
  if (info == nullptr) {
    bit_depth = format == GST_VIDEO_FORMAT_GRAY8 ? 8 : 10;
    return true;
  }
  const guint bits = gst_feature_info_get_bit_depth(info);
  if (bits > 10) {
    return refuse(self, "The feature is quantised to " + std::to_string(bits) +
                            " bits; H.266 Main 10 codes at most 10.");
  }
  if (bits > 8 && format == GST_VIDEO_FORMAT_GRAY8) {
    return refuse(self, "The feature is quantised to " + std::to_string(bits) +
                            " bits; frames of format GRAY8 hold 8.");
  }
  bit_depth = bits <= 8 ? 8 : 10;
  return true;
}

// The description of the feature in the input caps; false if it is there but wrong.
static bool read_description(GstVvcFeatEnc *self, const GstCaps *caps, const GstVideoInfo &video,
                             InfoPtr &info) {
  if (!gst_feature_caps_has_info(caps)) return true;
  ErrorSlot error;
  info.reset(gst_feature_info_from_caps(caps, error.out()));
  gint width = 0;
  gint height = 0;
  if (!info || !gst_feature_info_get_packed_size(info.get(), &width, &height, error.out())) {
    return refuse(self, std::string("The feature description in the caps is wrong: ") +
                            error.message() + ".");
  }
  if (width != GST_VIDEO_INFO_WIDTH(&video) || height != GST_VIDEO_INFO_HEIGHT(&video)) {
    const std::string frames = std::to_string(GST_VIDEO_INFO_WIDTH(&video)) + "x" +
                               std::to_string(GST_VIDEO_INFO_HEIGHT(&video));
    return refuse(self, "The feature description packs to " + std::to_string(width) + "x" +
                            std::to_string(height) + ", but the frames are " + frames + ".");
  }
  return true;
}

// Prepares for frames of these caps, whose video part is that of `input`.
static gboolean configure(GstVvcFeatEnc *self, GstVideoCodecState *input, GstCaps *in_caps) {
  auto *encoder = GST_VIDEO_ENCODER(self);
  State &s = *self->state;

  InfoPtr info;
  if (!read_description(self, in_caps, input->info, info)) return FALSE;
  vvc::EncoderConfig config;
  config.width = GST_VIDEO_INFO_WIDTH(&input->info);
  config.height = GST_VIDEO_INFO_HEIGHT(&input->info);
  if (!choose_bit_depth(self, info.get(), GST_VIDEO_INFO_FORMAT(&input->info), config.bit_depth)) {
    return FALSE;
  }
  vvc::Status status;
  s.encoder = vvc::Encoder::create(config, status);
  if (!s.encoder) {
    return refuse(self, status.message);
  }
  s.config = config;
  s.video_info = input->info;

  if (!info || !s.info || !gst_feature_info_is_equal(info.get(), s.info.get())) {
    s.description_due = true;
  }
  s.points = info ? gst_feature_info_get_n_points(info.get())
                  : static_cast<guint64>(config.width) * static_cast<guint64>(config.height);

  CapsPtr caps = h266_caps(s.encoder->profile_tier_level(), config.bit_depth);
  gst_feature_caps_set_info(caps.get(), info.get());
  s.info = std::move(info);
  gst_video_codec_state_unref(gst_video_encoder_set_output_state(encoder, caps.release(), input));
  gst_video_encoder_set_latency(encoder, 0, 0);
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
  if (!s.info) return false;
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

static void count_unit(GstVvcFeatEnc *self, guint64 encode_time) {
  State &s = *self->state;
  const size_t in_slices = slice_bytes(s.unit);  // reads the whole unit, so not under the lock
  const ObjectLock lock(self);
  Stats &stats = s.stats;
  stats.units++;
  stats.bytes += s.unit.size();
  stats.slice_bytes += in_slices;
  stats.points += s.points;
  stats.encode_time += encode_time;
}

static GstFlowReturn gst_vvc_feat_enc_handle_frame(GstVideoEncoder *encoder,
                                                   GstVideoCodecFrame *frame) {
  auto *self = GST_VVC_FEAT_ENC(encoder);
  State &s = *self->state;

  if (!follow_caps(self)) {
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  if (gst_video_encoder_get_max_encode_time(encoder, frame) < 0) {
    GST_DEBUG_OBJECT(self, "frame %u is late, dropped before encoding", frame->system_frame_number);
    {
      const ObjectLock lock(self);
      s.stats.dropped++;
    }
    return gst_video_encoder_finish_frame(encoder, frame);  // without output: dropped
  }

  vvc::EncodeOptions options;
  int interval = 0;
  {
    const ObjectLock lock(self);
    options.qp = s.qp;
    options.md5_sei = s.md5;
    interval = s.config_interval;
  }

  const bool describe = description_is_due(s, interval, frame);
  const gint64 begin = g_get_monotonic_time();
  {
    GstVideoFrame video;
    if (!gst_video_frame_map(&video, &s.video_info, frame->input_buffer, GST_MAP_READ)) {
      GST_ELEMENT_ERROR(self, RESOURCE, READ, ("An input frame could not be mapped."), (nullptr));
      gst_video_codec_frame_unref(frame);
      return GST_FLOW_ERROR;
    }
    read_gray(&video, s.config.bit_depth, s.samples);
    gst_video_frame_unmap(&video);
  }
  s.unit.clear();
  const vvc::Plane<const uint16_t> plane{s.samples.data(), s.config.width, s.config.height,
                                         s.config.width};
  std::vector<vvc::UserData> description;
  if (describe) description.push_back(to_user_data(s.info.get(), interval < 0));
  const vvc::Status status = s.encoder->encode(plane, options, description, s.unit);
  if (!status.ok()) {
    GST_ELEMENT_ERROR(self, STREAM, ENCODE, ("%s", status.message.c_str()), (nullptr));
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_ERROR;
  }
  const gint64 end = g_get_monotonic_time();
  count_unit(self, static_cast<guint64>(end - begin) * GST_USECOND);

  if (describe) {
    s.description_due = false;
    s.description_sent = frame->pts;
  }
  GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
  frame->output_buffer = gst_buffer_new_memdup(s.unit.data(), s.unit.size());
  return gst_video_encoder_finish_frame(encoder, frame);
}

static GstFlowReturn gst_vvc_feat_enc_finish(GstVideoEncoder *encoder) {
  auto *self = GST_VVC_FEAT_ENC(encoder);
  gst_element_post_message(GST_ELEMENT_CAST(self),
                           gst_message_new_element(GST_OBJECT_CAST(self), make_stats(self)));
  return GST_FLOW_OK;
}

static gboolean gst_vvc_feat_enc_flush(GstVideoEncoder *encoder) {
  GST_VVC_FEAT_ENC(encoder)->state->description_due = true;
  return TRUE;
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
  self->state = new State;
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
  const auto live = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                             GST_PARAM_MUTABLE_PLAYING);
  /**
   * vvcfeatenc:qp:
   *
   * Quantisation parameter of H.266: the step doubles every 6. Takes effect with the next frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_QP,
      g_param_spec_int("qp", "QP", "Quantisation parameter (the step doubles every 6)", vvc::kMinQp,
                       vvc::kMaxQp, kDefaultQp, live));
  /**
   * vvcfeatenc:md5:
   *
   * Whether each picture is followed by an SEI message with its MD5 (26 bytes), by which a decoder
   * notices any damage.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MD5,
      g_param_spec_boolean("md5", "MD5", "Send the MD5 of each decoded picture in an SEI message",
                           kDefaultMd5, live));
  /**
   * vvcfeatenc:config-interval:
   *
   * How often the feature description is sent in band, in seconds; -1: with every unit, 0: only
   * when it changes, at the start and after a flush.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_CONFIG_INTERVAL,
      g_param_spec_int(
          "config-interval", "Config interval",
          "Seconds between feature descriptions in band (-1: every unit, 0: on change)", -1,
          kMaxConfigInterval, kDefaultConfigInterval, live));
  /**
   * vvcfeatenc:stats:
   *
   * Totals since start, also posted as an element message `vvcfeatenc-stats` at EOS: `units`,
   * `dropped` (late frames, with `qos=true`), `bytes`, `slice-bytes` (of them, without parameter
   * sets and SEI messages), `points`, `bpfp` (all bits over feature points), `payload-bpfp` (slice
   * bits over feature points), `encode-time` (ns).
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

  encoder_class->start = gst_vvc_feat_enc_start;
  encoder_class->stop = gst_vvc_feat_enc_stop;
  encoder_class->set_format = gst_vvc_feat_enc_set_format;
  encoder_class->handle_frame = gst_vvc_feat_enc_handle_frame;
  encoder_class->finish = gst_vvc_feat_enc_finish;
  encoder_class->flush = gst_vvc_feat_enc_flush;
  encoder_class->propose_allocation = gst_vvc_feat_enc_propose_allocation;

  add_templates(element_class);
  gst_element_class_set_static_metadata(
      element_class, "H.266 feature encoder", "Codec/Encoder/Video",
      "Encodes packed features as H.266 (VVC) intra pictures", "The gst-feature project");
}
