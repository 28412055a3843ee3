// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/scorer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "codecs/taskmetrics/task_metrics.h"
#include "ext/taskhead/number_list.h"
#include "ext/taskhead/picture.h"
#include "ext/taskhead/truth.h"

namespace feat {

namespace {

using Kind = Outcome::Kind;

constexpr int32_t kIgnored = 255;

Outcome broken(std::string text) {
  return {Kind::kBroken, std::move(text)};
}

std::string size_text(uint64_t height, uint64_t width) {
  return "(" + std::to_string(height) + "," + std::to_string(width) + ")";
}

template <typename T>
void set_array(GstStructure *fields, const char *name, const std::vector<T> &numbers) {
  GValue array = G_VALUE_INIT;
  g_value_init(&array, GST_TYPE_ARRAY);
  for (const T number : numbers) {
    GValue value = G_VALUE_INIT;
    if constexpr (std::is_same_v<T, uint64_t>) {
      g_value_init(&value, G_TYPE_UINT64);
      g_value_set_uint64(&value, number);
    } else {
      g_value_init(&value, G_TYPE_FLOAT);
      g_value_set_float(&value, number);
    }
    gst_value_array_append_and_take_value(&array, &value);
  }
  gst_structure_take_value(fields, name, &array);
}

// What is right for a sample. An outcome other than kScored says why it is not known.
template <typename T>
Outcome find(Truth &truth, guint64 sample, std::vector<T> &values, std::vector<uint64_t> &shape) {
  std::string error;
  switch (truth.get(sample, values, shape, error)) {
    case Truth::Found::kYes:
      return {};
    case Truth::Found::kMissing:
      return {Kind::kSkipped, error};
    case Truth::Found::kBroken:
      break;
  }
  return broken(error);
}

// A label, the only number of its sample.
Outcome find_label(Truth &truth, guint64 sample, int32_t &label) {
  std::vector<int32_t> values;
  std::vector<uint64_t> shape;
  Outcome outcome = find(truth, sample, values, shape);
  if (outcome.kind != Kind::kScored) return outcome;
  if (values.size() != 1)
    return broken("its truth has " + std::to_string(values.size()) + " numbers, not one");
  label = values[0];
  return {};
}

// Numbers for each pixel, of the size that the head gives.
template <typename T>
Outcome find_pixels(Truth &truth, guint64 sample, const HeadOutput &output,
                    std::vector<T> &values) {
  std::vector<uint64_t> shape;
  Outcome outcome = find(truth, sample, values, shape);
  if (outcome.kind != Kind::kScored) return outcome;
  while (shape.size() > 2 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() == 2 && shape[0] == output.height && shape[1] == output.width) return {};
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? "," : "") + std::to_string(shape[i]);
  return broken("its truth has the shape " + text + "), the head gives " +
                size_text(output.height, output.width));
}

std::string wrong_classes(guint wanted, size_t given) {
  if (wanted == 0 || wanted == given) return {};
  return "the head gives " + std::to_string(given) + " classes; the property classes says " +
         std::to_string(wanted);
}

class ClassScorer final : public Scorer {
 public:
  ClassScorer(std::unique_ptr<Truth> truth, guint classes)
      : truth_(std::move(truth)), classes_(classes) {}

  Outcome score(const HeadOutput &output, guint64 sample, GstStructure *fields) override {
    if (std::string wrong = wrong_classes(classes_, output.channels); !wrong.empty())
      return broken(std::move(wrong));
    int32_t target = 0;
    Outcome outcome = find_label(*truth_, sample, target);
    if (outcome.kind != Kind::kScored) return outcome;
    if (target < 0 || static_cast<size_t>(target) >= output.channels)
      return broken("its class " + std::to_string(target) + " is none of the " +
                    std::to_string(output.channels) + " of the head");
    const auto predicted = static_cast<int32_t>(largest(output.values));
    accuracy_.add(predicted == target);
    gst_structure_set(fields, "predicted", G_TYPE_INT, predicted, "target", G_TYPE_INT, target,
                      "correct", G_TYPE_BOOLEAN, static_cast<gboolean>(predicted == target),
                      nullptr);
    return {};
  }
  const char *metric_name() const override { return "top-1 accuracy"; }
  double running_metric() const override { return accuracy_.percent(); }

