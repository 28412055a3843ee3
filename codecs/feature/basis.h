// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rows of channels to the components of a profile and back.
#pragma once

#include <cstddef>

#include "codecs/feature/profile.h"

namespace feat::native {

// The components of `rows` rows, of which the first is number `first_row` of its matrix. Where the
// basis as the profile has it is not orthonormal enough for points at this distance, the components
// are refined so that synthesise() gives the rows back.
void analyse(const ProfileData &profile, const float *channels, size_t rows, size_t first_row,
             float distance, float *components);

void synthesise(const ProfileData &profile, const float *components, size_t rows, size_t first_row,
                float *channels);

}  // namespace feat::native
