// SPDX-License-Identifier: LGPL-2.1-or-later
//
// hyperprior-train: trains models of the Hyperprior codec.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "codecs/hyperprior/train/error_text.h"
#include "codecs/hyperprior/train/presets.h"
#include "codecs/hyperprior/train/train_command.h"

namespace {

using feat::hyperprior::train::Settings;

constexpr const char *kExamples = R"(Examples:
  hyperprior-train --features features/ --minutes 60 --checkpoint a.checkpoint --export a.hyperprior
  hyperprior-train --features features/ --minutes 60 --checkpoint a.checkpoint --resume
  hyperprior-train --preset cls-0.01 --features imagenet/ --export cls-4.hyperprior

Arrays of (H,W) and (N,C,H,W) are features, (S,T,C) are S features of T tokens. Each --features
and --pattern is a kind of feature; kinds count alike.)";

void add_data(CLI::App &app, Settings &s) {
  app.add_option("--features", s.features, "file or folder of .npy arrays; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--pattern", s.patterns,
                 "synthetic features, as featuretestsrc makes them; may be repeated")
      ->type_name("NAME:SHAPE[:COUNT]")
      ->allow_extra_args(false);
  app.add_option("--validation", s.validation,
                 "file or folder of .npy arrays that are not trained with (default: one plane in "
                 "ten of --features)")
      ->allow_extra_args(false);
  app.add_option("--conditions", s.conditions, "truncation of the paper: cls-hyperprior, ...");
  app.add_option("--range", s.range,
                 "truncation to this range (default: the least and the greatest value of a file)")
      ->type_name("LO,HI")
      ->delimiter(',')
      ->expected(2);
  app.add_option("--bits", s.bits, "of quantised values")
      ->capture_default_str()
      ->check(CLI::Range(1, 16));
  app.add_option("--max-memory", s.max_mebibytes, "MiB that planes may take")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 24));
}

void add_training(CLI::App &app, Settings &s, std::vector<int> &crop) {
  app.add_option("--architecture", s.architecture, "default or reference (the paper's)")
      ->capture_default_str();
  app.add_option("--preset", s.preset,
                 "a row of the paper's Table 7: " + feat::hyperprior::train::preset_names());
  app.add_option("--crop", crop, "size of what is cut out of planes (default: 128x128, 256x256)")
      ->type_name("HxW")
      ->delimiter('x')
      ->expected(2);
  app.add_option("--batch", s.batch, "crops in a step")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--lambda", s.lambda, "of reference: what distortion counts")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--lambda-scale", s.lambda_scale,
                 "distortion: paper (squared error of the feature's values) or code (255^2 times "
                 "that of values from 0 to 1)")
      ->capture_default_str()
      ->check(CLI::IsMember({"paper", "code"}));
  app.add_option("--learning-rate", s.learning_rate, "of Adam (default: 1e-3, reference 1e-4)")
      ->check(CLI::PositiveNumber);
  auto *steps = app.add_option("--steps", s.steps, "to train (default: 20000, or the preset's)");
  app.add_option("--minutes", s.minutes, "to train, instead of --steps")
      ->check(CLI::PositiveNumber)
      ->excludes(steps);
  app.add_option("--seed", s.seed, "of weights, crops and noise")->capture_default_str();
  app.add_option("--device", s.device, "auto, cpu, cuda, cuda:N")->capture_default_str();
  app.add_option("--precision", s.precision, "float or mixed (bfloat16 where it does no harm)")
      ->capture_default_str()
      ->check(CLI::IsMember({"float", "mixed"}));
  app.add_option("--threads", s.threads, "of the CPU (default: as LibTorch sees fit)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--latents", s.latents, "channels")->group("");
  app.add_option("--hyper-latents", s.hyper_latents, "channels")->group("");
  app.add_option("--inner", s.inner, "channels")->group("");
}

void add_results(CLI::App &app, Settings &s) {
  app.add_option("--checkpoint", s.checkpoint, "file to go on from, written now and then");
  app.add_option("--checkpoint-every", s.checkpoint_every, "steps")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  app.add_flag("--resume", s.resume, "go on from --checkpoint");
  app.add_option("--stop-after", s.stop_after, "stop after so many steps of this call")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  app.add_option("--validate-every", s.validate_every, "steps (default: 1000)")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  app.add_option("--log", s.log, "CSV file of rates, distortions and losses");
  app.add_option("--curve", s.curve, "picture of the log, .png or .svg");
  app.add_option("--export", s.export_path, "model file to write");
  app.add_flag("--export-only", s.export_only, "write the model of --checkpoint, train nothing");
  app.add_option("--name", s.name, "of the model, for people");
  app.add_option("--origin", s.origin, "where the data comes from, for people");
}

int run(int argc, char **argv) {
  CLI::App app("Trains models of the Hyperprior codec.", "hyperprior-train");
  app.footer(kExamples);
  Settings settings;
  std::vector<int> crop;
  add_data(app, settings);
  add_training(app, settings, crop);
  add_results(app, settings);
  CLI11_PARSE(app, argc, argv);
  if (!crop.empty()) {
    settings.crop_height = crop[0];
    settings.crop_width = crop[1];
  }
  feat::hyperprior::train::train(settings);
  return 0;
}

}  // namespace

int main(int argc, char **argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc &) {
    std::fputs("hyperprior-train: not enough memory\n", stderr);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "hyperprior-train: %s\n",
                 feat::hyperprior::train::error_text(error).c_str());
  }
  return 1;
}
