// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "codecs/torch/torch_model.h"

namespace feat {

// Opens libgstfeature-torch, once, and LibTorch with it. Null: the error says why, as a sentence.
TorchLoad *torch_loader(std::string &error);

}  // namespace feat
