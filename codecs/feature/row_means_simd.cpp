// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/row_means.h"

#include <algorithm>
#include <array>

#include "codecs/feature/level_model.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/feature/row_means_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace feat::native::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void DrawMeans(std::span<const int32_t> running, std::span<const int32_t> prior, uint32_t share,
               int32_t *means) {
  scalar::draw_means(running, prior, share, means);
}

uint64_t AddLevels(std::span<const int32_t> levels, uint32_t share, int32_t *running) {
  return scalar::add_levels(levels, share, running);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// Wider ones slow down the scalar code between rows.
using D = hn::CappedTag<int32_t, 8>;
using V = hn::Vec<D>;
// Sums of so many vectors of magnitudes are below 2^31.
constexpr size_t kVectorsOfSum = 1 << 15;

HWY_INLINE V Moved(V from, V to, V share) {
  const D d;
  const hn::RebindToUnsigned<D> du;
  const V distance = hn::Sub(to, from);
  const V high = hn::Mul(hn::ShiftRight<16>(distance), share);
  const V low = hn::Mul(hn::And(distance, hn::Set(d, 0xFFFF)), share);
  const V shifted = hn::BitCast(d, hn::ShiftRight<16>(hn::BitCast(du, low)));
  return hn::Add(hn::Add(from, high), shifted);
}

void DrawMeans(std::span<const int32_t> running, std::span<const int32_t> prior, uint32_t share,
               int32_t *means) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V s = hn::Set(d, static_cast<int32_t>(share));
  const V least = hn::Set(d, static_cast<int32_t>(kMinMean));
  const bool one = prior.size() == 1;
  size_t k = 0;
  for (; k + lanes <= running.size(); k += lanes) {
    const V to = one ? hn::Set(d, prior[0]) : hn::LoadU(d, prior.data() + k);
    hn::StoreU(hn::Max(Moved(hn::LoadU(d, running.data() + k), to, s), least), d, means + k);
  }
  if (k < running.size())
    scalar::draw_means(running.subspan(k), one ? prior : prior.subspan(k), share, means + k);
}

uint64_t AddLevels(std::span<const int32_t> levels, uint32_t share, int32_t *running) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V s = hn::Set(d, static_cast<int32_t>(share));
  const V cap = hn::Set(d, kRowMagnitudeCap);
  const size_t whole = levels.size() / lanes * lanes;
  uint64_t sum = 0;
  for (size_t k = 0; k < whole;) {
    const size_t end = std::min(whole, k + kVectorsOfSum * lanes);
    V magnitudes = hn::Zero(d);
    for (; k < end; k += lanes) {
      const V magnitude = hn::Min(hn::Abs(hn::LoadU(d, levels.data() + k)), cap);
      magnitudes = hn::Add(magnitudes, magnitude);
      const V from = hn::LoadU(d, running + k);
      hn::StoreU(Moved(from, hn::ShiftLeft<kMeanBits>(magnitude), s), d, running + k);
    }
    std::array<int32_t, HWY_MAX_BYTES / sizeof(int32_t)> parts{};
    hn::StoreU(magnitudes, d, parts.data());
    for (const int32_t part : parts) sum += static_cast<uint32_t>(part);
  }
  return sum + scalar::add_levels(levels.subspan(whole), share, running + whole);
}

#endif

}  // namespace feat::native::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::native {

HWY_EXPORT(DrawMeans);
HWY_EXPORT(AddLevels);

void draw_means(std::span<const int32_t> running, std::span<const int32_t> prior, uint32_t share,
                int32_t *means) {
  HWY_DYNAMIC_DISPATCH(DrawMeans)(running, prior, share, means);
}

uint64_t add_levels(std::span<const int32_t> levels, uint32_t share, int32_t *running) {
  return HWY_DYNAMIC_DISPATCH(AddLevels)(levels, share, running);
}

}  // namespace feat::native

#endif
