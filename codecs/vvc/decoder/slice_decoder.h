// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Slice data (clauses 7.3.11.1 to 7.3.11.10): parsing and reconstruction of the coding tree.
#pragma once

#include <atomic>
#include <functional>
#include <utility>
#include <vector>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/params.h"
#include "codecs/vvc/common/partition.h"
#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/decoder/cabac_decoder.h"
#include "codecs/vvc/decoder/coded_picture.h"
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

// How far the substreams have got, for those that wait for others. Shared by all that decode a
// picture.
class DecodeProgress {
 public:
  explicit DecodeProgress(const CodedPicture &picture);

  // Number of CTUs decoded of a row of CTUs, over all tiles.
  int row_ctus(int y) const {
    return rows_[static_cast<size_t>(y)].load(std::memory_order_acquire);
  }

  // A CTU is done. Returns whether that was the last one of its row in the picture.
  bool done(int x, int y);
  // Nothing more is to come of the tile's row.
  void abandon(int x, int y);
  // Waits until the CTU at (x, y) is done; false if it will never be.
  bool wait(int x, int y) const;
  // The contexts behind the first CTU of a tile's row (wavefronts).
  ContextSet &contexts(int x, int y) { return contexts_[substream(x, y)]; }

 private:
  size_t substream(int x, int y) const {
    return tile_columns_of_ctu_[static_cast<size_t>(x)] * rows_.size() + static_cast<size_t>(y);
  }

  const bool wavefronts_;
  const int ctus_wide_;
  std::vector<size_t> tile_columns_of_ctu_;
  std::vector<std::atomic<int>> rows_;
  std::vector<std::atomic<int>> columns_done_;  // by substream: up to which CTU column
  std::vector<ContextSet> contexts_;            // by substream
};

// Called after the last CTU of each row of the picture, by whichever decoder finished it.
using RowDone = std::function<void()>;

class SliceDecoder {
 public:
  SliceDecoder(CodedPicture &picture, DecodeProgress &progress)
      : picture_(picture),
        progress_(progress),
        sps_(*picture.sps),
        pps_(*picture.pps),
        ph_(picture.header),
        frame_(picture.frame) {}

  // Throws DecodeError. False if a substream that this one depends on failed.
  bool decode(const SliceSegment &segment, const RowDone &row_done);

 private:
  // slice_decoder.cpp
  bool decode_substream(const Substream &substream, const RowDone &row_done);
  void enter_ctu(int x, int y);
  void coding_tree_unit(int x, int y);
  // `groups`: quantisation groups may begin here.
  void coding_tree(const TreeNode &node, bool groups);
  Split parse_split(const TreeNode &node, const SplitOptions &options);
  TreeNeighbour neighbour(int x, int y, bool left);
  // Whether the neighbours of the block at (x, y) are of the same slice and tile.
  bool has_left(int x) const { return x > ctu_x_ || left_ctu_; }
  bool has_above(int y) const { return y > ctu_y_ || above_ctu_; }
  bool has_corner(int x, int y) const {
    if (x > ctu_x_) return has_above(y);
    return y > ctu_y_ ? left_ctu_ : corner_ctu_;
  }

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

  CodedPicture &picture_;
  DecodeProgress &progress_;
  const Sps &sps_;
  const Pps &pps_;
  const PictureHeader &ph_;
  Frame &frame_;
  const Slice *slice_ = nullptr;
  SliceHeader sh_;

  CabacDecoder cabac_;
  ContextSet ctx_;

  // The current CTU: its first sample, and which CTUs around are of the same slice and tile.
  int ctu_x_ = 0;
  int ctu_y_ = 0;
  bool left_ctu_ = false;
  bool above_ctu_ = false;
  bool corner_ctu_ = false;       // above left
  bool above_right_ctu_ = false;  // and to be used
  bool first_in_tile_row_ = false;

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
