// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "codecs/hyperprior/model.h"

namespace feat::hyperprior {

// Whether a network takes `in` channels to `out`, scaling sides by up / down, from layers and
// weights that are there, of the right shapes and within the limits of model.h. A sentence without
// a full stop on what is wrong, or empty. `integers`: layers of integer_network.h.
std::string check_network(const Model &model, const Network &network, const std::string &name,
                          int in, int out, int up, int down, bool integers);

}  // namespace feat::hyperprior
