// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The forms in which findings are written.
#pragma once

#include <string>
#include <vector>

#include "pipelines/bench/analyse_series.h"

namespace feat::bench {

// Writes analysis.html, analysis.json, statistics.csv, histogram.csv and blocks.csv.
void write_analysis(const std::string &folder, const std::vector<Findings> &all,
                    const AnalyseOptions &options);

}  // namespace feat::bench
