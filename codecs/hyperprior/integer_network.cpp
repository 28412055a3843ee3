// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/integer_network.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "codecs/common/parallel.h"

namespace feat::hyperprior {

namespace {

int padding_of(const Layer &layer) {
  return layer.kernel == layer.stride ? 0 : layer.kernel / 2;
}

// Weights of one place of the kernel, for two input channels at a time.
std::vector<int16_t> pack(const Layer &layer, const std::vector<int32_t> &weights, int ky, int kx,
                          const IntegerLayer &into) {
  const bool transposed = layer.op == Layer::Op::kDeconv;
  std::vector<int16_t> packed(static_cast<size_t>(into.in_pairs) *
                              static_cast<size_t>(into.out_padded) * 2);
  for (int i = 0; i < layer.in; ++i) {
    for (int o = 0; o < layer.out; ++o) {
      const size_t first =
          transposed
              ? static_cast<size_t>(i) * static_cast<size_t>(layer.out) + static_cast<size_t>(o)
              : static_cast<size_t>(o) * static_cast<size_t>(layer.in) + static_cast<size_t>(i);
      const size_t from = (first * static_cast<size_t>(layer.kernel) + static_cast<size_t>(ky)) *
                              static_cast<size_t>(layer.kernel) +
                          static_cast<size_t>(kx);
      const size_t to = (static_cast<size_t>(i / 2) * static_cast<size_t>(into.out_padded) +
                         static_cast<size_t>(o)) *
                            2 +
                        static_cast<size_t>(i % 2);
      packed[to] = static_cast<int16_t>(weights[from]);
    }
  }
  return packed;
}

// Which places of the kernel count for outputs whose coordinate is `phase` modulo the stride, and
// how far their input lies from the output's place: of a transposed convolution
// output = input * stride - padding + kernel, of another one output = input + padding - kernel.
struct Reach {
  int kernel;
  int offset;
};
std::vector<Reach> reaches(const Layer &layer, int phase) {
  std::vector<Reach> list;
  for (int k = 0; k < layer.kernel; ++k) {
    if (layer.op == Layer::Op::kConv) {
      list.push_back({k, k - padding_of(layer)});
      continue;
    }
    const int distance = phase + padding_of(layer) - k;
    if (distance % layer.stride == 0) list.push_back({k, distance / layer.stride});
  }
  return list;
}

// The largest sum of |weight| over the outputs `o` of all phases.
int64_t weight_of(const IntegerLayer &layer, int o) {
  int64_t largest = 0;
  for (const auto &taps : layer.phases) {
    int64_t sum = 0;
    for (const IntegerLayer::Tap &tap : taps)
      for (int i = 0; i < layer.in_pairs; ++i)
        for (int half = 0; half < 2; ++half)
          sum +=
              std::abs(tap.weights[(static_cast<size_t>(i) * static_cast<size_t>(layer.out_padded) +
                                    static_cast<size_t>(o)) *
                                       2 +
                                   static_cast<size_t>(half)]);
    largest = std::max(largest, sum);
  }
  return largest;
}

IntegerLayer make_layer(const Model &model, const Layer &layer) {
  IntegerLayer made;
  made.in_pairs = (layer.in + 1) / 2;
  made.out = layer.out;
  made.out_padded = (layer.out + kOutBlock - 1) / kOutBlock * kOutBlock;
  made.stride = layer.op == Layer::Op::kDeconv ? layer.stride : 1;
  const std::vector<int32_t> weights = model.tensor(layer.name + ".weight")->integers();
  for (int py = 0; py < made.stride; ++py) {
    for (int px = 0; px < made.stride; ++px) {
      std::vector<IntegerLayer::Tap> taps;
      for (const Reach &y : reaches(layer, py)) {
        for (const Reach &x : reaches(layer, px)) {
          taps.push_back({y.offset, x.offset, pack(layer, weights, y.kernel, x.kernel, made)});
          made.margin = std::max({made.margin, std::abs(y.offset), std::abs(x.offset)});
        }
      }
      made.phases.push_back(std::move(taps));
    }
  }
  made.bias = model.tensor(layer.name + ".bias")->integers();
  made.shift = model.tensor(layer.name + ".shift")->integers();
  made.bias.resize(static_cast<size_t>(made.out_padded));
  made.shift.resize(static_cast<size_t>(made.out_padded));
  return made;
}

// Adds the rounding to the bias. False: a shift is out of range, or sums may not fit.
bool bound(IntegerLayer &layer, int largest_input) {
  for (int o = 0; o < layer.out; ++o) {
    const auto at = static_cast<size_t>(o);
    const int32_t shift = layer.shift[at];
    if (shift < 0 || shift > 30) return false;
    const int64_t rounding = shift > 0 ? int64_t{1} << (shift - 1) : 0;
    const int64_t largest =
        weight_of(layer, o) * largest_input + std::abs(int64_t{layer.bias[at]}) + rounding;
    if (largest > std::numeric_limits<int32_t>::max()) return false;
    layer.bias[at] += static_cast<int32_t>(rounding);
  }
  return true;
}

// [height, width, channels] with zeros around: `margin` on each side, a pair of channels at a time.
struct Activations {
  Activations(int height_, int width_, int pairs, int margin_)
      : height(height_),
        width(width_),
        channels(2 * pairs),
        margin(margin_),
        row_stride((static_cast<ptrdiff_t>(width_) + 2 * margin_) * channels),
        values(static_cast<size_t>(row_stride) * static_cast<size_t>(height_ + 2 * margin_)) {}

