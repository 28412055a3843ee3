// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The QPs of a picture's CTUs. A QP for all is too coarse for rate control: a step changes the
// rate by 10 to 40 %. So the CTUs before some point have one more than the others, and the one at
// that point takes its decisions with a lambda in between. Mixed so, rate and distortion lie on
// the line between those of the two QPs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace feat::vvc {

inline constexpr int kQpParts = 16;  // steps of lambda between one QP and the next

// The error that VTM leaves at a QP is about a fifth less than a slice of that QP has here, for it
// maps the samples first (LMCS). So that a QP of the options means about the same error, slices
// have one less.
inline constexpr int kBelowVtm = 1;

struct QpPlan {
  struct Point {
    int qp;
    int part;  // of the way to the next QP's lambda

    bool operator==(const Point &) const = default;
  };

  int qp = 32;          // of the last CTUs
  int64_t coarser = 0;  // how much has one more, in 1/kQpParts of a CTU

  // Of a CTU by its place in coding order.
  Point at(size_t ctu) const {
    const int64_t left = coarser - static_cast<int64_t>(ctu) * kQpParts;
    if (left >= kQpParts) return {qp + 1, 0};
    return {qp, static_cast<int>(std::max<int64_t>(left, 0))};
  }
  int slice_qp() const { return at(0).qp; }
  // Of most of `ctus` CTUs.
  int typical(size_t ctus) const {
    return 2 * coarser > static_cast<int64_t>(ctus) * kQpParts ? qp + 1 : qp;
  }
  bool mixed() const { return slice_qp() != qp; }
  // What the slice has for the QPs of the options; none lies below 0.
  QpPlan of_slice() const {
    return qp < kBelowVtm ? QpPlan{0, 0} : QpPlan{qp - kBelowVtm, coarser};
  }
};

}  // namespace feat::vvc
