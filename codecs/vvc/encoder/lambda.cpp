// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/lambda.h"

namespace feat::vvc {

// lambda = 0.74 * 2^((QP - 12) / 3)
const std::array<int64_t, 3> kInverseLambda = {1416995, 1124669, 892651};
const std::array<int64_t, 6> kRootLambda = {55, 62, 69, 78, 87, 98};

// 2^(-part / 48) and 2^(part / 96)
const std::array<int64_t, kQpParts> kInversePart = {65536, 64596, 63670, 62757, 61858, 60971,
                                                    60097, 59235, 58386, 57549, 56724, 55911,
                                                    55109, 54319, 53540, 52773};
const std::array<int64_t, kQpParts> kRootPart = {65536, 66011, 66489, 66971, 67456, 67945,
                                                 68438, 68933, 69433, 69936, 70443, 70953,
                                                 71468, 71985, 72507, 73032};

}  // namespace feat::vvc
