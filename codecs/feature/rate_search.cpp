// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/rate_search.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "codecs/feature/step_size.h"

namespace feat::native {

namespace {

// The closest code to `best` that was not tried yet.
int untried_near(const std::map<int, double> &tried, int best) {
  for (int reach = 1;; ++reach) {
    for (const int code : {best + reach, best - reach}) {
      if (tried.count(code) == 0) return code;
    }
  }
}

// The code where a line through two measurements meets the target, logarithms on both sides.
int interpolate(std::pair<int, double> a, std::pair<int, double> b, double target) {
  const double from = std::log(a.second);
  const double to = std::log(b.second);
  if (std::fabs(to - from) < 1e-12) return (a.first + b.first) / 2;
  const double part = std::clamp((std::log(target) - from) / (to - from), -4.0, 4.0);
  return a.first + static_cast<int>(std::lround(part * (b.first - a.first)));
}

}  // namespace

int search_step(int first, double target, bool rising, double tolerance, int passes,
                const std::function<double(int)> &measure) {
  std::map<int, double> tried;
  int code = first;
  int last = first;
  const auto distance = [&](double value) { return std::fabs(std::log(value / target)); };
  const auto better = [&](const auto &a, const auto &b) {
    return distance(a.second) < distance(b.second);
  };
  for (int pass = 0; pass < passes; ++pass) {
    code = std::clamp(code, kMinStepCode, kMaxStepCode);
    if (tried.count(code) != 0) break;
    const double value = std::max(measure(code), 1e-300);
    last = code;
    tried[code] = value;
    if (distance(value) <= tolerance) break;
    if (tried.size() == 1) {
      // An octave of the step changes a rate by about one bit, an error by two octaves.
      code += (value > target) != rising ? kStepCodesPerOctave / 2 : -kStepCodesPerOctave / 2;
      continue;
    }
    // The closest measurements on either side of the target, or the two closest.
    const auto above = [&](double v) { return v > target; };
    auto it = tried.begin();
    const auto next_differs = [&](auto i) {
      return std::next(i) != tried.end() && above(i->second) != above(std::next(i)->second);
    };
    while (it != tried.end() && !next_differs(it)) ++it;
    if (it != tried.end()) {
      const int low = it->first;
      const int high = std::next(it)->first;
      if (high - low < 2) {
        // Curves are rough this close up: a neighbour may hit the target.
        code = untried_near(tried, std::min_element(tried.begin(), tried.end(), better)->first);
        continue;
      }
      // Now and then the middle, where curves bend too much for lines.
      code = pass % 3 == 2 ? (low + high) / 2 : interpolate(*it, *std::next(it), target);
      code = std::clamp(code, low + 1, high - 1);
    } else {
      const auto best = std::min_element(tried.begin(), tried.end(), better);
      const auto other = best == tried.begin() ? std::next(best) : std::prev(best);
      const int reach = 4 * kStepCodesPerOctave;
      code =
          std::clamp(interpolate(*best, *other, target), best->first - reach, best->first + reach);
    }
  }
  const int best = std::min_element(tried.begin(), tried.end(), better)->first;
  if (best != last) measure(best);
  return best;
}

}  // namespace feat::native
