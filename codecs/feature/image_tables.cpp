// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Learned from latents of photographs at many rates: least squares fits to the weights behind them.
#include "codecs/feature/image_tables.h"

namespace feat::native {

namespace {

using Curve = std::array<int32_t, 4>;
using Surface = std::array<int32_t, 6>;
template <class Shape>
using Lanes = std::array<Shape, kSets * kLowBins>;

constexpr Lanes<Curve> kMeanCurves = {{{-5702, 14336, -9604, 24547},
                                       {-8863, 16133, 17594, -14978},
                                       {-10417, 26014, -11628, 9075},
                                       {-371, -4615, 14131, -10340},
                                       {-11500, 41748, -37703, 24452},
                                       {-6919, 11041, 15554, -6323},
                                       {-14178, 42716, -33734, 17307},
                                       {-832, -4331, 17540, -14355}}};
constexpr Lanes<Surface> kEarlierSurfaces = {{{-522, 1123, 914, -460, -1065, -224},
                                              {-493, 927, 360, -208, -1061, 401},
                                              {-371, 391, 342, 412, -815, 117},
                                              {-294, 591, 35, -21, -625, 382},
                                              {81, 1144, 825, -1524, 526, -1780},
                                              {-583, 1254, 621, -235, -1565, 330},
                                              {-379, 283, 280, 394, -673, 182},
                                              {-266, 72, 406, 311, -282, -91}}};
constexpr Lanes<Curve> kLocalCurves = {{{-388, 1616, 406, -1947},
                                        {557, -13528, 35173, -23400},
                                        {1215, -22866, 54100, -33696},
                                        {-5022, 15035, -12243, 1868},
                                        {-4692, 19566, -19103, 2835},
                                        {-1846, -4038, 23307, -18679},
                                        {-5053, 5994, 10742, -12424},
                                        {-6819, 22769, -23307, 7005}}};
constexpr Lanes<Surface> kRatioSurfaces = {{{-464, -708, 109, -657, 2306, 1239},
                                            {-2600, 4289, 1041, -2598, 90, 1112},
                                            {-6019, 12061, 4131, -7849, -92, -1850},
                                            {-4702, 11535, 2966, -6778, -4104, -41},
                                            {-2738, 6369, 3394, -5418, -1267, -499},
                                            {-3182, 6407, 1074, -4620, 647, 820},
                                            {-6146, 11834, 4846, -7200, -1025, -1981},
                                            {-4593, 11258, 2816, -6739, -3998, 240}}};
constexpr Lanes<Surface> kCrossSurfaces = {{{-665, 783, 1585, 1842, -5835, 1869},
                                            {-967, 476, 1308, 2898, -6183, 2438},
                                            {-538, 722, -1217, 1176, -3118, 3399},
                                            {-159, 277, -396, 427, -1184, 1189},
                                            {-703, 3603, 680, -2409, -3707, 1828},
                                            {-794, 1608, 354, 29, -3322, 2086},
                                            {-567, 665, -461, 1388, -3452, 2654},
                                            {-529, 1328, -92, -96, -1816, 1304}}};

// x and y from 0 to 255; the coefficients in 1/1024.
int32_t value_of(const Curve &c, int64_t x, int64_t) {
  return static_cast<int32_t>(c[0] + (c[1] * x >> 8) + (c[2] * x * x >> 16) +
                              (c[3] * x * x * x >> 24));
}
int32_t value_of(const Surface &c, int64_t x, int64_t y) {
  return static_cast<int32_t>(c[0] + ((c[1] * x + c[2] * y) >> 8) +
                              ((c[3] * x * x + c[4] * x * y + c[5] * y * y) >> 16));
}

}  // namespace

int32_t initial_weight(ImageTable table, int index, size_t lane) {
  const auto t = static_cast<size_t>(table);
  const int columns = kTableColumns[t];
  const int32_t x = index / columns * 256 / (kTableSizes[t] / columns);
  const int32_t y = index % columns * 256 / columns;
  const auto weight = [&](const auto &shapes) {
    return value_of(shapes[lane], x, y) * (1 << (kWeightBits - 10));
  };
  switch (table) {
    case kMeanTable:
      return weight(kMeanCurves);
    case kEarlierTable:
      return weight(kEarlierSurfaces);
    case kLocalTable:
      return weight(kLocalCurves);
    case kRatioTable:
      return weight(kRatioSurfaces);
    case kCrossTable:
      return weight(kCrossSurfaces);
    default:
      return 0;
  }
}

}  // namespace feat::native
