// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The sections of the page, each named after the table or figure that it reproduces.
#pragma once

#include <string>
#include <vector>

#include "pipelines/bench/summary.h"

namespace feat::bench {

struct Section {
  std::string id;
  std::string title;
  std::string html;
};

// The curves of a task that are compared with each other: not the ablations, and no codec that was
// trained on another task.
std::vector<const Curve *> main_curves(const TaskSummary &task);
// The same colour for a codec in every picture.
int colour_of(const Summary &summary, const std::string &codec);

Section rate_and_metric(const Summary &summary);    // Table 3
Section accuracy_drop(const Summary &summary);      // Fig. 5
Section distortion_metric(const Summary &summary);  // Table 5
Section generalisation(const Summary &summary);     // Table 6, Fig. 6
Section times(const Summary &summary);              // Table 8
Section ablation(const Summary &summary);           // Tables 10, 11
Section bd_rates(const Summary &summary);
Section histograms(const Summary &summary);  // Fig. 7

}  // namespace feat::bench
