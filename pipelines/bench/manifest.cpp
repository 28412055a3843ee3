// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/manifest.h"

#include <glob.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "pipelines/bench/array.h"
#include "pipelines/bench/error.h"

namespace feat::bench {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char *kTasks[] = {"cls", "seg", "dpt", "csr", "tti"};
constexpr const char *kPackings[] = {"rows", "stack", "mosaic"};

template <size_t N>
bool is_one_of(const std::string &text, const char *const (&names)[N]) {
  return std::find(std::begin(names), std::end(names), text) != std::end(names);
}

// An object of the manifest that knows its name, and notices keys that nobody asked for.
class Object {
 public:
  Object(const Json &json, std::string name) : json_(json), name_(std::move(name)) {
    if (!json.is_object()) throw wrong("must be an object, {…}");
  }

  void rename(const std::string &name) { name_ = name; }

  Error wrong(const std::string &what) const { return Error(name_ + ": " + what); }
  Error wrong(const char *key, const std::string &what) const {
    return wrong("\"" + std::string(key) + "\" " + what);
  }

  // Null counts as absent.
  const Json *find(const char *key) {
    known_.insert(key);
    const auto found = json_.find(key);
    return found != json_.end() && !found->is_null() ? &*found : nullptr;
  }
  std::string text(const char *key) {
    const Json *value = find(key);
    if (value == nullptr) return {};
    if (!value->is_string() || value->get_ref<const std::string &>().empty())
      throw wrong(key, "is " + value->dump() + ", must be a text that is not empty");
    return value->get<std::string>();
  }
  std::vector<double> numbers(const char *key) {
    const Json *value = find(key);
    if (value == nullptr) return {};
    return numbers_of(*value, key);
  }
  std::vector<double> numbers_of(const Json &value, const char *key) const {
    std::vector<double> result;
    for (const Json &item : value.is_array() ? value : Json::array({"x"})) {
      if (!item.is_number()) throw wrong(key, "is " + value.dump() + ", must be a list of numbers");
      result.push_back(item.get<double>());
    }
    return result;
  }
  int integer(const char *key, int low, int high, int absent) {
    const Json *value = find(key);
    if (value == nullptr) return absent;
    if (!value->is_number_integer() || value->get<int64_t>() < low || value->get<int64_t>() > high)
      throw wrong(key, "is " + value->dump() + ", must be a whole number from " +
                           std::to_string(low) + " to " + std::to_string(high));
    return value->get<int>();
  }
  void check_keys() const {
    for (const auto &item : json_.items())
      if (!known_.contains(item.key())) throw wrong("there is no key \"" + item.key() + "\"");
  }

 private:
  const Json &json_;
  std::string name_;
  std::set<std::string> known_;
};

class Reader {
 public:
  explicit Reader(const std::string &path) : path_(path), folder_(fs::path(path).parent_path()) {}

  Manifest read() {
    std::ifstream file(path_, std::ios::binary);
    if (!file || fs::is_directory(path_)) throw Error(path_ + ": cannot be opened");
    std::stringstream text;
    text << file.rdbuf();
    Json json;
    try {
      json = Json::parse(text.str());
    } catch (const Json::parse_error &error) {
      throw Error(path_ + ": this is not JSON: byte " + std::to_string(error.byte) +
                  " cannot stand there");
    }
    Object object(json, path_);
    Manifest manifest;
    manifest.path = path_;
    manifest.name = object.text("name");
    manifest.description = object.text("description");
    const Json *tasks = object.find("tasks");
    object.check_keys();
    if (manifest.name.empty()) throw object.wrong("there is no \"name\"");
    if (tasks == nullptr || !tasks->is_array() || tasks->empty())
      throw object.wrong("\"tasks\" must be a list of at least one task");
    std::set<std::string> names;
    for (size_t i = 0; i < tasks->size(); ++i) {
      manifest.tasks.push_back(read_task((*tasks)[i], i));
      if (!names.insert(manifest.tasks.back().name).second)
        throw object.wrong("two tasks have the name \"" + manifest.tasks.back().name + "\"");
    }
    check_parts(manifest, object);
    return manifest;
  }

