// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/torch_loader.h"

#include <mutex>

#include "ext/common/module.h"

namespace feat {

TorchLoad *torch_loader(std::string &error) {
  static std::mutex mutex;
  static TorchLoad *loader = nullptr;
  const std::lock_guard lock(mutex);
  if (loader == nullptr) {
    constexpr ModuleFile kFile = {"libgstfeature-torch", "GST_FEATURE_TORCH_MODULE",
                                  kTorchLoadName};
    loader = reinterpret_cast<TorchLoad *>(open_module(kFile, error));
  }
  return loader;
}

}  // namespace feat
