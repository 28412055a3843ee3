// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/alf_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codecs/vvc/encoder/alf_sums_simd.cpp"
#include "hwy/foreach_target.h"
// Behind foreach_target.h, which includes this file again.
#include "codecs/vvc/common/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace feat::vvc::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void AlfTermsOf(const AlfLine &line, size_t at, AlfTermRows &rows) {
  scalar::alf_terms(line, at, rows);
}

void AddProducts(const AlfTermRows &rows, size_t count, AlfSums &sums) {
  scalar::alf_add_products(rows, count, sums);
}

#else

template <class D>
HWY_INLINE void TermsOf(D d, const AlfLine &line, int x, size_t at, AlfTermRows &rows) {
  const hn::RebindToUnsigned<D> du;
  const uint16_t *sample = line.samples + x;
  const auto v = hn::BitCast(d, hn::LoadU(du, sample));
  for (int k = 0; k < kAlfTaps; ++k) {
    const ptrdiff_t offset = AlfTaps::offset(k, line.reach, line.stride);
    const auto one = hn::Sub(hn::BitCast(d, hn::LoadU(du, sample + offset)), v);
    const auto other = hn::Sub(hn::BitCast(d, hn::LoadU(du, sample - offset)), v);
    for (int c = 0; c < kAlfClips; ++c) {
      const auto limit = hn::Set(d, static_cast<int16_t>(alf_limit(c + 1, line.bit_depth)));
      const auto below = hn::Neg(limit);
      const auto term =
          hn::Add(hn::Min(hn::Max(one, below), limit), hn::Min(hn::Max(other, below), limit));
      hn::StoreU(term, d, rows.terms[c * kAlfTaps + k] + at + x);
    }
  }
}

void AlfTermsOf(const AlfLine &line, size_t at, AlfTermRows &rows) {
  const hn::CappedTag<int16_t, 16> wide;
  const hn::FixedTag<int16_t, 4> narrow;
  constexpr int kWide = static_cast<int>(hn::MaxLanes(wide));
  int x = 0;
  for (; x + kWide <= line.count; x += kWide) TermsOf(wide, line, x, at, rows);
  for (; x < line.count; x += kAlfBlock) TermsOf(narrow, line, x, at, rows);
}

// Three rows by three: as many sums as fit the registers.
constexpr size_t kGroup = 3;

template <class D>
HWY_INLINE void AddGroup(D d, const AlfTermRows &rows, size_t i, size_t j, size_t begin, size_t end,
                         AlfSums &sums) {
  const hn::RepartitionToWide<D> d32;
  using V = hn::VFromD<D>;
  hn::VFromD<decltype(d32)> sum[kGroup][kGroup];
  for (auto &row : sum) {
    for (auto &s : row) s = hn::Zero(d32);
  }
  for (size_t n = begin; n < end; n += hn::MaxLanes(d)) {
    const V a0 = hn::LoadU(d, rows.terms[i] + n);
    const V a1 = hn::LoadU(d, rows.terms[i + 1] + n);
    const V a2 = hn::LoadU(d, rows.terms[i + 2] + n);
    for (size_t b = 0; b < kGroup; ++b) {
      const V v = hn::LoadU(d, rows.terms[j + b] + n);
      sum[0][b] = MulAddPairs(d32, a0, v, sum[0][b]);
      sum[1][b] = MulAddPairs(d32, a1, v, sum[1][b]);
      sum[2][b] = MulAddPairs(d32, a2, v, sum[2][b]);
    }
  }
  for (size_t a = 0; a < kGroup; ++a) {
    for (size_t b = 0; b < kGroup; ++b) {
      sums.products[i + a][j + b] += hn::GetLane(hn::SumOfLanes(d32, sum[a][b]));
    }
  }
}

template <class D>
HWY_INLINE void AddErrors(D d, const AlfTermRows &rows, size_t i, size_t begin, size_t end,
                          AlfSums &sums) {
  const hn::RepartitionToWide<D> d32;
  auto sum = hn::Zero(d32);
  for (size_t n = begin; n < end; n += hn::MaxLanes(d)) {
    sum = MulAddPairs(d32, hn::LoadU(d, rows.terms[i] + n), hn::LoadU(d, rows.errors + n), sum);
  }
  sums.errors[i] += hn::GetLane(hn::SumOfLanes(d32, sum));
}

// A lane of 32 bits takes the products of all samples there may be.
template <class D>
HWY_INLINE void AddSums(D d, const AlfTermRows &rows, size_t begin, size_t end, AlfSums &sums) {
  for (size_t i = 0; i < kAlfTerms; i += kGroup) {
    for (size_t j = 0; j <= i; j += kGroup) AddGroup(d, rows, i, j, begin, end, sums);
  }
  for (size_t i = 0; i < kAlfTerms; ++i) AddErrors(d, rows, i, begin, end, sums);
}

void AddProducts(const AlfTermRows &rows, size_t count, AlfSums &sums) {
  const hn::CappedTag<int16_t, 32> wide;
  const hn::FixedTag<int16_t, 4> narrow;
  constexpr size_t kWide = hn::MaxLanes(wide);
  const size_t whole = count / kWide * kWide;
  if (whole > 0) AddSums(wide, rows, 0, whole, sums);
  if (whole < count) AddSums(narrow, rows, whole, count, sums);
  for (size_t i = 0; i < kAlfTerms; ++i) {
    for (size_t j = i + 1; j < kAlfTerms; ++j) sums.products[i][j] = sums.products[j][i];
  }
}

#endif

}  // namespace feat::vvc::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace feat::vvc {

HWY_EXPORT(AlfTermsOf);
HWY_EXPORT(AddProducts);

void alf_terms(const AlfLine &line, size_t at, AlfTermRows &rows) {
  HWY_DYNAMIC_DISPATCH(AlfTermsOf)(line, at, rows);
}

void alf_add_products(const AlfTermRows &rows, size_t count, AlfSums &sums) {
  HWY_DYNAMIC_DISPATCH(AddProducts)(rows, count, sums);
}

}  // namespace feat::vvc

#endif
