// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/codecs.h"

#include <gst/feature/gstfeature.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "pipelines/bench/error.h"

namespace feat::bench {

namespace {

using Json = nlohmann::json;

constexpr const char *kChain = "{trunc} ! {quant} ! {pack}";
constexpr const char *kUnchain = "featureunpack ! featuredequant";

const std::vector<std::string> &qps() {
  static const std::vector<std::string> all = {"22", "27", "32", "37", "42"};
  return all;
}

Codec vvc_codec(const std::string &name, const std::string &backend) {
  return {.name = name,
          .encoder = std::string(kChain) + " ! vvcfeatenc qp={rate} threads=1" + backend,
          .decoder = std::string("vvcfeatdec threads=1 ! ") + kUnchain,
          .rates = qps(),
          .conditions = "vtm"};
}

Codec native_codec(const std::string &name, const std::string &before) {
  return {.name = name,
          .encoder = before + "featureenc quality={rate} threads=1",
          .decoder = "featuredec threads=1",
          .rates = {"62", "55", "48", "41", "34"}};
}

void replace(std::string &text, const std::string &word, const std::string &by) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size()))
    text.replace(at, word.size(), by);
}

std::string number(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  std::string result = text.str();
  if (result.find_first_of(".e") == std::string::npos) result += ".0";  // of type double
  return result;
}

std::string list(const std::vector<double> &values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ",") + number(value);
  return "\"<" + text + ">\"";
}

std::string trimmed(const std::string &text) {
  const size_t from = text.find_first_not_of(" \t\n");
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\n") - from + 1);
}

void check_name(const std::string &name, const std::string &where) {
  if (name.empty() || name.find_first_of(" \"\\/\n\t") != std::string::npos)
    throw Error(where + ": the codec's name is \"" + name +
                "\", must be a word without blanks, slashes and quotation marks");
}

std::string rate_text(const Json &rate) {
  if (rate.is_string()) return rate.get<std::string>();
  return rate.is_number() ? rate.dump() : std::string();
}

Codec codec_of_json(const Json &json, const std::string &where) {
  if (!json.is_object()) throw Error(where + ": a codec must be an object, {…}");
  static const std::set<std::string> known = {"name",  "encoder",    "decoder",
                                              "rates", "trained-on", "conditions"};
  Codec codec;
  for (const auto &[key, value] : json.items()) {
    if (!known.contains(key)) throw Error(where + ": there is no key \"" + key + "\"");
    if ((key == "rates") != value.is_array() || (key != "rates" && !value.is_string()))
      throw Error(where + ": \"" + key + "\" is " + value.dump() + ", must be a " +
                  (key == "rates" ? "list" : "text"));
  }
  const auto text = [&](const char *key) { return json.value(key, std::string()); };
  codec.name = text("name");
  codec.encoder = text("encoder");
  codec.decoder = text("decoder");
  codec.trained_on = text("trained-on");
  codec.conditions = text("conditions");
  check_name(codec.name, where);
  if (codec.encoder.empty() || codec.decoder.empty())
    throw Error(where + ": codec \"" + codec.name + "\" has no \"encoder\" or no \"decoder\"");
  if (codec.conditions.empty()) codec.conditions = "vtm";
  if (codec.conditions != "vtm" && codec.conditions != "hyperprior")
    throw Error(where + ": \"conditions\" is \"" + codec.conditions +
                "\", must be vtm or hyperprior");
  for (const Json &rate : json.value("rates", Json::array())) {
    codec.rates.push_back(rate_text(rate));
    if (codec.rates.back().empty())
      throw Error(where + ": rate " + rate.dump() + " of codec \"" + codec.name +
                  "\" is neither a number nor a text");
  }
  return codec;
}

}  // namespace

