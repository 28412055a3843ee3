// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/smoothness.h"

#include <algorithm>

namespace feat::vvc {
namespace {

int64_t squared(int64_t value) {
  return value * value;
}

}  // namespace

bool is_smooth(const Plane<const uint16_t> &picture) {
  int64_t sum = 0;
  for (int y = 0; y < picture.height; ++y) {
    const uint16_t *row = picture.data + y * picture.stride;
    for (int x = 0; x < picture.width; ++x) sum += row[x];
  }
  const int64_t mean = sum / (int64_t{picture.width} * picture.height);
  int64_t variation = 0;
  int64_t along = 0;
  int64_t down = 0;
  for (int y = 0; y < picture.height; ++y) {
    const uint16_t *row = picture.data + y * picture.stride;
    const uint16_t *next = y + 1 < picture.height ? row + picture.stride : row;
    for (int x = 0; x < picture.width; ++x) {
      const int next_x = std::min(x + 1, picture.width - 1);
      variation += squared(row[x] - mean);
      along += squared(row[next_x] - row[x]);
      down += squared(next[x] - row[x]);
    }
  }
  // Half of the mean squared step is the variance times 1 - correlation.
  return 5 * std::max(along, down) < 6 * variation;
}

}  // namespace feat::vvc
