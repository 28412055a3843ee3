// SPDX-License-Identifier: LGPL-2.1-or-later
// Synthetic features against the numbers of Table 9 of the paper.
#include "gst/featureproc/synth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

using namespace feat;

namespace {

struct Statistics {
  double min, max, mean, intensity_variance, gradient, kurtosis;
};

/// Of a matrix, the way the paper does it: 10-bit values over the full range for the intensity
/// variance; the gradient is the mean Sobel magnitude over their deviation, where white noise
/// has 4.34.
Statistics measure(std::span<const float> x, size_t width) {
  Statistics s = {};
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  s.min = *low;
  s.max = *high;
  const auto n = static_cast<double>(x.size());
  std::vector<double> q;
  double q_sum = 0;
  for (const float v : x) {
    s.mean += v / n;
    q.push_back(std::floor((v - s.min) * 1023 / (s.max - s.min)));
    q_sum += q.back();
  }
  double square = 0;
  double fourth = 0;
  for (const float v : x) {
    const double d = v - s.mean;
    square += d * d / n;
    fourth += d * d * d * d / n;
  }
  s.kurtosis = fourth / (square * square);
  for (const double v : q) s.intensity_variance += (v - q_sum / n) * (v - q_sum / n) / n;
  const size_t height = x.size() / width;
  double gradients = 0;
  for (size_t r = 1; r + 1 < height; ++r) {
    for (size_t c = 1; c + 1 < width; ++c) {
      const double *p = &q[r * width + c];
      const auto w = static_cast<std::ptrdiff_t>(width);
      const double gx = p[1 - w] + 2 * p[1] + p[1 + w] - p[-1 - w] - 2 * p[-1] - p[w - 1];
      const double gy = p[w - 1] + 2 * p[w] + p[w + 1] - p[-w - 1] - 2 * p[-w] - p[1 - w];
      gradients += std::sqrt(gx * gx + gy * gy);
    }
  }
  s.gradient =
      gradients / static_cast<double>((height - 2) * (width - 2)) / std::sqrt(s.intensity_variance);
  return s;
}

/// Range within float rounding, mean within 1 % of the deviation, intensity variance within 3 %.
void check_layer(const SynthLayer &layer, const Statistics &s, const char *name) {
  EXPECT_EQ(s.min, static_cast<float>(layer.min)) << name;
  EXPECT_EQ(s.max, static_cast<float>(layer.max)) << name;
  EXPECT_NEAR(s.mean, layer.mean, synth_deviation(layer) * 0.01) << name;
  EXPECT_NEAR(s.intensity_variance, layer.intensity_variance, layer.intensity_variance * 0.03)
      << name;
}

/// Correlation of elements `step` apart.
double correlation(std::span<const float> x, size_t step) {
  double xy = 0, xx = 0, mean = 0;
  for (const float v : x) mean += v / static_cast<double>(x.size());
  for (size_t i = 0; i + step < x.size(); ++i) {
    xy += (x[i] - mean) * (x[i + step] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
  }
  return xy / xx;
}

/// Largest magnitude of each channel.
std::vector<float> peaks(std::span<const float> x, size_t n_channels) {
  std::vector<float> peak(n_channels, 0);
  for (size_t i = 0; i < x.size(); ++i)
    peak[i % n_channels] = std::max(peak[i % n_channels], std::abs(x[i]));
  return peak;
}

std::vector<size_t> strongest(const std::vector<float> &peak, size_t n) {
  std::vector<size_t> order(peak.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return peak[a] > peak[b]; });
  order.resize(n);
  std::sort(order.begin(), order.end());
  return order;
}

/// The two outlier channels are the same for every seed, and the rest stays well below them.
void check_outlier_channels(std::span<const float> x, size_t n_channels, double rest) {
  const std::vector<float> peak = peaks(x, n_channels);
  const size_t negative = synth_negative_channel(static_cast<unsigned>(n_channels));
  const size_t positive = synth_positive_channel(static_cast<unsigned>(n_channels));
  EXPECT_EQ(strongest(peak, 2), (std::vector<size_t>{positive, negative}));
  for (size_t c = 0; c < n_channels; ++c) {
    if (c == positive || c == negative) continue;
    EXPECT_LT(peak[c], rest) << c;
  }
}

size_t count_below(std::span<const float> x, double limit) {
  return static_cast<size_t>(std::count_if(x.begin(), x.end(), [&](float v) { return v < limit; }));
}

TEST(Synth, Classification) {
  for (const uint64_t seed : {1, 2, 3}) {
    const SynthKind &kind = synth_kind(Synth::kCls);
    const auto x = synthesize(Synth::kCls, seed, seed, kind.shape);
    const Statistics s = measure(x, 1536);
    check_layer(kind.layers[0], s, "cls");
    EXPECT_NEAR(s.gradient / 4.34, 0.63, 0.07);  // Table 9: about 0.58
    EXPECT_GT(s.kurtosis, 1000);
    check_outlier_channels(x, 1536, 45);
    EXPECT_EQ(count_below(x, -100), 5u);
    // Tokens resemble each other more than channels do.
    EXPECT_GT(correlation(x, 1536), 0.1);
    EXPECT_LT(std::abs(correlation(x, 1)), 0.05);
    // Clipping to +-20 costs what Table 3 implies, about 2.8.
    double error = 0;
    for (const float v : x) error += std::pow(v - std::clamp(v, -20.0F, 20.0F), 2);
    EXPECT_NEAR(error / static_cast<double>(x.size()), 2.8, 0.3);
  }
}

TEST(Synth, Segmentation) {
  const SynthKind &kind = synth_kind(Synth::kSeg);
  const auto x = synthesize(Synth::kSeg, 1, 0, kind.shape);
  ASSERT_EQ(x.size(), 2u * 1370 * 1536);
  for (size_t image = 0; image < 2; ++image) {
    const auto plane = std::span(x).subspan(image * 1370 * 1536, 1370 * 1536);
    const Statistics s = measure(plane, 1536);
    check_layer(kind.layers[0], s, "seg");
    EXPECT_NEAR(s.gradient / 4.34, 0.71, 0.07);
    check_outlier_channels(plane, 1536, 45);
    EXPECT_EQ(count_below(plane, -100), 17u);
  }
}

TEST(Synth, Depth) {
  const SynthKind &kind = synth_kind(Synth::kDpt);
  const std::array<int32_t, 4> shape = {1, 4, 1611, 1536};
  const auto x = synthesize(Synth::kDpt, 1, 0, shape);
  const std::array<double, 4> gradients = {0.95, 0.99, 0.54, 0.74};
  for (size_t layer = 0; layer < 4; ++layer) {
    const auto plane = std::span(x).subspan(layer * 1611 * 1536, 1611 * 1536);
    const Statistics s = measure(plane, 1536);
    check_layer(kind.layers[layer], s, std::to_string(layer).c_str());
    EXPECT_NEAR(s.gradient / 4.34, gradients[layer], 0.1) << layer;
    check_outlier_channels(plane, 1536, kind.layers[layer].max);
  }
}

TEST(Synth, Reasoning) {
  const SynthKind &kind = synth_kind(Synth::kCsr);
  const auto x = synthesize(Synth::kCsr, 1, 0, kind.shape);
  const Statistics s = measure(x, 4096);
  check_layer(kind.layers[0], s, "csr");
  EXPECT_NEAR(s.gradient / 4.34, 0.98, 0.05);
  check_outlier_channels(x, 4096, 22);
  const auto end = std::min_element(x.begin(), x.end()) - x.begin();
  EXPECT_LT(end, 4096);  // the first token carries the extremes
}

TEST(Synth, Latents) {
  const SynthKind &kind = synth_kind(Synth::kTti);
  const auto x = synthesize(Synth::kTti, 1, 0, kind.shape);
  const Statistics s = measure(x, 128);
  check_layer(kind.layers[0], s, "tti");
  EXPECT_NEAR(s.gradient / 4.34, 0.576, 0.06);
  EXPECT_LT(s.kurtosis, 4);
  EXPECT_GT(correlation(x, 1), 0.6);
  EXPECT_GT(correlation(x, 128), 0.6);
}

TEST(Synth, SeedAndIndexChooseTheSample) {
  const std::array<int32_t, 4> shape = {1, 1, 17, 96};
  for (const Synth kind : {Synth::kCls, Synth::kSeg, Synth::kDpt, Synth::kCsr, Synth::kTti}) {
    const auto x = synthesize(kind, 7, 2, shape);
    EXPECT_EQ(x, synthesize(kind, 7, 2, shape));
    EXPECT_NE(x, synthesize(kind, 8, 2, shape));
    EXPECT_NE(x, synthesize(kind, 7, 3, shape));
  }
}

TEST(Synth, EveryShapeIsFiniteAndInRange) {
  const std::vector<std::vector<int32_t>> shapes = {{},
                                                    {1},
                                                    {5},
                                                    {0},
                                                    {3, 0},
                                                    {0, 3},
                                                    {1, 1},
                                                    {2, 1},
                                                    {1, 2},
                                                    {2, 2},
                                                    {1, 7},
                                                    {9, 1},
                                                    {3, 2, 5, 4},
                                                    {2, 3, 2, 3, 4},
                                                    {1, 1, 1, 1, 1, 1, 1, 1}};
  for (const Synth kind : {Synth::kCls, Synth::kSeg, Synth::kDpt, Synth::kCsr, Synth::kTti}) {
    double low = 0, high = 0;
    for (unsigned i = 0; i < synth_kind(kind).n_layers; ++i) {
      low = std::min(low, synth_kind(kind).layers[i].min);
      high = std::max(high, synth_kind(kind).layers[i].max);
    }
    for (const auto &shape : shapes) {
      size_t n = 1;
      for (const int32_t d : shape) n *= static_cast<size_t>(d);
      const auto x = synthesize(kind, 1, 0, shape);
      ASSERT_EQ(x.size(), n);
      for (const float v : x) {
        EXPECT_TRUE(std::isfinite(v));
        EXPECT_GE(v, static_cast<float>(low));
        EXPECT_LE(v, static_cast<float>(high));
      }
    }
  }
}

/// FNV-1a over the bits of the values: the same on every machine and with every compiler.
uint64_t hash(const std::vector<float> &x) {
  uint64_t h = 0xcbf29ce484222325;
  for (const float v : x) h = (h ^ std::bit_cast<uint32_t>(v)) * 0x100000001b3;
  return h;
}

TEST(Synth, SameBitsEverywhere) {
  const std::array<int32_t, 4> shape = {1, 4, 33, 48};
  EXPECT_EQ(hash(synthesize(Synth::kCls, 1, 0, shape)), 0x7ee8731da6ded11bu);
  EXPECT_EQ(hash(synthesize(Synth::kDpt, 1, 0, shape)), 0xd668f7eaa296297du);
  EXPECT_EQ(hash(synthesize(Synth::kTti, 1, 0, shape)), 0xf6423b689fb6585fu);
}

}  // namespace
