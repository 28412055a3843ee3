// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/run.h"

#include <gst/gst.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

#include "gst/common/gstcpp.h"
#include "pipelines/bench/error.h"
#include "pipelines/bench/feature_store.h"
#include "pipelines/bench/pipeline_stage.h"
#include "pipelines/bench/results_file.h"
#include "pipelines/bench/scheduler.h"

namespace feat::bench {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Key = std::tuple<std::string, std::string, std::string, size_t>;

void say(const std::string &text) {
  std::fprintf(stderr, "%s\n", text.c_str());
}

bool has_element(const char *name) {
  GstElementFactory *factory = gst_element_factory_find(name);
  if (factory == nullptr) return false;
  gst_object_unref(factory);
  return true;
}

// Why an element that takes no properties does not start; empty if it does.
std::string why_not(const char *name) {
  GstElement *element = gst_element_factory_make(name, nullptr);
  if (element == nullptr) return std::string("there is no element ") + name;
  gst_object_ref_sink(element);
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  std::string reason;
  if (gst_element_set_state(element, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE) {
    reason = std::string(name) + " does not start";
    if (GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR)) {
      ErrorSlot error;
      gst_message_parse_error(message, error.out(), nullptr);
      reason = error.message();
      gst_message_unref(message);
    }
  }
  gst_element_set_state(element, GST_STATE_NULL);
  gst_element_set_bus(element, nullptr);
  gst_object_unref(bus);
  gst_object_unref(element);
  return reason;
}

// What a run depends on, to notice that a folder belongs to another one.
std::string stamp_of(const std::string &path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? "" : fs::path(path).filename().string() + ":" + std::to_string(size);
}

Json identity(const Manifest &manifest) {
  std::ifstream file(manifest.path);
  std::stringstream text;
  text << file.rdbuf();
  Json files = Json::array();
  for (const Task &task : manifest.tasks)
    for (const std::string &path : {task.inputs, task.edge.path, task.head.path, task.fid.path})
      if (!path.empty()) files.push_back(stamp_of(path));
  return {{"manifest", Json::parse(text.str())}, {"files", files}};
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

Json to_json(const Region &region) {
  return {{"axis", region.axis}, {"min", region.min}, {"max", region.max}};
}

// The smallest and largest value at each index of `axis`, over all features.
class RegionOfAll {
 public:
  explicit RegionOfAll(int axis) { region_.axis = axis; }

  void add(const Array &array) {
    const std::vector<float> values = to_floats(array);
    const size_t parts =
        region_.axis < 0 ? 1 : static_cast<size_t>(array.shape[static_cast<size_t>(region_.axis)]);
    size_t inner = 1;  // neighbours with the same index
    for (size_t d = static_cast<size_t>(region_.axis) + 1; d < array.shape.size(); ++d)
      inner *= static_cast<size_t>(array.shape[d]);
    if (region_.axis < 0) inner = values.size();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    region_.min.resize(parts, kInfinity);
    region_.max.resize(parts, -kInfinity);
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t part = i / inner % parts;
      region_.min[part] = std::min(region_.min[part], double{values[i]});
      region_.max[part] = std::max(region_.max[part], double{values[i]});
    }
  }

  Region region() const {
    Region region = region_;
    for (size_t i = 0; i < region.min.size(); ++i)
      if (!(region.min[i] < region.max[i])) region.max[i] = region.min[i] + 1;
    return region;
  }

 private:
  Region region_;
};

class Runner {
 public:
  explicit Runner(const RunOptions &options)
      : options_(options), manifest_(read_manifest(options.suite)) {}

  int run() {
    std::signal(SIGPIPE, SIG_IGN);  // a worker that died is noticed otherwise
    choose_tasks();
    check_codecs();
    check_heads();
    begin_folder();
    extract();
    code();
    return report();
  }

 private:
  struct Plan {
    const Task *task;
    FeatureStore store;
    size_t samples;
    bool head = false;
    std::map<size_t, std::string> broken;  // samples without a feature
  };

