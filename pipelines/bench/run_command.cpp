// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/commands.h"
#include "pipelines/bench/error.h"

namespace feat::bench {

void add_run(CLI::App &app) {
  CLI::App *run = app.add_subcommand("run", "features through codecs and task heads");
  run->callback([] { throw Error("run is not written yet"); });
}

}  // namespace feat::bench
