// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Between RGB pictures of 8 bits and tensors, and what masks and depth look like.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/torch/torch_model.h"

namespace feat {

// RGB, three bytes a pixel.
struct Picture {
  uint8_t *data = nullptr;
  std::ptrdiff_t stride = 0;
  size_t width = 0;
  size_t height = 0;

  uint8_t *row(size_t y) const { return data + static_cast<std::ptrdiff_t>(y) * stride; }
};

using Colour = std::array<uint8_t, 3>;

// Three planes of 0 to 1 out of a picture, and back: rounded, and clamped where it is beyond.
void planes_of(const Picture &picture, std::vector<float> &planes);
void paint_planes(std::span<const float> planes, const Picture &picture);
// The planes as a model takes them: (1,3,height,width).
TorchTensor planes_tensor(std::span<const float> planes, size_t height, size_t width);

// The colour of a class, as PASCAL VOC has it: the bits of the label go to red, green and blue in
// turn, the lowest to the highest bit of a colour. 0 is black; 256 colours differ.
Colour label_colour(size_t label);
// Labels, the class with the largest of `classes` planes; the first of equal ones.
void labels_of(std::span<const float> planes, size_t classes, std::vector<int32_t> &labels);
void paint_labels(std::span<const int32_t> labels, const Picture &picture);

// Near is white, far black, and between them yellow and red: with t = (far - depth) / (far - near),
// clamped to 0 to 1, red is 3 t, green 3 t - 1 and blue 3 t - 2, each clamped, times 255.
Colour depth_colour(float depth, float near, float far);
void paint_depth(std::span<const float> depth, float near, float far, const Picture &picture);

}  // namespace feat
