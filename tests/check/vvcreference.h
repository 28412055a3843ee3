/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VVCREFERENCE_H
#define VVCREFERENCE_H

#include <vector>

#include "codecs/vvc/vvc.h"
#include "tests/check/vvcfeat_util.h"

namespace test {

// What the codec itself decodes a unit to: the truth for the element.
inline std::vector<guint16> reference(const std::vector<guint8> &unit) {
  feat::vvc::Picture picture;
  const auto status = feat::vvc::Decoder::create({})->decode(unit, picture);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return {picture.samples.begin(), picture.samples.end()};
}

// The next frame of a harness is what the unit decodes to.
inline void expect_frame(GstHarness *h, const std::vector<guint8> &unit, int width, int height) {
  GstBuffer *out = gst_harness_pull(h);
  fail_unless(samples_of(out, width, height, 10) == reference(unit));
  gst_buffer_unref(out);
}

}  // namespace test

#endif /* VVCREFERENCE_H */
