// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/image_shape.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace feat::native {

namespace {

constexpr uint64_t kJobPoints = uint64_t{1} << 19;
// Images that have fewer points go together.
constexpr uint64_t kGroupPoints = uint64_t{1} << 17;

constexpr uint64_t kMinSide = 16;
constexpr double kMinCorrelation = 0.3;
constexpr uint64_t kSampledPlanes = 16;

// Sums of floats, several side by side, since each addition waits for the one before.
struct Sums {
  static constexpr size_t kSums = 8;
  std::array<double, kSums> sums{};
  double sum() const { return std::accumulate(sums.begin(), sums.end(), 0.0); }
};

// Sums over planes of products of samples around their means.
struct Products {
  double squares = 0;
  double right = 0;  // with the next sample
  double down = 0;   // with the one below

  void add(const float *plane, size_t height, size_t width) {
    Sums samples;
    const size_t size = height * width;
    size_t i = 0;
    for (; i + Sums::kSums <= size; i += Sums::kSums) {
      for (size_t j = 0; j < Sums::kSums; ++j) samples.sums[j] += plane[i + j];
    }
    for (; i < size; ++i) samples.sums[0] += plane[i];
    const double mean = samples.sum() / static_cast<double>(size);
    for (size_t y = 0; y + 1 < height; ++y) add_line(plane + y * width, width, mean);
  }

 private:
  void add_line(const float *line, size_t width, double mean) {
    Sums same;
    Sums next;
    Sums below;
    const auto add_sample = [&](size_t x, size_t j) {
      const double value = line[x] - mean;
      same.sums[j] += value * value;
      next.sums[j] += value * (line[x + 1] - mean);
      below.sums[j] += value * (line[x + width] - mean);
    };
    size_t x = 0;
    for (; x + Sums::kSums < width; x += Sums::kSums) {
      for (size_t j = 0; j < Sums::kSums; ++j) add_sample(x + j, j);
    }
    for (; x + 1 < width; ++x) add_sample(x, 0);
    squares += same.sum();
    right += next.sum();
    down += below.sum();
  }
};

}  // namespace

ImageShape::ImageShape(std::span<const uint32_t> shape) {
  uint64_t *const parts[] = {&width, &height, &channels};
  for (size_t i = 0; i < shape.size(); ++i)
    *(i < 3 ? parts[i] : &images) *= shape[shape.size() - 1 - i];
}

ImagePlan plan_images(const ImageShape &shape, const BlockGrid &grid) {
  ImagePlan plan;
  if (shape.points() == 0) return plan;
  const size_t rows = grid.rows().size();
  const uint64_t parts = std::clamp<uint64_t>(shape.image_points() / kJobPoints, 1, rows);
  const uint64_t together = std::max<uint64_t>(kGroupPoints / shape.image_points(), 1);
  for (uint64_t i = 0; i < shape.images; i += together) {
    const size_t group = plan.groups.size();
    plan.groups.push_back({i, std::min(together, shape.images - i), plan.jobs.size()});
    for (uint64_t p = 0; p < parts; ++p) {
      const size_t first = rows * p / parts;
      plan.jobs.push_back({group, first, rows * (p + 1) / parts - first});
    }
  }
  return plan;
}

bool looks_like_images(const ImageShape &shape, std::span<const float> values) {
  if (shape.height < kMinSide || shape.width < kMinSide) return false;
  const uint64_t planes = shape.images * shape.channels;
  const uint64_t sampled = std::min(planes, kSampledPlanes);
  Products products;
  for (uint64_t i = 0; i < sampled; ++i)
    products.add(values.data() + planes * i / sampled * shape.height * shape.width, shape.height,
                 shape.width);
  const double least = kMinCorrelation * products.squares;
  return products.squares > 0 && products.right > least && products.down > least;
}

}  // namespace feat::native
