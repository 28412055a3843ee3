// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What encoder and decoder have in common.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/preparation.h"

namespace feat::hyperprior {

// Sizes of latents and hyper-latents of a prepared plane.
struct LatentSizes {
  LatentSizes(const ModelDescription &model, int prepared_width, int prepared_height)
      : y_width(prepared_width / model.latent_stride),
        y_height(prepared_height / model.latent_stride),
        z_width(prepared_width / model.hyper_stride),
        z_height(prepared_height / model.hyper_stride),
        y_count(static_cast<size_t>(y_width) * static_cast<size_t>(y_height) *
                static_cast<size_t>(model.latents)),
        z_count(static_cast<size_t>(z_width) * static_cast<size_t>(z_height) *
                static_cast<size_t>(model.hyper_latents)) {}

  int y_width;
  int y_height;
  int z_width;
  int z_height;
  size_t y_count;
  size_t z_count;
};

// The tables of hyper-latents [height, width, channels]: each channel has its own.
std::vector<uint8_t> hyper_tables(const ModelDescription &model, size_t count);

// The step, in deviations of the plane, that a quality stands for: at 0 half the range of code
// values, at 1 half a code value at 10 bits, and as many octaves at other depths.
double step_of(double quality, const Preparation &how, int bit_depth);

}  // namespace feat::hyperprior