 private:
  std::unique_ptr<Truth> truth_;
  guint classes_;
  Accuracy accuracy_;
};

class ChoiceScorer final : public Scorer {
 public:
  ChoiceScorer(std::unique_ptr<Truth> truth, std::unique_ptr<Truth> choices)
      : truth_(std::move(truth)), choices_(std::move(choices)) {}

  Outcome score(const HeadOutput &output, guint64 sample, GstStructure *fields) override {
    int32_t target = 0;
    Outcome outcome = find_label(*truth_, sample, target);
    if (outcome.kind != Kind::kScored) return outcome;
    std::vector<int32_t> tokens;
    std::vector<uint64_t> shape;
    outcome = find(*choices_, sample, tokens, shape);
    if (outcome.kind != Kind::kScored) return outcome;
    while (!tokens.empty() && tokens.back() == -1) tokens.pop_back();
    for (const int32_t token : tokens)
      if (token < 0 || static_cast<size_t>(token) >= output.channels)
        return broken("the token " + std::to_string(token) +
                      " of a choice is none of the vocabulary of " +
                      std::to_string(output.channels));
    if (target < 0 || static_cast<size_t>(target) >= tokens.size())
      return broken("its right choice " + std::to_string(target) + " is none of " +
                    std::to_string(tokens.size()));
    const auto choice = static_cast<int32_t>(best_choice(output.values, tokens).value_or(0));
    const bool greedy =
        largest(output.values) == static_cast<size_t>(tokens[static_cast<size_t>(target)]);
    accuracy_.add(choice == target);
    gst_structure_set(fields, "choice", G_TYPE_INT, choice, "target", G_TYPE_INT, target, "correct",
                      G_TYPE_BOOLEAN, static_cast<gboolean>(choice == target), "greedy-correct",
                      G_TYPE_BOOLEAN, static_cast<gboolean>(greedy), nullptr);
    return {};
  }
  const char *metric_name() const override { return "accuracy"; }
  double running_metric() const override { return accuracy_.percent(); }

 private:
  std::unique_ptr<Truth> truth_;
  std::unique_ptr<Truth> choices_;
  Accuracy accuracy_;
};

class MaskScorer final : public Scorer {
 public:
  MaskScorer(std::unique_ptr<Truth> truth, guint classes)
      : truth_(std::move(truth)), classes_(classes) {}

  Outcome score(const HeadOutput &output, guint64 sample, GstStructure *fields) override {
    if (classes_ == 0) classes_ = static_cast<guint>(output.channels);
    if (std::string wrong = wrong_classes(classes_, output.channels); !wrong.empty())
      return broken(std::move(wrong));
    if (matrix_.classes() == 0) matrix_ = ConfusionMatrix(output.channels);
    std::vector<int32_t> truth;
    Outcome outcome = find_pixels(*truth_, sample, output, truth);
    if (outcome.kind != Kind::kScored) return outcome;
    for (const int32_t label : truth)
      if (label != kIgnored && (label < 0 || static_cast<size_t>(label) >= output.channels))
        return broken("the label " + std::to_string(label) + " of its truth is none of " +
                      std::to_string(output.channels) + " classes");
    labels_of(output.values, output.channels, predicted_);
    const ConfusionMatrix::Counts counts = matrix_.add(predicted_, truth, kIgnored);
    set_array(fields, "intersections", counts.intersections);
    set_array(fields, "unions", counts.unions);
    gst_structure_set(fields, "miou", G_TYPE_DOUBLE, 100 * counts.mean_iou(), nullptr);
    return {};
  }
  const char *metric_name() const override { return "mIoU"; }
  double running_metric() const override { return 100 * matrix_.mean_iou(); }

 private:
  std::unique_ptr<Truth> truth_;
  guint classes_;
  ConfusionMatrix matrix_{0};
  std::vector<int32_t> predicted_;
};

class DepthScorer final : public Scorer {
 public:
  DepthScorer(std::unique_ptr<Truth> truth, std::optional<DepthCrop> crop, DepthRange range)
      : truth_(std::move(truth)), crop_(crop), range_(range) {}

