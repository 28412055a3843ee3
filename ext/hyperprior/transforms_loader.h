// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The networks of a model, for elements: LibTorch is loaded with the first one.
#pragma once

#include <memory>
#include <string>

#include "codecs/hyperprior/transforms.h"
#include "ext/hyperprior/models.h"

namespace feat {

using TransformsPtr = std::unique_ptr<hyperprior::Transforms>;

// Opens libgstfeature-hyperprior, once. A sentence on why it cannot be, or empty.
std::string open_transforms();

// Null: the error says why, as a sentence.
TransformsPtr load_transforms(const LoadedModel &model, const std::string &device, int threads,
                              std::string &error);

}  // namespace feat
