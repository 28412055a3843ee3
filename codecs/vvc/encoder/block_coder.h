// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes one block as a single coding unit: prediction, sub-partitions, transform or none, levels.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/encoder/coded_block.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/effort.h"
#include "codecs/vvc/encoder/experience.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/lossless_coder.h"
#include "codecs/vvc/encoder/mode_search.h"
#include "codecs/vvc/encoder/transform_coder.h"

namespace feat::vvc {

class BlockCoder {
 public:
  BlockCoder(CodedFrame &frame, QpPlan::Point qp, const Effort &effort);

  const Lambda &lambda() const { return lambda_; }
  Experience &experience() { return experience_; }

  // Guesses how well a node of the tree can be coded as one unit with the given context states:
  // returns the cost but for the syntax of the split, and leaves about the reconstruction there
  // would be in `out`. `known` is what was found when a block of this shape was looked at here
  // before; if there was none, it is filled.
  int64_t guess(const TreeNode &node, const ContextSet &contexts, KnownChoice &known,
                CodedBlock &out);

  // Finds the best way to code it. `known` likewise. False if there is no hope for a cost below
  // `limit`.
  bool code(const TreeNode &node, const ContextSet &contexts, KnownChoice &known, int64_t limit,
            CodedBlock &out);

 private:
  struct Trial {
    CodingUnit unit;
    int64_t cost = 0;
    std::array<int32_t, kMaxBlockArea> levels;
    // Of a unit without sub-partitions the prediction, of others the reconstruction.
    std::array<uint16_t, kMaxBlockArea> samples;
  };
  // A prediction and its transformed residual.
  struct Candidate {
    IntraChoice choice;
    int64_t base = 0;    // cost without any level, but for the coded flag
    int64_t guess = 0;   // cost that the trellis may reach
    bool empty = false;  // without any level
    std::array<uint16_t, kMaxBlockArea> prediction;
    std::array<int32_t, kMaxBlockArea> coefficients;
  };

  int64_t rate_of(const IntraChoice &choice) const;
  int64_t flag_rate(int ctx, bool value) const;
  void prepare(const IntraChoice &choice, Candidate &candidate);
  void search_modes(const BlockSearch &settings);
  void search_partitions(const BlockSearch &settings, KnownChoice &known);
  // In the directions that are worth it.
  void guess_partitions(uint8_t mode, KnownChoice &known);
  void try_candidate(const Candidate &candidate);
  void try_transform_skip(const Candidate &candidate);
  void try_partitions(const IntraChoice &choice, int64_t guess);
  // Predicts a partition and takes its residual; returns the prediction.
  const uint16_t *predict_partition(const IspShape &shape, int index, const IntraChoice &choice);
  int64_t guess_partitions(const IntraChoice &choice, int64_t limit);
  // Of the block in work, as the frame holds it, in rows of its width.
  void take_reconstruction(uint16_t *out) const;
  TreeNode partition_place(const IspShape &shape, int index, Isp isp) const;
  void start(const TreeNode &node, const ContextSet &contexts);
  void search(const BlockSearch &settings, KnownChoice &known);
  // How much worse than the best a guess may be for an alternative to be coded.
  int64_t margin() const { return guess_margin(node_, effort_.variant_margin); }
  IntraChoice permitted(IntraChoice choice) const;
  void keep_if_better();
  void learn(GuessBias::Variant variant, int64_t guess, int64_t cost);
  void reconstruct(CodedBlock &out);

  CodedFrame &frame_;
  Effort effort_;
  Lambda lambda_;
  Experience experience_;
  LosslessCoder lossless_;
  TransformCoder transform_;
  TrellisRates rates_;
  TrellisRates part_rates_;
  Residual residual_;
  IntraReference reference_{};
  std::array<uint16_t, kMaxBlockArea> prediction_;
  std::array<uint16_t, kMaxBlockArea> part_prediction_;
  std::array<int32_t, kMaxBlockArea> part_coefficients_;
  std::array<uint16_t, kMaxBlockArea> partitions_recon_;  // of the best partitions guessed

  bool guessing_ = false;  // the tree, not choosing for good

  // The block in work.
  TreeNode node_;
  const ContextSet *contexts_ = nullptr;
  MpmList mpm_{};
  IntraSyntax syntax_{};
  std::array<Candidate, 2> candidates_;
  Candidate *chosen_ = nullptr;  // without sub-partitions
  ModeCandidates modes_;         // with guesses as costs, best first
  std::array<Trial, 2> trials_;
  Trial *best_ = nullptr;
  Trial *trial_ = nullptr;

  int width() const { return 1 << node_.log2_w; }
  int height() const { return 1 << node_.log2_h; }
  size_t area() const { return size_t{1} << (node_.log2_w + node_.log2_h); }
};

}  // namespace feat::vvc
