// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-featuredec
 * @title: featuredec
 *
 * Decodes what featureenc encodes. Units are found by the element itself, so it can follow filesrc;
 * shape, format and all else in the caps of the tensors come from the units. Where the caps
 * upstream describe another tensor than a unit, the unit is right, and there is a warning.
 *
 * A damaged unit is dropped with a warning and the stream goes on with the next one (see
 * `max-errors`). A stream that ends without a single tensor is an error, and so is a second unit in
 * a row with a profile that is neither set nor in the search path.
 *
 * ## Example
 * |[
 * gst-launch-1.0 filesrc location=feature.feat ! featuredec ! npyenc ! filesink
 * location=feature.npy
 * ]|
 *
 * Since: 0.1
 */

#include "gst/codec/gstfeaturedec.h"

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "codecs/feature/feature_codec.h"
#include "gst/codec/coding_stream.h"
#include "gst/codec/profiles.h"
#include "gst/codec/tensor_pool.h"
#include "gst/codec/unit_description.h"
#include "gst/codec/unit_finder.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "gst/common/scalar.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(featuredec_debug);
#define GST_CAT_DEFAULT featuredec_debug

namespace {

enum { PROP_0, PROP_PROFILE, PROP_MAX_POINTS, PROP_MAX_ERRORS, PROP_THREADS, PROP_STATS };

// Guarded by the object lock.
struct Settings {
  std::string profile;  // empty: found by hash
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
  gint max_errors = -1;  // -1: any number
  int threads = 0;       // 0: as many as there are cores
};

// Running totals since start.
struct Stats {
  guint64 units = 0;
  guint64 damaged = 0;
  guint64 bytes = 0;
  guint64 points = 0;
  guint64 decode_time = 0;  // ns
};

// What units of one kind become.
struct Output {
  native::TensorInfo tensor;
  std::vector<uint8_t> description;
  gint fps_n = 0;
  gint fps_d = 1;
  InfoPtr info;  // with this frame rate
  CapsPtr caps;
  gsize size = 0;
  guint64 points = 0;
};

// What a worker keeps from one unit to the next.
struct Scratch {
  std::unique_ptr<native::Decoder> decoder;
  native::DecoderConfig config;  // that the decoder was made for
};

struct State {
  State(GstElement *element, GstPad *sink, GstPad *src) : stream(element, sink, src) {}

  Settings settings;
  Stats stats;  // guarded by the object lock, too

  // Everything below belongs to the streaming thread (stream lock).
  CodingStream stream;
  Refusal refusal;
  UnitFinder finder;
  std::vector<Scratch> scratch;  // of each worker
  ProfilePtr set_profile;        // by the property
  ProfilePtr found_profile;      // the last one that was looked for
  CapsPtr caps;                  // that came in last
  bool aligned = false;          // each buffer ends with a unit
  InfoPtr caps_info;             // null where the caps do not say
  gint fps_n = 0;
  gint fps_d = 1;
  bool disagreed = false;                // a unit with these caps_info
  std::shared_ptr<const Output> output;  // of the last unit that came in
  bool gap = false;                      // something is missing before the next one
  uint32_t missing_profile = 0;          // that the last unit asked for
  std::string missing_sentence;
  // Of units that leave.
  std::shared_ptr<const Output> negotiated;
  TensorPool pool;
  bool discont = true;  // before the next one
  gint errors = 0;      // in a row

  void begin_anew() {
    finder.clear();
    gap = false;
    missing_profile = 0;
    missing_sentence.clear();
    discont = true;
    errors = 0;
  }
};

bool same_config(const native::DecoderConfig &a, const native::DecoderConfig &b) {
  return a.max_points == b.max_points && a.threads == b.threads;
}

}  // namespace

