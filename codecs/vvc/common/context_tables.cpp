// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Initial values and adaptation rates of the context models for intra slices (clause 9.3.2.2,
// initType 0), in the order of enum Ctx. Elements that only chroma uses are left out.
#include "codecs/vvc/common/contexts.h"

namespace feat::vvc {
namespace {

struct ContextInit {
  uint8_t value;
  uint8_t shift;
};

constexpr ContextInit kInit[] = {
    // split_cu_flag
    {19, 12},
    {28, 13},
    {38, 8},
    {27, 8},
    {29, 13},
    {38, 12},
    {20, 5},
    {30, 9},
    {31, 9},
    // split_qt_flag
    {27, 0},
    {6, 8},
    {15, 8},
    {25, 12},
    {19, 12},
    {37, 8},
    // mtt_split_cu_vertical_flag
    {43, 9},
    {42, 8},
    {29, 9},
    {27, 8},
    {44, 5},
    // mtt_split_cu_binary_flag
    {36, 12},
    {45, 13},
    {36, 12},
    {45, 13},
    // intra_mip_flag
    {33, 9},
    {49, 10},
    {50, 9},
    {25, 6},
    // intra_luma_ref_idx
    {25, 5},
    {60, 8},
    // intra_subpartitions_mode_flag, intra_subpartitions_split_flag
    {33, 9},
    {43, 2},
    // intra_luma_mpm_flag
    {45, 6},
    // intra_luma_not_planar_flag
    {13, 1},
    {28, 5},
    // intra_bdpcm_luma_flag, intra_bdpcm_luma_dir_flag
    {19, 1},
    {35, 4},
    // tu_y_coded_flag
    {15, 5},
    {12, 1},
    {5, 8},
    {7, 9},
    // cu_qp_delta_abs
    {35, 8},
    {35, 8},
    // transform_skip_flag
    {25, 1},
    // mts_idx
    {29, 8},
    {0, 0},
    {28, 9},
    {0, 0},
    // lfnst_idx
    {28, 9},
    {52, 9},
    {42, 10},
    // last_sig_coeff_x_prefix
    {13, 8},
    {5, 5},
    {4, 4},
    {21, 5},
    {14, 4},
    {4, 4},
    {6, 5},
    {14, 4},
    {21, 1},
    {11, 0},
    {14, 4},
    {7, 1},
    {14, 0},
    {5, 0},
    {11, 0},
    {21, 0},
    {30, 1},
    {22, 0},
    {13, 0},
    {42, 0},
    // last_sig_coeff_y_prefix
    {13, 8},
    {5, 5},
    {4, 8},
    {6, 5},
    {13, 5},
    {11, 4},
    {14, 5},
    {6, 5},
    {5, 4},
    {3, 0},
    {14, 5},
    {22, 4},
    {6, 1},
    {4, 0},
    {3, 0},
    {6, 1},
    {22, 4},
    {29, 0},
    {20, 0},
    {34, 0},
    // sb_coded_flag
    {18, 8},
    {31, 5},
    // sb_coded_flag with transform skip
    {18, 5},
    {20, 8},
    {38, 8},
    // sig_coeff_flag, quantiser states 0 and 1
    {25, 12},
    {19, 9},
    {28, 9},
    {14, 10},
    {25, 9},
    {20, 9},
    {29, 9},
    {30, 10},
    {19, 8},
    {37, 8},
    {30, 8},
    {38, 10},
    // sig_coeff_flag, quantiser state 2
    {11, 9},
    {38, 13},
    {46, 8},
    {54, 8},
    {27, 8},
    {39, 8},
    {39, 8},
    {39, 5},
    {44, 8},
    {39, 0},
    {39, 0},
    {39, 0},
    // sig_coeff_flag, quantiser state 3
    {18, 8},
    {39, 8},
    {39, 8},
    {39, 8},
    {27, 8},
    {39, 0},
    {39, 4},
    {39, 4},
    {0, 0},
    {39, 0},
    {39, 0},
    {39, 0},
    // sig_coeff_flag with transform skip
    {25, 13},
    {28, 13},
    {38, 8},
    // par_level_flag
    {33, 8},
    {25, 9},
    {18, 12},
    {26, 13},
    {34, 13},
    {27, 13},
    {25, 10},
    {26, 13},
    {19, 13},
    {42, 13},
    {35, 13},
    {33, 13},
    {19, 13},
    {27, 13},
    {35, 13},
    {35, 13},
    {34, 10},
    {42, 13},
    {20, 13},
    {43, 13},
    {20, 13},
    // par_level_flag with transform skip
    {11, 6},
    // abs_level_gtx_flag[0]
    {25, 9},
    {25, 5},
    {11, 10},
    {27, 13},
    {20, 13},
    {21, 10},
    {33, 9},
    {12, 10},
    {28, 13},
    {21, 13},
    {22, 13},
    {34, 9},
    {28, 10},
    {29, 10},
    {29, 10},
    {30, 13},
    {36, 8},
    {29, 9},
    {45, 10},
    {30, 10},
    {23, 13},
    // abs_level_gtx_flag[1]
    {25, 1},
    {1, 5},
    {40, 9},
    {25, 9},
    {33, 9},
    {11, 6},
    {17, 5},
    {25, 9},
    {25, 10},
    {18, 10},
    {4, 9},
    {17, 9},
    {33, 9},
    {26, 9},
    {19, 9},
    {13, 9},
    {33, 6},
    {19, 8},
    {20, 9},
    {28, 9},
    {22, 10},
    // abs_level_gtx_flag with transform skip: the first one by context, then [1] to [4]
    {11, 4},
    {5, 2},
    {5, 1},
    {14, 6},
    {10, 1},
    {3, 1},
    {3, 1},
    {3, 1},
    // coeff_sign_flag with transform skip
    {12, 1},
    {17, 4},
    {46, 4},
    {28, 5},
    {25, 8},
    {46, 8},
    // sao_merge_left_flag and sao_merge_up_flag, sao_type_idx_luma
    {60, 0},
    {13, 4},
    // alf_ctb_flag
    {62, 0},
    {39, 0},
    {39, 0},
    // alf_use_aps_flag
    {46, 0},
};
static_assert(std::size(kInit) == kNumCtx);

}  // namespace

void ContextSet::init(int slice_qp) {
  for (int i = 0; i < kNumCtx; i++) (*this)[i].init(kInit[i].value, kInit[i].shift, slice_qp);
}

}  // namespace feat::vvc
