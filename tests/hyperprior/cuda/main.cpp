// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <cstdio>

#include "codecs/hyperprior/cuda/device_choice.h"

// Status 77 tells Meson that the test was skipped, and the last line why.
int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  std::string why;
  if (feat::hyperprior::choose_device("auto", why) < 0) {
    std::printf("%s\n", why.c_str());
    return 77;
  }
  return RUN_ALL_TESTS();
}
