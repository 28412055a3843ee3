// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The adaptive loop filter (ALF) of a coded picture: one filter for all its blocks. Features have
// no classes of blocks that want filters of their own, as pictures do.
#pragma once

#include <optional>

#include "codecs/vvc/common/sample_plane.h"
#include "codecs/vvc/encoder/alf_choice.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/lambda.h"

namespace feat::vvc {

class PictureFilter {
 public:
  // Of the reconstruction in `frame`, with up to `threads` threads.
  PictureFilter(CodedFrame &frame, int threads);

  // The filter to use, or none where it would not pay.
  std::optional<AlfChoice> find(const Lambda &lambda) const;
  // Replaces the reconstruction by the filtered one.
  void apply(const AlfChoice &choice);

 private:
  // Calls f(area, x, y) for the parts of a row of CTUs.
  template <typename F>
  void for_each_area(int row, F &&f) const;
  // Of each four lines one in so many tells enough.
  int line_step() const;

  CodedFrame &frame_;
  int threads_;
  SamplePlane plane_;  // the reconstruction as it was
};

}  // namespace feat::vvc
