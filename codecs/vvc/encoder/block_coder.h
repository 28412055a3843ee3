// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes one block as a single coding unit: prediction, sub-partitions, transform or none, levels.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/effort.h"
#include "codecs/vvc/encoder/lambda.h"
#include "codecs/vvc/encoder/mode_search.h"
#include "codecs/vvc/encoder/transform_coder.h"

namespace feat::vvc {

struct CodedBlock {
  CodingUnit unit;
  int64_t distortion = 0;                     // sum of squared errors
  std::array<int32_t, kMaxBlockArea> levels;  // as write_coding_unit() takes them
  std::array<uint16_t, kMaxBlockArea> recon;  // in rows of the block's width
};

struct KnownChoice {
  bool known = false;
  bool transform_skip = false;
  IntraChoice choice;
};

class BlockCoder {
 public:
  BlockCoder(CodedFrame &frame, int qp, const Effort &effort);

  const Lambda &lambda() const { return lambda_; }

  // Finds the best way to code a node of the tree as one unit with the given context states.
  // `known` is what did best when a block of this shape was coded here before; if there was none,
  // it is filled.
  void code(const TreeNode &node, const ContextSet &contexts, KnownChoice &known,
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
    int64_t base = 0;   // cost without any level, but for the coded flag
    int64_t guess = 0;  // cost that the trellis may reach
    std::array<uint16_t, kMaxBlockArea> prediction;
    std::array<int32_t, kMaxBlockArea> coefficients;
  };

  int64_t rate_of(const IntraChoice &choice) const;
  int64_t flag_rate(int ctx, bool value) const;
  void prepare(const IntraChoice &choice, Candidate &candidate);
  void search_modes();
  void search_partitions();
  void try_candidate(const Candidate &candidate);
  void try_transform_skip(const Candidate &candidate);
  void try_partitions(const IntraChoice &choice);
  // Predicts a partition and takes its residual; returns the prediction.
  const uint16_t *predict_partition(const IspShape &shape, int index, const IntraChoice &choice);
  int64_t guess_partitions(const IntraChoice &choice, int64_t limit);
  TreeNode partition_place(const IspShape &shape, int index, Isp isp) const;
  void code_known(const IntraChoice &choice, bool transform_skip);
  void code_new();
  void keep_if_better();
  void reconstruct(CodedBlock &out);

  CodedFrame &frame_;
  Effort effort_;
  Lambda lambda_;
  TransformCoder transform_;
  TrellisRates rates_;
  TrellisRates part_rates_;
  Residual residual_;
  IntraReference reference_{};
  std::array<uint16_t, kMaxBlockArea> prediction_;
  std::array<uint16_t, kMaxBlockArea> part_prediction_;
  std::array<int32_t, kMaxBlockArea> part_coefficients_;

  // The block in work.
  TreeNode node_;
  const ContextSet *contexts_ = nullptr;
  MpmList mpm_{};
  IntraSyntax syntax_{};
  std::array<Candidate, 2> candidates_;
  Candidate *chosen_ = nullptr;  // without sub-partitions
  IntraChoice partitioned_;      // with them; kNone: no good
  int64_t partitioned_guess_ = 0;
  std::array<Trial, 2> trials_;
  Trial *best_ = nullptr;
  Trial *trial_ = nullptr;

  int width() const { return 1 << node_.log2_w; }
  int height() const { return 1 << node_.log2_h; }
  size_t area() const { return size_t{1} << (node_.log2_w + node_.log2_h); }
};

}  // namespace feat::vvc
