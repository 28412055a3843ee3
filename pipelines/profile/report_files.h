// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The report of a profile as files: tables, JSON, and a picture where gnuplot is installed.
#pragma once

#include <string>

#include "codecs/feature/learn/learn_report.h"
#include "codecs/feature/profile.h"

namespace feat::profile {

// What a profile alone tells: nothing of the samples it was learned from.
native::LearnReport report_of(const native::ProfileData &data);

// Writes report.json, spectrum.csv, rate.csv, report.gnuplot and report.svg into `folder`, which
// is made. Returns whether there is a picture; throws Error.
bool write_report(const std::string &folder, const native::ProfileData &data,
                  const native::LearnReport &report);

// A number as short as possible without loss for people.
std::string to_text(double value);
// Text in quotes as JSON has it.
std::string to_json(const std::string &text);

}  // namespace feat::profile
