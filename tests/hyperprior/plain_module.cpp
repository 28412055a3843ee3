// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A module in place of libgstfeature-hyperprior: plain transforms, which need no LibTorch.
#include <cstdio>
#include <cstring>

#include "tests/hyperprior/plain_transforms.h"

using namespace feat::hyperprior;

extern "C" __attribute__((visibility("default"))) Transforms *gst_feature_hyperprior_load(
    const TransformsOptions &options, TransformsError &error) {
  if (std::strcmp(options.device, "auto") != 0 && std::strcmp(options.device, "cpu") != 0) {
    std::snprintf(error.text, sizeof error.text, "device=%s: there is no such device",
                  options.device);
    return nullptr;
  }
  Status status;
  auto model = Model::load({options.model, options.model_bytes}, status);
  if (model) return new test::PlainTransforms(std::move(model));
  std::snprintf(error.text, sizeof error.text, "%s", status.message.c_str());
  return nullptr;
}
