// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/backend_loader.h"

#include <gst/gst.h>

#include <mutex>

#include "ext/common/module.h"
#include "gst/common/sentence.h"

namespace feat {

namespace {

using hyperprior::BackendLoad;

constexpr ModuleFile kFile = {"libgstfeature-hyperprior-cuda", "GST_FEATURE_HYPERPRIOR_CUDA_MODULE",
                              hyperprior::kBackendLoadName, "CUDA"};

BackendLoad *backend_loader(std::string &error) {
  static std::mutex mutex;
  static BackendLoad *loader = nullptr;
  const std::lock_guard lock(mutex);
  if (loader == nullptr && has_module(kFile))
    loader = reinterpret_cast<BackendLoad *>(open_module(kFile, error));
  return loader;
}

}  // namespace

BackendPtr load_backend(const LoadedModel &model, const std::string &device, std::string &error) {
  if (device == "cpu") return nullptr;
  const bool any = device == "auto";
  std::string wrong;
  BackendLoad *const loader = backend_loader(wrong);
  BackendPtr backend;
  if (loader != nullptr) {
    hyperprior::BackendError problem;
    backend.reset(loader({model.file.data(), model.file.size(), device.c_str()}, problem));
    if (!backend)
      wrong = "The entropy coder cannot use the GPU: " + without_stop(problem.text) + ".";
  }
  if (!any)
    error = wrong;
  else if (!wrong.empty())
    GST_INFO("%s", wrong.c_str());
  return backend;
}

std::string backend_device(const BackendPtr &backend) {
  return backend ? backend->device() : "cpu";
}

}  // namespace feat
