// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "codecs/torch/error_line.h"

namespace feat {
namespace {

TEST(ErrorLine, IsTheOneBehindTheTraceback) {
  EXPECT_EQ(error_line("The following operation failed in the TorchScript interpreter.\n"
                       "Traceback of TorchScript (most recent call last):\n"
                       "  File \"model.py\", line 5, in forward\n"
                       "    raise ValueError(\"no: RuntimeError: here\")\n"
                       "    ~~~~~~~~~~~~~~~~ <--- HERE\n"
                       "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x6 and 7x3)\n"),
            "mat1 and mat2 shapes cannot be multiplied (1x6 and 7x3)");
  EXPECT_EQ(error_line("Traceback …\nbuiltins.ValueError: this model likes nothing.\n"),
            "builtins.ValueError: this model likes nothing");
}

TEST(ErrorLine, IsTheFirstWithoutAName) {
  EXPECT_EQ(error_line("\n  PytorchStreamReader failed reading zip archive\nframe #0: here\n"),
            "PytorchStreamReader failed reading zip archive");
  EXPECT_EQ(error_line("open file failed because of errno 2: x"),
            "open file failed because of errno 2: x");
  EXPECT_EQ(error_line(""), "an error without a text");
  EXPECT_EQ(error_line(" \n\n"), "an error without a text");
}

}  // namespace
}  // namespace feat