 private:
  // An existing file, relative to the manifest.
  std::string file(Object &object, const char *key) {
    const std::string text = object.text(key);
    if (text.empty()) return {};
    const std::string path = resolved(text);
    if (!fs::is_regular_file(path))
      throw object.wrong(key, "is " + text + ", and " + path + " is no file");
    return path;
  }
  std::string resolved(const std::string &path) const {
    return fs::absolute(folder_ / path).lexically_normal().string();
  }

  // Parts of one task are of one kind, so that their records can be added up.
  static void check_parts(const Manifest &manifest, const Object &object) {
    std::map<std::string, std::string> kinds;
    for (const Task &t : manifest.tasks) {
      if (t.part_of.empty()) continue;
      const std::string &kind = kinds.emplace(t.part_of, t.task).first->second;
      if (kind != t.task)
        throw object.wrong("parts of \"" + t.part_of + "\" are both " + kind + " and " + t.task);
    }
    for (const Task &t : manifest.tasks)
      if (t.part_of.empty() && kinds.contains(t.name))
        throw object.wrong("there are a task \"" + t.name + "\" and parts of a task of that name");
  }

  // One %d in a pattern stands for the number of the sample.
  std::string truth(Object &object) {
    const std::string text = object.text("truth");
    if (text.find('%') == std::string::npos) return file(object, "truth");
    return resolved(text);
  }

  std::vector<std::string> files(Object &object, const char *key) {
    const std::string pattern = object.text(key);
    if (pattern.empty()) return {};
    glob_t found{};
    std::vector<std::string> paths;
    if (glob(resolved(pattern).c_str(), 0, nullptr, &found) == 0)
      paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    if (paths.empty()) throw object.wrong(key, "is " + pattern + ", and no file has such a name");
    return paths;
  }

  Model model(Object &task, const char *key, const std::string &name) {
    const Json *json = task.find(key);
    if (json == nullptr) return {};
    Object object(*json, name + ", \"" + key + "\"");
    Model model;
    model.path = file(object, "model");
    if (model.path.empty()) throw object.wrong("there is no \"model\"");
    const std::string method = object.text("method");
    if (!method.empty()) model.method = method;
    object.check_keys();
    return model;
  }

  static void check_range(const Object &object, const Range &range, const char *key) {
    if (range.min.empty() || range.min.size() != range.max.size())
      throw object.wrong(key, "must have as many minima as maxima");
    for (size_t i = 0; i < range.min.size(); ++i)
      if (!(range.min[i] < range.max[i]) || !std::isfinite(range.max[i] - range.min[i]))
        throw object.wrong(key, "has a minimum that is not below its maximum");
  }

  Range range(Object &truncation, const char *key, const std::string &name, const Range &absent) {
    const Json *json = truncation.find(key);
    if (json == nullptr) return absent;
    Range range;
    if (json->is_array()) {
      const std::vector<double> ends = truncation.numbers(key);
      if (ends.size() != 2) throw truncation.wrong(key, "must be [minimum, maximum]");
      range.min = {ends[0]};
      range.max = {ends[1]};
    } else {
      Object object(*json, name + ", \"truncation\", \"" + key + "\"");
      range.conditions = object.text("conditions");
      range.axis = object.integer("axis", 0, 7, -1);
      range.min = object.numbers("min");
      range.max = object.numbers("max");
      object.check_keys();
      if (!range.conditions.empty()) {
        const std::string &row = range.conditions;
        const std::string rest = row.substr(std::min<size_t>(row.size(), 3));
        if (!is_one_of(row.substr(0, 3), kTasks) || (rest != "-vtm" && rest != "-hyperprior"))
          throw object.wrong("there are no test conditions \"" + row + "\"");
        return range;
      }
    }
    check_range(truncation, range, key);
    if ((range.axis < 0) != (range.min.size() == 1))
      throw truncation.wrong(key, "needs an \"axis\" for several ranges, and none for one");
    return range;
  }