struct _GstFeatureDec {
  GstElement parent;
  GstPad *sinkpad;
  GstPad *srcpad;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureDec, gst_feature_dec, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(featuredec, "featuredec", GST_RANK_PRIMARY,
                                      GST_TYPE_FEATURE_DEC,
                                      GST_DEBUG_CATEGORY_INIT(featuredec_debug, "featuredec", 0,
                                                              "feature decoder"))

static Settings settings_of(GstFeatureDec *self) {
  const ObjectLock lock(self);
  return self->state->settings;
}

static GstStructure *make_stats(GstFeatureDec *self) {
  Stats s;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
  }
  const double milliseconds =
      s.units != 0 ? static_cast<double>(s.decode_time) / GST_MSECOND / static_cast<double>(s.units)
                   : 0.0;
  const double bpfp =
      s.points != 0 ? 8.0 * static_cast<double>(s.bytes) / static_cast<double>(s.points) : 0.0;
  return gst_structure_new("featuredec-stats", "units", G_TYPE_UINT64, s.units, "damaged",
                           G_TYPE_UINT64, s.damaged, "bytes", G_TYPE_UINT64, s.bytes, "points",
                           G_TYPE_UINT64, s.points, "bpfp", G_TYPE_DOUBLE, bpfp, "decode-time",
                           G_TYPE_UINT64, s.decode_time, "milliseconds", G_TYPE_DOUBLE,
                           milliseconds, nullptr);
}

