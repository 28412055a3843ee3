// SPDX-License-Identifier: LGPL-2.1-or-later
// Only additions, multiplications, divisions and square roots, in a fixed order and (by a
// compiler option) without fused operations: IEEE 754 then gives the same bits everywhere.
#include "gst/featureproc/synth.h"

#include <algorithm>
#include <cmath>

#include "gst/featureproc/prng.h"

namespace feat {

namespace {

// Tables 1 and 9. The number of massive tokens is what the error of clipping in Table 3 leaves
// room for: about 5 of 256, 17 of 1370 and 18 of 1611.
constexpr std::array<SynthKind, 5> kKinds = {{
    {"cls",
     {1, 1, 257, 1536},
     false,
     false,
     5.0 / 257,
     0.35,
     0.8,
     1,
     {{{79.01, -502.04, 0.0782, 17.04, 25}}}},
    {"seg",
     {2, 1, 1370, 1536},
     false,
     false,
     17.0 / 1370,
     0.35,
     0.9,
     1,
     {{{94.88, -485.23, 0.0780, 13.30, 25}}}},
    {"dpt",
     {2, 4, 1611, 1536},
     false,
     false,
     18.0 / 1611,
     0.35,
     0.9,
     4,
     {{{3.25, -2.33, -0.0015, 128.91, 0.9},
       {4.99, -26.08, -0.0005, 36.96, 2},
       {23.51, -314.26, 0.0042, 9.61, 10},
       {96.04, -493.17, 0.0731, 12.54, 25}}}},
    {"csr",
     {1, 1, 64, 4096},
     false,
     false,
     0,
     0.15,
     0.2,
     1,
     {{{27.50, -26.38, 0.0038, 419.14, 4}}}},
    {"tti", {1, 16, 128, 128}, true, true, 0, 0, 0, 1, {{{3.67, -2.11, 0.5664, 21130.12, 0}}}},
}};

constexpr unsigned kFactors = 6;
constexpr uint64_t kModelSeed = 0x6d6f64656c;  // what belongs to the model, not to the sample

struct Outlier {
  size_t position;
  float value;
};

/// Shifts and scales the body so that, with the outliers put in, mean and deviation are those of
/// the layer; then puts them in. The two ends of the range are hit exactly.
void finish(std::span<float> x, const SynthLayer &layer, const std::vector<Outlier> &outliers) {
  double sum = 0;
  double squares = 0;
  for (const float v : x) {
    sum += v;
    squares += static_cast<double>(v) * v;
  }
  double outlier_sum = 0;
  double outlier_squares = 0;
  for (const Outlier &o : outliers) {
    const double body = x[o.position];
    sum -= body;
    squares -= body * body;
    outlier_sum += o.value;
    outlier_squares += static_cast<double>(o.value) * o.value;
  }
  const auto n = static_cast<double>(x.size());
  const double n_body = std::max(1.0, n - static_cast<double>(outliers.size()));
  const double deviation = synth_deviation(layer);
  const double energy = (deviation * deviation + layer.mean * layer.mean) * n;
  const double mean = (layer.mean * n - outlier_sum) / n_body;
  // A tensor too small for its outliers keeps a body of a quarter of the deviation.
  const double variance =
      std::max((energy - outlier_squares) / n_body - mean * mean, deviation * deviation / 16);
  const double body_mean = sum / n_body;
  const double body_variance = squares / n_body - body_mean * body_mean;
  const double scale = body_variance > 0 ? std::sqrt(variance / body_variance) : 0;
  const double low = layer.min * 0.98;
  const double high = layer.max * 0.98;
  for (float &v : x) v = static_cast<float>(std::clamp(mean + (v - body_mean) * scale, low, high));
  for (const Outlier &o : outliers) x[o.position] = o.value;
}

/// What a model does to every sample: means and scales of the channels, directions of the
/// factors, and the offset of the first token.
struct Model {
  std::vector<double> mean, scale, first;
  std::vector<double> directions;  // kFactors for each channel

