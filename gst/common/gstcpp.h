// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What every element here needs to live in C++: scoped locks and owning pointers.
#pragma once

#include <gst/feature/gstfeature.h>
#include <gst/gst.h>

#include <memory>

namespace feat {

// Holds a GstObject's lock for a scope.
class ObjectLock {
 public:
  explicit ObjectLock(gpointer object) : object_(GST_OBJECT_CAST(object)) {
    GST_OBJECT_LOCK(object_);
  }
  ~ObjectLock() { GST_OBJECT_UNLOCK(object_); }
  ObjectLock(const ObjectLock &) = delete;
  ObjectLock &operator=(const ObjectLock &) = delete;

 private:
  GstObject *object_;
};

// Frees what the C libraries hand over. (Not a template over the free function: some of those are
// static inline, which would make the pointer's type local to a file.)
struct Deleter {
  void operator()(GstFeatureInfo *p) const { gst_feature_info_free(p); }
  void operator()(GstBuffer *p) const { gst_buffer_unref(p); }
  void operator()(GstCaps *p) const { gst_caps_unref(p); }
  void operator()(GstStructure *p) const { gst_structure_free(p); }
  void operator()(GBytes *p) const { g_bytes_unref(p); }
  void operator()(gchar *p) const { g_free(p); }
};

using InfoPtr = std::unique_ptr<GstFeatureInfo, Deleter>;
using CapsPtr = std::unique_ptr<GstCaps, Deleter>;
using BufferPtr = std::unique_ptr<GstBuffer, Deleter>;
using StructurePtr = std::unique_ptr<GstStructure, Deleter>;
using BytesPtr = std::unique_ptr<GBytes, Deleter>;
using CharPtr = std::unique_ptr<gchar, Deleter>;

// GError out-parameter that frees itself: f(..., error.out()); error.message()
class ErrorSlot {
 public:
  ErrorSlot() = default;
  ~ErrorSlot() { g_clear_error(&error_); }
  ErrorSlot(const ErrorSlot &) = delete;
  ErrorSlot &operator=(const ErrorSlot &) = delete;
  GError **out() { return &error_; }
  bool is_set() const { return error_ != nullptr; }
  const char *message() const { return error_ != nullptr ? error_->message : "unknown error"; }

 private:
  GError *error_ = nullptr;
};

// A mapped buffer, unmapped at the end of the scope.
class MappedBuffer {
 public:
  MappedBuffer(GstBuffer *buffer, GstMapFlags flags)
      : buffer_(buffer), ok_(gst_buffer_map(buffer, &map_, flags) != FALSE) {}
  ~MappedBuffer() {
    if (ok_) gst_buffer_unmap(buffer_, &map_);
  }
  MappedBuffer(const MappedBuffer &) = delete;
  MappedBuffer &operator=(const MappedBuffer &) = delete;
  bool ok() const { return ok_; }
  guint8 *data() const { return map_.data; }
  gsize size() const { return map_.size; }

 private:
  GstBuffer *buffer_;
  GstMapInfo map_ = {};
  bool ok_;
};

// The pads of an element that has one of each, for caps that are put together at run time.
inline void add_pad_templates(GstElementClass *element_class, GstCaps *sink, GstCaps *src) {
  gst_element_class_add_pad_template(
      element_class, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, sink));
  gst_element_class_add_pad_template(element_class,
                                     gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, src));
}

}  // namespace feat
