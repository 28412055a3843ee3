// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// Of functions that run on a CPU and on a GPU.
// Before a loop whose arrays are in registers of a GPU only where it is unrolled.
#ifdef __CUDACC__
#define FEATURE_HD __host__ __device__
#define FEATURE_UNROLL _Pragma("unroll")
#else
#define FEATURE_HD
#define FEATURE_UNROLL
#endif
