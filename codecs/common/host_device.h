// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// Of functions that run on a CPU and on a GPU.
#ifdef __CUDACC__
#define FEATURE_HD __host__ __device__
#else
#define FEATURE_HD
#endif
