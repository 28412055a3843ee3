// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Units in a stream of bytes that was cut anywhere, damaged here and there.
#pragma once

#include <gst/base/gstadapter.h>

#include <cstdint>
#include <string>

namespace feat {

class UnitScanner {
 public:
  void reset();

  // Whether a whole unit is at the front of the data, of `size` bytes; otherwise more is needed.
  // `complete`: there is no more. Units longer than `limit`, and those whose header does not fit
  // together, are damaged ones. Bytes that belong to no unit are dropped; `damage` says why, the
  // first time in a row.
  bool next(GstAdapter *adapter, bool complete, uint64_t limit, size_t &size, std::string &damage);

  // The unit of next() is taken; it was whole, as far as anyone can tell.
  void taken(size_t size);
  // It was not: the next one may begin inside of it, but what does need not be one.
  void lost_step() { in_step_ = false; }

 private:
  void look_for_next(GstAdapter *adapter);

  size_t need_ = 0;        // bytes it takes to go on
  size_t longest_ = 0;     // unit so far
  uint64_t position_ = 0;  // in the stream, of the adapter's first byte
  bool in_step_ = true;    // no bytes were passed over since the last unit
};

}  // namespace feat
