// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codecs as pairs of pipeline descriptions, in which {rate} and the words below stand for what
// depends on the rate and the task.
//
//   {trunc}  featuretrunc with the task's range
//   {quant}  featurequant with the same range, 10 bits
//   {quant-all}  featurequant with the range of all values of the task
//   {pack}   featurepack with the task's packing
//   {unpack} featureunpack behind somebody else's decoder, which drops the description
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipelines/bench/manifest.h"

namespace feat::bench {

struct Codec {
  std::string name;
  std::string encoder;
  std::string decoder;
  std::vector<std::string> rates;  // none: one point, with the rate ""
  std::string conditions;          // whose range {trunc} and {quant} have: vtm, hyperprior, or none
  double range_scale = 1;          // the ablation of Table 11: the range, times this
  std::string trained_on;          // name of a task (Table 6)
  bool only_last_token = false;    // a control: the rest of the feature is zero
  bool warm_up = true;             // codes its first sample twice

  bool truncates() const { return encoder.find("{trunc}") != std::string::npos; }
};

// The codecs that are known by name, and what they are, for --help.
struct CodecName {
  const char *name;
  const char *what;
};
const std::vector<CodecName> &codec_names();
Codec codec_by_name(const std::string &name);

// "NAME=ENCODER|DECODER": a video encoder behind the same chain as vvc.
Codec codec_by_description(const std::string &text, const std::vector<std::string> &rates);
// A list of {name, encoder, decoder, rates, trained-on}.
std::vector<Codec> read_codec_file(const std::string &path);
// vvc with narrower and wider ranges (Table 11).
std::vector<Codec> truncation_ablation();

// "qp=32" where the encoder has "qp={rate}", else the value itself.
std::string rate_label(const Codec &codec, const std::string &rate);

// A task's ranges as numbers, the axis as it counts in its features.
struct Region {
  int axis = -1;
  std::vector<double> min;
  std::vector<double> max;
};
Region resolve(const Range &range, size_t dimensions, double scale);
// For gst-launch: range-min="<…>" and so on.
std::string to_properties(const Region &region);

// What depends on the task, for the words in descriptions.
struct Words {
  Region region;
  Region all;  // empty if no codec needs it
  std::string packing;
  std::string format = "F32LE";  // of the features
};
std::string expand(const std::string &description, const std::string &rate, const Words &words);

nlohmann::json to_json(const Codec &codec);

}  // namespace feat::bench