  int16_t *row(int y) { return values.data() + (y + margin) * row_stride + margin * channels; }
  const int16_t *row(int y) const { return const_cast<Activations *>(this)->row(y); }

  int height;
  int width;
  int channels;
  int margin;
  ptrdiff_t row_stride;
  std::vector<int16_t> values;
};

void finish_row(const IntegerLayer &layer, const int32_t *sums, int width, int16_t *out,
                int channels) {
  const int low = layer.relu ? 0 : -kMaxActivation;
  for (int x = 0; x < width; ++x, sums += layer.out_padded, out += channels)
    for (int o = 0; o < layer.out; ++o)
      out[o] = static_cast<int16_t>(std::clamp(
          (sums[o] + layer.bias[static_cast<size_t>(o)]) >> layer.shift[static_cast<size_t>(o)],
          low, kMaxActivation));
}

void finish_last(const IntegerLayer &layer, int32_t *sums, int width) {
  const int32_t *from = sums;  // packed in place: no place is behind the one it is read from
  int32_t *to = sums;
  for (int x = 0; x < width; ++x, from += layer.out_padded, to += layer.out) {
    for (int o = 0; o < layer.out; ++o) {
      const int32_t value =
          (from[o] + layer.bias[static_cast<size_t>(o)]) >> layer.shift[static_cast<size_t>(o)];
      to[o] = layer.relu ? std::max(value, 0) : value;
    }
  }
}

// The row `y` of a layer's output, before bias and shift.
void row_sums(const IntegerLayer &layer, const Activations &in, int y, PhaseRow *kernel,
              int32_t *sums) {
  const int s = layer.stride;
  for (int px = 0; px < s; ++px) {
    const auto &taps = layer.phases[static_cast<size_t>(y % s * s + px)];
    kernel(layer, taps, in.row(y / s), in.row_stride, in.width,
           sums + static_cast<ptrdiff_t>(px) * layer.out_padded,
           static_cast<ptrdiff_t>(s) * layer.out_padded);
  }
}

}  // namespace

namespace scalar {

void phase_row(const IntegerLayer &layer, const std::vector<IntegerLayer::Tap> &taps,
               const int16_t *input, ptrdiff_t row_stride, int width, int32_t *out,
               ptrdiff_t step) {
  const int channels = 2 * layer.in_pairs;
  for (int x = 0; x < width; ++x, out += step) {
    std::fill(out, out + layer.out_padded, 0);
    for (const IntegerLayer::Tap &tap : taps) {
      const int16_t *from = input + tap.dy * row_stride + ptrdiff_t{x + tap.dx} * channels;
      const int16_t *weight = tap.weights.data();
      for (int i = 0; i < layer.in_pairs; ++i, from += 2)
        for (int o = 0; o < layer.out_padded; ++o, weight += 2)
          out[o] += from[0] * weight[0] + from[1] * weight[1];
    }
  }
}

}  // namespace scalar

std::unique_ptr<const IntegerNetwork> IntegerNetwork::create(const Model &model,
                                                             std::string &wrong) {
  const Network &network = model.description().hyper_synthesis;
  auto made = std::make_unique<IntegerNetwork>();
  made->inputs_ = model.description().hyper_latents;
  int largest = kMaxHyperLatent;
  for (size_t i = 0; i < network.size(); ++i) {
    const Layer &layer = network[i];
    if (layer.op == Layer::Op::kRelu) {
      if (i == 0) {
        wrong = "its hyper-synthesis begins with a relu";
        return nullptr;
      }
      made->layers_.back().relu = true;
      continue;
    }
    IntegerLayer next = make_layer(model, layer);
    if (!bound(next, largest)) {
      wrong = "sums of its layer " + layer.name + " may not fit in 32 bits";
      return nullptr;
    }
    largest = kMaxActivation;
    made->layers_.push_back(std::move(next));
  }
  if (made->layers_.empty()) {
    wrong = "its hyper-synthesis has no layers";
    return nullptr;
  }
  made->layers_.back().last = true;
  return made;
}

void IntegerNetwork::run(std::span<const int32_t> z, int height, int width, int threads,
                         const RowSink &sink, PhaseRow *kernel) const {
  Activations in(height, width, layers_[0].in_pairs, layers_[0].margin);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < inputs_; ++c)
        in.row(y)[x * in.channels + c] = static_cast<int16_t>(std::clamp(
            z[(static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) *
                  static_cast<size_t>(inputs_) +
              static_cast<size_t>(c)],
            -kMaxHyperLatent, kMaxHyperLatent));
  for (size_t i = 0; i < layers_.size(); ++i) {
    const IntegerLayer &layer = layers_[i];
    const int out_height = in.height * layer.stride;
    const int out_width = in.width * layer.stride;
    const size_t row = static_cast<size_t>(out_width) * static_cast<size_t>(layer.out_padded);
    Activations out = layer.last ? Activations(0, 0, 0, 0)
                                 : Activations(out_height, out_width, layers_[i + 1].in_pairs,
                                               layers_[i + 1].margin);
    in_parallel(threads, static_cast<size_t>(out_height), [&](size_t index) {
      const int y = static_cast<int>(index);
      std::vector<int32_t> sums(row);
      row_sums(layer, in, y, kernel, sums.data());
      if (layer.last) {
        finish_last(layer, sums.data(), out_width);
        sink(y, sums.data());
      } else {
        finish_row(layer, sums.data(), out_width, out.row(y), out.channels);
      }
    });
    in = std::move(out);
  }
}

}  // namespace feat::hyperprior
