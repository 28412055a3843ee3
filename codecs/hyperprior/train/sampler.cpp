// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/sampler.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>

#include "codecs/hyperprior/train/error.h"
#include "codecs/hyperprior/train/random.h"

namespace feat::hyperprior::train {

namespace {

at::Tensor floats(at::IntArrayRef shape) {
  return at::empty(shape, at::TensorOptions(c10::ScalarType::Float));
}

// Planes are padded to fit blocks of the first layer, which therefore lie as they do in use; the
// paper's crops begin anywhere.
int grid_of(const ModelDescription &model) {
  return model.input == Input::kNormalised ? model.latent_stride : 1;
}

void copy(const PreparedPlane &plane, int top, int left, int height, int width, float *samples,
          float *error_weights) {
  for (int row = 0; row < height; ++row) {
    const float *from =
        plane.samples.data() + static_cast<size_t>(top + row) * static_cast<size_t>(plane.width);
    std::copy(from + left, from + left + width, samples + static_cast<ptrdiff_t>(row) * width);
  }
  if (error_weights != nullptr)
    std::copy(plane.error_weights.begin() + left, plane.error_weights.begin() + left + width,
              error_weights);
}

}  // namespace

Sampler::Sampler(const ModelDescription &model, const Dataset &data, const CropSettings &settings)
    : model_(model), data_(data), settings_(settings) {
  if (data.planes().empty()) throw Error("there is no plane to train with");
  std::vector<double> points(data.names().size());
  for (const PreparedPlane &plane : data.planes())
    points[plane.group] += static_cast<double>(plane.samples.size());
  for (size_t i = 0; i < data.planes().size(); ++i) {
    const PreparedPlane &plane = data.planes()[i];
    Class &c =
        classes_[{std::min(settings.height, plane.height), std::min(settings.width, plane.width)}];
    const double before = c.until.empty() ? 0 : c.until.back();
    c.planes.push_back(i);
    c.until.push_back(before + static_cast<double>(plane.samples.size()) / points[plane.group]);
  }
}

const Sampler::Class &Sampler::draw_class(Random &random, Size &size) const {
  double total = 0;
  for (const auto &[key, c] : classes_) total += c.until.back();
  double place = random.unit() * total;
  auto found = classes_.begin();
  while (place >= found->second.until.back() && std::next(found) != classes_.end()) {
    place -= found->second.until.back();
    ++found;
  }
  size = found->first;
  return found->second;
}

void Sampler::crop(const PreparedPlane &plane, const Size &size, Random &random, float *samples,
                   float *error_weights) const {
  const int grid = grid_of(model_);
  const int top = random.below((plane.height - size.first) / grid + 1) * grid;
  const int left = random.below((plane.width - size.second) / grid + 1) * grid;
  copy(plane, top, left, size.first, size.second, samples, error_weights);
}

Batch Sampler::draw(uint64_t step) const {
  Random random(settings_.seed, step);
  Size size;
  const Class &c = draw_class(random, size);
  const int64_t count = settings_.batch;
  Batch batch;
  batch.planes = floats({count, 1, size.first, size.second});
  const bool weighted = !data_.planes()[c.planes[0]].error_weights.empty();
  if (weighted) batch.error_weights = floats({count, 1, 1, size.second});
  if (!model_.steps.empty()) batch.steps = floats({count});
  auto *samples = batch.planes.data_ptr<float>();
  auto *weights = weighted ? batch.error_weights.data_ptr<float>() : nullptr;
  for (int64_t i = 0; i < count; ++i) {
    const auto place =
        std::upper_bound(c.until.begin(), c.until.end(), random.unit() * c.until.back());
    const auto index = std::min<ptrdiff_t>(place - c.until.begin(), std::ssize(c.until) - 1);
    const PreparedPlane &plane = data_.planes()[c.planes[static_cast<size_t>(index)]];
    crop(plane, size, random, samples + i * size.first * size.second,
         weighted ? weights + i * size.second : nullptr);
    if (batch.steps.defined()) {
      const double low = std::log(double{model_.steps.front()});
      const double high = std::log(double{model_.steps.back()});
      // One in each of equal parts: the steps of a batch differ less from those of the next.
      const double share = (static_cast<double>(i) + random.unit()) / static_cast<double>(count);
      batch.steps.data_ptr<float>()[i] = static_cast<float>(std::exp(low + share * (high - low)));
    }
  }
  return batch;
}

Batch middle_of(const ModelDescription &model, const PreparedPlane &plane, int side,
                const std::vector<float> &steps) {
  const int height = std::min(plane.height, side);
  const int width = std::min(plane.width, side);
  const int grid = model.alignment;
  const bool weighted = !plane.error_weights.empty();
  Batch batch;
  batch.planes = floats({1, 1, height, width});
  if (weighted) batch.error_weights = floats({1, 1, 1, width});
  copy(plane, (plane.height - height) / 2 / grid * grid, (plane.width - width) / 2 / grid * grid,
       height, width, batch.planes.data_ptr<float>(),
       weighted ? batch.error_weights.data_ptr<float>() : nullptr);
  if (model.steps.empty()) return batch;
  const auto count = static_cast<int64_t>(steps.size());
  batch.planes = batch.planes.expand({count, -1, -1, -1}).contiguous();
  batch.steps = floats({count});
  std::copy(steps.begin(), steps.end(), batch.steps.data_ptr<float>());
  return batch;
}

}  // namespace feat::hyperprior::train
