// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-hyperpriordec
 * @title: hyperpriordec
 *
 * Decodes what hyperpriorenc encodes into grey video frames whose caps carry the feature
 * description found in the units. Units are found by the element itself, so it can follow filesrc.
 *
 * A unit names its model by hash: that of the property `model`, or one in the search path. A
 * damaged unit is dropped with a warning and the stream goes on (see `max-errors`). The first unit
 * of a model that is not there is taken for damage; a second one of the same model is an error, as
 * is a stream that ends without a single frame.
 *
 * ## Example
 * |[
 * gst-launch-1.0 filesrc location=feature.hyp ! hyperpriordec ! featureunpack ! featuredequant !
 *     npyenc ! filesink location=feature.npy
 * ]|
 *
 * Since: 0.1
 */

#include "ext/hyperprior/gsthyperpriordec.h"

#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "codecs/hyperprior/hyperprior_codec.h"
#include "ext/common/frame_description.h"
#include "ext/common/gray_format.h"
#include "ext/hyperprior/backend_loader.h"
#include "ext/hyperprior/hyperprior_caps.h"
#include "ext/hyperprior/model_properties.h"
#include "ext/hyperprior/models.h"
#include "ext/hyperprior/transforms_loader.h"
#include "ext/hyperprior/unit_scanner.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "gst/common/sentence.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(hyperpriordec_debug);
#define GST_CAT_DEFAULT hyperpriordec_debug

namespace {

using hyperprior::Status;

enum { PROP_STATS = PROP_MODEL_END };

// Running totals since start.
struct Stats {
  guint64 units = 0;
  guint64 damaged = 0;
  guint64 bytes = 0;
  guint64 points = 0;
  hyperprior::DecodeStats sum;
};

// Samples of a plane; memory is touched as they are written.
struct Samples {
  std::unique_ptr<uint16_t[]> data;
  size_t size = 0;

  void resize(size_t wanted) {
    if (wanted <= size) return;
    data.reset();
    size = 0;
    data.reset(new uint16_t[wanted]);
    size = wanted;
  }
};

// A decoded unit.
struct Picture {
  int width = 0;
  int height = 0;
  int bit_depth = 0;
  const uint16_t *samples = nullptr;
};

struct State {
  // Guarded by the object lock.
  ModelSettings settings;
  Stats stats;
  std::string device;          // that the networks run on
  std::string entropy_device;  // and the entropy coder

  // Everything below belongs to the streaming thread (stream lock).
  Refusal refusal;
  ModelSettings started;  // the settings at the start
  ModelPtr model;         // null: none was needed so far
  TransformsPtr transforms;
  BackendPtr backend;                            // null: the CPU's
  std::unique_ptr<hyperprior::Decoder> decoder;  // uses both
  std::string missing;                           // a sentence on the model that the last unit needs
  uint32_t missing_id = 0;                       // where there is one
  UnitScanner scanner;
  BufferPtr rest_of_damaged;  // unit, in which another may begin
  InfoPtr caps_info;          // null where the caps do not say
  GstVideoCodecState *input = nullptr;
  Samples samples;
  bool discont = false;  // units are missing before the next one
  // What is negotiated downstream.
  Picture out;
  InfoPtr out_info;

  void clear_input() { g_clear_pointer(&input, gst_video_codec_state_unref); }
  void begin_anew() {
    missing.clear();
    scanner.reset();
    rest_of_damaged.reset();
    discont = false;
  }
  void forget_output() {
    out = {};
    out_info.reset();
  }
  void forget_model() {
    decoder.reset();
    backend.reset();
    transforms.reset();
    model.reset();
  }
};

}  // namespace

struct _GstHyperpriorDec {
  GstVideoDecoder parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstHyperpriorDec, gst_hyperprior_dec, GST_TYPE_VIDEO_DECODER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(hyperpriordec, "hyperpriordec", GST_RANK_PRIMARY,
                                      GST_TYPE_HYPERPRIOR_DEC,
                                      GST_DEBUG_CATEGORY_INIT(hyperpriordec_debug, "hyperpriordec",
                                                              0, "learned feature decoder"))

static double per(double sum, guint64 count) {
  return count != 0 ? sum / static_cast<double>(count) : 0.0;
}

static GstStructure *make_stats(GstHyperpriorDec *self) {
  Stats s;
  std::string device;
  std::string entropy_device;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
    device = self->state->device;
    entropy_device = self->state->entropy_device;
  }
  return gst_structure_new(
      "hyperpriordec-stats", "units", G_TYPE_UINT64, s.units, "damaged", G_TYPE_UINT64, s.damaged,
      "bytes", G_TYPE_UINT64, s.bytes, "points", G_TYPE_UINT64, s.points, "bpfp", G_TYPE_DOUBLE,
      per(8.0 * static_cast<double>(s.bytes), s.points), "entropy-milliseconds", G_TYPE_DOUBLE,
      per(s.sum.entropy_ms, s.units), "synthesis-milliseconds", G_TYPE_DOUBLE,
      per(s.sum.synthesis_ms, s.units), "device", G_TYPE_STRING, device.c_str(), "entropy-device",
      G_TYPE_STRING, entropy_device.c_str(), nullptr);
}

