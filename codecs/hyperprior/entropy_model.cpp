// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/entropy_model.h"

#include <algorithm>
#include <cmath>

namespace feat::hyperprior {

namespace {

constexpr double kCodesInOctave = 16;
constexpr int kMaxStepCodes = 256;

std::vector<int32_t> integers_of(const Model &model, const std::string &name) {
  const TensorView *tensor = model.tensor(name);
  return tensor != nullptr ? tensor->integers() : std::vector<int32_t>();
}

// Null, and `wrong` is set.
std::shared_ptr<const rans::Tables> read_tables(const Model &model, const std::string &prefix,
                                                size_t wanted, std::string &wrong) {
  const std::vector<int32_t> first = integers_of(model, prefix + ".first");
  const std::vector<int32_t> raw_bits = integers_of(model, prefix + ".raw_bits");
  const std::vector<int32_t> symbols = integers_of(model, prefix + ".symbols");
  const std::vector<int32_t> frequencies = integers_of(model, prefix + ".frequencies");
  if (first.size() != wanted || raw_bits.size() != wanted || symbols.size() != wanted) {
    wrong = "it has tables " + prefix + " for " + std::to_string(first.size()) + " of " +
            std::to_string(wanted) + " distributions";
    return nullptr;
  }
  std::vector<rans::Distribution> distributions;
  size_t used = 0;
  for (size_t i = 0; i < wanted; ++i) {
    const auto count = static_cast<size_t>(std::clamp(symbols[i], 0, rans::kMaxSymbols));
    if (count > frequencies.size() - used) {
      wrong = "its tables " + prefix + " are cut off";
      return nullptr;
    }
    rans::Distribution d{first[i], raw_bits[i], {}};
    for (size_t k = 0; k < count; ++k)
      d.frequencies.push_back(static_cast<uint16_t>(std::clamp(frequencies[used + k], 0, 65535)));
    used += count;
    distributions.push_back(std::move(d));
  }
  auto tables = rans::Tables::build(distributions, wrong);
  if (!tables) wrong = "its tables " + prefix + " are broken: " + wrong;
  return tables;
}

}  // namespace

std::shared_ptr<const EntropyModel> EntropyModel::create(std::shared_ptr<const Model> model,
                                                         Status &status) {
  auto made = std::make_shared<EntropyModel>();
  made->model_ = std::move(model);
  const ModelDescription &d = made->model_->description();
  std::string wrong;
  made->thresholds_ = integers_of(*made->model_, "y.thresholds");
  const size_t scales = made->thresholds_.size() + 1;
  if (scales > rans::kMaxTables ||
      !std::is_sorted(made->thresholds_.begin(), made->thresholds_.end()))
    wrong = "its thresholds of scales do not ascend, or there are more than " +
            std::to_string(rans::kMaxTables - 1);
  if (wrong.empty()) made->network_ = IntegerNetwork::create(*made->model_, wrong);
  if (wrong.empty()) made->y_tables_ = read_tables(*made->model_, "y", scales, wrong);
  if (wrong.empty())
    made->z_tables_ = read_tables(*made->model_, "z", static_cast<size_t>(d.hyper_latents), wrong);
  if (!wrong.empty()) {
    status = {Status::Code::kCorrupt, "the model is broken: " + wrong};
    return nullptr;
  }
  if (!d.steps.empty()) {
    made->gains_ = made->model_->tensor("gains")->floats();
    const double octaves = std::log2(double{d.steps.back()} / double{d.steps.front()});
    made->step_codes_ =
        std::min(kMaxStepCodes, static_cast<int>(std::floor(octaves * kCodesInOctave + 1e-3)) + 1);
  }
  status = {};
  return made;
}

void EntropyModel::predict(std::span<const int32_t> z, int height, int width, int threads,
                           std::vector<uint8_t> &tables, std::vector<int32_t> &means,
                           PhaseRow *kernel) const {
  const ModelDescription &d = model_->description();
  const int ratio = d.hyper_stride / d.latent_stride;
  const size_t row =
      static_cast<size_t>(width) * static_cast<size_t>(ratio) * static_cast<size_t>(d.latents);
  const size_t count = row * static_cast<size_t>(height) * static_cast<size_t>(ratio);
  tables.resize(count);
  means.resize(d.means ? count : 0);
  network_->run(
      z, height, width, threads,
      [&](int y, const int32_t *values) {
        uint8_t *table = tables.data() + static_cast<size_t>(y) * row;
        int32_t *mean = d.means ? means.data() + static_cast<size_t>(y) * row : nullptr;
        for (size_t i = 0; i < row; i += static_cast<size_t>(d.latents)) {
          for (int c = 0; c < d.latents; ++c)
            *table++ = static_cast<uint8_t>(
                std::upper_bound(thresholds_.begin(), thresholds_.end(), values[c]) -
                thresholds_.begin());
          if (mean != nullptr) mean = std::copy_n(values + d.latents, d.latents, mean);
          values += network_->outputs();
        }
      },
      kernel);
}

int EntropyModel::step_code(double step) const {
  const ModelDescription &d = model_->description();
  if (d.steps.empty() || !(step > 0)) return 0;
  const double code = kCodesInOctave * std::log2(step / double{d.steps.front()});
  return static_cast<int>(std::lround(std::clamp(code, 0.0, step_codes_ - 1.0)));
}

std::vector<float> EntropyModel::gains(int step_code) const {
  const ModelDescription &d = model_->description();
  const auto latents = static_cast<size_t>(d.latents);
  std::vector<float> gains(latents, 1.0F);
  if (d.steps.empty()) return gains;
  const double step = double{d.steps.front()} * std::exp2(step_code / kCodesInOctave);
  size_t above = 0;
  while (above + 1 < d.steps.size() && double{d.steps[above]} < step) ++above;
  const size_t below = above > 0 ? above - 1 : 0;
  double part = 0;
  if (above > below)
    part = std::clamp(std::log(step / double{d.steps[below]}) /
                          std::log(double{d.steps[above]} / double{d.steps[below]}),
                      0.0, 1.0);
  for (size_t c = 0; c < latents; ++c) {
    const double low = std::log(double{gains_[below * latents + c]});
    const double high = std::log(double{gains_[above * latents + c]});
    gains[c] = static_cast<float>(std::exp(low + part * (high - low)));
  }
  return gains;
}

}  // namespace feat::hyperprior
