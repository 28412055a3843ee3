// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How a tensor is taken apart into pictures of channels, and these into jobs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/feature/image_blocks.h"

namespace feat::native {

// The last dimensions are channels, height and width, the others count images.
struct ImageShape {
  uint64_t images = 1;
  uint64_t channels = 1;
  uint64_t height = 1;
  uint64_t width = 1;
  explicit ImageShape(std::span<const uint32_t> shape);
  uint64_t points() const { return images * image_points(); }
  uint64_t image_points() const { return channels * height * width; }
};

// Some whole images, which share rotations of their channels. Those of one job also share
// statistics; a single large image may be several jobs, each some rows of its blocks.
struct ImageGroup {
  uint64_t first_image = 0;
  uint64_t images = 1;
  size_t first_job = 0;
};
struct ImageJob {
  size_t group = 0;
  size_t first_row = 0;  // of blocks
  size_t rows = 0;
};
struct ImagePlan {
  std::vector<ImageGroup> groups;
  std::vector<ImageJob> jobs;
};

// Depends on nothing but the shape. Without `shared` statistics each image is a group.
ImagePlan plan_images(const ImageShape &shape, const BlockGrid &grid);

// Whether samples next to each other agree in both directions, so that the image layout pays.
bool looks_like_images(const ImageShape &shape, std::span<const float> values);

}  // namespace feat::native
