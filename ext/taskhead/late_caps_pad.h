// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <vector>

#include "gst/common/gstcpp.h"

namespace feat {

// The source pad of an element whose caps are known with the first result: events that have to come
// behind caps wait for them. Belongs to the streaming thread.
class LateCapsPad {
 public:
  LateCapsPad() = default;
  ~LateCapsPad() { clear(); }
  LateCapsPad(const LateCapsPad &) = delete;
  LateCapsPad &operator=(const LateCapsPad &) = delete;

  void set_pad(GstPad *pad) { pad_ = pad; }
  // Whether the event has to wait; if so, it is kept.
  bool holds(GstEvent *event);
  // Sends caps, where they are others than before, and what waits for them. False: refused.
  bool send_caps(CapsPtr caps);
  // Sends what waits, for a stream that ends without caps.
  void release();
  void clear();

 private:
  GstPad *pad_ = nullptr;
  CapsPtr caps_;
  std::vector<GstEvent *> events_;
};

}  // namespace feat
