// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How much faster the SIMD kernels of the H.266 codec are than their scalar references.
//
//   vvc-kernel-bench [part of a kernel's name]
//
// A line for each kernel and size of block: nanoseconds of the reference and of the kernel (medians
// of batches that take turns) and their ratio. Both are compiled with the options of the build.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "codecs/vvc/common/alf_kernels.h"
#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/encoder/alf_sums.h"
#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/forward_transform.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/level_cost.h"
#include "codecs/vvc/encoder/narrow_transform.h"
#include "codecs/vvc/encoder/satd.h"
#include "hwy/highway.h"

namespace {

using namespace feat::vvc;  // NOLINT(google-build-using-namespace)

constexpr int kBatches = 15;
constexpr double kBatchSeconds = 0.0007;
constexpr ptrdiff_t kStride = 1536;

// Of processor time, which other programs take no part of.
double now() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template <typename Call>
double seconds_per_call(const Call &call, int count) {
  const double begin = now();
  for (int i = 0; i < count; ++i) call();
  return (now() - begin) / count;
}

template <typename Call>
int calls_per_batch(const Call &call) {
  int count = 1;
  while (seconds_per_call(call, count) * count < kBatchSeconds) count *= 2;
  return count;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

const char *wanted = "";

template <typename Reference, typename Simd>
void compare(const std::string &name, int width, int height, const Reference &reference,
             const Simd &simd) {
  if (std::strstr(name.c_str(), wanted) == nullptr) return;
  const int reference_count = calls_per_batch(reference);
  const int simd_count = calls_per_batch(simd);
  std::vector<double> reference_seconds;
  std::vector<double> simd_seconds;
  for (int i = 0; i < kBatches; ++i) {
    reference_seconds.push_back(seconds_per_call(reference, reference_count));
    simd_seconds.push_back(seconds_per_call(simd, simd_count));
  }
  const double slow = median(reference_seconds);
  const double fast = median(simd_seconds);
  std::printf("%-24s %2dx%-2d %9.1f ns %9.1f ns %6.1f\n", name.c_str(), width, height, slow * 1e9,
              fast * 1e9, slow / fast);
}

volatile int64_t sink;

struct Content {
  std::vector<uint16_t> source = std::vector<uint16_t>(kStride * 64);
  std::vector<uint16_t> prediction = std::vector<uint16_t>(kStride * 64);
  std::vector<int16_t> residual = std::vector<int16_t>(64 * 64);
  std::vector<int32_t> coefficients = std::vector<int32_t>(64 * 64);

  Content() {
    std::mt19937 rng(1);
    for (uint16_t &v : source) v = rng() & 1023;
    for (uint16_t &v : prediction) v = rng() & 1023;
    for (int16_t &v : residual) v = static_cast<int16_t>(static_cast<int>(rng() & 255) - 128);
  }
};

void measure_encoder(Content &c, int log2_w, int log2_h) {
  const int w = 1 << log2_w;
  const int h = 1 << log2_h;
  const int16_t *residual = c.residual.data();
  const uint16_t *a = c.source.data();
  const uint16_t *b = c.prediction.data();
  compare(
      "satd", w, h, [&] { sink = scalar::satd(residual, log2_w, log2_h); },
      [&] { sink = satd(residual, log2_w, log2_h); });
  compare(
      "satd of two blocks", w, h,
      [&] { sink = scalar::satd(a, kStride, b, kStride, log2_w, log2_h); },
      [&] { sink = satd(a, kStride, b, kStride, log2_w, log2_h); });
  compare(
      "subtract", w, h,
      [&] { scalar::subtract(a, kStride, b, kStride, log2_w, log2_h, c.residual.data()); },
      [&] { subtract(a, kStride, b, kStride, log2_w, log2_h, c.residual.data()); });
  compare(
      "sum of squares", w, h, [&] { sink = scalar::sum_of_squares(residual, log2_w, log2_h); },
      [&] { sink = sum_of_squares(residual, log2_w, log2_h); });
  compare(
      "squared errors", w, h,
      [&] { sink = scalar::sum_of_squared_errors(a, kStride, b, kStride, log2_w, log2_h); },
      [&] { sink = sum_of_squared_errors(a, kStride, b, kStride, log2_w, log2_h); });
  compare(
      "steps", w, h, [&] { sink = scalar::sum_of_steps(a, kStride, log2_w, log2_h).down; },
      [&] { sink = sum_of_steps(a, kStride, log2_w, log2_h).down; });
  const auto forward = [&](const char *name, Kernel kernel) {
    int32_t *out = c.coefficients.data();
    compare(
        name, w, h,
        [&] { scalar::forward_transform(residual, log2_w, log2_h, kernel, kernel, 10, out); },
        [&] { forward_transform(residual, log2_w, log2_h, kernel, kernel, 10, out); });
  };
  forward("forward DCT-II", Kernel::kDct2);
  if (log2_w <= 5 && log2_h <= 5) forward("forward DST-VII", Kernel::kDst7);
}

// Dispatches to the scalar references, or to the kernels again.
void use_references(bool references) {
  static const int64_t supported = hwy::SupportedTargets();
  hwy::GetChosenTarget().Update(references ? HWY_SCALAR : supported);
}

void measure_prediction(Content &c, int log2_w, int log2_h) {
  IntraReference ref{};
  std::copy_n(c.source.begin(), ref.left.size(), ref.left.begin());
  std::copy_n(c.source.begin() + kStride, ref.above.size(), ref.above.begin());
  ref.above[0] = ref.left[0];
  const auto predict = [&](const char *name, int mode) {
    const auto call = [&, mode] {
      predict_intra(ref, mode, log2_w, log2_h, 10, c.prediction.data(), kStride);
    };
    compare(
        name, 1 << log2_w, 1 << log2_h,
        [&] {
          use_references(true);
          call();
        },
        [&] {
          use_references(false);
          call();
        });
  };
  predict("planar", kPlanar);
  predict("DC", kDc);
  predict("angular 66", 66);
  predict("angular 60", 60);
  predict("angular 42", 42);
  predict("angular 26", 26);
  predict("angular 7", 7);
}

// With `nonzero` rows and columns of coefficients.
void measure_inverse(Content &c, int log2_w, int log2_h, int nonzero) {
  const int w = 1 << log2_w;
  const int h = 1 << log2_h;
  std::vector<int32_t> coeff(static_cast<size_t>(w) * static_cast<size_t>(h), 0);
  for (int y = 0; y < std::min(h, nonzero); ++y) {
    for (int x = 0; x < std::min(w, nonzero); ++x) {
      coeff[static_cast<size_t>(y * w + x)] = c.residual[static_cast<size_t>(y * 64 + x)];
    }
  }
  const std::string suffix = ", " + std::to_string(nonzero);
  const auto inverse = [&](const char *name, Kernel k) {
    int32_t *out = c.coefficients.data();
    const int nw = std::min(w, nonzero);
    const int nh = std::min(h, nonzero);
    compare(
        name + suffix, w, h,
        [&] { scalar::inverse_transform(coeff.data(), log2_w, log2_h, nw, nh, k, k, 10, out); },
        [&] { inverse_transform(coeff.data(), log2_w, log2_h, nw, nh, k, k, 10, out); });
  };
  inverse("inverse DCT-II", Kernel::kDct2);
  if (std::min(log2_w, log2_h) >= 2 && std::max(log2_w, log2_h) <= 5)
    inverse("inverse DST-VII", Kernel::kDst7);
  const uint16_t *pred = c.prediction.data();
  if (nonzero > 8) {
    compare(
        "add residual", w, h,
        [&] {
          scalar::add_residual(pred, kStride, coeff.data(), w, h, 10, c.source.data(), kStride);
        },
        [&] { add_residual(pred, kStride, coeff.data(), w, h, 10, c.source.data(), kStride); });
  }
}

// A row of blocks across a CTU.
void measure_alf(Content &c) {
  constexpr int kWidth = 4 * kAlfMaxBlocks;
  const uint16_t *from = c.source.data() + 8 * kStride + 8;
  AlfGradients g;
  const AlfGradients *rows[4] = {&g, &g, &g, &g};
  uint8_t classes[kAlfMaxBlocks];
  const AlfCells cells{from, kStride, true, true};
  compare(
      "ALF gradients", kWidth, 2, [&] { scalar::alf_gradients(cells, kAlfMaxBlocks, g); },
      [&] { alf_gradients(cells, kAlfMaxBlocks, g); });
  compare(
      "ALF classes", kWidth, 4,
      [&] { scalar::alf_classify(rows, 4, 64, 10, kAlfMaxBlocks, classes); },
      [&] { alf_classify(rows, 4, 64, 10, kAlfMaxBlocks, classes); });
  AlfTaps filter{};
  for (int k = 0; k < AlfTaps::kCount; ++k) {
    filter.weight[k] = static_cast<int16_t>(k - 6);
    filter.limit[k] = 128;
  }
  const AlfTaps *taps[kAlfMaxBlocks];
  std::fill(std::begin(taps), std::end(taps), &filter);
  for (const bool clip : {false, true}) {
    const AlfBlocks blocks{from, kStride, c.prediction.data(), kStride, kAlfMaxBlocks,
                           taps, clip,    {3, 3, 3, 3},        10};
    compare(
        clip ? "ALF filter, clipping" : "ALF filter", kWidth, 4,
        [&] { scalar::alf_filter_blocks(blocks); }, [&] { alf_filter_blocks(blocks); });
  }
}

// What the search for a filter sums up, of four lines of that width.
void measure_alf_search(Content &c) {
  constexpr int kWidth = 4 * kAlfMaxBlocks;
  const auto rows = std::make_unique<AlfTermRows>();
  const AlfLine line{c.source.data() + 8 * kStride + 8, kStride, kWidth, 3, 10};
  compare(
      "ALF terms", kWidth, 1, [&] { scalar::alf_terms(line, 0, *rows); },
      [&] { alf_terms(line, 0, *rows); });
  for (size_t i = 0; i < AlfTermRows::kSamples; i += kWidth) alf_terms(line, i, *rows);
  for (size_t i = 0; i < AlfTermRows::kSamples; ++i) rows->errors[i] = c.residual[i];
  AlfSums sums;
  compare(
      "ALF products", kWidth, 4,
      [&] { scalar::alf_add_products(*rows, AlfTermRows::kSamples, sums); },
      [&] { alf_add_products(*rows, AlfTermRows::kSamples, sums); });
}

// Coefficients of which a few are larger than a step, at QP 32.
void measure_levels(int log2_w, int log2_h) {
  constexpr int kQp = 32 + 12;
  const int w = 1 << log2_w;
  const int h = 1 << log2_h;
  const size_t area = size_t{1} << (log2_w + log2_h);
  const QuantStep step = QuantStep::dependent(kQp, 10, log2_w, log2_h, Lambda(32, 10));
  const auto whole = static_cast<int32_t>(step.reconstruct(2));
  std::mt19937 rng(1);
  std::vector<int32_t> coefficients(area);
  for (int32_t &v : coefficients) {
    v = static_cast<int32_t>(rng() % static_cast<uint32_t>(whole)) - whole / 2;
    if (rng() % 8 == 0) v *= 4;
  }
  const int32_t *c = coefficients.data();
  compare(
      "guess of levels' cost", w, h,
      [&] { sink = scalar::guess_level_cost(c, log2_w, log2_h, step); },
      [&] { sink = guess_level_cost(c, log2_w, log2_h, step); });
  std::vector<int32_t> result(area);
  compare(
      "rough levels, copied", w, h,
      [&] {
        std::copy_n(c, area, result.data());
        sink = scalar::requantize(result.data(), log2_w, log2_h, step).rows;
      },
      [&] {
        std::copy_n(c, area, result.data());
        sink = requantize(result.data(), log2_w, log2_h, step).rows;
      });
}

void measure_narrow(Content &c, int log2_w, int log2_h) {
  const int16_t *residual = c.residual.data();
  int32_t *coefficients = c.coefficients.data();
  compare(
      "forward DCT-II", 1 << log2_w, 1 << log2_h,
      [&] { scalar::forward_narrow(residual, log2_w, log2_h, Kernel::kDct2, 10, coefficients); },
      [&] { forward_narrow(residual, log2_w, log2_h, Kernel::kDct2, 10, coefficients); });
}

}  // namespace

int main(int argc, char **argv) {
  if (argc > 1) wanted = argv[1];
  const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  std::printf("%s\nkernel                   size     reference         SIMD  ratio\n",
              hwy::TargetName(targets & -targets));
  Content content;
  constexpr int kShapes[][2] = {{2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 6}, {2, 4}, {5, 3}};
  for (const auto &shape : kShapes) {
    measure_encoder(content, shape[0], shape[1]);
    measure_prediction(content, shape[0], shape[1]);
    measure_levels(shape[0], shape[1]);
    for (const int nonzero : {4, 16}) measure_inverse(content, shape[0], shape[1], nonzero);
  }
  constexpr int kPartitions[][2] = {{0, 4}, {1, 4}, {4, 0}, {4, 1}, {6, 0}};
  for (const auto &shape : kPartitions) {
    measure_levels(shape[0], shape[1]);
    measure_narrow(content, shape[0], shape[1]);
    measure_inverse(content, shape[0], shape[1], 16);
  }
  measure_alf(content);
  measure_alf_search(content);
  return 0;
}
