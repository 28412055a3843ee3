// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Speed of the networks of the Hyperprior codec on LibTorch, with the sizes of the paper (128 and
// 192 channels) and of the default model, on the CPU.
//
//   hyperprior-bench [HEIGHT WIDTH [THREADS [REPEAT [NAME]]]]
//
// One line a network whose name contains NAME: the least wall time and processor time in
// milliseconds, and the memory that the process took at most until then. "transposed" is the
// synthesis with LibTorch's own transposed convolutions; the lines that begin with a space are
// layers of it.
#include <ATen/Parallel.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

#include "codecs/hyperprior/networks.h"
#include "codecs/hyperprior/tiles.h"
#include "tests/unit/hyperprior_reference.h"

namespace {

using namespace feat::hyperprior;
using Op = Layer::Op;

struct Options {
  int64_t height = 320;
  int64_t width = 1536;
  int repeat = 5;
  std::string name;
};

long peak_mebibytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

template <typename Work>
void measure(const Options &o, const std::string &name, const Work &work) {
  if (name.find(o.name) == std::string::npos) return;
  double least = std::numeric_limits<double>::max();
  double least_processor = least;
  for (int i = 0; i < o.repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t processor_start = std::clock();
    work();
    const double processor = 1e3 * double(std::clock() - processor_start) / CLOCKS_PER_SEC;
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    least = std::min(least, taken.count());
    least_processor = std::min(least_processor, processor);
  }
  std::printf("%-32s %8.1f ms %8.1f ms  %5ld MiB\n", name.c_str(), least, least_processor,
              peak_mebibytes());
  std::fflush(stdout);
}

at::Tensor last(const at::Tensor &x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

Weights weights_of(const Network &network) {
  Weights weights;
  reference::add_weights(network, weights);
  for (auto &[name, tensor] : weights)
    if (tensor.dim() == 4) tensor = last(tensor);
  return weights;
}

Layer residual(const std::string &name, int channels, int inside) {
  Layer layer = reference::without_kernel(Op::kResidual, name, channels);
  layer.inner = {reference::with_kernel(Op::kConv, name + ".0", channels, inside, 3, 1),
                 reference::without_kernel(Op::kRelu, name + ".1", inside),
                 reference::with_kernel(Op::kConv, name + ".2", inside, channels, 1, 1)};
  return layer;
}

void whole(const Options &o, const std::string &name, const Network &network, int channels) {
  const Weights weights = weights_of(network);
  const int up = extent_of(network).up;
  const at::Tensor x = at::randn({1, channels, o.height / up, o.width / up});
  measure(o, name, [&] { run_in_tiles(network, weights, at::kFloat, x, kMaxTileValues); });
}

// The synthesis of the paper, layer by layer.
void layers(const Options &o, const Network &network) {
  const Weights weights = weights_of(network);
  at::Tensor x = last(at::randn({1, reference::kLatents, o.height / 16, o.width / 16}));
  for (const Layer &layer : network) {
    at::Tensor y;
    measure(o, " " + layer.name, [&] { y = run({layer}, weights, x); });
    if (!y.defined()) y = run({layer}, weights, x);
    if (layer.op == Op::kDeconv)
      measure(o, " " + layer.name + " transposed", [&] {
        at::conv_transpose2d(x, weights.at(layer.name + ".weight"),
                             weights.at(layer.name + ".bias"), 2, 2, 1);
      });
    x = y;
  }
}

void transposed(const Options &o, const Network &network) {
  const Weights weights = weights_of(network);
  const at::Tensor x = last(at::randn({1, reference::kLatents, o.height / 16, o.width / 16}));
  measure(o, "paper synthesis transposed", [&] {
    at::Tensor y = x;
    for (const Layer &layer : network)
      y = layer.op != Op::kDeconv ? run({layer}, weights, y)
                                  : at::conv_transpose2d(y, weights.at(layer.name + ".weight"),
                                                         weights.at(layer.name + ".bias"), 2, 2, 1);
  });
}

}  // namespace

int main(int argc, char **argv) {
  Options o;
  if (argc == 2) {
    std::fprintf(stderr, "hyperprior-bench [HEIGHT WIDTH [THREADS [REPEAT [NAME]]]]\n");
    return 1;
  }
  if (argc > 2) {
    o.height = std::atoi(argv[1]);
    o.width = std::atoi(argv[2]);
  }
  at::set_num_threads(argc > 3 ? std::max(std::atoi(argv[3]), 1) : 2);
  if (argc > 4) o.repeat = std::max(std::atoi(argv[4]), 1);
  if (argc > 5) o.name = argv[5];
  if (o.height < 64 || o.width < 64 || o.height % 64 != 0 || o.width % 64 != 0) {
    std::fprintf(stderr, "hyperprior-bench: HEIGHT and WIDTH must be multiples of 64\n");
    return 1;
  }
  const c10::InferenceMode inference;
  const reference::Networks networks = reference::networks();
  whole(o, "paper analysis", networks.analysis, 1);
  whole(o, "paper synthesis", networks.synthesis, reference::kLatents);
  whole(o, "default analysis",
        {reference::with_kernel(Op::kConv, "a.0", 1, 64, 8, 8), residual("a.1", 64, 96),
         residual("a.2", 64, 96)},
        1);
  whole(o, "default synthesis",
        {residual("s.0", 64, 96), residual("s.1", 64, 96),
         reference::with_kernel(Op::kDeconv, "s.2", 64, 1, 8, 8)},
        64);
  transposed(o, networks.synthesis);
  layers(o, networks.synthesis);
  return 0;
}
