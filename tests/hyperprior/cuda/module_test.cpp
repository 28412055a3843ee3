// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The module as elements open it, whether there is a GPU or not.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "codecs/hyperprior/entropy_backend.h"
#include "tests/unit/hyperprior_util.h"

namespace feat::hyperprior::test {
namespace {

std::unique_ptr<EntropyBackend> load(const std::vector<uint8_t> &file, const char *device,
                                     std::string &error) {
  void *module = dlopen(HYPERPRIOR_CUDA_MODULE, RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(module, nullptr) << dlerror();
  if (module == nullptr) return nullptr;
  auto *const function = reinterpret_cast<BackendLoad *>(dlsym(module, kBackendLoadName));
  EXPECT_NE(function, nullptr) << dlerror();
  if (function == nullptr) return nullptr;
  BackendError text;
  std::unique_ptr<EntropyBackend> backend(function({file.data(), file.size(), device}, text));
  EXPECT_FALSE(text.damaged);
  error = text.text;
  return backend;
}

TEST(HyperpriorCudaModule, LoadsOrSaysWhyNot) {
  const std::vector<uint8_t> file = small_model().file();
  std::string error;
  const auto backend = load(file, "auto", error);
  if (!backend) {
    EXPECT_EQ(error.substr(0, 16), "no CUDA device: ");
    EXPECT_GT(error.size(), 20U);
    EXPECT_FALSE(load(file, "cuda:1", error));
    EXPECT_EQ(error.substr(0, 16), "no CUDA device: ");
    return;
  }
  EXPECT_STREQ(backend->device(), "cuda:0");
  EXPECT_FALSE(load({file.begin(), file.begin() + 100}, "auto", error));
  EXPECT_NE(error.find("model"), std::string::npos) << error;
}

TEST(HyperpriorCudaModule, NamesThatAreNone) {
  std::string error;
  EXPECT_FALSE(load(small_model().file(), "cpu", error));
  EXPECT_EQ(error, "device=cpu is none of auto, cuda and cuda:N");
}

}  // namespace
}  // namespace feat::hyperprior::test