  Model(Synth kind, unsigned layer, unsigned n_channels) {
    Random random(kModelSeed, static_cast<uint64_t>(kind) * 16 + layer);
    for (unsigned c = 0; c < n_channels; ++c) {
      const double u = random.uniform();
      scale.push_back(0.5 + 1.1 * u * u * u + (random.below(64) == 0 ? 1.5 : 0.0));
      mean.push_back(0.4 * random.normal());
      first.push_back(random.normal());
      for (unsigned k = 0; k < kFactors; ++k) directions.push_back(random.normal());
    }
  }
};

/// One matrix of tokens by channels.
void fill_tokens(Synth kind, unsigned layer_index, Random *random, std::span<float> x,
                 unsigned n_tokens, unsigned n_channels, std::span<const unsigned> massive) {
  const SynthKind &table = synth_kind(kind);
  const SynthLayer &layer = table.layers[layer_index];
  const Model model(kind, layer_index, n_channels);
  const double shared = std::sqrt(table.token_factors / kFactors);
  const double own = std::sqrt(1 - table.token_factors);
  const double keep = table.smoothness;
  const double renew = std::sqrt(1 - keep * keep);
  std::array<double, kFactors> factors;
  for (double &f : factors) f = random->normal();
  for (unsigned t = 0; t < n_tokens; ++t) {
    for (double &f : factors) f = keep * f + renew * random->normal();
    for (unsigned c = 0; c < n_channels; ++c) {
      double common = 0;
      for (unsigned k = 0; k < kFactors; ++k)
        common += factors[k] * model.directions[static_cast<size_t>(c) * kFactors + k];
      const double noise = random->normal();
      const double tailed = noise * (0.8 + 0.06 * noise * noise);
      double value = model.mean[c] + model.scale[c] * (shared * common + own * tailed);
      if (t == 0) value += model.first[c];
      x[static_cast<size_t>(t) * n_channels + c] = static_cast<float>(value);
    }
  }

  const unsigned negative = synth_negative_channel(n_channels);
  const unsigned positive = synth_positive_channel(n_channels);
  std::vector<Outlier> outliers;
  const auto at = [&](unsigned t, unsigned c) { return static_cast<size_t>(t) * n_channels + c; };
  if (positive != negative) {
    for (unsigned t = 0; t < n_tokens; ++t) {
      double value = layer.bias_channel * (1 + 0.05 * random->normal());
      if (t == massive.front()) value = layer.max;
      outliers.push_back({at(t, positive), static_cast<float>(std::min(value, layer.max))});
    }
  }
  for (const unsigned t : massive) {
    const double part = t == massive.front() ? 1.0 : 1.0 - 0.15 * random->uniform();
    outliers.push_back({at(t, negative), static_cast<float>(layer.min * part)});
  }
  finish(x, layer, outliers);
}

/// Tokens with massive activations, the strongest first; never the first token unless it is the
/// only one meant.
std::vector<unsigned> pick_massive(const SynthKind &table, Random *random, unsigned n_tokens) {
  if (table.massive_tokens == 0 || n_tokens < 2) return {0};
  const double wanted = table.massive_tokens * n_tokens + 0.5;
  const unsigned n = std::clamp(static_cast<unsigned>(wanted), 1U, n_tokens - 1);
  std::vector<unsigned> tokens;
  while (tokens.size() < n) {
    const auto t = static_cast<unsigned>(1 + random->below(n_tokens - 1));
    if (std::find(tokens.begin(), tokens.end(), t) == tokens.end()) tokens.push_back(t);
  }
  return tokens;
}

/// Adds a field of random values on a grid of `step`, interpolated in between.
void add_octave(Random *random, std::span<double> field, unsigned height, unsigned width,
                unsigned step) {
  const unsigned columns = width / step + 2;
  const unsigned rows = height / step + 2;
  std::vector<double> grid(static_cast<size_t>(rows) * columns);
  for (double &g : grid) g = random->normal();
  for (unsigned y = 0; y < height; ++y) {
    const double fy = static_cast<double>(y % step) / step;
    for (unsigned x = 0; x < width; ++x) {
      const double fx = static_cast<double>(x % step) / step;
      const double *g = &grid[static_cast<size_t>(y / step) * columns + x / step];
      const double top = g[0] + (g[1] - g[0]) * fx;
      const double bottom = g[columns] + (g[columns + 1] - g[columns]) * fx;
      field[static_cast<size_t>(y) * width + x] += top + (bottom - top) * fy;
    }
  }
}

/// One latent of n_channels pictures that share structure.
void fill_picture(Random *random, std::span<float> x, unsigned n_channels, unsigned height,
                  unsigned width, const SynthLayer &layer) {
  constexpr unsigned kFields = 4;
  const size_t area = static_cast<size_t>(height) * width;
  std::vector<double> fields(area * kFields);
  for (unsigned k = 0; k < kFields; ++k) {
    for (const unsigned step : {64U, 32U, 16U, 8U, 4U})
      add_octave(random, std::span(fields).subspan(k * area, area), height, width, step);
  }
  Random model(kModelSeed, 255);
  for (unsigned c = 0; c < n_channels; ++c) {
    const double mean = 0.6 * model.normal();
    std::array<double, kFields> weights;
    for (double &w : weights) w = model.normal();
    for (size_t i = 0; i < area; ++i) {
      double value = mean + 0.8 * random->normal();
      for (unsigned k = 0; k < kFields; ++k) value += 0.6 * weights[k] * fields[k * area + i];
      x[c * area + i] = static_cast<float>(value);
    }
  }
  if (x.size() < 2) return finish(x, layer, {});
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const std::vector<Outlier> ends = {
      {static_cast<size_t>(low - x.begin()), static_cast<float>(layer.min)},
      {static_cast<size_t>(high - x.begin()), static_cast<float>(layer.max)}};
  finish(x, layer, ends);
}

}  // namespace

const SynthKind &synth_kind(Synth kind) {
  return kKinds[static_cast<size_t>(kind)];
}

double synth_deviation(const SynthLayer &layer) {
  const double step = (layer.max - layer.min) / 1023;
  return std::sqrt(layer.intensity_variance - 1.0 / 12) * step;  // without the quantiser's own
}

unsigned synth_negative_channel(unsigned n_channels) {
  return n_channels * 727ULL / 1536;
}
unsigned synth_positive_channel(unsigned n_channels) {
  return n_channels * 485ULL / 1536;
}

std::vector<float> synthesize(Synth kind, uint64_t seed, uint64_t index,
                              std::span<const int32_t> shape) {
  const auto dimension = [&](size_t from_end) {
    return shape.size() >= from_end ? static_cast<size_t>(shape[shape.size() - from_end]) : 1;
  };
  const size_t width = dimension(1);
  const size_t height = dimension(2);
  const size_t depth = dimension(3);
  size_t n_points = 1;
  for (const int32_t d : shape) n_points *= static_cast<size_t>(d);
  std::vector<float> x(n_points);
  if (n_points == 0) return x;

  const SynthKind &table = synth_kind(kind);
  const size_t area = height * width;
  const size_t n_images = n_points / (area * depth);
  uint64_t stream = index;
  const uint64_t base = splitmix64(&stream) ^ static_cast<uint64_t>(kind);
  for (size_t image = 0; image < n_images; ++image) {
    Random random(seed, base + image);
    const auto all = std::span(x).subspan(image * depth * area, depth * area);
    if (table.picture) {
      fill_picture(&random, all, static_cast<unsigned>(depth), static_cast<unsigned>(height),
                   static_cast<unsigned>(width), table.layers[0]);
      continue;
    }
    const auto massive = pick_massive(table, &random, static_cast<unsigned>(height));
    for (size_t d = 0; d < depth; ++d) {
      // The last plane is the last layer.
      const auto from_last = static_cast<unsigned>((depth - 1 - d) % table.n_layers);
      fill_tokens(kind, table.n_layers - 1 - from_last, &random, all.subspan(d * area, area),
                  static_cast<unsigned>(height), static_cast<unsigned>(width), massive);
    }
  }
  return x;
}

}  // namespace feat
