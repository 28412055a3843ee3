// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/export.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "codecs/hyperprior/integer_network.h"

namespace feat::hyperprior {

namespace {

constexpr int kScales = 64;
constexpr double kSmallestScale = 0.11;
constexpr double kLargestScale = 256;
// Activations of training planes fill this part of the range; others may be larger.
constexpr double kFilled = 0.75;
constexpr double kLargestSum = 2147483647.0 * 0.999;

struct Map {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<float> values;  // [channels, height, width]

  float &at(int c, int y, int x) {
    return values[(static_cast<size_t>(c) * static_cast<size_t>(height) + static_cast<size_t>(y)) *
                      static_cast<size_t>(width) +
                  static_cast<size_t>(x)];
  }
};

size_t weight_index(const Layer &layer, int o, int i, int k) {
  const bool transposed = layer.op == Layer::Op::kDeconv;
  const int first = transposed ? i * layer.out + o : o * layer.in + i;
  return static_cast<size_t>(first) * static_cast<size_t>(layer.kernel * layer.kernel) +
         static_cast<size_t>(k);
}

// Adds what one input channel gives to one output channel.
void add_channel(const Layer &layer, const float *weights, Map &in, int i, int o, Map &out) {
  const int padding = layer.kernel == layer.stride ? 0 : layer.kernel / 2;
  const bool transposed = layer.op == Layer::Op::kDeconv;
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < in.width; ++x) {
      const float value = in.at(i, y, x);
      if (value == 0) continue;
      for (int k = 0; k < layer.kernel * layer.kernel; ++k) {
        const int ky = k / layer.kernel;
        const int kx = k % layer.kernel;
        const int oy = transposed ? y * layer.stride - padding + ky : y + padding - ky;
        const int ox = transposed ? x * layer.stride - padding + kx : x + padding - kx;
        if (oy >= 0 && oy < out.height && ox >= 0 && ox < out.width)
          out.at(o, oy, ox) += value * weights[k];
      }
    }
  }
}

Map convolve(const Layer &layer, const FloatTensor &weight, const FloatTensor &bias, Map &in) {
  const int scale = layer.op == Layer::Op::kDeconv ? layer.stride : 1;
  Map out{layer.out, in.height * scale, in.width * scale, {}};
  const size_t plane = static_cast<size_t>(out.height) * static_cast<size_t>(out.width);
  for (int o = 0; o < layer.out; ++o)
    out.values.insert(out.values.end(), plane, bias.values[static_cast<size_t>(o)]);
  for (int o = 0; o < layer.out; ++o)
    for (int i = 0; i < layer.in; ++i)
      add_channel(layer, weight.values.data() + weight_index(layer, o, i, 0), in, i, o, out);
  return out;
}

// The largest |value| of each channel.
std::vector<double> largest_of(const std::vector<Map> &maps) {
  std::vector<double> largest(static_cast<size_t>(maps[0].channels), 0.0);
  for (const Map &map : maps) {
    const size_t plane = map.values.size() / largest.size();
    for (size_t i = 0; i < map.values.size(); ++i)
      largest[i / plane] = std::max(largest[i / plane], std::abs(double{map.values[i]}));
  }
  return largest;
}

// Integers for one layer.
class Rounding {
 public:
  // `scales`: integers for 1 of each input channel, `largest_input` of them all.
  Rounding(const Layer &layer, const FloatTensor &weight, const FloatTensor &bias,
           const std::vector<double> &scales, int largest_input)
      : layer_(layer),
        weight_(weight),
        bias_(bias),
        scales_(scales),
        largest_input_(largest_input),
        weights_(weight.values.size()),
        biases_(bias.values.size()),
        shifts_(bias.values.size()) {}

  // Sums of channel `o` times 2^shift are `scale` for 1, where the weights allow as much; returns
  // the scale that it came to. `exact`: a smaller one will not do; 0 if the weights are too large.
  double channel(int o, double scale, bool exact) {
    double largest = 1e-30;
    std::vector<double> phases(static_cast<size_t>(layer_.stride * layer_.stride), 0.0);
    for (int i = 0; i < layer_.in; ++i) {
      for (int k = 0; k < layer_.kernel * layer_.kernel; ++k) {
        const double w = std::abs(effective(o, i, k));
        largest = std::max(largest, w);
        phases[phase(k)] += w;
      }
    }
    const double all = *std::max_element(phases.begin(), phases.end());
    const double bias = std::abs(double{bias_.values[static_cast<size_t>(o)]});
    // Of the sums for 1: weights fit in 16 bits, sums with their rounding in 32.
    const double rounding_error = 0.5 * layer_.in * layer_.kernel * layer_.kernel * largest_input_;
    const double limit = std::min(32767 / largest, (kLargestSum / 2 - rounding_error) /
                                                       (all * largest_input_ + bias + 1e-30));
    int shift = static_cast<int>(std::floor(std::log2(limit / scale)));
    if (shift < 0) {
      if (exact) return 0;
      scale = limit;
      shift = 0;
    }
    shift = std::min(shift, 30);
    const double sums = std::ldexp(scale, shift);
    for (int i = 0; i < layer_.in; ++i)
      for (int k = 0; k < layer_.kernel * layer_.kernel; ++k)
        weights_[weight_index(layer_, o, i, k)] =
            static_cast<int32_t>(std::lround(effective(o, i, k) * sums));
    biases_[static_cast<size_t>(o)] =
        static_cast<int32_t>(std::llround(double{bias_.values[static_cast<size_t>(o)]} * sums));
    shifts_[static_cast<size_t>(o)] = shift;
    return scale;
  }

