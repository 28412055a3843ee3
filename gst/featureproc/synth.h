// SPDX-License-Identifier: LGPL-2.1-or-later
// Synthetic features with the statistics that "Feature Coding in the Era of Large Models"
// publishes for its five kinds of features. Free of GLib.
#ifndef GST_FEATUREPROC_SYNTH_H
#define GST_FEATUREPROC_SYNTH_H

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace feat {

/// One split point of Table 9.
struct SynthLayer {
  double max;
  double min;
  double mean;
  double intensity_variance;  ///< variance after quantising [min, max] to 0 ... 1023
  double bias_channel;        ///< typical value of the channel with the positive outliers
};

/// One kind of feature.
struct SynthKind {
  const char *name;
  std::array<int32_t, 4> shape;  ///< of the paper (Table 1); csr, which varies: 64 tokens
  bool picture;                  ///< smooth in both directions (latents); else tokens by channels
  bool half;                     ///< float16 in the paper, else float32
  double massive_tokens;         ///< share of the tokens with massive activations; 0: the first
  double token_factors;          ///< share of the variance that tokens have in common
  double smoothness;             ///< correlation of that share from token to token, 0 to 1
  unsigned n_layers;
  std::array<SynthLayer, 4> layers;
};

enum class Synth { kCls, kSeg, kDpt, kCsr, kTti };

const SynthKind &synth_kind(Synth kind);

/// Standard deviation that a layer's intensity variance stands for.
double synth_deviation(const SynthLayer &layer);

/// Channel of the negative and of the positive massive activations, out of `n_channels`: the
/// same for every seed, as in a trained model.
unsigned synth_negative_channel(unsigned n_channels);
unsigned synth_positive_channel(unsigned n_channels);

/// Feature number `index` of a seed, of any shape: the two last dimensions are tokens by
/// channels (height by width for pictures), the one before them is the layer of dpt and the
/// channel of tti.
std::vector<float> synthesize(Synth kind, uint64_t seed, uint64_t index,
                              std::span<const int32_t> shape);

}  // namespace feat

#endif  // GST_FEATUREPROC_SYNTH_H
