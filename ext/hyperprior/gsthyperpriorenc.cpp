// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-hyperpriorenc
 * @title: hyperpriorenc
 *
 * Encodes packed features (grey video frames) with a learned codec: networks whose latents are
 * coded with statistics that a hyperprior gives. Every output buffer is one unit that can be
 * decoded alone; the description of the feature stands in it. A decoder needs the same model.
 *
 * The networks run on LibTorch, on the CPU or with CUDA, which is opened when the element starts.
 *
 * ## Example
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=1 ! featuretrunc ! featurequant ! featurepack !
 *     hyperpriorenc quality=0.6 ! filesink location=feature.hyp
 * ]|
 *
 * Since: 0.1
 */

#include "ext/hyperprior/gsthyperpriorenc.h"

#include <memory>
#include <new>
#include <string>
#include <vector>

#include "codecs/hyperprior/hyperprior_codec.h"
#include "ext/common/frame_description.h"
#include "ext/common/gray_format.h"
#include "ext/hyperprior/backend_loader.h"
#include "ext/hyperprior/hyperprior_caps.h"
#include "ext/hyperprior/model_properties.h"
#include "ext/hyperprior/models.h"
#include "ext/hyperprior/transforms_loader.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "gst/common/sentence.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(hyperpriorenc_debug);
#define GST_CAT_DEFAULT hyperpriorenc_debug

namespace {

using hyperprior::Status;

enum { PROP_QUALITY = PROP_MODEL_END, PROP_LAMBDA_INDEX, PROP_STATS };

constexpr double kDefaultQuality = 0.5;
constexpr int kNoLambdaIndex = -1;
constexpr int kMaxLambdaIndex = 99;

// Running totals since start.
struct Stats {
  guint64 units = 0;
  guint64 dropped = 0;
  guint64 points = 0;
  hyperprior::EncodeStats sum;
};

struct State {
  // Guarded by the object lock.
  ModelSettings settings;
  double quality = kDefaultQuality;
  int lambda_index = kNoLambdaIndex;
  Stats stats;
  std::string device;          // that the networks run on
  std::string entropy_device;  // and the entropy coder

  // Everything below belongs to the streaming thread (stream lock).
  Refusal refusal;
  ModelPtr model;  // for decoders of this process as well
  TransformsPtr transforms;
  BackendPtr backend;                            // null: the CPU's
  std::unique_ptr<hyperprior::Encoder> encoder;  // uses both
  guint64 max_points = 0;
  GstVideoCodecState *input = nullptr;
  CapsPtr input_caps;  // that are configured; null where they were refused
  int bit_depth = 0;
  guint64 points = 0;  // feature points of one frame
  std::vector<uint8_t> description;
  std::vector<uint16_t> samples;
  std::vector<uint8_t> unit;
  guint64 frames = 0;  // that came in

  void clear_input() { g_clear_pointer(&input, gst_video_codec_state_unref); }
};

}  // namespace

struct _GstHyperpriorEnc {
  GstVideoEncoder parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstHyperpriorEnc, gst_hyperprior_enc, GST_TYPE_VIDEO_ENCODER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(hyperpriorenc, "hyperpriorenc", GST_RANK_NONE,
                                      GST_TYPE_HYPERPRIOR_ENC,
                                      GST_DEBUG_CATEGORY_INIT(hyperpriorenc_debug, "hyperpriorenc",
                                                              0, "learned feature encoder"))

static double per(double sum, guint64 count) {
  return count != 0 ? sum / static_cast<double>(count) : 0.0;
}

static GstStructure *make_stats(GstHyperpriorEnc *self) {
  Stats s;
  std::string device;
  std::string entropy_device;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
    device = self->state->device;
    entropy_device = self->state->entropy_device;
  }
  const hyperprior::EncodeStats &sum = s.sum;
  return gst_structure_new(
      "hyperpriorenc-stats", "units", G_TYPE_UINT64, s.units, "dropped", G_TYPE_UINT64, s.dropped,
      "bytes", G_TYPE_UINT64, sum.bytes, "payload-bytes", G_TYPE_UINT64,
      (sum.y_bits + sum.z_bits) / 8, "points", G_TYPE_UINT64, s.points, "bpfp", G_TYPE_DOUBLE,
      per(8.0 * static_cast<double>(sum.bytes), s.points), "y-bits", G_TYPE_UINT64, sum.y_bits,
      "z-bits", G_TYPE_UINT64, sum.z_bits, "header-bits", G_TYPE_UINT64, sum.header_bits,
      "y-estimated-bits", G_TYPE_DOUBLE, sum.y_estimated_bits, "z-estimated-bits", G_TYPE_DOUBLE,
      sum.z_estimated_bits, "analysis-milliseconds", G_TYPE_DOUBLE, per(sum.analysis_ms, s.units),
      "entropy-milliseconds", G_TYPE_DOUBLE, per(sum.entropy_ms, s.units), "device", G_TYPE_STRING,
      device.c_str(), "entropy-device", G_TYPE_STRING, entropy_device.c_str(), nullptr);
}

