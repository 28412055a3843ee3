// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The subcommands of feature-bench. Each function adds one; its callback does the work, throws
// Error with one sentence, or CLI::RuntimeError with an exit status when everything is said
// already.
#pragma once

#include <CLI/CLI.hpp>

namespace feat::bench {

void add_run(CLI::App &app);
void add_report(CLI::App &app);
void add_analyse(CLI::App &app);
void add_worker(CLI::App &app);  // what run starts; not for people

}  // namespace feat::bench
