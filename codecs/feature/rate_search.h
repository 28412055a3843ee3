// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Finds the step that reaches a rate or an error.
#pragma once

#include <functional>

namespace feat::native {

// Looks for the step code at which `measure` (positive, and rising or
// falling with the code) gives `target`, from `first` on, within `tolerance` (relative) or at most
// `passes` calls. Returns the best code tried; the last call was for that code.
int search_step(int first, double target, bool rising, double tolerance, int passes,
                const std::function<double(int)> &measure);

}  // namespace feat::native
