// SPDX-License-Identifier: LGPL-2.1-or-later
//
// feature-profile: learns and shows profiles of the native feature codec.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "pipelines/profile/commands.h"

namespace {

constexpr const char *kExamples = R"(Examples:
  feature-profile learn features/ -o layer30.featureprofile --name "SmolLM2-135M, layer 30"
  feature-profile learn train_140x126x512.npy -o text.featureprofile --clip -20 20 --report report
  feature-profile show text.featureprofile
  feature-profile report text.featureprofile -o report

An array of features has them in its leading dimensions: each matrix of the last two is one
feature, rows (tokens) of channels. Learn from other features than those you measure with, and
from many more rows than there are channels.)";

void add_learn(CLI::App &app, feat::profile::LearnCommand &command, std::vector<float> &clip) {
  CLI::App *learn = app.add_subcommand("learn", "learn a profile from .npy files");
  learn->add_option("FILE", command.paths, ".npy files, and folders of them")->required();
  learn->add_option("-o,--output", command.output, "profile file to write")->required();
  learn->add_option("--name", command.name, "which feature, for people");
  learn->add_option("--origin", command.origin, "what it was learned from, for people");
  learn->add_option("--clip", clip, "clip values to this range first")
      ->type_name("MIN MAX")
      ->expected(2);
  learn
      ->add_option("--max-positions", command.max_positions,
                   "rows of a feature that may get means of their own")
      ->capture_default_str()
      ->check(CLI::Range(uint32_t{0}, feat::native::kMaxProfilePositions));
  learn->add_flag("--no-positions", command.no_positions, "no row gets a mean of its own");
  learn->add_option("--components", command.components,
                    "keep that many, with the largest variances (default: all)");
  learn->add_option("--weights", command.weights,
                    ".npy file: how much an error in each channel matters");
  learn->add_option("--report", command.report, "folder for tables and a picture");
  learn->add_option("--threads", command.threads, "1 or 2")
      ->capture_default_str()
      ->check(CLI::Range(1, 2));
  learn->callback([&] {
    if (!clip.empty()) command.clip = {clip[0], clip[1]};
    feat::profile::learn(command);
  });
}

int run(int argc, char **argv) {
  CLI::App app("Profiles of the native feature codec: what was learned about one kind of feature.",
               "feature-profile");
  app.require_subcommand(1);
  app.footer(kExamples);
  feat::profile::LearnCommand command;
  std::vector<float> clip;
  add_learn(app, command, clip);

  std::string path;
  std::string folder;
  bool as_json = false;
  CLI::App *show = app.add_subcommand("show", "what a profile is, and what it promises");
  show->add_option("FILE", path, "profile file")->required();
  show->add_flag("--json", as_json, "for programs");
  show->callback([&] { feat::profile::show(path, as_json); });
  CLI::App *report = app.add_subcommand("report", "tables and a picture of a profile");
  report->add_option("FILE", path, "profile file")->required();
  report->add_option("-o,--output", folder, "folder to write to")->required();
  report->callback([&] { feat::profile::report(path, folder); });
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char **argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc &) {
    std::fputs("feature-profile: not enough memory\n", stderr);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "feature-profile: %s\n", error.what());
  }
  return 1;
}
