// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/torch_loader.h"

#include <dlfcn.h>
#include <gmodule.h>

#include <mutex>
#include <vector>

#include "gst/common/gstcpp.h"

namespace feat {

namespace {

constexpr const char *kFileName = "libgstfeature-torch." G_MODULE_SUFFIX;
constexpr const char *kVariable = "GST_FEATURE_TORCH_MODULE";

// Beside the folder of the plugins, wherever they were installed to.
std::string beside_the_plugins() {
  Dl_info self;
  if (dladdr(reinterpret_cast<const void *>(&beside_the_plugins), &self) == 0) return {};
  const CharPtr folder(g_path_get_dirname(self.dli_fname));
  const CharPtr file(g_build_filename(folder.get(), "..", "gst-feature", kFileName, nullptr));
  const CharPtr plain(g_canonicalize_filename(file.get(), nullptr));
  return plain.get();
}

// Where the module may be; what the variable says goes without others.
std::vector<std::string> places() {
  const gchar *given = g_getenv(kVariable);
  if (given != nullptr && *given != '\0') return {given};
  return {beside_the_plugins(), std::string(TORCH_MODULE_DIR G_DIR_SEPARATOR_S) + kFileName};
}

std::string find_module(std::string &error) {
  std::string looked;
  for (const std::string &place : places()) {
    if (g_file_test(place.c_str(), G_FILE_TEST_IS_REGULAR)) return place;
    if (looked.find(place) == std::string::npos) looked += (looked.empty() ? "" : ", ") + place;
  }
  error = "The module that runs models is missing: there is no " + looked + ".";
  return {};
}

TorchLoad *open_module(const std::string &path, std::string &error) {
  GModule *module = g_module_open(path.c_str(), G_MODULE_BIND_LOCAL);
  if (module == nullptr) {
    error = std::string("LibTorch cannot be loaded: ") + g_module_error() + ".";
    return nullptr;
  }
  gpointer symbol = nullptr;
  if (!g_module_symbol(module, kTorchLoadName, &symbol)) {
    error = path + " is not the module that runs models: it has no " + kTorchLoadName + ".";
    g_module_close(module);
    return nullptr;
  }
  g_module_make_resident(module);  // LibTorch does not stand being unloaded
  return reinterpret_cast<TorchLoad *>(symbol);
}

}  // namespace

TorchLoad *torch_loader(std::string &error) {
  static std::mutex mutex;
  static TorchLoad *loader = nullptr;
  const std::lock_guard lock(mutex);
  if (loader == nullptr) {
    const std::string path = find_module(error);
    if (!path.empty()) loader = open_module(path, error);
  }
  return loader;
}

}  // namespace feat
