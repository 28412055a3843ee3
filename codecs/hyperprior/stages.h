// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What encoder and decoder work with.
#pragma once

#include <memory>
#include <utility>

#include "codecs/hyperprior/cpu_backend.h"
#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/transforms.h"

namespace feat::hyperprior {

struct Stages {
  std::shared_ptr<const EntropyModel> model;
  Transforms *transforms;
  CpuBackend cpu;
  EntropyBackend *backend;  // that of the CPU unless another one is given

  Stages(std::shared_ptr<const EntropyModel> model_, Transforms *transforms_, int threads,
         EntropyBackend *backend_)
      : model(std::move(model_)),
        transforms(transforms_),
        cpu(model, threads),
        backend(backend_ != nullptr ? backend_ : &cpu) {}
  Stages(const Stages &) = delete;
  Stages &operator=(const Stages &) = delete;
};

}  // namespace feat::hyperprior
