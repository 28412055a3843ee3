// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Tables 4 and 7 of "Feature Coding in the Era of Large Models". What they leave open:
// - The fourth lambda of csr is 0.15 in Table 7 and 0.07 in Table 8. Both are here.
// - No batch is given. CompressAI's example, after which the paper's training is made, takes 16;
//   so many steps are an epoch of Table 7's number of samples.
#include "codecs/hyperprior/train/presets.h"

#include "codecs/hyperprior/train/error.h"

namespace feat::hyperprior::train {

namespace {

struct Row {
  const char *task;
  uint64_t samples;
  int crop_height;
  int crop_width;
  uint64_t epochs;
  double learning_rate;
  const char *lambdas[6];
};

constexpr Row kRows[] = {
    {"cls", 5000, 256, 256, 800, 1e-4, {"0.001", "0.0017", "0.003", "0.0035", "0.01"}},
    {"seg", 5000, 256, 256, 800, 1e-4, {"0.0005", "0.001", "0.003", "0.007", "0.015"}},
    {"dpt", 20000, 256, 256, 200, 1e-4, {"0.001", "0.005", "0.02", "0.05", "0.12"}},
    {"csr", 6000, 64, 4096, 200, 1e-4, {"0.01405", "0.0142", "0.015", "0.07", "0.15", "10"}},
    {"tti", 50000, 512, 512, 60, 1e-4, {"0.005", "0.01", "0.02", "0.05", "0.2"}},
};

template <typename Use>
void for_each(const Use &use) {
  for (const Row &row : kRows)
    for (const char *lambda : row.lambdas)
      if (lambda != nullptr) use(row, std::string(row.task) + "-" + lambda, std::stod(lambda));
}

}  // namespace

std::string preset_names() {
  std::string names;
  for_each([&](const Row &, const std::string &name, double) {
    names += (names.empty() ? "" : ", ") + name;
  });
  return names;
}

void apply_preset(Settings &settings) {
  if (settings.preset.empty()) return;
  bool known = false;
  for_each([&](const Row &row, const std::string &name, double lambda) {
    if (name != settings.preset) return;
    known = true;
    settings.architecture = "reference";
    settings.lambda = lambda;
    const auto set = [](auto &value, auto preset) {
      if (value == 0) value = preset;
    };
    if (settings.conditions.empty() && settings.range.empty())
      settings.conditions = std::string(row.task) + "-hyperprior";
    if (settings.crop_height == 0) {
      settings.crop_height = row.crop_height;
      settings.crop_width = row.crop_width;
    }
    set(settings.learning_rate, row.learning_rate);
    const uint64_t epoch = row.samples / static_cast<uint64_t>(settings.batch);
    if (settings.minutes == 0) set(settings.steps, row.epochs * epoch);
    set(settings.validate_every, epoch);
    if (settings.name.empty()) settings.name = name;
  });
  if (!known) throw Error("--preset " + settings.preset + " is none of " + preset_names());
}

}  // namespace feat::hyperprior::train
