// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The entropy coding of a model on a GPU, for elements.
#pragma once

#include <memory>
#include <string>

#include "codecs/hyperprior/entropy_backend.h"
#include "ext/hyperprior/models.h"

namespace feat {

using BackendPtr = std::unique_ptr<hyperprior::EntropyBackend>;

// Null and no error: the CPU does it, since the device is `cpu`, or `auto` where there is no GPU,
// or this build has no module for it. Null and an error, which is a sentence: it cannot be done
// where it should.
BackendPtr load_backend(const LoadedModel &model, const std::string &device, std::string &error);

// Of what load_backend() gave: cpu, cuda:0.
std::string backend_device(const BackendPtr &backend);

}  // namespace feat
