// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace feat::hyperprior {

// The number of the device that is meant by auto, cuda or cuda:N. Negative, and `error` is a
// sentence without a full stop: there is none.
int choose_device(const std::string &name, std::string &error);

}  // namespace feat::hyperprior
