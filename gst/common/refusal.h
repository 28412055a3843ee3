// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <string>

namespace feat {

// The error of an element that does not take its caps, posted once: upstream sends refused caps
// again in front of whatever follows, EOS included. Belongs to the streaming thread.
class Refusal {
 public:
  // Posts the sentence unless it is the last one posted. Returns FALSE, to be returned.
  gboolean post(gpointer element, const char *sentence) {
    if (last_ == sentence) return FALSE;
    last_ = sentence;
    gst_element_message_full(GST_ELEMENT_CAST(element), GST_MESSAGE_ERROR, GST_STREAM_ERROR,
                             GST_STREAM_ERROR_FORMAT, g_strdup(sentence), nullptr, __FILE__,
                             GST_FUNCTION, __LINE__);
    return FALSE;
  }
  // For the start of a stream.
  void clear() { last_.clear(); }

 private:
  std::string last_;
};

}  // namespace feat
