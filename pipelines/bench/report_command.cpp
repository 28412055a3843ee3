// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/commands.h"
#include "pipelines/bench/error.h"

namespace feat::bench {

void add_report(CLI::App &app) {
  CLI::App *report = app.add_subcommand("report", "tables and figures of a run");
  report->callback([] { throw Error("report is not written yet"); });
}

}  // namespace feat::bench
