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
  kReservedPrefix = 26,
  kUnspecified28 = 28,
  kUnspecified29 = 29,
};

// Limits of the multi-type tree. Sizes are log2 of luma samples.
struct PartitionLimits {
  int log2_min_qt = 2;
  int max_mtt_depth = 0;
  int log2_max_bt = 0, log2_max_tt = 0;
};

// A rectangle of CTUs, the ends exclusive.
struct CtuRect {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  bool empty() const { return x0 >= x1 || y0 >= y1; }
};

inline constexpr int kMaxSubpics = 1000;  // more than any level allows

struct Subpicture {
  CtuRect area;
  uint32_t id = 0;
  bool filter_across = true;  // loop filters cross its border
};

// How a picture is cut into tiles and slices. Positions in CTUs.
struct PicturePartition {
  bool whole = true;             // one tile, one slice
  std::vector<int> columns;      // where tile columns begin, and the picture's end
  std::vector<int> rows;         // the same for tile rows
  bool rect_slices = true;       // as opposed to slices of tiles in raster order
  bool slice_is_subpic = false;  // every sub-picture is one slice
  std::vector<CtuRect> slices;   // rectangular slices that are listed
  bool filter_across_tiles = true;
  bool filter_across_slices = true;

  int tile_columns() const { return static_cast<int>(columns.size()) - 1; }
  int tile_rows() const { return static_cast<int>(rows.size()) - 1; }
  int tiles() const { return tile_columns() * tile_rows(); }
};

// Lines that no loop filter crosses, in luma samples.
struct VirtualBoundaries {
  std::vector<int> x;
  std::vector<int> y;

  bool none() const { return x.empty() && y.empty(); }
};

// Luma adaptive deblocking filter: an offset to the QP by the mean of the samples at the edge.
struct Ladf {
  int intervals = 0;  // 0: off
  std::array<int, 5> qp_offset{};
  std::array<int, 5> above{};  // the interval holds levels above this
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
  std::vector<Subpicture> subpics;  // empty: there is no such thing
  VirtualBoundaries virtual_boundaries;
  Ladf ladf;
  bool scaling_lists = false;
  bool scaling_lists_for_lfnst = true;
  int log2_max_poc_lsb = 8;

  // What other syntax depends on.
  int internal_minus_input_bit_depth = 0;
  bool partition_override = false;
  int poc_msb_cycle_bits = 0;  // 0: absent
  int extra_ph_bits = 0;
  int extra_sh_bits = 0;
  int subpic_id_bits = 0;
  bool virtual_boundaries_in_ph = false;
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
  PicturePartition partition;
  std::vector<uint32_t> subpic_ids;  // empty: those of the SPS
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
  bool deblocking_in_ph = false;
  bool ref_lists_in_ph = false;
  bool sao_in_ph = false;
  bool alf_in_ph = false;
  bool qp_delta_in_ph = false;
  bool ph_extension = false;
  bool sh_extension = false;
};

struct SliceHeader {
  int qp = 26;
  int poc_lsb = 0;
  int index = 0;      // of a rectangular slice in the picture, or the first tile
  int num_tiles = 1;  // of a slice of tiles in raster order
  bool dep_quant = false;
  bool sign_data_hiding = false;
  bool ts_residual_coding_disabled = false;
  bool lmcs = false;
  bool scaling_lists = false;
  bool sao = false;
  bool alf = false;
  int alf_aps_count = 0;
  std::array<uint8_t, 7> alf_aps_ids{};
  bool deblocking_disabled = false;
  int beta_offset_div2 = 0;
  int tc_offset_div2 = 0;
  std::vector<uint32_t> entry_offsets;  // lengths of the substreams but the last, in coded bytes
};

struct PictureHeader {
  int pps_id = 0;
  int poc_lsb = 0;
  bool inter_allowed = false;
  bool lmcs = false;
  int lmcs_aps_id = 0;
  bool scaling_lists = false;
  int scaling_aps_id = 0;
  VirtualBoundaries virtual_boundaries;
  PartitionLimits partition;
  int cu_qp_delta_subdiv = 0;
  SliceHeader slice;  // what slice headers do not say themselves
};

}  // namespace feat::vvc
