// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Runs a test with the kernels of each instruction set that the processor and the build have.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>

#include "hwy/highway.h"

namespace feat::vvc {

template <typename Test>
void on_target(int64_t target, const Test &test) {
  SCOPED_TRACE(hwy::TargetName(target));
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(target);
  test();
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

template <typename Test>
void on_every_target(const Test &test) {
  const int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
  ASSERT_NE(supported, 0);
  for (int64_t rest = supported; rest != 0; rest &= rest - 1) on_target(rest & -rest, test);
}

// The scalar references in place of the kernels.
template <typename Test>
void on_no_target(const Test &test) {
  on_target(HWY_SCALAR, test);
}

}  // namespace feat::vvc
