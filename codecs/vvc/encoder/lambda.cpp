// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/lambda.h"

namespace feat::vvc {

// lambda = 0.68 * 2^((QP - 12) / 3)
const std::array<int64_t, 3> kInverseLambda = {1533006, 1216748, 965733};
const std::array<int64_t, 6> kRootLambda = {53, 59, 67, 75, 84, 94};

}  // namespace feat::vvc
