// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/transforms_loader.h"

#include <mutex>

#include "ext/common/module.h"
#include "gst/common/sentence.h"

namespace feat {

namespace {

using hyperprior::TransformsLoad;

TransformsLoad *transforms_loader(std::string &error) {
  static std::mutex mutex;
  static TransformsLoad *loader = nullptr;
  const std::lock_guard lock(mutex);
  if (loader == nullptr) {
    constexpr ModuleFile kFile = {"libgstfeature-hyperprior", "GST_FEATURE_HYPERPRIOR_MODULE",
                                  hyperprior::kTransformsLoadName};
    loader = reinterpret_cast<TransformsLoad *>(open_module(kFile, error));
  }
  return loader;
}

}  // namespace

std::string open_transforms() {
  std::string error;
  return transforms_loader(error) != nullptr ? std::string() : error;
}

TransformsPtr load_transforms(const LoadedModel &model, const std::string &device, int threads,
                              std::string &error) {
  TransformsLoad *const loader = transforms_loader(error);
  if (loader == nullptr) return nullptr;
  hyperprior::TransformsOptions options;
  options.model = model.file.data();
  options.model_bytes = model.file.size();
  options.device = device.c_str();
  options.threads = threads;
  hyperprior::TransformsError problem;
  TransformsPtr transforms(loader(options, problem));
  if (!transforms) {
    error = "The networks of the model " + model.model().description().name +
            " cannot be used: " + without_stop(problem.text) + ".";
  }
  return transforms;
}

}  // namespace feat
