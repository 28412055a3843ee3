// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "pipelines/bench/array.h"
#include "pipelines/bench/commands.h"
#include "pipelines/bench/error.h"
#include "pipelines/bench/report_files.h"

namespace feat::bench {

namespace {

struct ReportArguments {
  std::string folder;
  std::string out;
};

void report(const ReportArguments &arguments) {
  const Summary summary = summarize(arguments.folder);
  const std::string out = arguments.out.empty() ? arguments.folder : arguments.out;
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw Error(out + ": " + error.message());
  write_atomically(out + "/report.json", to_json_text(summary));
  write_atomically(out + "/report.csv", to_csv(summary));
  write_atomically(out + "/report.html", to_html(summary));
  for (const std::string &note : summary.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  std::printf("%s/report.html\n%s/report.csv\n%s/report.json\n", out.c_str(), out.c_str(),
              out.c_str());
}

}  // namespace

void add_report(CLI::App &app) {
  CLI::App *command = app.add_subcommand("report", "tables and figures of a run: HTML, CSV, JSON");
  const auto arguments = std::make_shared<ReportArguments>();
  command->add_option("DIR", arguments->folder, "the folder that run wrote to")->required();
  command->add_option("-o,--out", arguments->out, "folder to write to (default: DIR)");
  command->footer(R"(Pictures need gnuplot. A run that is still going can be reported on.

Examples:
  feature-bench report results
  feature-bench report results --out page)");
  command->callback([arguments] { report(*arguments); });
}

}  // namespace feat::bench
