// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace feat {

// auto, cpu, cuda or cuda:N, where LibTorch has it. Throws Failure.
c10::Device device_of(const std::string &name);

}  // namespace feat
