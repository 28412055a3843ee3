// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A TorchScript model, for elements: LibTorch is loaded with the first one.
#pragma once

#include <memory>
#include <string>

#include "codecs/torch/torch_model.h"

namespace feat {

struct ModelSettings {
  std::string path;
  std::string method = "forward";
  std::string device = "auto";
  int threads = 0;
};

class Model {
 public:
  // Null: the error says why, as a sentence.
  static std::unique_ptr<Model> load(const ModelSettings &settings, std::string &error);

  // The output is the model's, until the next call. False: the error is a sentence.
  bool run(const TorchTensor &input, TorchTensor &output, std::string &error);
  std::string device() const { return model_->device(); }
  double seconds() const { return seconds_; }  // spent in run()

 private:
  Model(std::unique_ptr<TorchModel> model, std::string name)
      : model_(std::move(model)), name_(std::move(name)) {}

  std::unique_ptr<TorchModel> model_;
  std::string name_;  // for errors
  double seconds_ = 0;
};

}  // namespace feat
