// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Networks without LibTorch, for tests: convolutions whose blocks do not overlap, and absolute
// values, which is what tiny_model.h is made of.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/model.h"
#include "codecs/hyperprior/transforms.h"

namespace test {

class PlainTransforms final : public feat::hyperprior::Transforms {
 public:
  explicit PlainTransforms(std::shared_ptr<const feat::hyperprior::Model> model);

  bool analyse(const feat::hyperprior::FloatMap &plane, feat::hyperprior::FloatMap &y,
               feat::hyperprior::TransformsError &error) override;
  bool hyper_analyse(const feat::hyperprior::FloatMap &y, feat::hyperprior::FloatMap &z,
                     feat::hyperprior::TransformsError &error) override;
  bool synthesise(const feat::hyperprior::FloatMap &y, feat::hyperprior::FloatMap &plane,
                  feat::hyperprior::TransformsError &error) override;
  const char *device() const override { return "plain"; }

 private:
  bool run(const feat::hyperprior::Network &network, const feat::hyperprior::FloatMap &in,
           feat::hyperprior::FloatMap &out, feat::hyperprior::TransformsError &error);

  std::shared_ptr<const feat::hyperprior::Model> model_;
  std::map<std::string, std::vector<float>> weights_;
  std::vector<float> values_;
};

}  // namespace test
