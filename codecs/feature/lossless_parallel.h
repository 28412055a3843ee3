// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tasks in several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace feat::native::lossless {

// Calls task(0) to task(count - 1), each once, in up to `threads` threads, this one among them.
void in_parallel(size_t count, int threads, const std::function<void(size_t)> &task);

}  // namespace feat::native::lossless
