// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Pictures by gnuplot, as SVG to put into a page.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace feat::bench {

struct Line {
  std::string title;
  std::vector<std::pair<double, double>> points;
  int colour = 0;  // lines of one codec have the same everywhere
  bool points_too = true;
  bool right = false;  // belongs to the axis on the right
  bool dashed = false;
};

struct Plot {
  std::string title;
  std::string x;
  std::string y;
  std::string right;  // empty: there is no axis on the right
  bool log_x = false;
  bool log_y = false;
  std::vector<Line> lines;
};

// <svg>…</svg>; empty if there is nothing to draw, or gnuplot is missing or fails.
std::string draw(const Plot &plot);

}  // namespace feat::bench