const std::vector<CodecName> &codec_names() {
  static const std::vector<CodecName> names = {
      {"raw", "the feature as it is; always there, for comparison"},
      {"vvc", "clipped, 10 bits, packed, H.266 by this project"},
      {"vtm", "the same by the reference software VTM, which must be in PATH; slow"},
      {"feature", "the project's own codec, unclipped"},
      {"feature-clipped", "the same behind the clipping of vvc"},
      {"hyperprior", "the learned codec"},
      {"last-token", "control for csr: raw, all but the last token's features zero"},
      {"trunc", "clipping alone (Table 10)"},
      {"quant", "10 bits over the whole range alone (Table 10)"},
      {"trunc-quant", "clipping and 10 bits alone (Table 10)"},
      {"quant-vvc", "10 bits over the whole range, packed, vvc at QP 22 (Table 10)"},
  };
  return names;
}

Codec codec_by_name(const std::string &name) {
  if (name == "raw") return {.name = name, .encoder = "identity", .decoder = "identity"};
  if (name == "vvc") return vvc_codec(name, "");
  if (name == "vtm") {
    Codec codec = vvc_codec(name, " backend=vtm");
    codec.warm_up = false;  // a process for each sample: there is nothing to warm
    return codec;
  }
  if (name == "feature") return native_codec(name, "");
  if (name == "feature-clipped") {
    Codec codec = native_codec(name, "{trunc} ! ");
    codec.conditions = "vtm";
    return codec;
  }
  if (name == "hyperprior")
    return {.name = name,
            .encoder = std::string(kChain) + " ! hyperpriorenc quality={rate} threads=1",
            .decoder = std::string("hyperpriordec threads=1 ! ") + kUnchain,
            .rates = {"0.45", "0.36", "0.28", "0.2", "0.12"},
            .conditions = "hyperprior"};
  if (name == "last-token")
    return {.name = name, .encoder = "identity", .decoder = "identity", .only_last_token = true};
  if (name == "trunc")
    return {.name = name, .encoder = "{trunc}", .decoder = "identity", .conditions = "vtm"};
  if (name == "quant") return {.name = name, .encoder = "{quant-all}", .decoder = "featuredequant"};
  if (name == "trunc-quant")
    return {.name = name,
            .encoder = "{trunc} ! {quant}",
            .decoder = "featuredequant",
            .conditions = "vtm"};
  if (name == "quant-vvc")
    return {.name = name,
            .encoder = "{quant-all} ! {pack} ! vvcfeatenc qp={rate} threads=1",
            .decoder = std::string("vvcfeatdec threads=1 ! ") + kUnchain,
            .rates = {"22"}};
  std::string all;
  for (const CodecName &known : codec_names())
    all += (all.empty() ? "" : ", ") + std::string(known.name);
  throw Error("there is no codec \"" + name + "\"; there are " + all +
              ", and NAME=ENCODER|DECODER describes another one");
}

Codec codec_by_description(const std::string &text, const std::vector<std::string> &rates) {
  const size_t equals = text.find('=');
  const size_t bar = text.find('|');
  if (equals == std::string::npos || bar == std::string::npos || bar < equals ||
      text.find('|', bar + 1) != std::string::npos)
    throw Error("codec \"" + text + "\" must be NAME=ENCODER|DECODER");
  const std::string encoder = trimmed(text.substr(equals + 1, bar - equals - 1));
  const std::string decoder = trimmed(text.substr(bar + 1));
  Codec codec;
  codec.name = trimmed(text.substr(0, equals));
  check_name(codec.name, "--codec");
  if (encoder.empty() || decoder.empty())
    throw Error("codec \"" + codec.name + "\" has no encoder or no decoder");
  // Encoders want a frame rate.
  codec.encoder = std::string(kChain) + " ! video/x-raw,framerate=1/1 ! " + encoder;
  codec.decoder = decoder + " ! {unpack} ! featuredequant";
  codec.conditions = "vtm";
  if (encoder.find("{rate}") != std::string::npos) codec.rates = rates.empty() ? qps() : rates;
  return codec;
}

