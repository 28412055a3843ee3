// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/unit_scanner.h"

#include <algorithm>
#include <utility>

#include "codecs/hyperprior/hyperprior_codec.h"

namespace feat {

namespace {

// The fixed part of a unit's header is within this many bytes.
constexpr size_t kHead = 64;
// What is always waited for.
constexpr uint64_t kPatience = 1 << 16;

class Mapped {
 public:
  Mapped(GstAdapter *adapter, size_t size)
      : adapter_(adapter),
        data_(static_cast<const uint8_t *>(gst_adapter_map(adapter, size)), size) {}
  ~Mapped() { gst_adapter_unmap(adapter_); }
  Mapped(const Mapped &) = delete;
  Mapped &operator=(const Mapped &) = delete;
  std::span<const uint8_t> data() const { return data_; }

 private:
  GstAdapter *adapter_;
  std::span<const uint8_t> data_;
};

}  // namespace

void UnitScanner::reset() {
  *this = {};
}

void UnitScanner::taken(size_t size) {
  position_ += size;
  longest_ = std::max(longest_, size);
  need_ = 0;
  in_step_ = true;
}

void UnitScanner::look_for_next(GstAdapter *adapter) {
  const size_t available = gst_adapter_available(adapter);
  size_t next = 0;
  {
    const Mapped all(adapter, available);
    next = std::min(hyperprior::find_magic(all.data(), 1), available);
  }
  gst_adapter_flush(adapter, next);
  position_ += next;
  need_ = 0;
}

bool UnitScanner::next(GstAdapter *adapter, bool complete, uint64_t limit, size_t &size,
                       std::string &damage) {
  for (;;) {
    const size_t available = gst_adapter_available(adapter);
    if (available == 0 && complete) in_step_ = true;  // what comes next begins anew
    if (available == 0 || (!complete && available < need_)) return false;
    // Where bytes only look like the beginning of a unit, not much is waited for to be sure.
    const uint64_t most =
        in_step_ ? limit : std::min(limit, std::max<uint64_t>(kPatience, 2 * longest_));
    const size_t looked_at = std::min(available, std::max(need_, kHead));
    size_t wanted = 0;
    ptrdiff_t length = 0;
    std::string wrong;
    {
      const Mapped head(adapter, looked_at);
      length = hyperprior::find_unit(head.data(), wanted);
      hyperprior::UnitInfo info;
      if (length > 0) {
        const hyperprior::Status status = hyperprior::read_info(
            head.data().first(static_cast<size_t>(length)), G_MAXUINT64, info);
        if (status.code == hyperprior::Status::Code::kCorrupt) wrong = status.message;
      }
    }
    if (length > 0 && static_cast<uint64_t>(length) > limit) {
      wrong = "a unit of " + std::to_string(length) + " bytes is longer than the " +
              std::to_string(limit) + " that max-points allows for";
    } else if (length > 0 && wrong.empty()) {
      size = static_cast<size_t>(length);
      return true;
    } else if (length < 0) {
      wrong = "no unit begins at byte " + std::to_string(position_);
    } else if (length == 0) {
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
    look_for_next(adapter);
  }
}

}  // namespace feat
