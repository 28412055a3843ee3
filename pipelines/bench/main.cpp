// SPDX-License-Identifier: LGPL-2.1-or-later
//
// feature-bench: features through codecs and task heads, to tables and figures.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "pipelines/bench/commands.h"

namespace {

constexpr const char *kExamples = R"(Examples:
  feature-bench run pipelines/suite/data/suite.json --out results --short
  feature-bench report results
  feature-bench analyse features/ --out analysis

feature-bench COMMAND --help tells more.)";

int run(int argc, char **argv) {
  CLI::App app("Features through codecs and task heads, to the tables and figures of a benchmark.",
               "feature-bench");
  app.require_subcommand(1);
  app.footer(kExamples);
  feat::bench::add_run(app);
  feat::bench::add_report(app);
  feat::bench::add_analyse(app);
  feat::bench::add_worker(app);
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace

int main(int argc, char **argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc &) {
    std::fputs("feature-bench: not enough memory\n", stderr);
  } catch (const std::exception &error) {
    std::fprintf(stderr, "feature-bench: %s\n", error.what());
  }
  return 1;
}
