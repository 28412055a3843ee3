// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/rans/alias.h"

#include <algorithm>

namespace feat::rans {

namespace {

constexpr int kNone = -1;

using Numbers = std::array<uint32_t, kBuckets>;

// Of the buckets whose symbols have more slots than fit, the one whose symbol has the largest share
// of its slots left, which spreads them over all buckets. There is one.
std::vector<int>::iterator next_donor(const Numbers &frequencies, const Numbers &rest,
                                      std::vector<int> &rich) {
  return std::max_element(rich.begin(), rich.end(), [&](int a, int b) {
    return rest[a] * frequencies[b] < rest[b] * frequencies[a];
  });
}

// The symbol that fills each bucket up; kNone where its own one has all of it. `rest` becomes the
// slots of the own symbols.
std::array<int, kBuckets> fill_up(const Numbers &frequencies, Numbers &rest) {
  std::array<int, kBuckets> donors;
  std::array<bool, kBuckets> filled = {};
  std::vector<int> rich;  // buckets whose symbols have more slots than fit, in order
  for (int b = 0; b < kBuckets; ++b)
    if (rest[b] > kBucketSlots) rich.push_back(b);
  int b = 0;
  for (int count = 0; count < kBuckets; ++count) {
    while (filled[b] || rest[b] > kBucketSlots) ++b;
    filled[b] = true;
    donors[b] = kNone;
    if (rest[b] == kBucketSlots) continue;
    const auto donor = next_donor(frequencies, rest, rich);
    donors[b] = *donor;
    rest[*donor] -= kBucketSlots - rest[b];
    if (rest[*donor] > kBucketSlots) continue;
    b = std::min(b, *donor);
    rich.erase(donor);
  }
  return donors;
}

}  // namespace

AliasTable build_alias_table(const std::array<uint16_t, kBuckets> &frequencies) {
  Numbers all;
  for (int b = 0; b < kBuckets; ++b) all[b] = frequencies[b];
  Numbers own = all;
  const std::array<int, kBuckets> donors = fill_up(all, own);
  AliasTable table;
  Numbers ranks = own;
  for (int b = 0; b < kBuckets; ++b) {
    const uint32_t slot = static_cast<uint32_t>(b) * kBucketSlots;
    if (own[b] > 0) table.runs.push_back({b, 0, slot});
    Bucket &bucket = table.buckets[b];
    bucket.frequency = frequencies[b];
    if (donors[b] == kNone) {
      // The threshold has 8 bits: the other symbol is the bucket's own.
      bucket.alias = static_cast<uint8_t>(b);
      bucket.alias_frequency = bucket.frequency;
      continue;
    }
    const int other = donors[b];
    bucket.threshold = static_cast<uint8_t>(own[b]);
    bucket.alias = static_cast<uint8_t>(other);
    bucket.base = static_cast<uint16_t>(ranks[other]);
    bucket.alias_frequency = frequencies[other];
    table.runs.push_back({other, ranks[other], slot + own[b]});
    ranks[other] += kBucketSlots - own[b];
  }
  return table;
}

}  // namespace feat::rans
