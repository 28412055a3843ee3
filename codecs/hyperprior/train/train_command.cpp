// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/train_command.h"

#include <ATen/Parallel.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "codecs/hyperprior/train/architecture.h"
#include "codecs/hyperprior/train/checkpoint.h"
#include "codecs/hyperprior/train/conditions.h"
#include "codecs/hyperprior/train/dataset.h"
#include "codecs/hyperprior/train/device.h"
#include "codecs/hyperprior/train/error.h"
#include "codecs/hyperprior/train/integer_cost.h"
#include "codecs/hyperprior/train/presets.h"
#include "codecs/hyperprior/train/trained_model.h"
#include "codecs/hyperprior/train/trainer.h"

namespace feat::hyperprior::train {

namespace {

constexpr int kMaxCrop = 8192;

void check_crop(int side, int alignment) {
  if (side < alignment || side > kMaxCrop || side % alignment != 0)
    throw Error("--crop: a side of " + std::to_string(side) + " is no multiple of " +
                std::to_string(alignment) + " up to " + std::to_string(kMaxCrop));
}

// Fills in what neither the command line nor the preset says.
void complete(Settings &s, const ModelDescription &model) {
  const bool reference = s.architecture == "reference";
  const auto set = [](auto &value, auto usual) {
    if (value == 0) value = usual;
  };
  set(s.crop_height, reference ? 256 : 128);
  set(s.crop_width, reference ? 256 : 128);
  set(s.learning_rate, reference ? 1e-4 : 1e-3);
  if (s.minutes == 0) set(s.steps, uint64_t{20000});
  set(s.validate_every, uint64_t{1000});
  check_crop(s.crop_height, model.alignment);
  check_crop(s.crop_width, model.alignment);
  if (!s.conditions.empty() && !s.range.empty())
    throw Error("--conditions and --range both say how features are truncated; one will do");
  if (!s.range.empty() && !(s.range[0] < s.range[1]))
    throw Error("--range: its lower end is not below its upper end");
  if (s.resume && s.checkpoint.empty())
    throw Error("--resume goes on from --checkpoint, which is missing");
  if (s.export_only && (s.checkpoint.empty() || s.export_path.empty()))
    throw Error("--export-only takes --checkpoint and writes --export; one of them is missing");
  if (!s.curve.empty() && s.log.empty())
    throw Error("--curve is drawn from --log, which is missing");
  if (!s.export_only && s.features.empty() && s.patterns.empty())
    throw Error("there is nothing to train with: neither --features nor --pattern is given");
  if (!s.export_only && s.export_path.empty() && s.checkpoint.empty())
    throw Error("nothing would be left of the training: give --export or --checkpoint");
}

Ranges truncation(const Settings &s) {
  if (!s.conditions.empty()) return ranges_of(s.conditions);
  if (!s.range.empty()) return {{s.range[0]}, {s.range[1]}, -1};
  return {};
}

void load(const Settings &s, Dataset &data, Dataset &validation) {
  const Ranges ranges = truncation(s);
  for (const std::string &path : s.features) data.add_files(path, ranges, s.bits);
  for (const std::string &pattern : s.patterns) data.add_pattern(pattern, ranges, s.bits, s.seed);
  for (const std::string &path : s.validation) validation.add_files(path, ranges, s.bits);
}

std::string origin_of(const Settings &s, const Dataset &data) {
  std::string text = s.origin.empty() ? "" : s.origin + "; ";
  text += "trained on";
  for (size_t i = 0; i < data.names().size(); ++i) text += (i == 0 ? " " : ", ") + data.names()[i];
  if (!s.conditions.empty()) text += " (" + s.conditions + ")";
  if (s.architecture == "reference") {
    char lambda[64];
    std::snprintf(lambda, sizeof lambda, ", lambda %g (%s)", s.lambda, s.lambda_scale.c_str());
    text += lambda;
  }
  return text + "; seed " + std::to_string(s.seed) + ", " + device_of(s.device).str();
}

void export_model(const Settings &s, ModelDescription model, const Checkpoint &checkpoint) {
  char time[64];
  std::snprintf(time, sizeof time, ", %llu steps, %.1f minutes",
                static_cast<unsigned long long>(checkpoint.step), checkpoint.seconds / 60);
  model.origin = checkpoint.origin + time;
  if (!s.name.empty()) model.name = s.name;
  Weights trained;
  for (const auto &[name, initial] : initial_weights(model, 0)) {
    const auto found = checkpoint.tensors.find(name);
    if (found == checkpoint.tensors.end() || found->second.sizes() != initial.sizes())
      throw Error(s.checkpoint + ": the checkpoint has no tensor " + name + " of the right shape");
    trained[name] = found->second;
  }
  const std::vector<at::Tensor> examples = example_planes(checkpoint);
  const std::vector<uint8_t> bytes = make_model_file(model, trained, examples);
  std::ofstream file(s.export_path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Error(s.export_path + ": cannot be written");
  std::printf("%s: %zu bytes; %s\n", s.export_path.c_str(), bytes.size(), model.origin.c_str());
  std::printf("hyper-synthesis in integers instead of floating point: %+.3f %% bits of latents\n",
              integer_cost(model, trained, bytes, examples).percent());
}

// The architecture that a checkpoint was made with.
ModelDescription architecture_of(const Checkpoint &checkpoint) {
  const auto text = [&](const char *name) {
    const auto found = checkpoint.settings.find(name);
    return found == checkpoint.settings.end() ? std::string() : found->second;
  };
  return describe(text("architecture"),
                  {std::atoi(text("latents").c_str()), std::atoi(text("hyper-latents").c_str()),
                   std::atoi(text("inner").c_str())});
}

void check_new_checkpoint(const Settings &s) {
  std::error_code error;
  if (!s.checkpoint.empty() && std::filesystem::exists(s.checkpoint, error))
    throw Error(s.checkpoint + ": there is a checkpoint already; --resume goes on from it");
}

}  // namespace

void train(Settings s) {
  apply_preset(s);
  const ModelDescription model = describe(s.architecture, {s.latents, s.hyper_latents, s.inner});
  complete(s, model);
  if (s.threads > 0) at::set_num_threads(s.threads);
  if (s.export_only) {
    const Checkpoint checkpoint = read_checkpoint(s.checkpoint);
    export_model(s, architecture_of(checkpoint), checkpoint);
    return;
  }
  const bool feature_errors = s.architecture == "reference" && s.lambda_scale == "paper";
  Dataset data(model, s.max_mebibytes << 20, feature_errors);
  Dataset validation(model, s.max_mebibytes << 20, feature_errors);
  if (!s.resume) check_new_checkpoint(s);
  load(s, data, validation);
  const bool own_validation = !s.validation.empty();
  const Dataset held = own_validation ? Dataset(model, 0, false) : data.hold_out();
  const Dataset &measured = own_validation ? validation : held;
  std::printf("%zu planes, %.1f million points; %zu planes to validate\n", data.planes().size(),
              static_cast<double>(data.points()) / 1e6, measured.planes().size());
  Trainer trainer(s, model, data, measured);
  trainer.begin(origin_of(s, data));
  if (s.resume) trainer.resume(read_checkpoint(s.checkpoint));
  trainer.run();
  if (!s.export_path.empty()) export_model(s, model, trainer.checkpoint());
  if (!s.curve.empty() && !draw_log(s.log, s.curve))
    std::fprintf(stderr, "%s: no picture, because gnuplot is missing or failed\n", s.curve.c_str());
}

}  // namespace feat::hyperprior::train
