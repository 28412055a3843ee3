// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parameter sets and slice header as far as intra coding at 4:0:0 needs them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {

enum class NalType : int {
  kIdrWRadl = 7,
  kIdrNLp = 8,
  kCra = 9,
  kGdr = 10,
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

// Limits of the multi-type tree. Sizes are log2 of luma samples.
struct PartitionLimits {
  int log2_min_qt = 2;
  int max_mtt_depth = 0;
  int log2_max_bt = 0, log2_max_tt = 0;
};

// As much of a reference picture list as slice headers of intra pictures depend on.
struct RefPicList {
  int entries = 0;
  int long_term = 0;                 // of the entries
  bool long_term_in_header = false;  // their POC follows in the header
};

// Sequence parameter set. Sizes are log2 of luma samples.
struct Sps : PartitionLimits {
  int id = 0;
  ProfileTierLevel ptl;
  int width = 0;  // coded size, a multiple of max(8, minimum coding block)
  int height = 0;
  int crop_left = 0, crop_right = 0, crop_top = 0, crop_bottom = 0;  // luma samples
  int bit_depth = 10;
  int log2_ctu = 6;
  int log2_min_cb = 2;
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

  // What other syntax depends on.
  int internal_minus_input_bit_depth = 0;
  bool partition_override = false;
  int poc_msb_cycle_bits = 0;  // 0: absent
  int extra_ph_bits = 0;
  int extra_sh_bits = 0;
  bool subpic_info = false;
  int subpic_id_bits = 0;
  bool long_term_refs = false;
  bool inter_layer_refs = false;
  bool idr_has_rpl = false;
  bool weighted_pred = false;
  std::array<std::vector<RefPicList>, 2> ref_lists;
};

struct Pps {
  int id = 0;
  int sps_id = 0;
  int width = 0;
  int height = 0;
  int crop_left = 0, crop_right = 0, crop_top = 0, crop_bottom = 0;  // luma samples
  int init_qp = 26;
  bool cu_qp_delta = false;
  bool deblocking_control = false;
  bool deblocking_override = false;
  bool deblocking_disabled = false;
  int beta_offset_div2 = 0;
  int tc_offset_div2 = 0;

  // What other syntax depends on.
  bool output_flag_present = false;
  bool rpl1_idx_present = false;
  bool ph_extension = false;
  bool sh_extension = false;
};

struct PictureHeader {
  int pps_id = 0;
  int poc_lsb = 0;
  bool inter_allowed = false;
  bool lmcs = false;
  int lmcs_aps_id = 0;
  PartitionLimits partition;
  int cu_qp_delta_subdiv = 0;
};

struct SliceHeader {
  int qp = 26;
  int poc_lsb = 0;
  bool dep_quant = false;
  bool sign_data_hiding = false;
  bool ts_residual_coding_disabled = false;
  bool lmcs = false;
  bool sao = false;
  bool alf = false;
  int alf_aps_count = 0;
  std::array<uint8_t, 7> alf_aps_ids{};
  bool deblocking_disabled = false;
  int beta_offset_div2 = 0;
  int tc_offset_div2 = 0;
};

}  // namespace feat::vvc
