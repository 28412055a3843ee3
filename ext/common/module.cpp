// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/common/module.h"

#include <dlfcn.h>
#include <gmodule.h>

#include <vector>

#include "gst/common/gstcpp.h"

namespace feat {

namespace {

// Beside the folder of the plugins, wherever they were installed to.
std::string beside_the_plugins(const std::string &name) {
  Dl_info self;
  if (dladdr(reinterpret_cast<const void *>(&beside_the_plugins), &self) == 0) return {};
  const CharPtr folder(g_path_get_dirname(self.dli_fname));
  const CharPtr file(g_build_filename(folder.get(), "..", "gst-feature", name.c_str(), nullptr));
  const CharPtr plain(g_canonicalize_filename(file.get(), nullptr));
  return plain.get();
}

// Where the module may be; what the variable says goes without others.
std::vector<std::string> places(const ModuleFile &file) {
  const gchar *given = g_getenv(file.variable);
  if (given != nullptr && *given != '\0') return {given};
  const std::string name = std::string(file.name) + "." G_MODULE_SUFFIX;
  return {beside_the_plugins(name), std::string(TORCH_MODULE_DIR G_DIR_SEPARATOR_S) + name};
}

std::string find_module(const ModuleFile &file, std::string &error) {
  std::string looked;
  for (const std::string &place : places(file)) {
    if (g_file_test(place.c_str(), G_FILE_TEST_IS_REGULAR)) return place;
    if (looked.find(place) == std::string::npos) looked += (looked.empty() ? "" : ", ") + place;
  }
  error = "The module that runs models is missing: there is no " + looked + ".";
  return {};
}

}  // namespace

bool has_module(const ModuleFile &file) {
  std::string missing;
  return !find_module(file, missing).empty();
}

gpointer open_module(const ModuleFile &file, std::string &error) {
  const std::string path = find_module(file, error);
  if (path.empty()) return nullptr;
  GModule *module = g_module_open(path.c_str(), G_MODULE_BIND_LOCAL);
  if (module == nullptr) {
    error = std::string(file.holds) + " cannot be loaded: " + g_module_error() + ".";
    return nullptr;
  }
  gpointer symbol = nullptr;
  if (!g_module_symbol(module, file.symbol, &symbol)) {
    error = path + " is not the module that is wanted: it has no " + file.symbol + ".";
    g_module_close(module);
    return nullptr;
  }
  g_module_make_resident(module);  // LibTorch does not stand being unloaded
  return symbol;
}

}  // namespace feat
