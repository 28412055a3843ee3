// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Slice data (clauses 7.3.11.1 to 7.3.11.10): parsing and reconstruction of the coding tree.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/params.h"
#include "codecs/vvc/common/partition.h"
#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/decoder/cabac_decoder.h"
#include "codecs/vvc/decoder/frame.h"
#include "codecs/vvc/decoder/residual.h"

namespace feat::vvc {

struct TransformUnit {
  int x = 0;
  int y = 0;
  int log2_w = 0;
  int log2_h = 0;
  bool coded = false;
  bool transform_skip = false;
  size_t first = 0;  // of the coding unit's coefficients
  size_t count = 0;
  ResidualInfo residual{};
};

// Intra sub-partitions.
enum class Isp : uint8_t { kNone, kHorizontal, kVertical };

struct CodingUnit {
  TreeNode node;
  int mode = kPlanar;
  int ref_idx = 0;  // reference line
  bool bdpcm = false;
  bool mip = false;  // then `mode` is the matrix
  bool mip_transposed = false;
  Isp isp = Isp::kNone;
  int lfnst_idx = 0;
  int mts_idx = 0;
  int qp = 0;
  std::vector<TransformUnit> tus;
  std::vector<Coefficient> coefficients;
};

class SliceDecoder {
 public:
  SliceDecoder(const Sps &sps, const Pps &pps, const PictureHeader &ph, const SliceHeader &sh,
               Frame &frame)
      : sps_(sps), pps_(pps), ph_(ph), sh_(sh), frame_(frame) {}

  // Throws DecodeError.
  void decode(std::span<const uint8_t> data);

 private:
  // slice_decoder.cpp
  void coding_tree_unit(int x, int y);
  void coding_tree(const TreeNode &node);
  Split parse_split(const TreeNode &node, const SplitOptions &options);
  TreeNeighbour neighbour(int x, int y, bool left);

  // sao.cpp and alf.cpp
  void parse_sao(int x, int y);
  void parse_alf(int x, int y);

  // coding_unit.cpp
  void coding_unit(const TreeNode &node);
  void parse_prediction(const TreeNode &node);
  int parse_intra_mode(const TreeNode &node);
  bool parse_mip_flag(const TreeNode &node);
  bool lfnst_allowed() const;
  int parse_lfnst_idx();
  int parse_mts_idx();
  void transform_tree(int x, int y, int log2_w, int log2_h);
  void transform_partitions();
  // `cbf_ctx` negative: the coded flag is inferred to be 1.
  void transform_unit(int x, int y, int log2_w, int log2_h, int cbf_ctx);
  void parse_qp_delta();
  int predict_qp(const TreeNode &node);

  // reconstruct.cpp
  void reconstruct(const TransformUnit &tu);
  void predict(const TransformUnit &tu, int log2_w);
  void add_residual_of(const TransformUnit &tu);
  std::pair<Kernel, Kernel> kernels(const TransformUnit &tu) const;

  const Sps &sps_;
  const Pps &pps_;
  const PictureHeader &ph_;
  const SliceHeader &sh_;
  Frame &frame_;

  CabacDecoder cabac_;
  ContextSet ctx_;
  ContextSet row_ctx_;  // after the first CTU of a row, for the next row (WPP)

  int qp_ = 0;  // of the coding unit before, then of the current one
  bool group_starts_ = false;
  bool qp_delta_coded_ = false;

  CodingUnit cu_;
  IntraReference reference_;
  // Zero between blocks.
  alignas(64) int32_t scaled_[64 * 64] = {};
  alignas(64) int32_t residual_[64 * 64];
};

}  // namespace feat::vvc