  Outcome score(const HeadOutput &output, guint64 sample, GstStructure *fields) override {
    if (crop_ && (crop_->row_to > output.height || crop_->column_to > output.width))
      return broken("the crop ends at row " + std::to_string(crop_->row_to) + " and column " +
                    std::to_string(crop_->column_to) + ", the head gives " +
                    size_text(output.height, output.width));
    std::vector<float> truth;
    Outcome outcome = find_pixels(*truth_, sample, output, truth);
    if (outcome.kind != Kind::kScored) return outcome;
    const double rmse = depth_rmse(output.values, truth, output.height, output.width, crop_,
                                   range_.near, range_.far);
    if (std::isnan(rmse)) return {Kind::kSkipped, "its truth has no depth between near and far"};
    average_.add(rmse);
    gst_structure_set(fields, "rmse", G_TYPE_DOUBLE, rmse, nullptr);
    return {};
  }
  const char *metric_name() const override { return "RMSE"; }
  double running_metric() const override { return average_.mean(); }

 private:
  std::unique_ptr<Truth> truth_;
  std::optional<DepthCrop> crop_;
  DepthRange range_;
  Average average_;
};

class ImageScorer final : public Scorer {
 public:
  ImageScorer(std::unique_ptr<Model> network, ActivationStatistics reference)
      : network_(std::move(network)), reference_(std::move(reference)) {}

  Outcome score(const HeadOutput &output, guint64, GstStructure *fields) override {
    if (!network_) return {};
    TorchTensor activations;
    std::string error;
    if (!network_->run(as_picture(output), activations, error)) return broken(error);
    const std::span<const float> values = floats_of(activations, converted_);
    if (activations.dims < 1 ||
        static_cast<size_t>(activations.shape[activations.dims - 1]) != values.size() ||
        values.empty())
      return broken("the network of FID gives the shape " + shape_of(activations) +
                    ", not (1,activations)");
    if (const std::string wrong = non_finite_of(values, false); !wrong.empty())
      return broken("the network of FID: " + wrong);
    if (reference_.count() > 0 && values.size() != reference_.dimensions())
      return broken("the network of FID gives " + std::to_string(values.size()) +
                    " activations, the reference has " + std::to_string(reference_.dimensions()));
    if (!statistics_.add(values))
      return broken("the network of FID gives " + std::to_string(values.size()) +
                    " activations, and " + std::to_string(statistics_.dimensions()) + " before");
    set_array(fields, "activations", std::vector<float>(values.begin(), values.end()));
    // It costs the cube of the dimensions: anew whenever the number of images has doubled.
    const uint64_t images = statistics_.count();
    if (images >= statistics_.dimensions() && std::has_single_bit(images))
      running_ = final_metric();
    return {};
  }
  const char *metric_name() const override { return "FID"; }
  double running_metric() const override { return running_; }
  double final_metric() const override { return frechet_distance(reference_, statistics_); }
  std::string caution() const override {
    const uint64_t images = std::min(statistics_.count(), reference_.count());
    if (reference_.count() == 0 || images >= statistics_.dimensions()) return {};
    return "FID is of " + std::to_string(images) + " images with " +
           std::to_string(statistics_.dimensions()) +
           " activations each; with fewer images than activations it says little.";
  }

 private:
  // The image as a picture of 8 bits shows it.
  TorchTensor as_picture(const HeadOutput &output) {
    bytes_.resize(3 * output.pixels());
    const Picture picture{bytes_.data(), static_cast<std::ptrdiff_t>(3 * output.width),
                          output.width, output.height};
    paint_planes(output.values, picture);
    planes_of(picture, planes_);
    return planes_tensor(planes_, output.height, output.width);
  }