  void choose_tasks() {
    std::set<std::string> asked(options_.tasks.begin(), options_.tasks.end());
    std::set<std::string> found;
    for (const Task &task : manifest_.tasks) {
      const bool by_name = asked.contains(task.name);
      if (!asked.empty() && !by_name && !asked.contains(task.task)) continue;
      found.insert(by_name ? task.name : task.task);
      FeatureStore store(task, options_.out);
      const auto own = options_.samples_of.find(task.name);
      const size_t limit = own != options_.samples_of.end() ? own->second : options_.samples;
      const size_t samples = limit > 0 ? std::min(limit, store.samples()) : store.samples();
      plans_.push_back({&task, store, samples, false, {}});
    }
    for (const auto &[name, count] : options_.samples_of) asked.insert(name);
    for (const Task &task : manifest_.tasks) found.insert(task.name);
    for (const std::string &name : asked)
      if (!found.contains(name))
        throw Error(options_.suite + ": there is no task \"" + name + "\"");
    for (const Plan &plan : plans_)
      if (plan.store.needs_edge() && !has_element("featureextract"))
        throw Error("task \"" + plan.task->name +
                    "\" needs featureextract to get features from its inputs, and there is no such "
                    "element");
  }

  // Descriptions are tried once, so that what is missing is told once.
  void check_codecs() {
    const Region unit{-1, {-1}, {1}};
    for (const Codec &codec : options_.codecs) {
      if (codec.name == "hyperprior") {
        const std::string reason = why_not("hyperpriorenc");
        if (!reason.empty()) {
          say("codec hyperprior is skipped: " + reason);
          continue;
        }
      }
      if (codec.name == "vtm" && g_find_program_in_path("EncoderAppStatic") == nullptr &&
          g_find_program_in_path("EncoderApp") == nullptr) {
        say("codec vtm is skipped: VTM's EncoderApp is not in PATH");
        continue;
      }
      const std::string rate = codec.rates.empty() ? "" : codec.rates.front();
      for (const std::string &part : {codec.encoder, codec.decoder}) {
        try {
          PipelineStage(expand(part, rate, {unit, unit, "", "F32LE"}));
        } catch (const Error &error) {
          throw Error("codec \"" + codec.name + "\": " + error.what());
        }
      }
      if (std::any_of(codecs_.begin(), codecs_.end(),
                      [&](const Codec &other) { return other.name == codec.name; }))
        throw Error("two codecs have the name \"" + codec.name + "\"");
      codecs_.push_back(codec);
    }
  }

  void check_heads() {
    const bool element = has_element("taskheadsink");
    for (Plan &plan : plans_) {
      plan.head = element && !plan.task->head.path.empty();
      if (plan.head) continue;
      const std::string why = plan.task->head.path.empty() ? "the manifest has no head for it"
                                                           : "there is no element taskheadsink";
      const std::string text = "task \"" + plan.task->name + "\" has no metric: " + why;
      if (options_.require_metric) throw Error(text);
      say("warning: " + text);
    }
  }

  void begin_folder() {
    std::error_code error;
    fs::create_directories(options_.out, error);
    if (error) throw Error(options_.out + ": " + error.message());
    out_ = fs::absolute(options_.out).lexically_normal().string();
    results_ = std::make_unique<ResultsFile>(out_ + "/results.jsonl");
    const Json suite = identity(manifest_);
    const std::string path = out_ + "/run.json";
    Json old = Json::object();
    if (fs::exists(path)) {
      std::ifstream file(path);
      old = Json::parse(file, nullptr, false);
      if (!old.is_object()) throw Error(path + ": this is not a run's description");
      if (old["identity"] != suite)
        throw Error(options_.out + ": these are results of another suite, or of one that has " +
                    "changed; choose another --out");
    }
    Json codecs = old.value("codecs", Json::array());
    for (const Codec &codec : codecs_) {
      const Json definition = bench::to_json(codec);
      const auto same = std::find_if(codecs.begin(), codecs.end(), [&](const Json &other) {
        return other["name"] == codec.name;
      });
      if (same == codecs.end())
        codecs.push_back(definition);
      else if (*same != definition)
        throw Error(options_.out + ": codec \"" + codec.name +
                    "\" was another one in these results; give it another name");
    }
    run_ = {{"identity", suite},
            {"suite", {{"name", manifest_.name}, {"description", manifest_.description}}},
            {"codecs", codecs},
            {"tasks", old.value("tasks", Json::object())},
            {"machine",
             {{"processor", processor()},
              {"cores", std::thread::hardware_concurrency()},
              {"gstreamer",
               std::to_string(GST_VERSION_MAJOR) + "." + std::to_string(GST_VERSION_MINOR)},
              {"workers", options_.jobs},
              {"date", today()}}}};
    for (Json &record : read_results(out_ + "/results.jsonl", true)) remember(record);
  }

