// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/model.h"

#include <glib.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <fstream>

#include "ext/taskhead/torch_loader.h"

namespace feat {

namespace {

// Why a file cannot be read; empty if it can.
std::string unreadable(const std::string &path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return g_strerror(errno);
  if (S_ISDIR(status.st_mode)) return "it is a folder";
  errno = 0;
  const std::ifstream file(path, std::ios::binary);
  return file.good() ? "" : g_strerror(errno);
}

}  // namespace

std::unique_ptr<Model> Model::load(const ModelSettings &settings, std::string &error) {
  if (settings.path.empty()) {
    error = "There is no model: the property model is not set.";
    return nullptr;
  }
  if (const std::string problem = unreadable(settings.path); !problem.empty()) {
    error = "The model " + settings.path + " cannot be read: " + problem + ".";
    return nullptr;
  }
  TorchLoad *const loader = torch_loader(error);
  if (loader == nullptr) return nullptr;
  TorchModelOptions options;
  options.path = settings.path.c_str();
  options.method = settings.method.c_str();
  options.device = settings.device.c_str();
  options.threads = settings.threads;
  TorchError problem;
  std::unique_ptr<TorchModel> model(loader(options, problem));
  if (!model) {
    error = "The model " + settings.path + " cannot be used: " + problem.text + ".";
    return nullptr;
  }
  const std::string name = settings.path + ", method " + settings.method;
  return std::unique_ptr<Model>(new Model(std::move(model), name));
}

bool Model::run(const TorchTensor &input, TorchTensor &output, std::string &error) {
  const auto begin = std::chrono::steady_clock::now();
  TorchError problem;
  const bool ok = model_->run(input, output, problem);
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!ok) error = name_ + ": " + problem.text;
  return ok;
}

}  // namespace feat
