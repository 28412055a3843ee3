// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/picture.h"

#include <algorithm>
#include <cmath>

namespace feat {

namespace {

uint8_t to_byte(float value) {
  return static_cast<uint8_t>(std::floor(std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F));
}

void put(uint8_t *pixel, const Colour &colour) {
  std::copy(colour.begin(), colour.end(), pixel);
}

}  // namespace

void planes_of(const Picture &picture, std::vector<float> &planes) {
  const size_t pixels = picture.width * picture.height;
  planes.resize(3 * pixels);
  for (size_t y = 0; y < picture.height; ++y) {
    const uint8_t *pixel = picture.row(y);
    for (size_t x = 0; x < picture.width; ++x, pixel += 3)
      for (size_t c = 0; c < 3; ++c)
        planes[c * pixels + y * picture.width + x] = static_cast<float>(pixel[c]) / 255;
  }
}

void paint_planes(std::span<const float> planes, const Picture &picture) {
  const size_t pixels = picture.width * picture.height;
  for (size_t y = 0; y < picture.height; ++y) {
    uint8_t *pixel = picture.row(y);
    for (size_t x = 0; x < picture.width; ++x, pixel += 3)
      for (size_t c = 0; c < 3; ++c) pixel[c] = to_byte(planes[c * pixels + y * picture.width + x]);
  }
}

TorchTensor planes_tensor(std::span<const float> planes, size_t height, size_t width) {
  TorchTensor tensor;
  tensor.dims = 4;
  tensor.shape[0] = 1;
  tensor.shape[1] = 3;
  tensor.shape[2] = static_cast<int64_t>(height);
  tensor.shape[3] = static_cast<int64_t>(width);
  tensor.data = planes.data();
  tensor.bytes = planes.size_bytes();
  return tensor;
}

Colour label_colour(size_t label) {
  Colour colour = {};
  for (unsigned bit = 7; label != 0; --bit, label >>= 3) {
    for (unsigned c = 0; c < 3; ++c)
      colour[c] = static_cast<uint8_t>(colour[c] | (label >> c & 1) << bit);
    if (bit == 0) break;
  }
  return colour;
}

void labels_of(std::span<const float> planes, size_t classes, std::vector<int32_t> &labels) {
  const size_t pixels = planes.size() / classes;
  labels.assign(pixels, 0);
  std::vector<float> best(planes.begin(), planes.begin() + static_cast<std::ptrdiff_t>(pixels));
  for (size_t k = 1; k < classes; ++k) {
    const std::span<const float> plane = planes.subspan(k * pixels, pixels);
    for (size_t i = 0; i < pixels; ++i) {
      if (!(plane[i] > best[i])) continue;
      best[i] = plane[i];
      labels[i] = static_cast<int32_t>(k);
    }
  }
}

void paint_labels(std::span<const int32_t> labels, const Picture &picture) {
  for (size_t y = 0; y < picture.height; ++y)
    for (size_t x = 0; x < picture.width; ++x)
      put(picture.row(y) + 3 * x, label_colour(static_cast<size_t>(labels[y * picture.width + x])));
}

Colour depth_colour(float depth, float near, float far) {
  const float t = 3 * std::clamp((far - depth) / (far - near), 0.0F, 1.0F);
  return {to_byte(t), to_byte(t - 1), to_byte(t - 2)};
}

void paint_depth(std::span<const float> depth, float near, float far, const Picture &picture) {
  for (size_t y = 0; y < picture.height; ++y)
    for (size_t x = 0; x < picture.width; ++x)
      put(picture.row(y) + 3 * x, depth_colour(depth[y * picture.width + x], near, far));
}

}  // namespace feat
