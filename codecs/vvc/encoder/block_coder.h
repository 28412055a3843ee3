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

class BlockCoder {
 public:
  BlockCoder(CodedFrame &frame, int qp, const Effort &effort);

  const Lambda &lambda() const { return lambda_; }

  // Finds the best way to code a node of the tree as one unit with the given context states.
  // `known` holds the modes to try; if it is empty, it is filled with the mode that did best.
  void code(const TreeNode &node, const ContextSet &contexts, ModeCandidates &known,
            CodedBlock &out);

 private:
  struct Trial {
    CodingUnit unit;
    int64_t cost = 0;
    std::array<int32_t, kMaxBlockArea> levels;
    // Of a unit without sub-partitions the prediction, of others the reconstruction.
    std::array<uint16_t, kMaxBlockArea> samples;
  };

  int64_t rate_of(const IntraChoice &choice) const;
  void try_choice(const ModeCandidate &candidate);
  void try_transform_skip();
  void try_partitions(uint8_t mode, Isp isp);
  bool code_partition(const IspShape &shape, int index, Trial &trial, int64_t &cost);
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

  // The block in work.
  TreeNode node_;
  const ContextSet *contexts_ = nullptr;
  MpmList mpm_{};
  IntraSyntax syntax_{};
  std::array<Trial, 2> trials_;
  Trial *best_ = nullptr;
  Trial *trial_ = nullptr;

  int width() const { return 1 << node_.log2_w; }
  int height() const { return 1 << node_.log2_h; }
  size_t area() const { return size_t{1} << (node_.log2_w + node_.log2_h); }
};

}  // namespace feat::vvc
