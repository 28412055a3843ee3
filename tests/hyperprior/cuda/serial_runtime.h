// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The CUDA runtime on a CPU, as far as codecs/hyperprior/cuda calls it, so that all but the
// kernels' start is tested where there is no GPU. What a stream is given is done only when it is
// waited for: whoever reads too early gets what was there before.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>

namespace test {

// At the end of the stream.
void enqueue(std::function<void()> work);

// The call of that number from now on that can fail, fails: 0 is the next one; negative: none.
void fail_call(int number);

}  // namespace test
