// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The forms in which a summary is written.
#pragma once

#include <string>

#include "pipelines/bench/summary.h"

namespace feat::bench {

std::string to_json_text(const Summary &summary);
std::string to_csv(const Summary &summary);
std::string to_html(const Summary &summary);

}  // namespace feat::bench