std::vector<Codec> read_codec_file(const std::string &path) {
  std::ifstream file(path);
  if (!file) throw Error(path + ": cannot be opened");
  Json json;
  try {
    json = Json::parse(file);
  } catch (const Json::parse_error &error) {
    throw Error(path + ": this is not JSON: byte " + std::to_string(error.byte) +
                " cannot stand there");
  }
  if (!json.is_array() || json.empty()) throw Error(path + ": must be a list of codecs");
  std::vector<Codec> codecs;
  for (const Json &item : json) codecs.push_back(codec_of_json(item, path));
  return codecs;
}

std::vector<Codec> truncation_ablation() {
  std::vector<Codec> codecs;
  for (const auto &[name, scale] : {std::pair{"vvc-narrow", 0.25}, std::pair{"vvc-wide", 1.5}}) {
    Codec codec = vvc_codec(name, "");
    codec.range_scale = scale;
    codec.rates = {"27", "32", "37"};
    codecs.push_back(codec);
  }
  return codecs;
}

std::string rate_label(const Codec &codec, const std::string &rate) {
  const size_t at = codec.encoder.find("={rate}");
  if (rate.empty() || at == std::string::npos) return rate;
  if (at == 0) return rate;
  const size_t before = codec.encoder.find_last_of(" ,:=\"", at - 1);
  const size_t from = before == std::string::npos ? 0 : before + 1;
  return codec.encoder.substr(from, at - from) + "=" + rate;
}

Region resolve(const Range &range, size_t dimensions, double scale) {
  Region region{range.axis, range.min, range.max};
  if (!range.conditions.empty()) {
    const GstFeatureConditionsRow *row = nullptr;
    for (int i = 0; i < 64 && row == nullptr; ++i) {
      row = gst_feature_conditions_get_row(static_cast<GstFeatureConditions>(i));
      if (row != nullptr && range.conditions != row->name) row = nullptr;
    }
    if (row == nullptr) throw Error("there are no test conditions \"" + range.conditions + "\"");
    region.min.assign(row->range_min, row->range_min + row->n_ranges);
    region.max.assign(row->range_max, row->range_max + row->n_ranges);
    // The row counts in (N,C,H,W).
    region.axis = row->range_axis < 0 ? -1 : row->range_axis + static_cast<int>(dimensions) - 4;
  }
  // As in Table 11: where the layers have ranges of their own, the first half keeps them.
  const size_t first = region.min.size() > 1 ? region.min.size() / 2 : 0;
  for (size_t i = first; i < region.min.size(); ++i) {
    region.min[i] *= scale;
    region.max[i] *= scale;
  }
  return region;
}

std::string to_properties(const Region &region) {
  std::string text = "range-min=" + list(region.min) + " range-max=" + list(region.max);
  if (region.axis >= 0) text += " range-axis=" + std::to_string(region.axis);
  return text;
}

std::string expand(const std::string &description, const std::string &rate, const Words &words) {
  std::string text = description;
  replace(text, "{rate}", rate);
  replace(text, "{trunc}", "featuretrunc " + to_properties(words.region));
  replace(text, "{quant}", "featurequant bit-depth=10 " + to_properties(words.region));
  replace(text, "{quant-all}", "featurequant bit-depth=10 " + to_properties(words.all));
  replace(text, "{pack}",
          words.packing.empty() ? "featurepack" : "featurepack packing=" + words.packing);
  replace(text, "{unpack}",
          "featureunpack bit-depth=10 " + to_properties(words.region) + " source-format=" +
              words.format + (words.packing.empty() ? "" : " packing=" + words.packing));
  return text;
}

nlohmann::json to_json(const Codec &codec) {
  Json json = {{"name", codec.name},
               {"encoder", codec.encoder},
               {"decoder", codec.decoder},
               {"conditions", codec.conditions},
               {"range-scale", codec.range_scale},
               {"trained-on", codec.trained_on},
               {"only-last-token", codec.only_last_token}};
  return json;
}

}  // namespace feat::bench
