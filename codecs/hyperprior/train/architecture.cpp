// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/train/architecture.h"

#include "codecs/hyperprior/train/error.h"

namespace feat::hyperprior::train {

namespace {

using Op = Layer::Op;

constexpr int kBlock = 8;  // side of the blocks of the default model's first and last layer
constexpr int kMaxWidth = 1024;

// Appends layers, whose names are those of PyTorch's sequences: "g_a.0", "g_a.1".
class Sequence {
 public:
  Sequence(std::string name, int channels) : name_(std::move(name)), channels_(channels) {}

  Sequence &conv(int out, int kernel, int stride = 1) {
    return add(Op::kConv, out, kernel, stride);
  }
  Sequence &deconv(int out, int kernel, int stride) {
    return add(Op::kDeconv, out, kernel, stride);
  }
  Sequence &plain(Op op) { return add(op, channels_, 1, 1); }
  Sequence &relu() { return plain(Op::kRelu); }
  Sequence &residual(int inner) {
    const std::string name = name_ + "." + std::to_string(network_.size());
    const int channels = channels_;
    plain(Op::kResidual);
    network_.back().inner =
        Sequence(name, channels).conv(inner, 3).relu().conv(channels, 1).network();
    return *this;
  }
  Network network() const { return network_; }

 private:
  Sequence &add(Op op, int out, int kernel, int stride) {
    Layer layer;
    layer.op = op;
    layer.name = name_ + "." + std::to_string(network_.size());
    layer.in = channels_;
    layer.out = out;
    layer.kernel = kernel;
    layer.stride = stride;
    network_.push_back(layer);
    channels_ = out;
    return *this;
  }

  std::string name_;
  int channels_;
  Network network_;
};

// CompressAI's bmshj2018-hyperprior, with one channel in and out.
ModelDescription reference(const Widths &widths) {
  ModelDescription m;
  m.name = "reference";
  m.latents = widths.latents > 0 ? widths.latents : 192;
  m.hyper_latents = widths.hyper_latents > 0 ? widths.hyper_latents : 128;
  const int n = m.hyper_latents;
  m.analysis = Sequence("g_a", 1)
                   .conv(n, 5, 2)
                   .plain(Op::kGdn)
                   .conv(n, 5, 2)
                   .plain(Op::kGdn)
                   .conv(n, 5, 2)
                   .plain(Op::kGdn)
                   .conv(m.latents, 5, 2)
                   .network();
  m.hyper_analysis = Sequence("h_a", m.latents)
                         .plain(Op::kAbs)
                         .conv(n, 3)
                         .relu()
                         .conv(n, 5, 2)
                         .relu()
                         .conv(n, 5, 2)
                         .network();
  m.hyper_synthesis = Sequence("h_s", n)
                          .deconv(n, 5, 2)
                          .relu()
                          .deconv(n, 5, 2)
                          .relu()
                          .conv(m.latents, 3)
                          .relu()
                          .network();
  m.synthesis = Sequence("g_s", m.latents)
                    .deconv(n, 5, 2)
                    .plain(Op::kIgdn)
                    .deconv(n, 5, 2)
                    .plain(Op::kIgdn)
                    .deconv(n, 5, 2)
                    .plain(Op::kIgdn)
                    .deconv(1, 5, 2)
                    .network();
  return m;
}

ModelDescription shipped(const Widths &widths) {
  ModelDescription m;
  m.name = "default";
  m.input = Input::kNormalised;
  m.alignment = 32;
  m.latent_stride = kBlock;
  m.hyper_stride = 32;
  m.latents = widths.latents > 0 ? widths.latents : kBlock * kBlock;
  m.hyper_latents = widths.hyper_latents > 0 ? widths.hyper_latents : 64;
  m.means = true;
  m.scale_places = true;
  m.steps = {0.05F, 0.1F, 0.2F, 0.4F, 0.8F, 1.6F, 3.2F, 6.4F};
  const int inner = widths.inner > 0 ? widths.inner : 96;
  m.analysis =
      Sequence("g_a", 1).conv(m.latents, kBlock, kBlock).residual(inner).residual(inner).network();
  m.hyper_analysis = Sequence("h_a", m.latents)
                         .conv(inner, 3)
                         .relu()
                         .conv(inner, 5, 2)
                         .relu()
                         .conv(m.hyper_latents, 5, 2)
                         .network();
  m.hyper_synthesis = Sequence("h_s", m.hyper_latents)
                          .deconv(inner, 5, 2)
                          .relu()
                          .deconv(inner, 5, 2)
                          .relu()
                          .conv(2 * m.latents, 3)
                          .network();
  m.synthesis = Sequence("g_s", m.latents)
                    .residual(inner)
                    .residual(inner)
                    .deconv(1, kBlock, kBlock)
                    .network();
  return m;
}

void check_width(const char *option, int width, int limit) {
  if (width < 0 || width > limit)
    throw Error(std::string(option) + " " + std::to_string(width) + " is not from 1 to " +
                std::to_string(limit));
}

}  // namespace

ModelDescription describe(const std::string &architecture, const Widths &widths) {
  const bool is_reference = architecture == "reference";
  if (!is_reference && architecture != "default")
    throw Error("--architecture " + architecture + " is neither default nor reference");
  check_width("--latents", widths.latents, is_reference ? kMaxWidth : kBlock * kBlock);
  check_width("--hyper-latents", widths.hyper_latents, kMaxWidth);
  check_width("--inner", widths.inner, kMaxWidth);
  return is_reference ? reference(widths) : shipped(widths);
}

}  // namespace feat::hyperprior::train
