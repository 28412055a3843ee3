// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the tests of hyperpriorenc and hyperpriordec share: the tiny model, units, what they decode
// to.
#pragma once

// The standard library first: check.h has a macro fail().
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "tests/check/folder.h"
#include "tests/check/vvcfeat_util.h"
#include "tests/hyperprior/plain_transforms.h"
#include "tests/hyperprior/tiny_model.h"

namespace test {

using Bytes = std::vector<guint8>;

constexpr char kHyperpriorCaps[] = "application/x-feature-hyperprior";
constexpr char kHyperpriorUnitCaps[] = "application/x-feature-hyperprior, alignment=unit";

// Another value of an environment variable, until the end of the scope.
class Variable {
 public:
  Variable(const char *name, const std::string &value) : name_(name) {
    const gchar *before = g_getenv(name);
    had_ = before != nullptr;
    if (had_) before_ = before;
    g_setenv(name, value.c_str(), TRUE);
  }
  ~Variable() {
    if (had_)
      g_setenv(name_, before_.c_str(), TRUE);
    else
      g_unsetenv(name_);
  }
  Variable(const Variable &) = delete;
  Variable &operator=(const Variable &) = delete;

 private:
  const char *name_;
  bool had_ = false;
  std::string before_;
};

constexpr char kBackendVariable[] = "GST_FEATURE_HYPERPRIOR_CUDA_MODULE";

// A folder of models in the search path, and nothing else in it, until the end of the scope.
class Models {
 public:
  explicit Models(const std::vector<std::string> &names, bool steps = true)
      : before_(g_getenv("GST_FEATURE_HYPERPRIOR_PATH")) {
    for (const std::string &name : names) folder_.write(name + ".hyperprior", file(name, steps));
    g_setenv("GST_FEATURE_HYPERPRIOR_PATH", folder_.path().c_str(), TRUE);
  }
  ~Models() { g_setenv("GST_FEATURE_HYPERPRIOR_PATH", before_.c_str(), TRUE); }
  Models(const Models &) = delete;
  Models &operator=(const Models &) = delete;

  static Bytes file(const std::string &name, bool steps = true) { return tiny_model(name, steps); }
  const Folder &folder() const { return folder_; }
  std::string path(const std::string &name) const {
    return folder_.path() + "/" + name + ".hyperprior";
  }

 private:
  Folder folder_;
  std::string before_;
};

// The model that is called "default" where a test does not say otherwise.
inline const Bytes &tiny_file() {
  static const Bytes file = tiny_model("tiny");
  return file;
}

inline std::shared_ptr<const feat::hyperprior::Model> model_of(const Bytes &file) {
  feat::hyperprior::Status status;
  auto model = feat::hyperprior::Model::load(file, status);
  fail_unless(model != nullptr, "%s", status.message.c_str());
  return model;
}

inline std::string id_of(const Bytes &file) {
  gchar *text = g_strdup_printf("%08x", model_of(file)->id());
  std::string result = text;
  g_free(text);
  return result;
}

inline feat::hyperprior::UnitInfo unit_info(const Bytes &unit) {
  feat::hyperprior::UnitInfo info;
  const auto status = feat::hyperprior::read_info(unit, feat::hyperprior::kDefaultMaxPoints, info);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return info;
}

// What the codec itself makes of a unit of the model in that file.
inline std::vector<guint16> reference(const Bytes &unit, const Bytes &file = tiny_file()) {
  using namespace feat::hyperprior;
  const auto model = model_of(file);
  Status status;
  const auto entropy = EntropyModel::create(model, status);
  fail_unless(entropy != nullptr, "%s", status.message.c_str());
  PlainTransforms transforms(model);
  const UnitInfo info = unit_info(unit);
  std::vector<guint16> samples(static_cast<size_t>(info.width * info.height));
  const Plane plane = {samples.data(), info.width, info.height, info.width};
  status = Decoder(entropy, &transforms).decode(unit, plane);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return samples;
}

inline Bytes pull_bytes(GstHarness *h) {
  GstBuffer *out = gst_harness_pull(h);
  fail_unless(out != nullptr);
  Bytes bytes = bytes_of(out);
  gst_buffer_unref(out);
  return bytes;
}

// Units of frames of seeds 1, 2, ...
inline std::vector<Bytes> encode_units(int width, int height, int frames,
                                       const GstFeatureInfo *info, int bits = 10,
                                       const std::string &properties = "") {
  GstHarness *h = harness_of("hyperpriorenc " + properties, false);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", width, height, info).release());
  std::vector<Bytes> units;
  for (int i = 0; i < frames; i++) {
    const auto samples = content(width, height, bits, static_cast<unsigned>(i + 1));
    fail_unless_equals_int(gst_harness_push(h, frame(samples, width, height, bits)), GST_FLOW_OK);
    units.push_back(pull_bytes(h));
  }
  gst_harness_teardown(h);
  return units;
}

inline Bytes joined(const std::vector<Bytes> &parts) {
  Bytes all;
  for (const Bytes &part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline std::string stat_string(GstHarness *h, const char *name) {
  GstStructure *stats = nullptr;
  g_object_get(h->element, "stats", &stats, nullptr);
  const gchar *text = gst_structure_get_string(stats, name);
  fail_unless(text != nullptr, "no %s in stats", name);
  std::string result = text;
  gst_structure_free(stats);
  return result;
}

// The error of an element that does not start.
inline std::string start_error(const std::string &description) {
  GstElement *element = gst_parse_launch(description.c_str(), nullptr);
  fail_unless(element != nullptr, "%s", description.c_str());
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  std::string text;
  int errors = 0;
  while (GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR)) {
    GError *error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    text = error->message;
    g_error_free(error);
    gst_message_unref(message);
    errors++;
  }
  fail_unless_equals_int(errors, 1);
  gst_element_set_bus(element, nullptr);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_object_unref(element);
  gst_bus_set_flushing(bus, TRUE);
  gst_object_unref(bus);
  return text;
}

inline void expect_equal(const std::string &text, const std::string &wanted) {
  fail_unless(text == wanted, "'%s' is not '%s'", text.c_str(), wanted.c_str());
}

inline void expect_contains(const std::string &text, const std::string &part) {
  fail_unless(text.find(part) != std::string::npos, "'%s' is not in '%s'", part.c_str(),
              text.c_str());
}

}  // namespace test
