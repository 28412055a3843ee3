// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/device.h"

#include "codecs/hyperprior/train/error.h"
#include "codecs/torch/device_of.h"
#include "codecs/torch/guarded.h"

namespace feat::hyperprior::train {

c10::Device device_of(const std::string &name) {
  try {
    return feat::device_of(name);
  } catch (const Failure &failure) {
    throw Error("--" + failure.text);
  }
}

}  // namespace feat::hyperprior::train
