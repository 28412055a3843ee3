// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which syntax element owns which context models, for intra slices of 4:0:0 pictures.
#pragma once

#include <array>

#include "codecs/vvc/common/cabac_model.h"

namespace feat::vvc {

// First context of each syntax element in a ContextSet. The number of contexts of an element is
// the distance to the next one; the tables stand in context_tables.cpp.
enum Ctx : int {
  kCtxSplitCu = 0,                      // split_cu_flag
  kCtxSplitQt = kCtxSplitCu + 9,        // split_qt_flag
  kCtxMttVertical = kCtxSplitQt + 6,    // mtt_split_cu_vertical_flag
  kCtxMttBinary = kCtxMttVertical + 5,  // mtt_split_cu_binary_flag
  kCtxMipFlag = kCtxMttBinary + 4,      // intra_mip_flag
  kCtxRefIdx = kCtxMipFlag + 4,         // intra_luma_ref_idx
  kCtxIspFlag = kCtxRefIdx + 2,         // intra_subpartitions_mode_flag
  kCtxIspSplit = kCtxIspFlag + 1,       // intra_subpartitions_split_flag
  kCtxMpmFlag = kCtxIspSplit + 1,       // intra_luma_mpm_flag
  kCtxNotPlanar = kCtxMpmFlag + 1,      // intra_luma_not_planar_flag
  kCtxBdpcmFlag = kCtxNotPlanar + 2,    // intra_bdpcm_luma_flag
  kCtxBdpcmDir = kCtxBdpcmFlag + 1,     // intra_bdpcm_luma_dir_flag
  kCtxCbf = kCtxBdpcmDir + 1,           // tu_y_coded_flag
  kCtxCuQpDelta = kCtxCbf + 4,          // cu_qp_delta_abs
  kCtxTsFlag = kCtxCuQpDelta + 2,       // transform_skip_flag, luma
  kCtxMtsIdx = kCtxTsFlag + 1,          // mts_idx
  kCtxLfnstIdx = kCtxMtsIdx + 4,        // lfnst_idx
  kCtxLastX = kCtxLfnstIdx + 3,         // last_sig_coeff_x_prefix, luma
  kCtxLastY = kCtxLastX + 20,           // last_sig_coeff_y_prefix, luma
  kCtxSbCoded = kCtxLastY + 20,         // sb_coded_flag, luma 0 and 1
  kCtxSbCodedTs = kCtxSbCoded + 2,      // sb_coded_flag with transform skip
  kCtxSig = kCtxSbCodedTs + 3,          // sig_coeff_flag, luma, 3 sets of 12
  kCtxSigTs = kCtxSig + 36,             // sig_coeff_flag with transform skip
  kCtxPar = kCtxSigTs + 3,              // par_level_flag, luma
  kCtxParTs = kCtxPar + 21,             // par_level_flag with transform skip
  kCtxGt1 = kCtxParTs + 1,              // abs_level_gtx_flag[0], luma
  kCtxGt3 = kCtxGt1 + 21,               // abs_level_gtx_flag[1], luma
  kCtxGtTs = kCtxGt3 + 21,              // abs_level_gtx_flag with transform skip: 4 for the
                                        // first pass, then gtX[1] to gtX[4]
  kCtxSignTs = kCtxGtTs + 8,            // coeff_sign_flag with transform skip
  kCtxSaoMerge = kCtxSignTs + 6,        // sao_merge_left_flag, sao_merge_up_flag
  kCtxSaoType = kCtxSaoMerge + 1,       // sao_type_idx_luma
  kCtxAlfFlag = kCtxSaoType + 1,        // alf_ctb_flag, luma
  kCtxAlfUseAps = kCtxAlfFlag + 3,      // alf_use_aps_flag
  kNumCtx = kCtxAlfUseAps + 1
};

struct ContextSet {
  std::array<ContextModel, kNumCtx> models;

  ContextModel &operator[](int i) { return models[static_cast<size_t>(i)]; }
  const ContextModel &operator[](int i) const { return models[static_cast<size_t>(i)]; }

  // Initial state of an intra slice (clause 9.3.2.2).
  void init(int slice_qp);
};

}  // namespace feat::vvc
