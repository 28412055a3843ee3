// SPDX-License-Identifier: LGPL-2.1-or-later
// Clamping of a tensor to ranges, in place.
#pragma once

#include <memory>
#include <span>

#include "element.h"
#include "ranges.h"

namespace feat {

// Values below a range become its lower end, values above it the upper end, both as the element
// format holds them; all others keep their bits. NaN becomes the value of the range nearest to
// zero. Integer formats use the integers inside the range.
class Truncator {
 public:
  virtual ~Truncator() = default;
  // data holds layout.points() elements of any alignment.
  virtual NonFinite run(void *data) const = 0;

  // nullptr where an integer format has no integer inside a range. ranges has layout.count entries.
  static std::unique_ptr<Truncator> create(Element element, std::span<const Range> ranges,
                                           const AxisLayout &layout);
};

}  // namespace feat
