// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/coding_stream.h"

#include <algorithm>
#include <thread>

#include "codecs/feature/feature_codec.h"

namespace feat {

namespace {

bool is_live(GstPad *sink_pad) {
  GstQuery *query = gst_query_new_latency();
  gboolean live = FALSE;
  if (gst_pad_peer_query(sink_pad, query)) gst_query_parse_latency(query, &live, nullptr, nullptr);
  gst_query_unref(query);
  return live != FALSE;
}

}  // namespace

CodingStream::CodingStream(GstElement *element, GstPad *sink, GstPad *src)
    : element_(element),
      sink_(GST_PAD_CAST(gst_object_ref(sink))),
      src_(src),
      queue_(GST_PAD_GET_STREAM_LOCK(sink)) {}

CodingStream::~CodingStream() {
  stop();
  gst_object_unref(sink_);
}

void CodingStream::start() {
  flow = GST_FLOW_OK;
  planned_ = false;
}

void CodingStream::stop() {
  queue_.stop();
  caps_.reset();
  for (GstEvent *event : waiting_) gst_event_unref(event);
  waiting_.clear();
  const ObjectLock lock(element_);
  latency_ = 0;
}

bool CodingStream::plan(int threads) {
  if (planned_) return false;
  if (threads == 0) {
    threads =
        std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, native::kMaxThreads);
  }
  queue_.configure(is_live(sink_) ? 1 : threads, threads);
  planned_ = true;
  return true;
}

void CodingStream::set_framerate(gint numerator, gint denominator) {
  GstClockTime latency = 0;
  if (numerator > 0 && denominator > 0) {
    latency =
        gst_util_uint64_scale(static_cast<guint64>(queue_.jobs() - 1) * GST_SECOND,
                              static_cast<guint64>(denominator), static_cast<guint64>(numerator));
  }
  {
    const ObjectLock lock(element_);
    if (latency == latency_) return;
    latency_ = latency;
  }
  gst_element_post_message(element_, gst_message_new_latency(GST_OBJECT_CAST(element_)));
}

gboolean CodingStream::answer_latency(GstQuery *query) {
  if (!gst_pad_peer_query(sink_, query)) return FALSE;
  gboolean live = FALSE;
  GstClockTime shortest = 0;
  GstClockTime longest = 0;
  gst_query_parse_latency(query, &live, &shortest, &longest);
  {
    const ObjectLock lock(element_);
    if (GST_CLOCK_TIME_IS_VALID(longest)) longest += latency_;
  }
  gst_query_set_latency(query, live, shortest, longest);
  return TRUE;
}

bool CodingStream::send_caps(GstCaps *caps, bool *changed) {
  if (changed != nullptr) *changed = false;
  if (caps_ && (caps_.get() == caps || gst_caps_is_equal(caps_.get(), caps))) return true;
  if (!gst_pad_push_event(src_, gst_event_new_caps(caps))) return false;
  caps_.reset(gst_caps_ref(caps));
  if (changed != nullptr) *changed = true;
  send_waiting();
  return true;
}

gboolean CodingStream::send(GstEvent *event) {
  if (caps_) return gst_pad_push_event(src_, event);
  waiting_.push_back(event);
  return TRUE;
}

void CodingStream::send_waiting() {
  const std::vector<GstEvent *> events = std::move(waiting_);
  waiting_.clear();
  for (GstEvent *event : events) gst_pad_push_event(src_, event);
}

void CodingStream::forget_caps() {
  caps_.reset();
}

void CodingStream::flush() {
  queue_.clear();
  queue_.resume();
  flow = GST_FLOW_OK;
  // What belongs to the stream and not to a place in it stays.
  std::vector<GstEvent *> kept;
  for (GstEvent *event : waiting_) {
    if (is_sticky(event) && GST_EVENT_TYPE(event) != GST_EVENT_SEGMENT) {
      kept.push_back(event);
    } else {
      gst_event_unref(event);
    }
  }
  waiting_ = std::move(kept);
}

}  // namespace feat
