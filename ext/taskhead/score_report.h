// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <nlohmann/json.hpp>
#include <string>

namespace feat {

// The fields of a structure as a JSON object. Numbers that are not finite, which JSON has not,
// become null.
nlohmann::ordered_json json_of(const GstStructure *structure);

// Writes it, with a line feed behind. False: the error is a sentence.
bool write_json(const std::string &path, const nlohmann::ordered_json &json, std::string &error);

}  // namespace feat
