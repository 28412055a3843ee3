// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What featureenc and featuredec share: two pads, and a queue of tensors in work between them. The
// lock of the stream is that of the sink pad; results and events leave in order under it.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <vector>

#include "gst/common/gstcpp.h"
#include "gst/common/work_queue.h"

namespace feat {

// In order with buffers; stays on the pad. (GStreamer's macros mix enumerations.)
inline bool is_serialized(GstEvent *event) {
  return (gst_event_type_get_flags(GST_EVENT_TYPE(event)) & GST_EVENT_TYPE_SERIALIZED) != 0;
}
inline bool is_sticky(GstEvent *event) {
  return (gst_event_type_get_flags(GST_EVENT_TYPE(event)) & GST_EVENT_TYPE_STICKY) != 0;
}

class CodingStream {
 public:
  CodingStream(GstElement *element, GstPad *sink, GstPad *src);
  ~CodingStream();
  CodingStream(const CodingStream &) = delete;
  CodingStream &operator=(const CodingStream &) = delete;

  // Before a stream, and after it. No lock held.
  void start();
  void stop();

  // Everything below, abort() aside, with the stream lock held.

  // What the last tensor that left came to; once it is not OK nothing leaves any more.
  GstFlowReturn flow = GST_FLOW_OK;

  // How many tensors are in work at a time, at most.
  int jobs() const { return queue_.jobs(); }
  // Chooses that, if it was not done since start(): `threads` (0: as many as cores), or 1 where
  // upstream is live, so that its tensors never wait for each other: then all threads work on each.
  // True if it was.
  bool plan(int threads);
  // The frame rate, for the latency.
  void set_framerate(gint numerator, gint denominator);
  gboolean answer_latency(GstQuery *query);

  void submit(std::unique_ptr<WorkQueue::Job> job) { queue_.submit(std::move(job)); }
  void drain() { queue_.drain(); }

  // Sends caps, unless they are the last ones sent, and what waited for them. `changed` is set
  // where they were sent.
  bool send_caps(GstCaps *caps, bool *changed = nullptr);
  // Sends a serialised event; those that come before any caps wait for them.
  gboolean send(GstEvent *event);
  // Sends what waits, caps or not: at the end of the stream.
  void send_waiting();
  // For a new stream: its caps have yet to be sent.
  void forget_caps();

  // Cancels what is in work; from here on nothing leaves. From any thread.
  void abort() { queue_.abort(); }
  // Drops all that is in work, and begins anew.
  void flush();

 private:
  GstElement *const element_;
  GstPad *const sink_;
  GstPad *const src_;
  WorkQueue queue_;
  bool planned_ = false;
  CapsPtr caps_;                     // that were sent
  std::vector<GstEvent *> waiting_;  // for caps
  GstClockTime latency_ = 0;         // under the object lock
};

}  // namespace feat
