// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The process that does the work: jobs come in as lines of JSON, records go out as such. Whatever
// crashes or hangs here takes nothing else with it.
#pragma once

namespace feat::bench {

// The descriptor that records are written to: the standard output has what elements print.
inline constexpr int kResultsFile = 9;

// Reads jobs from the standard input until it ends and writes each one's record to kResultsFile.
//
//   {"do": "setup", "manifest": …, "out": …}
//   {"do": "extract", "task": …, "sample": …}            -> {}
//   {"do": "code", "task": …, "codec": …, "rate": …, "sample": …, "encoder": …, "decoder": …,
//   "clip": …,
//    "warm-up": …, "only-last-token": …, "head": …, "histogram": [min, max]} -> the record
//
// A record of something that failed is {"error": …}.
void work();

// In the worker: ends, with all that it started, when its parent does.
void follow_parent();

}  // namespace feat::bench
