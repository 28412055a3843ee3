// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/gst.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <thread>

#include "pipelines/bench/commands.h"
#include "pipelines/bench/error.h"
#include "pipelines/bench/run.h"
#include "pipelines/bench/worker.h"

namespace feat::bench {

namespace {

constexpr size_t kShortSamples = 4;

struct RunArguments {
  RunOptions options;
  std::vector<std::string> codecs;
  std::vector<std::string> codec_files;
  std::vector<std::string> rates;
  std::vector<std::string> samples;
  bool is_short = false;
  bool ablation = false;
};

std::string footer() {
  std::string text = "Codecs (NAME, or NAME:RATE,RATE for other rates than its usual ones):\n";
  for (const CodecName &codec : codec_names()) {
    std::string name = codec.name;
    name.resize(16, ' ');
    text += "  " + name + codec.what + "\n";
  }
  return text + R"(  NAME=ENCODER|DECODER  any GStreamer video encoder behind the chain of vvc
Without --codec: vvc, feature, hyperprior, and last-token for csr.

A run that was stopped or killed goes on when it is started again: nothing finished is repeated,
what failed is tried again. Codecs, rates and samples can be added to a folder later.

Examples:
  feature-bench run suite.json --out results
  feature-bench run suite.json --out results --short
  feature-bench run suite.json --out results --codec vvc:22,32 --codec feature --task cls --samples 50
  feature-bench run suite.json --out results --truncation-ablation
  feature-bench run suite.json --out results --rates 20,30,40 --codec \
    'x265=x265enc key-int-max=1 tune=zerolatency option-string=qp={rate} ! h265parse|h265parse ! avdec_h265')";
}

// The two in the middle of five, so that even a short run has a curve.
std::vector<std::string> two_of(const std::vector<std::string> &rates) {
  if (rates.size() < 3) return rates;
  return {rates[1], rates[rates.size() - 2]};
}

std::vector<std::string> split(const std::string &text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
    if (parts.back().empty()) throw Error("--codec: \"" + text + "\" has an empty rate");
  }
  return parts;
}

Codec codec_of(const std::string &text, const RunArguments &arguments) {
  if (text.find('=') != std::string::npos) return codec_by_description(text, arguments.rates);
  const size_t colon = text.find(':');
  Codec codec = codec_by_name(text.substr(0, colon));
  if (colon == std::string::npos && arguments.rates.empty()) return codec;
  if (codec.rates.empty()) {
    if (colon == std::string::npos) return codec;
    throw Error("codec \"" + codec.name + "\" has no rates");
  }
  codec.rates = colon == std::string::npos ? arguments.rates : split(text.substr(colon + 1));
  return codec;
}

void collect_codecs(RunArguments &arguments) {
  std::vector<Codec> &codecs = arguments.options.codecs;
  const auto add = [&](const Codec &codec) {
    for (const Codec &other : codecs)
      if (other.name == codec.name) {
        if (to_json(other) == to_json(codec) && other.rates == codec.rates) return;
        throw Error("two codecs have the name \"" + codec.name + "\"");
      }
    codecs.push_back(codec);
  };
  add(codec_by_name("raw"));
  std::vector<std::string> names = arguments.codecs;
  if (arguments.ablation) {
    for (const char *name : {"trunc", "quant", "trunc-quant", "quant-vvc"})
      names.emplace_back(name);
    if (std::find(names.begin(), names.end(), "vvc") == names.end()) names.emplace_back("vvc");
  } else if (names.empty() && arguments.codec_files.empty()) {
    names = {"vvc", "feature"};
    if (!arguments.is_short) names.insert(names.end(), {"hyperprior", "last-token"});
  }
  for (const std::string &name : names) add(codec_of(name, arguments));
  for (const std::string &file : arguments.codec_files)
    for (const Codec &codec : read_codec_file(file)) add(codec);
  if (arguments.ablation)
    for (const Codec &codec : truncation_ablation()) add(codec);
  if (!arguments.is_short) return;
  for (Codec &codec : codecs) codec.rates = two_of(codec.rates);
}

// N, or TASK=N.
void count_samples(RunArguments &arguments) {
  for (const std::string &text : arguments.samples) {
    const size_t equals = text.find('=');
    const std::string number = equals == std::string::npos ? text : text.substr(equals + 1);
    size_t count = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (error != std::errc() || end != number.data() + number.size() || count == 0)
      throw Error("--samples is \"" + text + "\", must be a number from 1, or TASK=NUMBER");
    if (equals == std::string::npos)
      arguments.options.samples = count;
    else
      arguments.options.samples_of[text.substr(0, equals)] = count;
  }
}

void run(RunArguments &arguments) {
  gst_init(nullptr, nullptr);
  collect_codecs(arguments);
  count_samples(arguments);
  RunOptions &options = arguments.options;
  if (arguments.is_short && options.samples == 0) options.samples = kShortSamples;
  const int status = run_suite(options);
  if (status != 0) throw CLI::RuntimeError(status);
}

}  // namespace

void add_run(CLI::App &app) {
  CLI::App *command = app.add_subcommand("run", "send features through codecs and task heads");
  const auto arguments = std::make_shared<RunArguments>();
  RunOptions &options = arguments->options;
  options.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  command->add_option("SUITE", options.suite, "the suite's manifest, suite.json")->required();
  command->add_option("-o,--out", options.out, "folder for the results")->required();
  command->add_option("--codec", arguments->codecs, "a codec; may be given several times")
      ->type_name("CODEC");
  command->add_option("--codec-file", arguments->codec_files, "codecs as JSON")->type_name("FILE");
  command->add_option("--task", options.tasks, "only these tasks")->type_name("TASK");
  command->add_option("--rates", arguments->rates, "other rates, for all codecs that have any")
      ->delimiter(',')
      ->type_name("RATE,…");
  command
      ->add_option("--samples", arguments->samples,
                   "only the first N samples of each task, or of one; may be given several times")
      ->type_name("[TASK=]N");
  command->add_option("--jobs", options.jobs, "worker processes")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  command->add_option("--limit", options.limit, "seconds after which a sample is given up")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_flag("--short", arguments->is_short,
                    "4 samples, vvc and feature, two rates: to see that all works");
  command->add_flag("--truncation-ablation", arguments->ablation,
                    "what Tables 10 and 11 need: clipping and quantising alone, other ranges");
  command->add_flag("--require-metric", options.require_metric,
                    "a task without a head is an error");
  command->add_flag("--strict", options.strict, "exit status 1 if any sample failed");
  command->footer(footer());
  command->callback([arguments] { run(*arguments); });
}

void add_worker(CLI::App &app) {
  CLI::App *worker = app.add_subcommand("worker");
  worker->group("");  // not in --help
  worker->callback(work);
}

}  // namespace feat::bench
