// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A module in place of libgstfeature-hyperprior-cuda: the backend of the CPU under another name.
#include "codecs/hyperprior/cpu_backend.h"

using namespace feat::hyperprior;

namespace {

class PlainBackend final : public EntropyBackend {
 public:
  explicit PlainBackend(std::shared_ptr<const EntropyModel> model) : cpu_(std::move(model)) {}

  bool decode(const CodedLatents &coded, int z_height, int z_width, const float *gains, FloatMap &y,
              BackendError &error) override {
    return cpu_.decode(coded, z_height, z_width, gains, y, error);
  }
  bool encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
              BackendError &error) override {
    return cpu_.encode(y, z, weigh, coded, error);
  }
  LatentBits bits() override { return cpu_.bits(); }
  const char *device() const override { return "plain"; }

 private:
  CpuBackend cpu_;
};

}  // namespace

extern "C" __attribute__((visibility("default"))) EntropyBackend *gst_feature_hyperprior_cuda_load(
    const BackendOptions &options, BackendError &error) {
  Status status;
  std::shared_ptr<const EntropyModel> entropy;
  const auto model = Model::load({options.model, options.model_bytes}, status);
  if (model) entropy = EntropyModel::create(model, status);
  if (entropy) return new PlainBackend(std::move(entropy));
  fail(error, status.message);
  return nullptr;
}
