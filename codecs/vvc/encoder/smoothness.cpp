// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/smoothness.h"

namespace feat::vvc {
namespace {

// Channels of a mosaic or a stack may be as small as this.
constexpr int kTile = 16;

int64_t squared(int64_t value) {
  return value * value;
}

struct SquaredSteps {
  int64_t sum = 0;
  int64_t count = 0;

  void add(int64_t step) {
    sum += step;
    ++count;
  }
  // Half of the mean squared step is the variance times 1 - correlation.
  bool small_beside(int64_t variance) const { return 5 * sum < 6 * variance * count; }
};

// Between neighbours in one direction.
struct Direction {
  SquaredSteps all;
  SquaredSteps borders;  // across what may be the border of a channel

  void add(int position, int64_t step) {
    all.add(step);
    if (position % kTile == 0) borders.add(step);
  }
  bool smooth(int64_t variance) const {
    return all.small_beside(variance) && (borders.count == 0 || borders.small_beside(variance));
  }
};

}  // namespace

bool is_smooth(const Plane<const uint16_t> &picture) {
  int64_t sum = 0;
  for (int y = 0; y < picture.height; ++y) {
    const uint16_t *row = picture.data + y * picture.stride;
    for (int x = 0; x < picture.width; ++x) sum += row[x];
  }
  const int64_t mean = sum / (int64_t{picture.width} * picture.height);
  int64_t variation = 0;
  Direction along;
  Direction down;
  for (int y = 0; y < picture.height; ++y) {
    const uint16_t *row = picture.data + y * picture.stride;
    for (int x = 0; x < picture.width; ++x) {
      variation += squared(row[x] - mean);
      if (x > 0) along.add(x, squared(row[x] - row[x - 1]));
      if (y > 0) down.add(y, squared(row[x] - row[x - picture.stride]));
    }
  }
  const int64_t variance = variation / (int64_t{picture.width} * picture.height);
  return along.smooth(variance) && down.smooth(variance);
}

}  // namespace feat::vvc
