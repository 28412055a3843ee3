// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gst/common/gstcpp.h"
#include "tests/rtp/peer.h"

namespace test {

Pipeline::Pipeline(const std::string &description) {
  feat::ErrorSlot error;
  pipeline_.reset(gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS,
                                        error.out()));
  if (pipeline_ == nullptr) g_printerr("%s: %s\n", description.c_str(), error.message());
}

Pipeline::~Pipeline() {
  if (pipeline_ != nullptr) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

ElementPtr Pipeline::find(const char *name) const {
  return ElementPtr(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
}

PadPtr Pipeline::pad(const char *element, const char *pad) const {
  return PadPtr(gst_element_get_static_pad(find(element).get(), pad));
}

bool Pipeline::play() const {
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    return false;
  }
  return gst_element_get_state(pipeline_.get(), nullptr, nullptr, GST_CLOCK_TIME_NONE) !=
         GST_STATE_CHANGE_FAILURE;
}

int Pipeline::errors() {
  GstBus *bus = gst_element_get_bus(pipeline_.get());
  while (GstMessage *message = gst_bus_pop(bus)) {
    feat::ErrorSlot error;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message, error.out(), nullptr);
      g_printerr("%s: %s\n", GST_MESSAGE_SRC_NAME(message), error.message());
      errors_++;
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
      warnings_++;
    }
    gst_message_unref(message);
  }
  gst_object_unref(bus);
  return errors_;
}

}  // namespace test
