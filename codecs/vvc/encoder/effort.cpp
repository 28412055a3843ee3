// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/effort.h"
#include <cstdlib>
namespace feat::vvc {

static int env(const char *n, int d) { const char *s = getenv(n); return s ? atoi(s) : d; }
Effort effort_settings(int effort) {
  Effort e;
  e.tools.transform_skip = env("TS", 1);
  e.tools.isp = env("ISP", 1);
  e.tools.mrl = env("MRL", 1);
  e.modes.wanted = env("MODES", 3);
  e.modes.coarse_step = env("STEP", 8);
  e.modes.far_lines = env("MRL", 1);
  e.isp_margin_shift = env("ISPM", 6);
  e.max_mtt_depth = env("MTT", 3);
  e.mode_margin_shift = env("MARGIN", 5);
  e.guess_first = env("GUESS", 1);
  e.split_margin = env("SPLITM", 0);
  return e;
}

}  // namespace feat::vvc