static void gst_hyperprior_dec_set_property(GObject *object, guint id, const GValue *value,
                                            GParamSpec *pspec) {
  const ObjectLock lock(object);
  if (!set_model_property(GST_HYPERPRIOR_DEC(object)->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void gst_hyperprior_dec_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec) {
  auto *self = GST_HYPERPRIOR_DEC(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  const ObjectLock lock(self);
  if (!get_model_property(self->state->settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

/* --- states --- */

// Takes the model into use. A sentence on why it cannot be, or empty.
static std::string use_model(GstHyperpriorDec *self, ModelPtr model) {
  State &s = *self->state;
  s.forget_model();
  std::string wrong;
  s.transforms = load_transforms(*model, s.started.device, s.started.threads, wrong);
  if (!s.transforms) return wrong;
  s.backend = load_backend(*model, s.started.device, wrong);
  if (!wrong.empty()) return wrong;
  s.decoder = std::make_unique<hyperprior::Decoder>(model->entropy, s.transforms.get(),
                                                    coding_threads(s.started), s.backend.get());
  s.model = std::move(model);
  const ObjectLock lock(self);
  s.device = s.transforms->device();
  s.entropy_device = backend_device(s.backend);
  return {};
}

static std::string open_model(GstHyperpriorDec *self) {
  const State &s = *self->state;
  if (s.started.model.empty()) return open_transforms();
  ModelPtr model;
  const std::string wrong = load_model(s.started.model, model);
  return wrong.empty() ? use_model(self, std::move(model)) : wrong;
}

static void stop(State &s) {
  s.forget_model();
  s.begin_anew();
  s.clear_input();
  s.samples = {};
}

static bool start(GstHyperpriorDec *self) {
  State &s = *self->state;
  {
    const ObjectLock lock(self);
    s.stats = Stats();
    s.device.clear();
    s.entropy_device.clear();
    s.started = s.settings;
  }
  s.refusal.clear();
  s.begin_anew();
  s.forget_output();
  s.caps_info.reset();
  std::string wrong;
  try {
    wrong = open_model(self);
  } catch (const std::bad_alloc &) {
    wrong = "There is not enough memory for the model.";
  }
  if (wrong.empty()) return true;
  GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", wrong.c_str()), (nullptr));
  stop(s);
  return false;
}

// Where the base class starts and stops, it adds an error of its own to each.
static GstStateChangeReturn gst_hyperprior_dec_change_state(GstElement *element,
                                                            GstStateChange transition) {
  auto *self = GST_HYPERPRIOR_DEC(element);
  const bool starts = transition == GST_STATE_CHANGE_READY_TO_PAUSED;
  if (starts && !start(self)) return GST_STATE_CHANGE_FAILURE;
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_hyperprior_dec_parent_class)->change_state(element, transition);
  const bool failed = starts && result == GST_STATE_CHANGE_FAILURE;
  if (failed || transition == GST_STATE_CHANGE_PAUSED_TO_READY) stop(*self->state);
  return result;
}

static gboolean gst_hyperprior_dec_start(GstVideoDecoder *decoder) {
  gst_video_decoder_set_packetized(decoder, FALSE);
  return TRUE;
}

static gboolean gst_hyperprior_dec_set_format(GstVideoDecoder *decoder, GstVideoCodecState *input) {
  auto *self = GST_HYPERPRIOR_DEC(decoder);
  State &s = *self->state;
  InfoPtr info;
  if (gst_feature_caps_has_info(input->caps)) {
    ErrorSlot error;
    info.reset(gst_feature_info_from_caps(input->caps, error.out()));
    if (!info) {
      const std::string sentence =
          "The feature description in the caps is wrong: " + without_stop(error.message()) + ".";
      return s.refusal.post(self, sentence.c_str());
    }
  }
  s.caps_info = std::move(info);
  s.clear_input();
  s.input = gst_video_codec_state_ref(input);
  s.forget_output();
  const GstStructure *structure = gst_caps_get_structure(input->caps, 0);
  const gchar *alignment = gst_structure_get_string(structure, "alignment");
  gst_video_decoder_set_packetized(decoder, g_strcmp0(alignment, "unit") == 0);
  return TRUE;
}

// The base class takes no caps but those of video and images: it gets these by another name.
static gboolean gst_hyperprior_dec_sink_event(GstVideoDecoder *decoder, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps *caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const CapsPtr renamed(gst_caps_copy(caps));
    gst_structure_set_name(gst_caps_get_structure(renamed.get(), 0), "video/x-feature-hyperprior");
    gst_event_unref(event);
    event = gst_event_new_caps(renamed.get());
  }
  return GST_VIDEO_DECODER_CLASS(gst_hyperprior_dec_parent_class)->sink_event(decoder, event);
}

/* --- damage --- */

static void count_damaged(GstHyperpriorDec *self) {
  self->state->discont = true;
  const ObjectLock lock(self);
  self->state->stats.damaged++;
}

// One more damaged unit: a warning, and an error beyond max-errors.
static GstFlowReturn tell_of_damage(GstHyperpriorDec *self, const std::string &message) {
  count_damaged(self);
  const std::string text = without_stop(message);
  GST_ELEMENT_WARNING(self, STREAM, DECODE, ("A unit was dropped: %s.", text.c_str()), (nullptr));
  GstFlowReturn flow = GST_FLOW_OK;
  GST_VIDEO_DECODER_ERROR(self, 1, STREAM, DECODE, ("%s.", text.c_str()), (nullptr), flow);
  return flow;
}

static GstFlowReturn drop_damaged(GstHyperpriorDec *self, GstVideoCodecFrame *frame,
                                  const std::string &message) {
  const GstFlowReturn flow = tell_of_damage(self, message);
  const GstFlowReturn dropped = gst_video_decoder_drop_frame(GST_VIDEO_DECODER(self), frame);
  return flow != GST_FLOW_OK ? flow : dropped;
}

// The stream cannot go on, and not the unit is to blame.
static GstFlowReturn fail(GstHyperpriorDec *self, GstVideoCodecFrame *frame,
                          const std::string &message) {
  GST_ELEMENT_ERROR(self, STREAM, DECODE, ("%s.", without_stop(message).c_str()), (nullptr));
  gst_video_codec_frame_unref(frame);
  return GST_FLOW_ERROR;
}

/* --- units --- */

// Largest unit that is waited for: nothing takes more than a few bits more than it had.
static guint64 unit_limit(guint64 max_points) {
  constexpr guint64 kHeaders = 2 * guint64{hyperprior::kMaxDescriptionBytes};
  constexpr guint64 kPointBytes = 8;
  return max_points > (G_MAXINT - kHeaders) / kPointBytes ? G_MAXINT
                                                          : kHeaders + kPointBytes * max_points;
}

// Puts what is left of a damaged unit in front of what was not parsed yet.
static void put_back(State &s, GstAdapter *adapter) {
  const gsize available = gst_adapter_available(adapter);
  GstBuffer *behind = available > 0 ? gst_adapter_take_buffer(adapter, available) : nullptr;
  gst_adapter_push(adapter, s.rest_of_damaged.release());
  if (behind != nullptr) gst_adapter_push(adapter, behind);
  s.scanner.lost_step();
}

static GstFlowReturn gst_hyperprior_dec_parse(GstVideoDecoder *decoder, GstVideoCodecFrame *,
                                              GstAdapter *adapter, gboolean at_eos) {
  auto *self = GST_HYPERPRIOR_DEC(decoder);
  State &s = *self->state;
  size_t size = 0;
  std::string damage;
  const bool found =
      s.scanner.next(adapter, at_eos != FALSE, unit_limit(s.started.max_points), size, damage);
  if (!damage.empty()) {
    const GstFlowReturn flow = tell_of_damage(self, damage);
    if (flow != GST_FLOW_OK) return flow;
  }
  if (!found) return GST_VIDEO_DECODER_FLOW_NEED_DATA;
  s.scanner.taken(size);
  gst_video_decoder_add_to_frame(decoder, static_cast<int>(size));
  const GstFlowReturn flow = gst_video_decoder_have_frame(decoder);
  if (s.rest_of_damaged) put_back(s, adapter);
  return flow;
}

// Where the length of a damaged unit is wrong, others may begin inside of it.
static void keep_rest(GstHyperpriorDec *self, GstBuffer *unit, std::span<const uint8_t> bytes) {
  auto *decoder = GST_VIDEO_DECODER(self);
  if (gst_video_decoder_get_packetized(decoder) || decoder->input_segment.rate < 0) return;
  const size_t next = hyperprior::find_magic(bytes, 1);
  if (next >= bytes.size()) return;
  self->state->rest_of_damaged.reset(
      gst_buffer_copy_region(unit, GST_BUFFER_COPY_MEMORY, next, bytes.size() - next));
}

// A sentence on a model that is not there.
static std::string missing_model(const State &s, uint32_t id) {
  const std::string text = "A unit was coded with the model " + model_id_text(id);
  if (!s.started.model.empty()) {
    return text + "; the one that is set, " + s.started.model + ", is " +
           model_id_text(s.model->model().id());
  }
  return text + ", which is not in " + model_search_path() + "; the property model may name it";
}

// Sees to it that the unit's model is in use. False: `flow` is what became of the frame.
static bool find_unit_model(GstHyperpriorDec *self, uint32_t id, std::span<const uint8_t> bytes,
                            GstVideoCodecFrame *frame, GstFlowReturn &flow) {
  State &s = *self->state;
  if (s.model && s.model->model().id() == id) return true;
  ModelPtr found = s.started.model.empty() ? find_model(id) : nullptr;
  if (found) {
    const std::string wrong = use_model(self, std::move(found));
    if (wrong.empty()) return true;
    flow = fail(self, frame, wrong);
    return false;
  }
  // Damage asks for another model each time.
  const bool again = !s.missing.empty() && s.missing_id == id;
  s.missing = missing_model(s, id);
  s.missing_id = id;
  if (again) {
    flow = fail(self, frame, s.missing);
  } else {
    keep_rest(self, frame->input_buffer, bytes);
    flow = drop_damaged(self, frame, s.missing);
  }
  return false;
}

// The description of the picture: the unit's, else that of the caps. False: `message` says what is
// wrong.
static bool read_description(const State &s, const hyperprior::UnitInfo &unit, InfoPtr &info,
                             std::string &message) {
  if (!unit.description.empty()) {
    ErrorSlot error;
    info.reset(
        gst_feature_info_from_cbor(unit.description.data(), unit.description.size(), error.out()));
    if (!info) {
      message = std::string("its description is wrong: ") + error.message();
      return false;
    }
  } else if (s.caps_info) {
    info.reset(gst_feature_info_copy(s.caps_info.get()));
  }
  if (!info) return true;
  if (!agrees(unit.width, unit.height, unit.bit_depth, info.get(), s.started.max_points, message))
    return false;
  const guint bits = gst_feature_info_get_bit_depth(info.get());
  if (static_cast<int>(bits) == unit.bit_depth) return true;
  message = "the feature description says " + std::to_string(bits) + " bits, but the picture has " +
            std::to_string(unit.bit_depth);
  return false;
}

/* --- what goes out --- */

static bool same_info(const GstFeatureInfo *a, const GstFeatureInfo *b) {
  if (a == nullptr || b == nullptr) return a == b;
  return gst_feature_info_is_equal(a, b) != FALSE;
}

// Negotiates the output for the picture if it differs from the last one.
static bool negotiate(GstHyperpriorDec *self, const Picture &p, const GstFeatureInfo *info) {
  State &s = *self->state;
  auto *decoder = GST_VIDEO_DECODER(self);
  GstVideoCodecState *current = gst_video_decoder_get_output_state(decoder);
  const bool same = current != nullptr && s.out.width == p.width && s.out.height == p.height &&
                    s.out.bit_depth == p.bit_depth && same_info(s.out_info.get(), info);
  if (current != nullptr) gst_video_codec_state_unref(current);
  if (same) return true;
  const GstVideoFormat format =
      p.bit_depth <= 8 ? GST_VIDEO_FORMAT_GRAY8 : GST_VIDEO_FORMAT_GRAY16_LE;
  GstVideoCodecState *state = gst_video_decoder_set_output_state(
      decoder, format, static_cast<guint>(p.width), static_cast<guint>(p.height), s.input);
  state->caps = gst_video_info_to_caps(&state->info);
  gst_feature_caps_set_info(state->caps, info);
  gst_video_codec_state_unref(state);
  s.out = p;
  s.out_info.reset(info != nullptr ? gst_feature_info_copy(info) : nullptr);
  return gst_video_decoder_negotiate(decoder) != FALSE;
}

// Sends the picture downstream; takes the frame.
static GstFlowReturn push_picture(GstHyperpriorDec *self, const Picture &picture,
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
  write_gray(picture.samples, picture.bit_depth, &video);
  gst_video_frame_unmap(&video);
  if (std::exchange(self->state->discont, false))
    GST_BUFFER_FLAG_SET(frame->output_buffer, GST_BUFFER_FLAG_DISCONT);
  return gst_video_decoder_finish_frame(decoder, frame);
}

static void count_unit(GstHyperpriorDec *self, gsize bytes, guint64 points,
                       const hyperprior::DecodeStats &unit) {
  const ObjectLock lock(self);
  Stats &stats = self->state->stats;
  stats.units++;
  stats.bytes += bytes;
  stats.points += points;
  stats.sum.entropy_ms += unit.entropy_ms;
  stats.sum.synthesis_ms += unit.synthesis_ms;
}

// Decodes the unit into the samples.
static Status decode(State &s, std::span<const uint8_t> bytes, const hyperprior::UnitInfo &unit,
                     hyperprior::DecodeStats &stats) {
  hyperprior::Plane plane;
  plane.width = unit.width;
  plane.height = unit.height;
  plane.stride = unit.width;
  try {
    s.samples.resize(static_cast<size_t>(unit.width) * static_cast<size_t>(unit.height));
    plane.samples = s.samples.data.get();
    return s.decoder->decode(bytes, plane, &stats);
  } catch (const std::bad_alloc &) {
    return {Status::Code::kLimit, "there is not enough memory for it"};
  }
}

// Takes the frame.
static GstFlowReturn handle_unit(GstHyperpriorDec *self, GstVideoCodecFrame *frame,
                                 std::span<const uint8_t> bytes) {
  State &s = *self->state;
  hyperprior::UnitInfo unit;
  Status status = hyperprior::read_info(bytes, s.started.max_points, unit);
  if (!status.ok()) {
    if (status.code != Status::Code::kLimit) keep_rest(self, frame->input_buffer, bytes);
    return drop_damaged(self, frame, status.message);
  }
  if (unit.bytes != bytes.size()) {
    return drop_damaged(self, frame,
                        "the buffer has " + std::to_string(bytes.size()) + " bytes, its unit " +
                            std::to_string(unit.bytes));
  }
  GstFlowReturn flow = GST_FLOW_OK;
  if (!find_unit_model(self, unit.model_id, bytes, frame, flow)) return flow;
  hyperprior::DecodeStats stats;
  status = decode(s, bytes, unit, stats);
  switch (status.code) {
    case Status::Code::kOk:
      break;
    case Status::Code::kTransforms:
    case Status::Code::kInvalidArgument:
      return fail(self, frame, "A unit cannot be decoded: " + status.message);
    case Status::Code::kCorrupt:
      keep_rest(self, frame->input_buffer, bytes);
      [[fallthrough]];
    default:
      return drop_damaged(self, frame, status.message);
  }
  s.missing.clear();
  InfoPtr info;
  std::string message;
  if (!read_description(s, unit, info, message)) return drop_damaged(self, frame, message);
  const guint64 samples = static_cast<guint64>(unit.width) * static_cast<guint64>(unit.height);
  count_unit(self, bytes.size(), info ? gst_feature_info_get_n_points(info.get()) : samples, stats);
  const Picture picture = {unit.width, unit.height, unit.bit_depth, s.samples.data.get()};
  return push_picture(self, picture, info.get(), frame);
}

static GstFlowReturn gst_hyperprior_dec_handle_frame(GstVideoDecoder *decoder,
                                                     GstVideoCodecFrame *frame) {
  auto *self = GST_HYPERPRIOR_DEC(decoder);
  // The frame may go before its buffer is unmapped.
  const BufferPtr buffer(gst_buffer_ref(frame->input_buffer));
  const MappedBuffer map(buffer.get(), GST_MAP_READ);
  if (!map.ok()) return fail(self, frame, "The memory of a unit cannot be mapped");
  return handle_unit(self, frame, {map.data(), map.size()});
}

static GstFlowReturn gst_hyperprior_dec_finish(GstVideoDecoder *decoder) {
  auto *self = GST_HYPERPRIOR_DEC(decoder);
  const State &s = *self->state;
  Stats stats;
  {
    const ObjectLock lock(self);
    stats = s.stats;
  }
  if (stats.units == 0 && stats.damaged > 0) {
    const std::string why = s.missing.empty() ? "" : " " + s.missing + ".";
    GST_ELEMENT_ERROR(
        self, STREAM, DECODE,
        ("The stream ends without a frame; all of its %" G_GUINT64_FORMAT " units were dropped.%s",
         stats.damaged, why.c_str()),
        (nullptr));
  }
  gst_element_post_message(GST_ELEMENT_CAST(self),
                           gst_message_new_element(GST_OBJECT_CAST(self), make_stats(self)));
  return GST_FLOW_OK;
}

static gboolean gst_hyperprior_dec_flush(GstVideoDecoder *decoder) {
  GST_HYPERPRIOR_DEC(decoder)->state->begin_anew();
  return TRUE;
}

static void gst_hyperprior_dec_finalize(GObject *object) {
  delete GST_HYPERPRIOR_DEC(object)->state;
  G_OBJECT_CLASS(gst_hyperprior_dec_parent_class)->finalize(object);
}

static void gst_hyperprior_dec_init(GstHyperpriorDec *self) {
  self->state = new State();
}

static void add_templates(GstElementClass *element_class) {
  const std::string side = "(int) [ 1, " + std::to_string(hyperprior::kMaxSide) + " ]";
  const std::string src = "video/x-raw, format = (string) { GRAY16_LE, GRAY8 }, width = " + side +
                          ", height = " + side + ", framerate = " GST_VIDEO_FPS_RANGE;
  const CapsPtr sink_caps(gst_caps_from_string(HYPERPRIOR_CAPS_NAME));
  const CapsPtr src_caps(gst_caps_from_string(src.c_str()));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
}

static void install_properties(GObjectClass *object_class) {
  /**
   * hyperpriordec:model:
   *
   * A model file, or the name of one in the search path. Unless set, units say which model they
   * need, and it is looked for in the search path.
   *
   * Since: 0.1
   */
  /**
   * hyperpriordec:device:
   *
   * Where the networks and the entropy coder run: `cpu`, `cuda`, `cuda:N`, or `auto`, CUDA where
   * there is a device.
   *
   * Since: 0.1
   */
  /**
   * hyperpriordec:threads:
   *
   * Threads of the CPU that the networks run on; 0: as many as LibTorch sees fit.
   *
   * Since: 0.1
   */
  /**
   * hyperpriordec:max-points:
   *
   * Largest frame, in samples, that is decoded; larger ones are damaged units, before anything is
   * allocated.
   *
   * Since: 0.1
   */
  install_model_properties(
      object_class, "Model file, or its name in the search path (null: the one that units name)");
  /**
   * hyperpriordec:stats:
   *
   * Totals since start, also posted as an element message `hyperpriordec-stats` at EOS: `units`
   * (decoded), `damaged` (dropped), `bytes`, `points`, `bpfp`; for each unit
   * `entropy-milliseconds` and `synthesis-milliseconds`; `device`, where the networks run;
   * `entropy-device`, where the entropy coder does.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_hyperprior_dec_class_init(GstHyperpriorDecClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *decoder_class = GST_VIDEO_DECODER_CLASS(klass);

  object_class->set_property = gst_hyperprior_dec_set_property;
  object_class->get_property = gst_hyperprior_dec_get_property;
  object_class->finalize = gst_hyperprior_dec_finalize;
  install_properties(object_class);
  element_class->change_state = gst_hyperprior_dec_change_state;

  decoder_class->start = gst_hyperprior_dec_start;
  decoder_class->set_format = gst_hyperprior_dec_set_format;
  decoder_class->parse = gst_hyperprior_dec_parse;
  decoder_class->handle_frame = gst_hyperprior_dec_handle_frame;
  decoder_class->finish = gst_hyperprior_dec_finish;
  decoder_class->flush = gst_hyperprior_dec_flush;
  decoder_class->sink_event = gst_hyperprior_dec_sink_event;

  add_templates(element_class);
  gst_element_class_set_static_metadata(
      element_class, "Learned feature decoder", "Codec/Decoder/Video",
      "Decodes packed features with networks and a hyperprior", "The gst-feature project");
}
