// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Units in a stream of bytes that was cut anywhere, damaged here and there.
#pragma once

#include <gst/base/gstadapter.h>

#include <cstdint>
#include <string>

#include "gst/common/gstcpp.h"

namespace feat {

class UnitFinder {
 public:
  UnitFinder() : adapter_(gst_adapter_new()) {}
  ~UnitFinder() { g_object_unref(adapter_); }
  UnitFinder(const UnitFinder &) = delete;
  UnitFinder &operator=(const UnitFinder &) = delete;

  void push(BufferPtr buffer) { gst_adapter_push(adapter_, buffer.release()); }
  bool empty() const { return gst_adapter_available(adapter_) == 0; }
  void clear();
  // Whether units followed each other so far: the next one is where the last one ended. Otherwise
  // bytes were passed over, and what looks like a unit may be none.
  bool in_step() const { return in_step_; }

  // Whether a whole unit is there, of `size` bytes; otherwise more data is needed. `complete`:
  // there is no more. Units longer than `limit` are damaged ones. Bytes that belong to no unit are
  // passed over; `damage` says why, the first time in a row.
  bool next(bool complete, uint64_t limit, size_t &size, std::string &damage);

  // The bytes of the unit that next() found, to be looked at.
  const uint8_t *map(size_t size) {
    return static_cast<const uint8_t *>(gst_adapter_map(adapter_, size));
  }
  void unmap() { gst_adapter_unmap(adapter_); }

  // Takes that unit. `pts` is that of the buffer in which it begins, for the first one there.
  BufferPtr take(size_t size, GstClockTime &pts);
  // Passes it over.
  void skip(size_t size);
  // The same, but its length is not to be trusted: the next unit may begin inside.
  void skip_damaged();

 private:
  void look_for_next(size_t from);
  void drop(size_t size);

  GstAdapter *adapter_;
  size_t need_ = 0;                  // bytes it takes to go on
  size_t longest_ = 0;               // unit so far
  bool in_step_ = true;              // no bytes were passed over since the last unit
  uint64_t position_ = 0;            // in the stream, of the adapter's first byte
  uint64_t stamped_ = ~uint64_t{0};  // where the buffer begins whose time was given out
};

}  // namespace feat