static void gst_feature_dec_set_property(GObject *object, guint id, const GValue *value,
                                         GParamSpec *pspec) {
  Settings &settings = GST_FEATURE_DEC(object)->state->settings;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_PROFILE: {
      const gchar *profile = g_value_get_string(value);
      settings.profile = profile != nullptr ? profile : "";
      break;
    }
    case PROP_MAX_POINTS:
      settings.max_points = g_value_get_uint64(value);
      break;
    case PROP_MAX_ERRORS:
      settings.max_errors = g_value_get_int(value);
      break;
    case PROP_THREADS:
      settings.threads = g_value_get_int(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_feature_dec_get_property(GObject *object, guint id, GValue *value,
                                         GParamSpec *pspec) {
  auto *self = GST_FEATURE_DEC(object);
  if (id == PROP_STATS) {
    g_value_take_boxed(value, make_stats(self));
    return;
  }
  const Settings settings = settings_of(self);
  switch (id) {
    case PROP_PROFILE:
      g_value_set_string(value, settings.profile.empty() ? nullptr : settings.profile.c_str());
      break;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      break;
    case PROP_MAX_ERRORS:
      g_value_set_int(value, settings.max_errors);
      break;
    case PROP_THREADS:
      g_value_set_int(value, settings.threads);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

/* --- what comes in --- */

static gboolean take_caps(GstFeatureDec *self, const GstCaps *caps) {
  State &s = *self->state;
  const GstStructure *structure = gst_caps_get_structure(caps, 0);
  InfoPtr info;
  if (gst_feature_caps_has_info(caps)) {
    ErrorSlot error;
    info.reset(gst_feature_info_from_caps(caps, error.out()));
    if (!info) {
      const std::string sentence =
          "The feature description in the caps is wrong: " + without_stop(error.message()) + ".";
      return s.refusal.post(self, sentence.c_str());
    }
  }
  s.caps_info = std::move(info);
  s.disagreed = false;
  s.fps_n = 0;
  s.fps_d = 1;
  gst_structure_get_fraction(structure, "framerate", &s.fps_n, &s.fps_d);
  if (s.fps_n < 0 || s.fps_d <= 0) {
    s.fps_n = 0;
    s.fps_d = 1;
  }
  s.aligned = g_strcmp0(gst_structure_get_string(structure, "alignment"), "unit") == 0;
  return TRUE;
}

// Before the first unit.
static void plan_work(GstFeatureDec *self, const Settings &settings) {
  State &s = *self->state;
  if (s.stream.plan(settings.threads)) {
    s.scratch.clear();
    s.scratch.resize(static_cast<size_t>(s.stream.jobs()));
  }
  s.stream.set_framerate(s.fps_n, s.fps_d);
}

// Largest unit that is waited for: nothing takes more than a few bits more than it had.
static uint64_t unit_limit(guint64 max_points) {
  constexpr guint64 kHeaders = 2 * native::kMaxDescriptionBytes;
  constexpr guint64 kPointBytes = 8;
  return max_points > (G_MAXINT64 - kHeaders) / kPointBytes ? G_MAXINT64
                                                            : kHeaders + kPointBytes * max_points;
}

static void warn_of_other_caps(GstFeatureDec *self, const GstFeatureInfo *info) {
  State &s = *self->state;
  if (!s.caps_info || s.disagreed || same_tensor(s.caps_info.get(), info)) return;
  s.disagreed = true;
  const StructurePtr in_caps(gst_feature_info_to_structure(s.caps_info.get()));
  const StructurePtr in_unit(gst_feature_info_to_structure(info));
  const CharPtr caps_text(gst_structure_to_string(in_caps.get()));
  const CharPtr unit_text(gst_structure_to_string(in_unit.get()));
  GST_ELEMENT_WARNING(self, STREAM, FORMAT,
                      ("The caps describe another tensor than a unit does; the unit is right."),
                      ("caps: %s unit: %s", caps_text.get(), unit_text.get()));
}

// What the unit becomes; null, with a message, if its description is damaged.
static std::shared_ptr<const Output> output_of(GstFeatureDec *self, const native::UnitInfo &unit,
                                               std::string &message) {
  State &s = *self->state;
  if (s.output && s.output->tensor == unit.tensor && s.output->description == unit.description &&
      s.output->fps_n == s.fps_n && s.output->fps_d == s.fps_d) {
    return s.output;
  }
  auto output = std::make_shared<Output>();
  output->info = info_of(unit, message);
  if (!output->info) return nullptr;
  output->tensor = unit.tensor;
  output->description = unit.description;
  output->fps_n = s.fps_n;
  output->fps_d = s.fps_d;
  gst_feature_info_set_framerate(output->info.get(), s.fps_n, s.fps_d);
  output->caps.reset(gst_feature_info_to_caps(output->info.get()));
  output->size = gst_feature_info_get_size(output->info.get());
  output->points = gst_feature_info_get_n_points(output->info.get());
  s.output = output;
  return output;
}

// The profile a unit asks for, null if there is none.
static ProfilePtr profile_for(GstFeatureDec *self, uint32_t id) {
  State &s = *self->state;
  for (const ProfilePtr &known : {s.set_profile, s.found_profile})
    if (known && known->id() == id) return known;
  ProfilePtr found = find_profile(id);
  if (found) s.found_profile = found;
  return found;
}

// A sentence on the profile that is missing.
static std::string missing_profile(GstFeatureDec *self, uint32_t id, const Settings &settings) {
  State &s = *self->state;
  std::string text = "A unit was coded with the profile " + id_text(id) + ", which is not in " +
                     profile_search_path();
  if (s.set_profile) {
    text +=
        "; the one that is set, " + settings.profile + ", is " + hash_text(s.set_profile->hash());
  } else {
    text += "; the property profile may name it";
  }
  return text;
}

/* --- what goes out --- */

static void clip_values(const GstFeatureInfo *info, std::span<uint8_t> data) {
  const guint bits = gst_feature_info_get_bit_depth(info);
  const auto largest = static_cast<guint>((1U << bits) - 1);
  if (gst_feature_info_get_format(info) == GST_FEATURE_FORMAT_U8) {
    for (uint8_t &value : data) value = static_cast<uint8_t>(MIN(value, largest));
    return;
  }
  for (size_t i = 0; i + 1 < data.size(); i += 2) {
    const guint value = load_le<uint16_t>(&data[i]);
    if (value > largest) store_le<uint16_t>(&data[i], static_cast<uint16_t>(largest));
  }
}

static GstFlowReturn drop_damaged(GstFeatureDec *self, const std::string &message) {
  State &s = *self->state;
  s.discont = true;
  gint max_errors = 0;
  {
    const ObjectLock lock(self);
    s.stats.damaged++;
    max_errors = s.settings.max_errors;
  }
  const std::string text = without_stop(message);
  if (s.errors < G_MAXINT) s.errors++;
  if (max_errors >= 0 && s.errors > max_errors) {
    GST_ELEMENT_ERROR(self, STREAM, DECODE,
                      ("%d damaged units in a row, more than max-errors=%d; the last: %s.",
                       s.errors, max_errors, text.c_str()),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  GST_ELEMENT_WARNING(self, STREAM, DECODE, ("A unit was dropped: %s.", text.c_str()), (nullptr));
  return GST_FLOW_OK;
}

static bool negotiate(GstFeatureDec *self, const std::shared_ptr<const Output> &output) {
  State &s = *self->state;
  bool changed = false;
  if (!s.stream.send_caps(output->caps.get(), &changed)) return false;
  if (changed) s.pool.negotiate(self->srcpad, output->caps.get(), output->size);
  s.negotiated = output;
  return true;
}

namespace {

class UnitJob final : public WorkQueue::Job {
 public:
  explicit UnitJob(GstFeatureDec *self)
      : self_(self), behind_gap_(std::exchange(self->state->gap, false)) {}

  // A unit that is dropped, or ends the stream, when its turn comes.
  void fail(native::Status::Code code, std::string message) {
    status_ = {code, std::move(message)};
  }
  void take(BufferPtr unit, BufferPtr origin) {
    unit_ = std::move(unit);
    origin_ = std::move(origin);
  }
  void set_output(std::shared_ptr<const Output> output, const native::UnitInfo &info) {
    output_ = std::move(output);
    lossless_ = info.lossless;
    // From the pool where that is known to fit by now.
    State &s = *self_->state;
    if (s.negotiated == output_) tensor_.reset(s.pool.acquire(output_->size));
  }
  void set_decoding(ProfilePtr profile, guint64 max_points) {
    profile_ = std::move(profile);
    config_.max_points = max_points;
  }

  void run(int worker, int threads, GCancellable *cancellable) override {
    if (!status_.ok() || g_cancellable_is_cancelled(cancellable)) return;
    const gint64 begin = g_get_monotonic_time();
    config_.threads = MIN(threads, native::kMaxThreads);
    try {
      decode(self_->state->scratch[static_cast<size_t>(worker)]);
    } catch (const std::bad_alloc &) {
      status_ = {native::Status::Code::kLimit, "there is not enough memory for it"};
    }
    time_ = static_cast<guint64>(g_get_monotonic_time() - begin) * GST_USECOND;
  }

  void deliver() override {
    GstFlowReturn &flow = self_->state->stream.flow;
    if (flow != GST_FLOW_OK) return;  // nothing leaves behind a unit that did not
    if (behind_gap_) self_->state->discont = true;
    using Code = native::Status::Code;
    switch (status_.code) {
      case Code::kOk:
        if (decoded_) flow = send();
        break;
      case Code::kProfile:
        GST_ELEMENT_ERROR(self_, RESOURCE, NOT_FOUND,
                          ("%s.", without_stop(status_.message).c_str()), (nullptr));
        flow = GST_FLOW_ERROR;
        break;
      case Code::kInvalidArgument:
        GST_ELEMENT_ERROR(self_, STREAM, DECODE, ("%s.", without_stop(status_.message).c_str()),
                          (nullptr));
        flow = GST_FLOW_ERROR;
        break;
      default:
        flow = drop_damaged(self_, status_.message);
    }
  }

 private:
  void decode(Scratch &scratch) {
    if (!scratch.decoder || !same_config(scratch.config, config_)) {
      scratch.decoder.reset();
      scratch.decoder = std::make_unique<native::Decoder>(config_);
      scratch.config = config_;
    }
    if (!tensor_) {
      tensor_.reset(output_->size > 0 ? gst_buffer_new_allocate(nullptr, output_->size, nullptr)
                                      : gst_buffer_new());
    }
    const MappedBuffer in(unit_.get(), GST_MAP_READ);
    const MappedBuffer out(tensor_.get(), GST_MAP_WRITE);
    if (!in.ok() || !out.ok()) {
      status_ = {native::Status::Code::kInvalidArgument, "The memory of a unit cannot be mapped"};
      return;
    }
    const std::span<uint8_t> data(out.data(), output_->size);
    status_ = scratch.decoder->decode({in.data(), in.size()}, profile_.get(), data);
    decoded_ = status_.ok();
    if (decoded_ && !lossless_ && gst_feature_info_is_quantized(output_->info.get()))
      clip_values(output_->info.get(), data);
  }

  GstFlowReturn send() {
    State &s = *self_->state;
    if (!negotiate(self_, output_))
      return GST_PAD_IS_FLUSHING(self_->srcpad) ? GST_FLOW_FLUSHING : GST_FLOW_NOT_NEGOTIATED;
    {
      const ObjectLock lock(self_);
      Stats &stats = s.stats;
      stats.units++;
      stats.bytes += gst_buffer_get_size(unit_.get());
      stats.points += output_->points;
      stats.decode_time += time_;
    }
    s.errors = 0;
    gst_buffer_copy_into(tensor_.get(), origin_.get(), GST_BUFFER_COPY_METADATA, 0, -1);
    GST_BUFFER_FLAG_UNSET(tensor_.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    if (std::exchange(s.discont, false))
      GST_BUFFER_FLAG_SET(tensor_.get(), GST_BUFFER_FLAG_DISCONT);
    unit_.reset();
    origin_.reset();
    return gst_pad_push(self_->srcpad, tensor_.release());
  }

  GstFeatureDec *const self_;
  const bool behind_gap_;
  BufferPtr unit_;
  BufferPtr origin_;  // has times and flags
  std::shared_ptr<const Output> output_;
  ProfilePtr profile_;
  native::DecoderConfig config_;
  bool lossless_ = false;

  native::Status status_;
  BufferPtr tensor_;
  bool decoded_ = false;
  guint64 time_ = 0;
};

}  // namespace

static void submit_failed(GstFeatureDec *self, native::Status::Code code, std::string message) {
  auto job = std::make_unique<UnitJob>(self);
  job->fail(code, std::move(message));
  self->state->stream.submit(std::move(job));
}

// A unit that cannot be read, in front.
static void pass_over(GstFeatureDec *self, const native::Status &status, size_t size) {
  using Code = native::Status::Code;
  State &s = *self->state;
  const bool in_step = s.finder.in_step();
  if (in_step && (status.code == Code::kUnsupported || status.code == Code::kLimit)) {
    s.finder.skip(size);
  } else {
    s.finder.skip_damaged();
  }
  // Otherwise it was none, or belongs to the damage that was told of already.
  if (in_step) submit_failed(self, Code::kCorrupt, status.message);
}

// The profile is part of the checksum: whether a unit without one is damaged or whole cannot be
// told. Damage asks for another profile each time.
static void pass_over_without_profile(GstFeatureDec *self, uint32_t id, const Settings &settings,
                                      size_t size) {
  using Code = native::Status::Code;
  State &s = *self->state;
  const bool again = s.missing_profile == id;
  const bool in_step = s.finder.in_step();
  s.missing_profile = id;
  s.missing_sentence = missing_profile(self, id, settings);
  if (in_step) {
    s.finder.skip(size);
  } else {
    s.finder.skip_damaged();
  }
  if (again) {
    submit_failed(self, Code::kProfile, s.missing_sentence);
  } else if (in_step) {
    submit_failed(self, Code::kCorrupt, s.missing_sentence);
  }
}

// Passes on the unit of `size` bytes in front; `origin` is the buffer it came in, if that is known.
static void submit_unit(GstFeatureDec *self, const native::Decoder &reader,
                        const Settings &settings, size_t size, GstBuffer *origin) {
  State &s = *self->state;
  native::UnitInfo info;
  const native::Status status = reader.read_info({s.finder.map(size), size}, info);
  s.finder.unmap();
  if (!status.ok()) {
    pass_over(self, status, size);
    return;
  }
  ProfilePtr profile;
  if (info.profile_id != 0) {
    profile = profile_for(self, info.profile_id);
    if (!profile) {
      pass_over_without_profile(self, info.profile_id, settings, size);
      return;
    }
  }
  std::string wrong;
  std::shared_ptr<const Output> output = output_of(self, info, wrong);
  if (!output) {
    pass_over(self, {native::Status::Code::kLimit, wrong}, size);
    return;
  }
  s.missing_profile = 0;
  warn_of_other_caps(self, output->info.get());
  GstClockTime pts = GST_CLOCK_TIME_NONE;
  BufferPtr unit = s.finder.take(size, pts);
  BufferPtr from(origin != nullptr ? gst_buffer_ref(origin) : gst_buffer_new());
  if (origin == nullptr) GST_BUFFER_PTS(from.get()) = pts;
  auto job = std::make_unique<UnitJob>(self);
  job->take(std::move(unit), std::move(from));
  job->set_output(std::move(output), info);
  job->set_decoding(std::move(profile), settings.max_points);
  s.stream.submit(std::move(job));
}

// Passes on all units that are there. `complete`: nothing can be added to what is left then.
static GstFlowReturn take_units(GstFeatureDec *self, bool complete, GstBuffer *origin = nullptr) {
  State &s = *self->state;
  if (s.finder.empty()) return s.stream.flow;
  const Settings settings = settings_of(self);
  plan_work(self, settings);
  native::DecoderConfig config;
  config.max_points = settings.max_points;
  const native::Decoder reader(config);
  while (s.stream.flow == GST_FLOW_OK) {
    size_t size = 0;
    std::string damage;
    const bool found = s.finder.next(complete, unit_limit(settings.max_points), size, damage);
    if (!damage.empty()) submit_failed(self, native::Status::Code::kCorrupt, std::move(damage));
    if (!found) break;
    submit_unit(self, reader, settings, size, origin);
    origin = nullptr;
  }
  return s.stream.flow;
}

static GstFlowReturn gst_feature_dec_chain(GstPad *, GstObject *parent, GstBuffer *buffer) {
  auto *self = GST_FEATURE_DEC(parent);
  State &s = *self->state;
  BufferPtr data(buffer);
  if (s.stream.flow != GST_FLOW_OK) return s.stream.flow;
  if (GST_BUFFER_IS_DISCONT(buffer)) {
    take_units(self, true);  // what is left of the bytes before has no end
    s.gap = true;
  }
  const BufferPtr origin(s.aligned ? gst_buffer_ref(buffer) : nullptr);
  s.finder.push(std::move(data));
  return take_units(self, s.aligned, origin.get());
}

/* --- events and queries --- */

static gboolean end_of_stream(GstFeatureDec *self, GstEvent *event) {
  State &s = *self->state;
  take_units(self, true);
  s.stream.drain();
  Stats stats;
  {
    const ObjectLock lock(self);
    stats = s.stats;
  }
  const bool nothing = stats.units == 0 && stats.damaged > 0 && s.stream.flow == GST_FLOW_OK;
  if (nothing && !s.missing_sentence.empty()) {
    GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s.", s.missing_sentence.c_str()), (nullptr));
  } else if (nothing) {
    GST_ELEMENT_ERROR(
        self, STREAM, DECODE,
        ("The stream ends without a tensor; all of its %" G_GUINT64_FORMAT " units were dropped.",
         stats.damaged),
        (nullptr));
  }
  s.stream.send_waiting();
  gst_element_post_message(GST_ELEMENT_CAST(self),
                           gst_message_new_element(GST_OBJECT_CAST(self), make_stats(self)));
  return gst_pad_push_event(self->srcpad, event);
}

// Downstream counts in time; files do not.
static GstEvent *segment_in_time(GstEvent *event) {
  const GstSegment *upstream = nullptr;
  gst_event_parse_segment(event, &upstream);
  if (upstream->format == GST_FORMAT_TIME) return event;
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  GstEvent *open = gst_event_new_segment(&segment);
  gst_event_set_seqnum(open, gst_event_get_seqnum(event));
  gst_event_unref(event);
  return open;
}

static gboolean gst_feature_dec_sink_event(GstPad *pad, GstObject *parent, GstEvent *event) {
  auto *self = GST_FEATURE_DEC(parent);
  State &s = *self->state;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: {
      GstCaps *caps = nullptr;
      gst_event_parse_caps(event, &caps);
      gboolean taken = TRUE;
      if (!s.caps || !gst_caps_is_equal(s.caps.get(), caps)) {
        take_units(self, true);  // bytes of before the caps have no end behind them
        taken = take_caps(self, caps);
        s.caps.reset(taken ? gst_caps_ref(caps) : nullptr);
      }
      gst_event_unref(event);
      return taken;
    }
    case GST_EVENT_FLUSH_START:
      s.stream.abort();
      break;
    case GST_EVENT_FLUSH_STOP:
      s.stream.flush();
      s.begin_anew();
      break;
    case GST_EVENT_STREAM_START:
      take_units(self, true);
      s.stream.drain();
      s.stream.forget_caps();
      s.begin_anew();
      break;
    case GST_EVENT_EOS:
      return end_of_stream(self, event);
    case GST_EVENT_SEGMENT:
      event = segment_in_time(event);
      [[fallthrough]];
    default:
      if (!is_serialized(event)) break;
      s.stream.drain();
      if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT && s.stream.flow == GST_FLOW_EOS)
        s.stream.flow = GST_FLOW_OK;
      return s.stream.send(event);
  }
  return gst_pad_event_default(pad, parent, event);
}

static gboolean gst_feature_dec_sink_query(GstPad *pad, GstObject *parent, GstQuery *query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_ALLOCATION:
      return FALSE;  // downstream's memory is for tensors, not for units
    case GST_QUERY_DRAIN:
      GST_FEATURE_DEC(parent)->state->stream.drain();
      break;
    default:
      break;
  }
  return gst_pad_query_default(pad, parent, query);
}

static gboolean gst_feature_dec_src_query(GstPad *pad, GstObject *parent, GstQuery *query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY)
    return GST_FEATURE_DEC(parent)->state->stream.answer_latency(query);
  return gst_pad_query_default(pad, parent, query);
}

/* --- states --- */

static bool start(GstFeatureDec *self) {
  State &s = *self->state;
  std::string profile;
  {
    const ObjectLock lock(self);
    s.stats = Stats();
    profile = s.settings.profile;
  }
  s.stream.start();
  s.refusal.clear();
  s.begin_anew();
  s.aligned = false;
  s.fps_n = 0;
  s.fps_d = 1;
  if (profile.empty()) return true;
  const std::string wrong = load_profile(profile, s.set_profile);
  if (wrong.empty()) return true;
  GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", wrong.c_str()), (nullptr));
  return false;
}

static void stop(GstFeatureDec *self) {
  State &s = *self->state;
  s.stream.stop();
  s.scratch.clear();
  s.finder.clear();
  s.caps_info.reset();
  s.output.reset();
  s.negotiated.reset();
  s.pool.clear();
  s.set_profile.reset();
  s.found_profile.reset();
  s.caps.reset();
}

static GstStateChangeReturn gst_feature_dec_change_state(GstElement *element,
                                                         GstStateChange transition) {
  auto *self = GST_FEATURE_DEC(element);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start(self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) self->state->stream.abort();
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_feature_dec_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) stop(self);
  return result;
}

static void gst_feature_dec_finalize(GObject *object) {
  delete GST_FEATURE_DEC(object)->state;
  G_OBJECT_CLASS(gst_feature_dec_parent_class)->finalize(object);
}

static void gst_feature_dec_init(GstFeatureDec *self) {
  GstElementClass *element_class = GST_ELEMENT_GET_CLASS(self);
  self->sinkpad =
      gst_pad_new_from_template(gst_element_class_get_pad_template(element_class, "sink"), "sink");
  gst_pad_set_chain_function(self->sinkpad, gst_feature_dec_chain);
  gst_pad_set_event_function(self->sinkpad, gst_feature_dec_sink_event);
  gst_pad_set_query_function(self->sinkpad, gst_feature_dec_sink_query);
  gst_element_add_pad(GST_ELEMENT(self), self->sinkpad);
  self->srcpad =
      gst_pad_new_from_template(gst_element_class_get_pad_template(element_class, "src"), "src");
  gst_pad_set_query_function(self->srcpad, gst_feature_dec_src_query);
  gst_pad_use_fixed_caps(self->srcpad);
  gst_element_add_pad(GST_ELEMENT(self), self->srcpad);
  self->state = new State(GST_ELEMENT(self), self->sinkpad, self->srcpad);
}

static void install_properties(GObjectClass *object_class) {
  const auto live = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                             GST_PARAM_MUTABLE_PLAYING);
  const auto ready = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_READY);
  const Settings defaults;
  /**
   * featuredec:profile:
   *
   * The profile that units were coded with: its file, or its name in the search path. Others that
   * units name by hash are looked for among those loaded in the process and in the search path, so
   * that it need not be set for those. Read when the element starts.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PROFILE,
      g_param_spec_string("profile", "Profile",
                          "File of a profile, or its name in the search path (null: found by hash)",
                          nullptr, ready));
  /**
   * featuredec:max-points:
   *
   * Largest tensor, in elements, that is decoded; larger ones are damaged units, before anything is
   * allocated.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_POINTS,
      g_param_spec_uint64("max-points", "Maximum points",
                          "Largest number of elements of a tensor; larger ones are dropped", 1,
                          G_MAXUINT64, defaults.max_points, live));
  /**
   * featuredec:max-errors:
   *
   * Damaged units in a row before the stream fails; -1: any number.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_ERRORS,
      g_param_spec_int("max-errors", "Maximum errors",
                       "Damaged units in a row before the stream fails (-1: any number)", -1,
                       G_MAXINT, defaults.max_errors, live));
  /**
   * featuredec:threads:
   *
   * How many threads decode; 0: as many as there are cores. As many units are in work at a time;
   * those of a live source one at a time, with all threads. The tensors are the same for any
   * number.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_THREADS,
      g_param_spec_int("threads", "Threads", "Threads that decode (0: as many as cores)", 0,
                       native::kMaxThreads, defaults.threads, ready));
  /**
   * featuredec:stats:
   *
   * Totals since start, also posted as an element message `featuredec-stats` at EOS: `units`
   * (decoded), `damaged` (dropped), `bytes`, `points`, `bpfp` (all bits over points), `decode-time`
   * (ns, the sum over all units), `milliseconds` (of it, for each unit).
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_feature_dec_class_init(GstFeatureDecClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = gst_feature_dec_set_property;
  object_class->get_property = gst_feature_dec_get_property;
  object_class->finalize = gst_feature_dec_finalize;
  element_class->change_state = gst_feature_dec_change_state;
  install_properties(object_class);

  const CapsPtr sink_caps(gst_caps_new_empty_simple(FEATURE_CODED_CAPS_NAME));
  const CapsPtr src_caps = codable_tensor_caps();
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
  gst_element_class_set_static_metadata(element_class, "Feature decoder", "Codec/Decoder",
                                        "Decodes feature tensors of the codec made for them",
                                        "The gst-feature project");
}
