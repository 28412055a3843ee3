// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parameter sets and slice header as far as intra coding at 4:0:0 needs them.
#pragma once

#include <cstdint>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

enum class NalType : int {
  kIdrWRadl = 7,
  kIdrNLp = 8,
  kCra = 9,
  kOpi = 12,
  kDci = 13,
  kVps = 14,
  kSps = 15,
  kPps = 16,
  kPrefixAps = 17,
  kSuffixAps = 18,
  kPictureHeader = 19,
  kAud = 20,
  kEos = 21,
  kEob = 22,
  kPrefixSei = 23,
  kSuffixSei = 24,
  kFillerData = 25,
};

// Sequence parameter set. Sizes are log2 of luma samples.
struct Sps {
  int id = 0;
  ProfileTierLevel ptl;
  int width = 0;  // coded size, a multiple of max(8, minimum coding block)
  int height = 0;
  int crop_left = 0, crop_right = 0, crop_top = 0, crop_bottom = 0;  // luma samples
  int bit_depth = 10;
  int log2_ctu = 6;
  int log2_min_cb = 2;
  int log2_min_qt = 2;
  int max_mtt_depth = 0;
  int log2_max_bt = 0, log2_max_tt = 0;
  int log2_max_tb = 6;
  int log2_max_ts = 0;  // 0: transform skip disabled
  bool bdpcm = false;
  bool mts = false, explicit_mts_intra = false;
  bool lfnst = false;
  bool sao = false;
  bool alf = false;
  bool lmcs = false;
  bool isp = false;
  bool mrl = false;
  bool mip = false;
  bool dep_quant = false;
  bool sign_data_hiding = false;
  bool entropy_sync = false;  // WPP
  bool entry_points = false;
  int log2_max_poc_lsb = 8;
};

struct Pps {
  int id = 0;
  int sps_id = 0;
  int width = 0;
  int height = 0;
  int init_qp = 26;
  bool cu_qp_delta = false;
  bool deblocking_control = false;
  bool deblocking_override = false;
  bool deblocking_disabled = false;
  int beta_offset_div2 = 0;
  int tc_offset_div2 = 0;
};

struct SliceHeader {
  int qp = 26;
  int poc_lsb = 0;
  bool dep_quant = false;
  bool sign_data_hiding = false;
  bool ts_residual_coding_disabled = false;
};

}  // namespace feat::vvc