  static Key key_of(const Json &record) {
    return {record.at("task"), record.at("codec"), record.at("rate"), record.at("sample")};
  }
  // The value says whether a head has judged it.
  void remember(const Json &record) {
    if (!record.contains("error")) finished_[key_of(record)] |= record.value("judged", false);
  }
  bool is_finished(const Key &key, bool head) const {
    const auto found = finished_.find(key);
    return found != finished_.end() && (found->second || !head);
  }

  WorkerSetup setup() const {
    return {{{"do", "setup"}, {"manifest", fs::absolute(options_.suite).string()}, {"out", out_}},
            out_ + "/workers.log",
            options_.jobs,
            options_.limit};
  }

  void extract() {
    std::vector<Group> groups;
    for (const Plan &plan : plans_) {
      Group group{
          plan.task->name + ", features", {{"do", "extract"}, {"task", plan.task->name}}, {}};
      for (size_t i = 0; i < plan.samples; ++i)
        if (!plan.store.has(i)) group.samples.push_back(i);
      if (!group.samples.empty()) groups.push_back(group);
    }
    run_jobs(groups, setup(), [&](const Group &group, size_t sample, const Json &result) {
      if (!result.contains("error")) return;
      for (Plan &plan : plans_)
        if (plan.task->name == group.job["task"])
          plan.broken[sample] = "no feature: " + result["error"].get<std::string>();
    });
  }

  // Reads features, all if `all_values`, else the first good one, for what codecs depend on.
  Words words(Plan &plan, bool all_values, size_t &dimensions) {
    std::unique_ptr<RegionOfAll> all;
    Words words;
    words.packing = plan.task->packing;
    dimensions = 0;
    for (size_t i = 0; i < plan.samples; ++i) {
      if (plan.broken.contains(i)) continue;
      try {
        const Array feature = plan.store.read(i);
        if (dimensions == 0) {
          dimensions = feature.shape.size();
          words.format = feature.format;
          words.region = resolve(plan.task->truncation.vtm, dimensions, 1);
          all = std::make_unique<RegionOfAll>(words.region.axis);
        }
        if (!all_values) return words;
        all->add(feature);
      } catch (const Error &error) {
        plan.broken[i] = error.what();
      }
    }
    if (dimensions > 0) words.all = all->region();
    return words;
  }

  void code() {
    const bool all_values = std::any_of(codecs_.begin(), codecs_.end(), [](const Codec &codec) {
      return codec.encoder.find("{quant-all}") != std::string::npos;
    });
    std::vector<Group> groups;
    for (Plan &plan : plans_) {
      size_t dimensions = 0;
      const Words words = this->words(plan, all_values, dimensions);
      const Task &task = *plan.task;
      run_["tasks"][task.name] = {{"task", task.task},       {"name", task.name},
                                  {"samples", plan.samples}, {"classes", task.classes},
                                  {"packing", task.packing}, {"region", to_json(words.region)}};
      if (dimensions == 0) {
        say("task \"" + task.name + "\" is skipped: " +
            (plan.broken.empty() ? "it has no samples" : plan.broken.begin()->second));
        failed_ += plan.broken.size();
        continue;
      }
      for (const Codec &codec : codecs_) {
        if (codec.only_last_token && task.task != "csr") continue;
        const std::vector<std::string> one = {""};
        for (const std::string &rate : codec.rates.empty() ? one : codec.rates)
          add_group(plan, codec, rate, words, dimensions, groups);
      }
    }
    write_atomically(out_ + "/run.json", run_.dump(1) + "\n");
    run_jobs(groups, setup(), [&](const Group &group, size_t sample, const Json &result) {
      Json record = {{"task", group.job["task"]},
                     {"codec", group.job["codec"]},
                     {"rate", group.job["rate"]},
                     {"sample", sample}};
      record.update(result);
      store(record, group.job["head"]);
    });
  }

