// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/worker.h"

#include <fcntl.h>
#include <gst/gst.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "pipelines/bench/distortion.h"
#include "pipelines/bench/error.h"
#include "pipelines/bench/feature_store.h"
#include "pipelines/bench/pipeline_stage.h"
#include "pipelines/bench/task_head.h"

namespace feat::bench {

namespace {

using Json = nlohmann::json;

// RGB video frames have rows of a multiple of four bytes.
constexpr size_t kRowAlignment = 4;

void write_line(int file, const std::string &text) {
  const std::string line = text + "\n";
  for (size_t done = 0; done < line.size();) {
    const ssize_t n = ::write(file, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw Error("the process that waits for results is gone");
    done += static_cast<size_t>(n);
  }
}

SamplePtr to_frame(const Array &picture, uint64_t index) {
  if (picture.format != "U8" || picture.shape.size() != 3 || picture.shape[2] != 3)
    throw Error("a picture of " + picture.format + " and shape " + to_text(picture.shape) +
                ", must be U8 and (height, width, 3)");
  const int height = picture.shape[0];
  const int width = picture.shape[1];
  const size_t row = 3 * static_cast<size_t>(width);
  const size_t stride = (row + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
  std::vector<uint8_t> bytes(stride * static_cast<size_t>(height));
  for (size_t y = 0; y < static_cast<size_t>(height); ++y)
    std::copy_n(picture.bytes.data() + y * row, row, bytes.data() + y * stride);
  const CapsPtr caps(gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "RGB", "width",
                                         G_TYPE_INT, width, "height", G_TYPE_INT, height,
                                         "framerate", GST_TYPE_FRACTION, 1, 1, nullptr));
  const BufferPtr buffer(gst_buffer_new_memdup(bytes.data(), bytes.size()));
  GST_BUFFER_PTS(buffer.get()) = index * GST_SECOND;
  GST_BUFFER_DURATION(buffer.get()) = GST_SECOND;
  GST_BUFFER_OFFSET(buffer.get()) = index;
  return SamplePtr(gst_sample_new(buffer.get(), caps.get(), nullptr, nullptr));
}

// The tokens before the first -1, as a batch of one.
Array tokens_of(const Array &padded) {
  const std::vector<float> values = to_floats(padded);
  const auto end = std::find(values.begin(), values.end(), -1.0F);
  const auto count = static_cast<size_t>(end - values.begin());
  if (padded.shape.size() != 1 || count == 0)
    throw Error("a sample of shape " + to_text(padded.shape) + " has no tokens");
  Array tokens = padded;
  tokens.shape = {1, static_cast<int>(count)};
  tokens.bytes.resize(count * size_of_format(padded.format));
  return tokens;
}

// Bytes without headers and descriptions, as far as an encoder's stats tell: a running total.
bool payload_total(GstElement *pipeline, uint64_t &total) {
  struct Found {
    bool any = false;
    guint64 bytes = 0;
  } found;
  const auto look = [](const GValue *value, gpointer data) {
    auto *result = static_cast<Found *>(data);
    GObject *element = G_OBJECT(g_value_get_object(value));
    GParamSpec *property = g_object_class_find_property(G_OBJECT_GET_CLASS(element), "stats");
    if (property == nullptr || property->value_type != GST_TYPE_STRUCTURE) return;
    GstStructure *stats = nullptr;
    g_object_get(element, "stats", &stats, nullptr);
    const StructurePtr owned(stats);
    for (const char *field : {"slice-bytes", "payload-bytes"})
      if (stats != nullptr && gst_structure_get_uint64(stats, field, &result->bytes) != FALSE)
        result->any = true;
  };
  GstIterator *elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  gst_iterator_foreach(elements, look, &found);
  gst_iterator_free(elements);
  total = found.bytes;
  return found.any;
}

// Somebody else's decoder does not know what shape the tensor has.
void tell_shape(GstElement *pipeline, const std::vector<int> &shape) {
  std::string text;
  for (const int d : shape) text += (text.empty() ? "<" : ",") + std::to_string(d);
  text += ">";
  const auto tell = [](const GValue *value, gpointer data) {
    auto *element = GST_ELEMENT(g_value_get_object(value));
    GstElementFactory *factory = gst_element_get_factory(element);
    if (factory != nullptr && g_str_equal(GST_OBJECT_NAME(factory), "featureunpack"))
      gst_util_set_object_arg(G_OBJECT(element), "shape",
                              static_cast<const std::string *>(data)->c_str());
  };
  GstIterator *elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  gst_iterator_foreach(elements, tell, &text);
  gst_iterator_free(elements);
}

Array only_last_token(Array feature) {
  const size_t row = feature.shape.empty() ? 0
                                           : static_cast<size_t>(feature.shape.back()) *
                                                 size_of_format(feature.format);
  std::fill(feature.bytes.begin(), feature.bytes.end() - static_cast<std::ptrdiff_t>(row), 0);
  return feature;
}

class Worker {
 public:
  Worker(const std::string &manifest, std::string out)
      : manifest_(read_manifest(manifest)), out_(std::move(out)) {}

  Json run(const Json &job) {
    const Task &task = find_task(job.at("task"));
    const size_t sample = job.at("sample");
    if (job.at("do") == "extract") {
      extract(task, sample);
      return Json::object();
    }
    return code(task, sample, job);
  }

 private:
  const Task &find_task(const std::string &name) const {
    for (const Task &task : manifest_.tasks)
      if (task.name == name) return task;
    throw Error("there is no task \"" + name + "\"");
  }

  void extract(const Task &task, size_t sample) {
    const FeatureStore store(task, out_);
    std::unique_ptr<PipelineStage> &stage = edges_[task.name];
    if (stage == nullptr) {
      stage = std::make_unique<PipelineStage>("featureextract name=edge");
      const ElementPtr edge(gst_bin_get_by_name(GST_BIN(stage->pipeline()), "edge"));
      g_object_set(edge.get(), "model", task.edge.path.c_str(), "method", task.edge.method.c_str(),
                   nullptr);
      gst_util_set_object_arg(G_OBJECT(edge.get()), "task", task.task.c_str());
      gst_util_set_object_arg(G_OBJECT(edge.get()), "threads", "1");
    }
    const Array input = store.input(sample);
    std::vector<SamplePtr> units;
    units.push_back(task.task == "csr"     ? to_sample(tokens_of(input), sample, task.task)
                    : input.format == "U8" ? to_frame(input, sample)
                                           : to_sample(input, sample, task.task));
    try {
      const std::vector<SamplePtr> features = stage->run(units);
      std::filesystem::create_directories(std::filesystem::path(store.path(sample)).parent_path());
      write_npy(store.path(sample), to_array(features.front().get()));
    } catch (const Error &) {
      stage.reset();
      throw;
    }
  }

  // Pipelines of one codec and rate are kept until another one's turn comes.
  struct Coder {
    std::string key;
    std::unique_ptr<PipelineStage> clip;
    std::unique_ptr<PipelineStage> encoder;
    std::unique_ptr<PipelineStage> decoder;
    bool warm = false;
  };

  void prepare(const Json &job) {
    const std::string encoder = job.at("encoder");
    const std::string decoder = job.at("decoder");
    const std::string clip = job.at("clip");
    const std::string key = encoder + "|" + decoder + "|" + clip;
    if (coder_.key == key) return;
    coder_ = {};
    if (!clip.empty()) coder_.clip = std::make_unique<PipelineStage>(clip);
    coder_.encoder = std::make_unique<PipelineStage>(encoder);
    coder_.decoder = std::make_unique<PipelineStage>(decoder);
    // What is started anew for each sample is never warm.
    coder_.warm = !job.at("warm-up") || !coder_.encoder->kept();
    coder_.key = key;
  }

  struct Coded {
    std::vector<SamplePtr> units;
    SamplePtr feature;
  };

  Coded through(const std::vector<SamplePtr> &input, const std::vector<int> &shape) {
    Coded coded;
    coded.units = coder_.encoder->run(input);
    coder_.decoder->prepare();
    if (!coder_.decoder->kept()) tell_shape(coder_.decoder->pipeline(), shape);
    std::vector<SamplePtr> output = coder_.decoder->run(coded.units);
    if (output.size() != 1)
      throw Error(std::to_string(output.size()) + " tensors came out of the decoder for one");
    coded.feature = std::move(output.front());
    return coded;
  }

  Json code(const Task &task, size_t sample, const Json &job) {
    try {
      prepare(job);
      return code_sample(task, sample, job);
    } catch (const Error &) {
      coder_ = {};  // in whatever state the pipelines are
      throw;
    }
  }

  Json code_sample(const Task &task, size_t sample, const Json &job) {
    const FeatureStore store(task, out_);
    const Array original = store.read(sample);
    const bool only_last = job.at("only-last-token");
    std::vector<SamplePtr> input;
    input.push_back(to_sample(only_last ? only_last_token(original) : original, sample, task.task));
    if (!coder_.warm) through(input, original.shape);
    coder_.warm = true;

    coder_.encoder->prepare();
    uint64_t before = 0;
    uint64_t after = 0;
    payload_total(coder_.encoder->pipeline(), before);
    const Coded coded = through(input, original.shape);
    const bool has_payload = payload_total(coder_.encoder->pipeline(), after);
    uint64_t bytes = 0;
    for (const SamplePtr &unit : coded.units) bytes += count_bytes(unit.get());
    if (only_last) bytes = size_of_format(original.format) * original.shape.back();

    const Array decoded = to_array(coded.feature.get());
    if (decoded.shape != original.shape || decoded.format != original.format)
      throw Error("a feature of " + original.format + " and shape " + to_text(original.shape) +
                  " came back as " + decoded.format + " and " + to_text(decoded.shape));
    const std::vector<float> values = to_floats(original);
    const std::vector<float> back = to_floats(decoded);

    Json record;
    record["points"] = original.points();
    record["bytes"] = bytes;
    // A pipeline that is started anew counts from 0.
    const uint64_t start = coder_.encoder->kept() ? before : 0;
    record["payload_bytes"] = nullptr;
    if (has_payload) record["payload_bytes"] = after - start;
    record["mse"] = mean_squared_error(values, back);
    record["mse_truncated"] = nullptr;
    record["encode_s"] = coder_.encoder->seconds();
    record["decode_s"] = coder_.decoder->seconds();
    std::vector<float> clipped = values;
    if (coder_.clip != nullptr) {
      clipped = to_floats(to_array(coder_.clip->run(input).front().get()));
      if (job.at("truncates")) record["mse_truncated"] = mean_squared_error(clipped, back);
    }
    if (sample == 0) {  // one is enough for a picture
      const double min = job.at("histogram")[0];
      const double max = job.at("histogram")[1];
      record["histogram"] = {{"min", min},
                             {"max", max},
                             {"original", histogram(clipped, min, max)},
                             {"reconstructed", histogram(back, min, max)}};
    }
    if (job.at("head")) judge(task, coded.feature.get(), sample, record);
    return record;
  }

  void judge(const Task &task, GstSample *feature, size_t sample, Json &record) {
    std::unique_ptr<TaskHead> &head = heads_[task.name];
    try {
      if (head == nullptr) head = std::make_unique<TaskHead>(task);
      // Offset and task may be lost in somebody else's decoder.
      const SamplePtr tensor = to_sample(to_array(feature), sample, task.task);
      const Json judged = head->judge(tensor.get(), sample);
      for (const auto &[key, value] : judged.items())
        if (key != "sample" && key != "task") record[key] = value;
    } catch (const Error &error) {
      head.reset();
      throw Error(std::string("the head: ") + error.what());
    }
  }

  Manifest manifest_;
  std::string out_;
  Coder coder_;
  std::map<std::string, std::unique_ptr<PipelineStage>> edges_;
  std::map<std::string, std::unique_ptr<TaskHead>> heads_;
};

}  // namespace

void work() {
  follow_parent();
  gst_init(nullptr, nullptr);
  std::unique_ptr<Worker> worker;
  for (std::string line; std::getline(std::cin, line);) {
    Json result;
    try {
      const Json job = Json::parse(line);
      if (job.at("do") == "setup") {
        worker = std::make_unique<Worker>(job.at("manifest"), job.at("out"));
        continue;
      }
      result = worker->run(job);
    } catch (const std::exception &error) {
      result = {{"error", error.what()}};
    }
    write_line(kResultsFile, result.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
}

}  // namespace feat::bench