static void gst_hyperprior_enc_set_property(GObject *object, guint id, const GValue *value,
                                            GParamSpec *pspec) {
  State &s = *GST_HYPERPRIOR_ENC(object)->state;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_QUALITY:
      s.quality = g_value_get_double(value);
      break;
    case PROP_LAMBDA_INDEX:
      s.lambda_index = g_value_get_int(value);
      break;
    default:
      if (set_model_property(s.settings, id, value)) break;
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_hyperprior_enc_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec) {
  auto *self = GST_HYPERPRIOR_ENC(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  const State &s = *self->state;
  const ObjectLock lock(self);
  switch (id) {
    case PROP_QUALITY:
      g_value_set_double(value, s.quality);
      break;
    case PROP_LAMBDA_INDEX:
      g_value_set_int(value, s.lambda_index);
      break;
    default:
      if (get_model_property(s.settings, id, value)) break;
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

/* --- states --- */

// A sentence on why the model cannot be used, or empty.
static std::string open_model(State &s, const ModelSettings &settings, int lambda_index) {
  std::string name = settings.model.empty() ? kDefaultModel : settings.model;
  if (lambda_index != kNoLambdaIndex) name = name_in_family(name, lambda_index);
  ModelPtr model;
  std::string wrong = load_model(name, model);
  if (!wrong.empty()) return wrong;
  s.transforms = load_transforms(*model, settings.device, settings.threads, wrong);
  if (!s.transforms) return wrong;
  s.backend = load_backend(*model, settings.device, wrong);
  if (!wrong.empty()) return wrong;
  s.model = model;
  s.encoder = std::make_unique<hyperprior::Encoder>(model->entropy, s.transforms.get(),
                                                    coding_threads(settings), s.backend.get());
  return {};
}

static void stop(State &s) {
  s.encoder.reset();
  s.backend.reset();
  s.transforms.reset();
  s.model.reset();
  s.clear_input();
  s.input_caps.reset();
  s.samples = {};
  s.unit = {};
}

static bool start(GstHyperpriorEnc *self) {
  State &s = *self->state;
  ModelSettings settings;
  int lambda_index = kNoLambdaIndex;
  {
    const ObjectLock lock(self);
    s.stats = Stats();
    s.device.clear();
    s.entropy_device.clear();
    settings = s.settings;
    lambda_index = s.lambda_index;
  }
  s.refusal.clear();
  s.max_points = settings.max_points;
  s.frames = 0;
  std::string wrong;
  try {
    wrong = open_model(s, settings, lambda_index);
  } catch (const std::bad_alloc &) {
    wrong = "There is not enough memory for the model.";
  }
  if (!wrong.empty()) {
    GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", wrong.c_str()), (nullptr));
    stop(s);
    return false;
  }
  const ObjectLock lock(self);
  s.device = s.transforms->device();
  s.entropy_device = backend_device(s.backend);
  return true;
}

// Where the base class starts and stops, it adds an error of its own to each.
static GstStateChangeReturn gst_hyperprior_enc_change_state(GstElement *element,
                                                            GstStateChange transition) {
  auto *self = GST_HYPERPRIOR_ENC(element);
  const bool starts = transition == GST_STATE_CHANGE_READY_TO_PAUSED;
  if (starts && !start(self)) return GST_STATE_CHANGE_FAILURE;
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_hyperprior_enc_parent_class)->change_state(element, transition);
  const bool failed = starts && result == GST_STATE_CHANGE_FAILURE;
  if (failed || transition == GST_STATE_CHANGE_PAUSED_TO_READY) stop(*self->state);
  return result;
}

/* --- caps --- */

static bool refuse(GstHyperpriorEnc *self, const std::string &sentence) {
  return self->state->refusal.post(self, sentence.c_str()) != FALSE;
}

// A sentence on what is wrong with such frames, or empty.
static std::string check_frames(const State &s, const GstVideoInfo &video,
                                const GstFeatureInfo *info) {
  const guint64 width = static_cast<guint64>(GST_VIDEO_INFO_WIDTH(&video));
  const guint64 height = static_cast<guint64>(GST_VIDEO_INFO_HEIGHT(&video));
  if (width * height > s.max_points) {
    return "The frames have " + std::to_string(width) + "x" + std::to_string(height) + " = " +
           std::to_string(width * height) + " samples, more than the " +
           std::to_string(s.max_points) + " of max-points.";
  }
  if (info == nullptr) return {};
  const int bits = static_cast<int>(gst_feature_info_get_bit_depth(info));
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&video);
  if (bits > gray_bits(format)) {
    return "The feature is quantised to " + std::to_string(bits) + " bits; frames of format " +
           gst_video_format_to_string(format) + " hold " + std::to_string(gray_bits(format)) + ".";
  }
  return {};
}

static std::vector<uint8_t> to_bytes(const GstFeatureInfo *info) {
  if (info == nullptr) return {};
  const BytesPtr cbor(gst_feature_info_to_cbor(info));
  gsize size = 0;
  const auto *data = static_cast<const uint8_t *>(g_bytes_get_data(cbor.get(), &size));
  return {data, data + size};
}

// Prepares for frames of these caps, whose video part is that of `input`.
static gboolean configure(GstHyperpriorEnc *self, GstVideoCodecState *input, GstCaps *in_caps) {
  auto *encoder = GST_VIDEO_ENCODER(self);
  State &s = *self->state;
  InfoPtr info;
  std::string wrong = read_description(in_caps, input->info, info);
  if (wrong.empty()) wrong = check_frames(s, input->info, info.get());
  if (!wrong.empty()) return refuse(self, wrong);
  s.description = to_bytes(info.get());
  if (s.description.size() > hyperprior::kMaxDescriptionBytes) {
    return refuse(self, "The description of the feature has " +
                            std::to_string(s.description.size()) + " bytes; a unit holds at most " +
                            std::to_string(hyperprior::kMaxDescriptionBytes) + ".");
  }
  s.bit_depth = info ? static_cast<int>(gst_feature_info_get_bit_depth(info.get()))
                     : gray_bits(GST_VIDEO_INFO_FORMAT(&input->info));
  s.points = info ? gst_feature_info_get_n_points(info.get())
                  : static_cast<guint64>(GST_VIDEO_INFO_WIDTH(&input->info)) *
                        static_cast<guint64>(GST_VIDEO_INFO_HEIGHT(&input->info));
  CapsPtr caps(
      gst_caps_new_simple(HYPERPRIOR_CAPS_NAME, "alignment", G_TYPE_STRING, "unit", nullptr));
  gst_feature_caps_set_info(caps.get(), info.get());
  gst_video_codec_state_unref(gst_video_encoder_set_output_state(encoder, caps.release(), input));
  if (!gst_video_encoder_negotiate(encoder)) return FALSE;
  s.input_caps.reset(gst_caps_ref(in_caps));
  return TRUE;
}

static gboolean gst_hyperprior_enc_set_format(GstVideoEncoder *encoder, GstVideoCodecState *input) {
  auto *self = GST_HYPERPRIOR_ENC(encoder);
  State &s = *self->state;
  s.input_caps.reset();
  s.clear_input();
  s.input = gst_video_codec_state_ref(input);
  return configure(self, input, input->caps);
}

// The base class tells only of caps with another picture, not of another feature in the same one.
static bool follow_caps(GstHyperpriorEnc *self) {
  State &s = *self->state;
  const CapsPtr caps(gst_pad_get_current_caps(GST_VIDEO_ENCODER_SINK_PAD(self)));
  if (s.input_caps &&
      (!caps || caps == s.input_caps || gst_caps_is_equal(caps.get(), s.input_caps.get()))) {
    return true;
  }
  return s.input != nullptr && caps && configure(self, s.input, caps.get()) != FALSE;
}

/* --- coding --- */

static void count_unit(GstHyperpriorEnc *self, const hyperprior::EncodeStats &unit) {
  const ObjectLock lock(self);
  Stats &stats = self->state->stats;
  stats.units++;
  stats.points += self->state->points;
  hyperprior::EncodeStats &sum = stats.sum;
  sum.bytes += unit.bytes;
  sum.y_bits += unit.y_bits;
  sum.z_bits += unit.z_bits;
  sum.header_bits += unit.header_bits;
  sum.y_estimated_bits += unit.y_estimated_bits;
  sum.z_estimated_bits += unit.z_estimated_bits;
  sum.analysis_ms += unit.analysis_ms;
  sum.entropy_ms += unit.entropy_ms;
}

static Status encode_frame(State &s, GstBuffer *buffer, double quality,
                           hyperprior::EncodeStats &stats) {
  GstVideoFrame video;
  if (!gst_video_frame_map(&video, &s.input->info, buffer, GST_MAP_READ))
    return {Status::Code::kInvalidArgument, "its memory cannot be mapped"};
  hyperprior::ConstPlane plane;
  plane.width = GST_VIDEO_FRAME_WIDTH(&video);
  plane.height = GST_VIDEO_FRAME_HEIGHT(&video);
  plane.stride = plane.width;
  Status status;
  try {
    read_gray(&video, s.bit_depth, s.samples);
    plane.samples = s.samples.data();
    hyperprior::EncodeOptions options;
    options.bit_depth = s.bit_depth;
    options.quality = quality;
    options.description = s.description;
    s.unit.clear();
    status = s.encoder->encode(plane, options, s.unit, &stats);
  } catch (const std::bad_alloc &) {
    status = {Status::Code::kLimit, "there is not enough memory for it"};
  }
  gst_video_frame_unmap(&video);
  return status;
}

static GstFlowReturn gst_hyperprior_enc_handle_frame(GstVideoEncoder *encoder,
                                                     GstVideoCodecFrame *frame) {
  auto *self = GST_HYPERPRIOR_ENC(encoder);
  State &s = *self->state;
  if (!follow_caps(self)) {
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  const guint64 number = s.frames++;
  if (gst_video_encoder_get_max_encode_time(encoder, frame) < 0) {
    GST_DEBUG_OBJECT(self, "frame %" G_GUINT64_FORMAT " is late, dropped before encoding", number);
    {
      const ObjectLock lock(self);
      s.stats.dropped++;
    }
    return gst_video_encoder_finish_frame(encoder, frame);  // without output: dropped
  }
  double quality = 0;
  {
    const ObjectLock lock(self);
    quality = s.quality;
  }
  hyperprior::EncodeStats stats;
  const Status status = encode_frame(s, frame->input_buffer, quality, stats);
  if (!status.ok()) {
    GST_ELEMENT_ERROR(self, STREAM, ENCODE,
                      ("Frame %" G_GUINT64_FORMAT " cannot be coded: %s.", number,
                       without_stop(status.message).c_str()),
                      (nullptr));
    gst_video_codec_frame_unref(frame);
    return GST_FLOW_ERROR;
  }
  count_unit(self, stats);
  GST_VIDEO_CODEC_FRAME_SET_SYNC_POINT(frame);
  frame->output_buffer = gst_buffer_new_memdup(s.unit.data(), s.unit.size());
  return gst_video_encoder_finish_frame(encoder, frame);
}

static GstFlowReturn gst_hyperprior_enc_finish(GstVideoEncoder *encoder) {
  auto *self = GST_HYPERPRIOR_ENC(encoder);
  gst_element_post_message(GST_ELEMENT_CAST(self),
                           gst_message_new_element(GST_OBJECT_CAST(self), make_stats(self)));
  return GST_FLOW_OK;
}

static gboolean gst_hyperprior_enc_propose_allocation(GstVideoEncoder *encoder, GstQuery *query) {
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return GST_VIDEO_ENCODER_CLASS(gst_hyperprior_enc_parent_class)
      ->propose_allocation(encoder, query);
}

static void gst_hyperprior_enc_finalize(GObject *object) {
  delete GST_HYPERPRIOR_ENC(object)->state;
  G_OBJECT_CLASS(gst_hyperprior_enc_parent_class)->finalize(object);
}

static void gst_hyperprior_enc_init(GstHyperpriorEnc *self) {
  self->state = new State();
}

static void add_templates(GstElementClass *element_class) {
  const std::string side = "(int) [ 1, " + std::to_string(hyperprior::kMaxSide) + " ]";
  const std::string sink = std::string("video/x-raw, format = (string) ") + gray_format_list() +
                           ", width = " + side + ", height = " + side +
                           ", framerate = " GST_VIDEO_FPS_RANGE;
  const CapsPtr sink_caps(gst_caps_from_string(sink.c_str()));
  const CapsPtr src_caps(gst_caps_from_string(HYPERPRIOR_CAPS_NAME ", alignment = (string) unit"));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
}

static void install_properties(GObjectClass *object_class) {
  /**
   * hyperpriorenc:model:
   *
   * A model file, or the name of one in the search path: `paper` is `paper.hyperprior` in a folder
   * of `GST_FEATURE_HYPERPRIOR_PATH` or where models are installed. Unless set, `default`.
   *
   * Since: 0.1
   */
  /**
   * hyperpriorenc:device:
   *
   * Where the networks and the entropy coder run: `cpu`, `cuda`, `cuda:N`, or `auto`, CUDA where
   * there is a device.
   *
   * Since: 0.1
   */
  /**
   * hyperpriorenc:threads:
   *
   * Threads of the CPU that the networks run on; 0: as many as LibTorch sees fit.
   *
   * Since: 0.1
   */
  /**
   * hyperpriorenc:max-points:
   *
   * Largest frame, in samples, that is coded; larger ones are an error.
   *
   * Since: 0.1
   */
  install_model_properties(object_class,
                           "Model file, or its name in the search path (null: default)");
  /**
   * hyperpriorenc:quality:
   *
   * From 0 (smallest units) to 1 (best), continuous. Models of one rate do not look at it.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_QUALITY,
      g_param_spec_double("quality", "Quality", "0 (smallest units) to 1 (best)", 0.0, 1.0,
                          kDefaultQuality,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING)));
  /**
   * hyperpriorenc:lambda-index:
   *
   * Which of a family of models of one rate each, `NAME-0`, `NAME-1` …, where `model` is `NAME`;
   * -1: it is no family.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LAMBDA_INDEX,
      g_param_spec_int("lambda-index", "Lambda index",
                       "Which of the models NAME-0, NAME-1 ... of a family (-1: none)",
                       kNoLambdaIndex, kMaxLambdaIndex, kNoLambdaIndex,
                       static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                GST_PARAM_MUTABLE_READY)));
  /**
   * hyperpriorenc:stats:
   *
   * Totals since start, also posted as an element message `hyperpriorenc-stats` at EOS: `units`,
   * `dropped` (late frames, with `qos=true`), `bytes`, `payload-bytes` (of them, latents and
   * hyper-latents), `points`, `bpfp` (all bits over feature points), `y-bits` and `z-bits` (latents
   * and hyper-latents), `header-bits` (the rest), `y-estimated-bits` and `z-estimated-bits` (the
   * entropy by the model's tables); for each unit `analysis-milliseconds` and
   * `entropy-milliseconds`; `device`, where the networks run; `entropy-device`, where the entropy
   * coder does.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_hyperprior_enc_class_init(GstHyperpriorEncClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *encoder_class = GST_VIDEO_ENCODER_CLASS(klass);

  object_class->set_property = gst_hyperprior_enc_set_property;
  object_class->get_property = gst_hyperprior_enc_get_property;
  object_class->finalize = gst_hyperprior_enc_finalize;
  install_properties(object_class);
  element_class->change_state = gst_hyperprior_enc_change_state;

  encoder_class->set_format = gst_hyperprior_enc_set_format;
  encoder_class->handle_frame = gst_hyperprior_enc_handle_frame;
  encoder_class->finish = gst_hyperprior_enc_finish;
  encoder_class->propose_allocation = gst_hyperprior_enc_propose_allocation;

  add_templates(element_class);
  gst_element_class_set_static_metadata(
      element_class, "Learned feature encoder", "Codec/Encoder/Video",
      "Encodes packed features with networks and a hyperprior", "The gst-feature project");
}