  void add_group(Plan &plan, const Codec &codec, const std::string &rate, Words words,
                 size_t dimensions, std::vector<Group> &groups) {
    const Task &task = *plan.task;
    const Range &range =
        codec.conditions == "hyperprior" ? task.truncation.hyperprior : task.truncation.vtm;
    words.region = resolve(range, dimensions, codec.range_scale);
    const std::string label = rate_label(codec, rate);
    Group group{task.name + ", " + codec.name + (label.empty() ? "" : ", " + label),
                {{"do", "code"},
                 {"task", task.name},
                 {"codec", codec.name},
                 {"rate", label},
                 {"encoder", expand(codec.encoder, rate, words)},
                 {"decoder", expand(codec.decoder, rate, words)},
                 {"clip", expand("{trunc}", rate, words)},
                 {"truncates", codec.truncates()},
                 {"warm-up", codec.warm_up},
                 {"only-last-token", codec.only_last_token},
                 {"histogram",
                  {*std::min_element(words.region.min.begin(), words.region.min.end()),
                   *std::max_element(words.region.max.begin(), words.region.max.end())}},
                 {"head", plan.head}},
                {}};
    for (size_t i = 0; i < plan.samples; ++i) {
      if (is_finished({task.name, codec.name, label, i}, plan.head)) {
        ++already_;
      } else if (plan.broken.contains(i)) {
        store({{"task", task.name},
               {"codec", codec.name},
               {"rate", label},
               {"sample", i},
               {"error", plan.broken[i]}},
              false);
      } else {
        group.samples.push_back(i);
      }
    }
    if (!group.samples.empty()) groups.push_back(group);
  }

  void store(Json record, bool judged) {
    if (record.contains("error")) {
      ++failed_;
      const std::string where = record["task"].get<std::string>() + ", " +
                                record["codec"].get<std::string>() + ", " +
                                record["rate"].get<std::string>();
      std::vector<std::string> &list = errors_[record["error"].get<std::string>()];
      list.push_back(where + ", sample " + std::to_string(record["sample"].get<size_t>()));
    } else {
      record["judged"] = judged;
      ++done_;
    }
    results_->append(record);
  }

  int report() const {
    if (already_ > 0) say(std::to_string(already_) + " were there already");
    for (const auto &[error, where] : errors_)
      say("failed: " + where.front() +
          (where.size() > 1 ? " and " + std::to_string(where.size() - 1) + " more" : "") + ": " +
          error);
    say(std::to_string(done_) + " done, " + std::to_string(failed_) + " failed; " + out_ +
        "/results.jsonl");
    const bool nothing = failed_ > 0 && done_ + already_ == 0;
    return nothing || (options_.strict && failed_ > 0) ? 1 : 0;
  }

  const RunOptions &options_;
  Manifest manifest_;
  std::string out_;
  std::vector<Plan> plans_;
  std::vector<Codec> codecs_;
  std::unique_ptr<ResultsFile> results_;
  Json run_;
  std::map<Key, bool> finished_;
  std::map<std::string, std::vector<std::string>> errors_;
  size_t done_ = 0;
  size_t failed_ = 0;
  size_t already_ = 0;
};

}  // namespace

int run_suite(const RunOptions &options) {
  return Runner(options).run();
}

}  // namespace feat::bench
