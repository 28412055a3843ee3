// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/late_caps_pad.h"

#include <utility>

namespace feat {

bool LateCapsPad::holds(GstEvent *event) {
  const GstEventType type = GST_EVENT_TYPE(event);
  if (caps_ || (gst_event_type_get_flags(type) & GST_EVENT_TYPE_SERIALIZED) == 0 ||
      type == GST_EVENT_STREAM_START || type == GST_EVENT_FLUSH_STOP || type == GST_EVENT_EOS)
    return false;
  events_.push_back(event);
  return true;
}

bool LateCapsPad::send_caps(CapsPtr caps) {
  if (!caps_ || !gst_caps_is_equal(caps_.get(), caps.get())) {
    if (!gst_pad_push_event(pad_, gst_event_new_caps(caps.get()))) return false;
    caps_ = std::move(caps);
  }
  release();
  return true;
}

void LateCapsPad::release() {
  for (GstEvent *event : std::exchange(events_, {})) gst_pad_push_event(pad_, event);
}

void LateCapsPad::clear() {
  for (GstEvent *event : std::exchange(events_, {})) gst_event_unref(event);
  caps_.reset();
}

}  // namespace feat
