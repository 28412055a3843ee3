// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/unit_finder.h"

#include <algorithm>

#include "codecs/feature/feature_codec.h"

namespace feat {

namespace {

// The head of a unit is within this many bytes.
constexpr size_t kHead = 64;
// What is always waited for.
constexpr uint64_t kPatience = 1 << 16;

}  // namespace

void UnitFinder::clear() {
  gst_adapter_clear(adapter_);
  need_ = 0;
  longest_ = 0;
  in_step_ = true;
  position_ = 0;
  stamped_ = ~uint64_t{0};
}

void UnitFinder::drop(size_t size) {
  gst_adapter_flush(adapter_, size);
  position_ += size;
  need_ = 0;
}

void UnitFinder::look_for_next(size_t from) {
  const size_t available = gst_adapter_available(adapter_);
  const uint8_t *data = map(available);
  const size_t next = native::find_magic({data, available}, from);
  unmap();
  drop(std::min(next, available));
}

bool UnitFinder::next(bool complete, uint64_t limit, size_t &size, std::string &damage) {
  for (;;) {
    const size_t available = gst_adapter_available(adapter_);
    // Where bytes only look like the beginning of a unit, not much is waited for to be sure.
    const uint64_t most =
        in_step_ ? limit : std::min(limit, std::max<uint64_t>(kPatience, 2 * longest_));
    if (available == 0 && complete) in_step_ = true;  // what comes next begins anew
    if (available == 0 || (!complete && available < need_)) return false;
    const size_t looked_at = std::min(available, std::max(need_, kHead));
    size_t wanted = 0;
    const ptrdiff_t length = native::find_unit({map(looked_at), looked_at}, wanted);
    unmap();
    std::string wrong;
    if (length > 0) {
      if (static_cast<uint64_t>(length) <= limit) {
        size = static_cast<size_t>(length);
        return true;
      }
      wrong = "a unit of " + std::to_string(length) + " bytes is longer than the " +
              std::to_string(limit) + " that max-points allows for";
    } else if (length < 0) {
      wrong = "no unit begins at byte " + std::to_string(position_);
    } else {
      wanted = std::max(wanted, looked_at + 1);
      if (wanted > most) {
        wrong = "a unit of " + std::to_string(wanted) + " bytes is longer than the " +
                std::to_string(most) + " that max-points allows for";
      } else if (wanted > available && complete) {
        wrong = "the data ends within a unit, behind " + std::to_string(available) + " of " +
                std::to_string(wanted) + " bytes";
      } else {
        need_ = wanted;
        continue;
      }
    }
    if (in_step_ && damage.empty()) damage = std::move(wrong);
    in_step_ = false;
    look_for_next(1);
  }
}

BufferPtr UnitFinder::take(size_t size, GstClockTime &pts) {
  guint64 distance = 0;
  pts = gst_adapter_prev_pts(adapter_, &distance);
  const uint64_t begin = position_ - distance;
  if (!GST_CLOCK_TIME_IS_VALID(pts) || begin == stamped_) {
    pts = GST_CLOCK_TIME_NONE;
  } else {
    stamped_ = begin;
  }
  BufferPtr unit(gst_adapter_take_buffer(adapter_, size));
  position_ += size;
  need_ = 0;
  in_step_ = true;
  longest_ = std::max(longest_, size);
  return unit;
}

void UnitFinder::skip(size_t size) {
  drop(size);
  in_step_ = true;
}

void UnitFinder::skip_damaged() {
  in_step_ = false;
  look_for_next(1);
}

}  // namespace feat