  Truncation truncation(Object &task, const Task &t, const std::string &name) {
    Truncation all;
    all.vtm.conditions = t.task + "-vtm";
    all.hyperprior.conditions = t.task + "-hyperprior";
    const Json *json = task.find("truncation");
    if (json == nullptr) return all;
    Object object(*json, name + ", \"truncation\"");
    all.vtm = range(object, "vtm", name, all.vtm);
    all.hyperprior = range(object, "hyperprior", name, all.hyperprior);
    object.check_keys();
    return all;
  }

  Task read_task(const Json &json, size_t index) {
    std::string name = path_ + ": task " + std::to_string(index);
    Object object(json, name);
    Task t;
    t.task = object.text("task");
    if (!is_one_of(t.task, kTasks))
      throw object.wrong("task", "is \"" + t.task + "\", must be cls, seg, dpt, csr or tti");
    t.name = object.text("name");
    if (t.name.empty()) t.name = t.task;
    if (t.name.find_first_of("/\\\"\n") != std::string::npos || t.name[0] == '.')
      throw object.wrong("name", "is \"" + t.name + "\", which cannot be the name of a folder");
    name = path_ + ": task \"" + t.name + "\"";
    object.rename(name);
    t.part_of = object.text("part-of");
    t.features = files(object, "features");
    t.inputs = file(object, "inputs");
    t.edge = model(object, "edge", name);
    t.head = model(object, "head", name);
    t.fid = model(object, "fid", name);
    t.truth = truth(object);
    t.choices = file(object, "choices");
    t.labels = file(object, "labels");
    t.classes = object.integer("classes", 2, 65536, 0);
    t.packing = object.text("packing");
    t.source_format = object.text("source-format");
    t.depth_range = object.numbers("depth-range");
    for (const double edge : object.numbers("crop")) t.crop.push_back(static_cast<int>(edge));
    t.truncation = truncation(object, t, name);
    object.check_keys();
    check_task(t, object);
    return t;
  }

  static void check_task(const Task &t, const Object &object) {
    if (t.features.empty() == t.inputs.empty())
      throw object.wrong("of \"features\" and \"inputs\" exactly one must be there");
    if (!t.features.empty() && !t.edge.path.empty())
      throw object.wrong("\"edge\" is for \"inputs\"; these are \"features\" already");
    if (!t.packing.empty() && !is_one_of(t.packing, kPackings))
      throw object.wrong("packing", "is \"" + t.packing + "\", must be rows, stack or mosaic");
    if (!t.source_format.empty() && size_of_format(t.source_format) == 0)
      throw object.wrong("source-format", "is \"" + t.source_format + "\", which is no format");
    if (!t.crop.empty() && (t.crop.size() != 4 || t.crop[0] < 0 || t.crop[0] >= t.crop[1] ||
                            t.crop[2] < 0 || t.crop[2] >= t.crop[3]))
      throw object.wrong("crop", "must be [row from, to, column from, to]");
    if (!t.depth_range.empty() &&
        (t.depth_range.size() != 2 || !(t.depth_range[0] < t.depth_range[1])))
      throw object.wrong("depth-range", "must be [minimum, maximum]");
    if (t.head.path.empty()) return;
    if (t.task != "tti" && t.truth.empty())
      throw object.wrong("there is a \"head\", but no \"truth\"");
    if (t.task == "csr" && t.choices.empty())
      throw object.wrong("there is a \"head\", but no \"choices\"");
    if (t.task == "seg" && t.classes == 0)
      throw object.wrong("there is a \"head\", but no number of \"classes\"");
  }

  std::string path_;
  fs::path folder_;
};

}  // namespace

Manifest read_manifest(const std::string &path) {
  return Reader(path).read();
}

}  // namespace feat::bench
