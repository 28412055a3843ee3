// SPDX-License-Identifier: LGPL-2.1-or-later
//
// libgstfeature-hyperprior-cuda: the entropy coding of the Hyperprior codec on a GPU.
#include <cstdio>
#include <new>

#include "codecs/hyperprior/cuda/cuda_backend.h"
#include "codecs/hyperprior/cuda/device_choice.h"

namespace feat::hyperprior {

namespace {

EntropyBackend *refuse(BackendError &error, const std::string &text) {
  fail(error, text);
  return nullptr;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) EntropyBackend *gst_feature_hyperprior_cuda_load(
    const BackendOptions &options, BackendError &error) {
  try {
    std::string wrong;
    const int device = choose_device(options.device, wrong);
    if (device < 0) return refuse(error, wrong);
    Status status;
    const std::shared_ptr<const Model> model =
        Model::load({options.model, options.model_bytes}, status);
    if (!model) return refuse(error, status.message);
    auto entropy = EntropyModel::create(model, status);
    if (!entropy) return refuse(error, status.message);
    return new CudaBackend(std::move(entropy), device);
  } catch (const CudaFailure &failure) {
    return refuse(error, failure.text);
  } catch (const std::bad_alloc &) {
    return refuse(error, "there is not enough memory for the model");
  }
}

}  // namespace feat::hyperprior
