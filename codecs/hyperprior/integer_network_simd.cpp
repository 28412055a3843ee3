// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstring>

#include "codecs/hyperprior/integer_network.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/hyperprior/integer_network_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace feat::hyperprior::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void PhaseRowOf(const IntegerLayer &layer, const std::vector<IntegerLayer::Tap> &taps,
                const int16_t *input, ptrdiff_t row_stride, int width, int32_t *out,
                ptrdiff_t step) {
  scalar::phase_row(layer, taps, input, row_stride, width, out, step);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// A vector is not wider than a block of outputs.
using D32 = hn::CappedTag<int32_t, kOutBlock>;
using D16 = hn::Repartition<int16_t, D32>;
using V32 = hn::VFromD<D32>;

// Two inputs in all lanes.
HWY_INLINE hn::VFromD<D16> Pair(const int16_t *pair) {
  int32_t both;
  std::memcpy(&both, pair, sizeof(both));
  return hn::BitCast(D16(), hn::Set(D32(), both));
}

// `places` neighbouring places, `vectors` vectors of outputs from `o` on.
template <int places, int vectors>
HWY_INLINE void Sums(const IntegerLayer &layer, const std::vector<IntegerLayer::Tap> &taps,
                     const int16_t *input, ptrdiff_t row_stride, int o, int32_t *out,
                     ptrdiff_t step) {
  const D32 d;
  const D16 d16;
  const auto lanes = static_cast<ptrdiff_t>(hn::Lanes(d));
  const ptrdiff_t channels = 2 * ptrdiff_t{layer.in_pairs};
  V32 lower[places][vectors];
  V32 upper[places][vectors];
  for (int p = 0; p < places; ++p)
    for (int v = 0; v < vectors; ++v) lower[p][v] = upper[p][v] = hn::Zero(d);
  for (const IntegerLayer::Tap &tap : taps) {
    const int16_t *from = input + tap.dy * row_stride + tap.dx * channels;
    const int16_t *weight = tap.weights.data() + ptrdiff_t{o} * 2;
    for (int i = 0; i < layer.in_pairs; ++i, from += 2, weight += ptrdiff_t{layer.out_padded} * 2) {
      hn::VFromD<D16> weights[vectors];
      for (int v = 0; v < vectors; ++v) weights[v] = hn::LoadU(d16, weight + v * lanes * 2);
      for (int p = 0; p < places; ++p) {
        const auto pair = Pair(from + p * channels);
        for (int v = 0; v < vectors; ++v)
          lower[p][v] =
              hn::ReorderWidenMulAccumulate(d, pair, weights[v], lower[p][v], upper[p][v]);
      }
    }
  }
  for (int p = 0; p < places; ++p)
    for (int v = 0; v < vectors; ++v)
      hn::StoreU(hn::RearrangeToOddPlusEven(lower[p][v], upper[p][v]), d,
                 out + p * step + o + v * lanes);
}

template <int vectors>
HWY_INLINE void Row(const IntegerLayer &layer, const std::vector<IntegerLayer::Tap> &taps,
                    const int16_t *input, ptrdiff_t row_stride, int width, int o, int32_t *out,
                    ptrdiff_t step) {
  constexpr int kPlaces = 4;
  const ptrdiff_t channels = 2 * ptrdiff_t{layer.in_pairs};
  int x = 0;
  for (; x + kPlaces <= width; x += kPlaces)
    Sums<kPlaces, vectors>(layer, taps, input + x * channels, row_stride, o, out + x * step, step);
  for (; x < width; ++x)
    Sums<1, vectors>(layer, taps, input + x * channels, row_stride, o, out + x * step, step);
}

void PhaseRowOf(const IntegerLayer &layer, const std::vector<IntegerLayer::Tap> &taps,
                const int16_t *input, ptrdiff_t row_stride, int width, int32_t *out,
                ptrdiff_t step) {
  const int lanes = static_cast<int>(hn::Lanes(D32()));
  // Blocks of outputs are whole vectors of any target.
  for (int o = 0; o < layer.out_padded;) {
    if (o + 2 * lanes <= layer.out_padded) {
      Row<2>(layer, taps, input, row_stride, width, o, out, step);
      o += 2 * lanes;
    } else {
      Row<1>(layer, taps, input, row_stride, width, o, out, step);
      o += lanes;
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace feat::hyperprior::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::hyperprior {

HWY_EXPORT(PhaseRowOf);

void phase_row(const IntegerLayer &layer, const std::vector<IntegerLayer::Tap> &taps,
               const int16_t *input, ptrdiff_t row_stride, int width, int32_t *out,
               ptrdiff_t step) {
  HWY_DYNAMIC_DISPATCH(PhaseRowOf)(layer, taps, input, row_stride, width, out, step);
}

}  // namespace feat::hyperprior

#endif  // HWY_ONCE
