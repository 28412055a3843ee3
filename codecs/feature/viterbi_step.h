// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One step of the search through the states of dependent quantisation: a scalar reference, and
// the same with vectors of four, which every x86-64 and ARMv8 processor has.
#pragma once

#include <array>
#include <cstdint>

namespace feat::native {

// Costs of the best paths that end in each state: even states, then odd ones: 0 2 4 6 1 3 5 7.
struct PathCosts {
  alignas(16) std::array<float, 4> even;
  alignas(16) std::array<float, 4> odd;
};

// Adds costs[set][parity] to `paths`. Bit s of the result: the second way into state s (the second
// of kWays in dependent_quantizer.cpp) is better.
uint8_t viterbi_step_scalar(PathCosts &paths, const std::array<std::array<float, 2>, 2> &costs);

#if defined(__SSE2__)

}  // namespace feat::native
#include <emmintrin.h>
namespace feat::native {

inline uint8_t viterbi_step(PathCosts &paths, const std::array<std::array<float, 2>, 2> &costs) {
  const __m128 even = _mm_load_ps(paths.even.data());  // 0 2 4 6
  const __m128 odd = _mm_load_ps(paths.odd.data());    // 1 3 5 7
  const __m128 all = _mm_loadu_ps(costs[0].data());    // set 0 parity 0, 1; set 1 parity 0, 1
  // States 0 1 2 3.
  const __m128 first =
      _mm_add_ps(_mm_movelh_ps(even, even), _mm_shuffle_ps(all, all, _MM_SHUFFLE(1, 1, 0, 0)));
  const __m128 second =
      _mm_add_ps(_mm_movehl_ps(even, even), _mm_shuffle_ps(all, all, _MM_SHUFFLE(0, 0, 1, 1)));
  // States 4 5 6 7.
  const __m128 third = _mm_add_ps(_mm_shuffle_ps(odd, odd, _MM_SHUFFLE(0, 1, 0, 1)),
                                  _mm_shuffle_ps(all, all, _MM_SHUFFLE(3, 2, 2, 3)));
  const __m128 fourth =
      _mm_add_ps(_mm_movehl_ps(odd, odd), _mm_shuffle_ps(all, all, _MM_SHUFFLE(2, 3, 3, 2)));
  const __m128 low = _mm_min_ps(first, second);   // 0 1 2 3
  const __m128 high = _mm_min_ps(third, fourth);  // 4 5 6 7
  _mm_store_ps(paths.even.data(), _mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
  _mm_store_ps(paths.odd.data(), _mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
  return static_cast<uint8_t>(_mm_movemask_ps(_mm_cmplt_ps(second, first)) |
                              _mm_movemask_ps(_mm_cmplt_ps(fourth, third)) << 4);
}

#else

inline uint8_t viterbi_step(PathCosts &paths, const std::array<std::array<float, 2>, 2> &costs) {
  return viterbi_step_scalar(paths, costs);
}

#endif

}  // namespace feat::native
