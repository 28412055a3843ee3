// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace feat::hyperprior::train {

// auto, cpu, cuda, cuda:N. Throws Error.
c10::Device device_of(const std::string &name);

}  // namespace feat::hyperprior::train