  std::unique_ptr<Model> network_;
  ActivationStatistics reference_;
  ActivationStatistics statistics_;
  double running_ = std::numeric_limits<double>::quiet_NaN();
  std::vector<uint8_t> bytes_;
  std::vector<float> planes_;
  std::vector<float> converted_;
};

std::unique_ptr<Truth> open_truth(const std::string &path, const char *property,
                                  std::string &error) {
  if (path.empty()) {
    error =
        std::string("There is nothing to compare with: the property ") + property + " is not set.";
    return nullptr;
  }
  std::unique_ptr<Truth> truth = Truth::open(path, error);
  if (!truth) error = std::string("The file of ") + property + " cannot be used: " + error + ".";
  return truth;
}

bool crop_of(const std::vector<int> &numbers, std::optional<DepthCrop> &crop, std::string &error) {
  if (numbers.empty()) return true;
  if (numbers.size() == 4 && numbers[0] >= 0 && numbers[0] < numbers[1] && numbers[2] >= 0 &&
      numbers[2] < numbers[3]) {
    crop = DepthCrop{static_cast<size_t>(numbers[0]), static_cast<size_t>(numbers[1]),
                     static_cast<size_t>(numbers[2]), static_cast<size_t>(numbers[3])};
    return true;
  }
  error = "crop needs four numbers, rows from and to, columns from and to, as <45, 471, 41, 601>.";
  return false;
}

bool read_reference(const std::string &path, ActivationStatistics &statistics, std::string &error) {
  if (path.empty()) return true;
  const std::unique_ptr<NpyArray> array = NpyArray::open(path, error);
  if (!array) {
    error = "The activations of the reference cannot be read: " + error + ".";
    return false;
  }
  if (array->shape().size() != 2 || array->points() == 0) {
    error = "The activations of the reference in " + path + " have the shape " +
            array->shape_text() + ", not (images,activations).";
    return false;
  }
  std::vector<float> row;
  for (uint64_t i = 0; i < array->shape()[0]; ++i) {
    array->read(i * array->shape()[1], array->shape()[1], row);
    if (const std::string wrong = non_finite_of(row, false); !wrong.empty()) {
      error = "The activations of the reference in " + path;
      error += ", image " + std::to_string(i) + ": " + wrong + ".";
      return false;
    }
    statistics.add(row);
  }
  return true;
}

std::unique_ptr<Scorer> make_image_scorer(const ScoreSettings &settings, std::string &error) {
  ActivationStatistics reference;
  if (!read_reference(settings.fid_reference, reference, error)) return nullptr;
  if (settings.fid.path.empty()) {
    if (reference.count() == 0) return std::make_unique<ImageScorer>(nullptr, reference);
    error = "fid-reference needs the network that gave it: the property fid-model is not set.";
    return nullptr;
  }
  std::unique_ptr<Model> network = Model::load(settings.fid, error);
  if (!network) return nullptr;
  return std::make_unique<ImageScorer>(std::move(network), std::move(reference));
}

}  // namespace

std::unique_ptr<Scorer> make_scorer(GstFeatureTask task, const ScoreSettings &settings,
                                    std::string &error) {
  if (task == GST_FEATURE_TASK_NONE) {
    error = "The task is not known: neither the caps nor the property task tell it.";
    return nullptr;
  }
  if (task == GST_FEATURE_TASK_TTI) return make_image_scorer(settings, error);
  std::unique_ptr<Truth> truth = open_truth(settings.truth, "truth", error);
  if (!truth) return nullptr;
  if (task == GST_FEATURE_TASK_CLS)
    return std::make_unique<ClassScorer>(std::move(truth), settings.classes);
  if (task == GST_FEATURE_TASK_SEG)
    return std::make_unique<MaskScorer>(std::move(truth), settings.classes);
  if (task == GST_FEATURE_TASK_CSR) {
    std::unique_ptr<Truth> choices = open_truth(settings.choices, "choices", error);
    if (!choices) return nullptr;
    return std::make_unique<ChoiceScorer>(std::move(truth), std::move(choices));
  }
  std::optional<DepthCrop> crop;
  DepthRange range;
  if (!crop_of(settings.crop, crop, error) || !depth_range_of(settings.depth_range, range, error))
    return nullptr;
  return std::make_unique<DepthScorer>(std::move(truth), crop, range);
}

}  // namespace feat
