// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/tiles.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/hyperprior_reference.h"

namespace feat::hyperprior {
namespace {

using Op = Layer::Op;

at::Tensor example(std::vector<int64_t> shape) {
  int64_t count = 1;
  for (const int64_t side : shape) count *= side;
  return reference::tensor(reference::numbers("x", size_t(count)), shape) * 2 - 1;
}

Layer residual(const std::string &name, int channels, int inside) {
  Layer layer = reference::without_kernel(Op::kResidual, name, channels);
  layer.inner = {reference::with_kernel(Op::kConv, name + ".0", channels, inside, 3, 1),
                 reference::without_kernel(Op::kRelu, name + ".1", inside),
                 reference::with_kernel(Op::kConv, name + ".2", inside, channels, 1, 1)};
  return layer;
}

const Network kBlocksDown = {reference::with_kernel(Op::kConv, "a.0", 1, 8, 8, 8),
                             residual("a.1", 8, 12), residual("a.2", 8, 12)};
const Network kBlocksUp = {residual("s.0", 8, 12), residual("s.1", 8, 12),
                           reference::with_kernel(Op::kDeconv, "s.2", 8, 1, 8, 8)};

struct Case {
  const char *name;
  Network network;
  int channels;
  int64_t height;
  int64_t width;
};

class Tiles : public testing::TestWithParam<Case> {};

TEST_P(Tiles, LeaveNoSeams) {
  const Case &c = GetParam();
  Weights w;
  reference::add_weights(c.network, w);
  const at::Tensor x = example({1, c.channels, c.height, c.width});
  const at::Tensor whole = run(c.network, w, x);
  const Extent extent = extent_of(c.network);
  const double cells = double(c.height * c.width) / extent.down / extent.down;
  // From one tile to the smallest ones.
  for (const double part : {1.0, 0.6, 0.2, 0.05, 0.0}) {
    const auto limit = static_cast<int64_t>(cells * extent.cell_values * part);
    const at::Tensor tiled = run_in_tiles(c.network, w, at::kFloat, x, limit);
    ASSERT_EQ(tiled.sizes(), whole.sizes()) << part;
    EXPECT_LT((tiled - whole).abs().max().item<float>(), 1e-5 * whole.abs().max().item<float>())
        << part;
    EXPECT_TRUE(tiled.is_contiguous());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Tiles,
    testing::Values(Case{"analysis", reference::networks(6, 7).analysis, 1, 384, 256},
                    Case{"hyper_analysis", reference::networks(6, 7).hyper_analysis, 7, 52, 44},
                    Case{"synthesis", reference::networks(6, 7).synthesis, 7, 15, 21},
                    Case{"wide", reference::networks(6, 7).synthesis, 7, 1, 60},
                    Case{"high", reference::networks(6, 7).analysis, 1, 960, 16},
                    Case{"blocks_down", kBlocksDown, 1, 160, 96},
                    Case{"blocks_up", kBlocksUp, 8, 21, 12}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(Extent, IsThatOfThePaper) {
  const reference::Networks networks = reference::networks();
  const Extent analysis = extent_of(networks.analysis);
  EXPECT_EQ(analysis.up, 1);
  EXPECT_EQ(analysis.down, 16);
  EXPECT_EQ(analysis.margin, 2);  // 2 + 4 + 8 + 16 = 30 samples, in cells of 16
  EXPECT_EQ(analysis.cell_values, 128 * 8 * 8);
  const Extent synthesis = extent_of(networks.synthesis);
  EXPECT_EQ(synthesis.up, 16);
  EXPECT_EQ(synthesis.down, 1);
  EXPECT_EQ(synthesis.margin, 2);  // behind the layers 1, 2, 2, 2
  EXPECT_EQ(synthesis.cell_values, 128 * 8 * 8);
  EXPECT_EQ(extent_of(networks.hyper_analysis).margin, 2);  // 1 + 2 + 4 = 7, in cells of 4
}

// The margin is what it has to be, not more: an impulse reaches as far, to the left.
TEST(Extent, MarginIsTheFieldOfView) {
  const Network network = reference::networks(6, 7).synthesis;
  Weights w;
  reference::add_weights(network, w);
  const at::Tensor quiet = example({1, 7, 1, 41});
  at::Tensor loud = quiet.clone();
  loud.select(3, 20).add_(100);
  const at::Tensor changed = (run(network, w, loud) - run(network, w, quiet)).abs() > 1e-3;
  const int reach = extent_of(network).margin;
  EXPECT_FALSE(changed.slice(3, 0, 16 * (20 - reach)).any().item<bool>());
  EXPECT_TRUE(changed.slice(3, 16 * (20 - reach), 16 * (21 - reach)).any().item<bool>());
  EXPECT_FALSE(changed.slice(3, 16 * (21 + reach)).any().item<bool>());
}

}  // namespace
}  // namespace feat::hyperprior