  void store(std::map<std::string, TensorData> &tensors) const {
    tensors[layer_.name + ".weight"] = store_integers(weights_, weight_.shape, Element::kS16);
    tensors[layer_.name + ".bias"] = store_integers(biases_, {layer_.out}, Element::kS32);
    tensors[layer_.name + ".shift"] = store_integers(shifts_, {layer_.out}, Element::kS32);
  }

 private:
  double effective(int o, int i, int k) const {
    return double{weight_.values[weight_index(layer_, o, i, k)]} / scales_[static_cast<size_t>(i)];
  }
  // Of a transposed convolution each output sees a part of the kernel alone.
  size_t phase(int k) const {
    const int s = layer_.op == Layer::Op::kDeconv ? layer_.stride : 1;
    return static_cast<size_t>(k / layer_.kernel % s * s + k % layer_.kernel % s);
  }

  const Layer &layer_;
  const FloatTensor &weight_;
  const FloatTensor &bias_;
  const std::vector<double> &scales_;
  const int largest_input_;
  std::vector<int32_t> weights_;
  std::vector<int32_t> biases_;
  std::vector<int32_t> shifts_;
};

// Between neighbours of scale_table(): an output belongs to the scale whose number is how many
// thresholds it is not below.
void add_thresholds(const ModelDescription &model, std::map<std::string, TensorData> &tensors) {
  const std::vector<double> scales = scale_table();
  std::vector<int32_t> thresholds;
  for (size_t i = 0; i + 1 < scales.size(); ++i) {
    const double between =
        model.scale_places ? static_cast<double>(i) + 0.5 : std::sqrt(scales[i] * scales[i + 1]);
    thresholds.push_back(static_cast<int32_t>(std::lround(between * kOutputScale)));
  }
  const auto count = static_cast<int>(thresholds.size());
  tensors["y.thresholds"] = store_integers(thresholds, {count}, Element::kS32);
}

}  // namespace

std::vector<double> scale_table() {
  std::vector<double> scales(kScales);
  for (int i = 0; i < kScales; ++i)
    scales[static_cast<size_t>(i)] =
        kSmallestScale * std::pow(kLargestScale / kSmallestScale, i / (kScales - 1.0));
  return scales;
}

void add_distributions(const std::string &prefix, std::span<const rans::Distribution> distributions,
                       std::map<std::string, TensorData> &tensors) {
  std::vector<int32_t> first;
  std::vector<int32_t> raw_bits;
  std::vector<int32_t> symbols;
  std::vector<int32_t> frequencies;
  for (const rans::Distribution &d : distributions) {
    first.push_back(d.first);
    raw_bits.push_back(d.raw_bits);
    symbols.push_back(static_cast<int32_t>(d.frequencies.size()));
    frequencies.insert(frequencies.end(), d.frequencies.begin(), d.frequencies.end());
  }
  const auto count = static_cast<int>(first.size());
  tensors[prefix + ".first"] = store_integers(first, {count}, Element::kS32);
  tensors[prefix + ".raw_bits"] = store_integers(raw_bits, {count}, Element::kU16);
  tensors[prefix + ".symbols"] = store_integers(symbols, {count}, Element::kU16);
  tensors[prefix + ".frequencies"] =
      store_integers(frequencies, {static_cast<int>(frequencies.size())}, Element::kU16);
}

bool add_hyper_synthesis(const ModelDescription &model,
                         const std::map<std::string, FloatTensor> &weights,
                         std::span<const HyperLatents> examples,
                         std::map<std::string, TensorData> &tensors) {
  std::vector<Map> maps;
  for (const HyperLatents &z : examples) {
    Map map{model.hyper_latents, z.height, z.width, {}};
    for (const int32_t value : z.values)
      map.values.push_back(
          static_cast<float>(std::clamp(value, -kMaxHyperLatent, kMaxHyperLatent)));
    maps.push_back(std::move(map));
  }
  std::vector<double> scales(static_cast<size_t>(model.hyper_latents), 1.0);
  int largest_input = kMaxHyperLatent;
  const Network &network = model.hyper_synthesis;
  for (size_t l = 0; l < network.size(); ++l) {
    const Layer &layer = network[l];
    if (layer.op == Layer::Op::kRelu) continue;
    const auto weight = weights.find(layer.name + ".weight");
    const auto bias = weights.find(layer.name + ".bias");
    if (weight == weights.end() || bias == weights.end() || maps.empty()) return false;
    const bool relu = l + 1 < network.size() && network[l + 1].op == Layer::Op::kRelu;
    const bool last = l + (relu ? 2 : 1) == network.size();
    for (Map &map : maps) {
      map = convolve(layer, weight->second, bias->second, map);
      if (relu)
        for (float &value : map.values) value = std::max(value, 0.0F);
    }
    const std::vector<double> largest = largest_of(maps);
    Rounding rounding(layer, weight->second, bias->second, scales, largest_input);
    std::vector<double> next(static_cast<size_t>(layer.out));
    for (int o = 0; o < layer.out; ++o) {
      const double wanted =
          last ? kOutputScale
               : kFilled * kMaxActivation / std::max(largest[static_cast<size_t>(o)], 1e-3);
      next[static_cast<size_t>(o)] = rounding.channel(o, wanted, last);
      if (next[static_cast<size_t>(o)] == 0) return false;
    }
    rounding.store(tensors);
    scales = std::move(next);
    largest_input = kMaxActivation;
  }
  add_thresholds(model, tensors);
  return true;
}

}  // namespace feat::hyperprior
