// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <bit>
#include <string>

#include "codecs/vvc/decoder/parameter_sets.h"
#include "codecs/vvc/decoder/profile_tier_level.h"

namespace feat::vvc {
namespace {

struct SpsContext {
  int max_sublayers_minus1 = 0;
  bool ptl_dpb_hrd = false;
  bool has_vps = false;
};

void parse_size(BitReader &r, Sps &sps) {
  sps.width = r.ue(kMaxSide, "the picture width");
  sps.height = r.ue(kMaxSide, "the picture height");
  if (sps.width == 0 || sps.height == 0 || (sps.width | sps.height) % 8 != 0) {
    fail_corrupt("the coded picture size " + std::to_string(sps.width) + "x" +
                 std::to_string(sps.height) + " is no multiple of 8");
  }
  if (r.flag()) {  // sps_conformance_window_flag
    sps.crop_left = r.ue(kMaxSide, "sps_conf_win_left_offset");
    sps.crop_right = r.ue(kMaxSide, "sps_conf_win_right_offset");
    sps.crop_top = r.ue(kMaxSide, "sps_conf_win_top_offset");
    sps.crop_bottom = r.ue(kMaxSide, "sps_conf_win_bottom_offset");
    if (sps.crop_left + sps.crop_right >= sps.width ||
        sps.crop_top + sps.crop_bottom >= sps.height) {
      fail_corrupt("the conformance window leaves nothing of the picture");
    }
  }
}

// Position or size in CTUs, as many bits as the picture's side asks for; 0 if it is one CTU.
int parse_ctus(BitReader &r, int side) {
  return side > 1 ? static_cast<int>(r.bits(std::bit_width(static_cast<unsigned>(side - 1)))) : 0;
}

void parse_subpictures(BitReader &r, Sps &sps) {
  if (!r.flag()) return;
  const int side = 1 << sps.log2_ctu;
  const int wide = (sps.width + side - 1) >> sps.log2_ctu;
  const int high = (sps.height + side - 1) >> sps.log2_ctu;
  const int count = 1 + r.ue(static_cast<uint32_t>(std::min(wide * high, kMaxSubpics) - 1),
                             "sps_num_subpics_minus1");
  sps.subpics.resize(static_cast<size_t>(count));
  sps.subpics[0].area = {0, 0, wide, high};
  const bool independent = count > 1 && r.flag();
  const bool same_size = count > 1 && r.flag();
  int columns = 1;
  for (int i = 0; count > 1 && i < count; i++) {
    Subpicture &s = sps.subpics[static_cast<size_t>(i)];
    CtuRect &a = s.area;
    if (same_size && i > 0) {
      const CtuRect &first = sps.subpics[0].area;
      const int x = i % columns * first.x1;
      const int y = i / columns * first.y1;
      a = {x, y, x + first.x1, y + first.y1};
    } else {
      a.x0 = i > 0 ? parse_ctus(r, wide) : 0;
      a.y0 = i > 0 ? parse_ctus(r, high) : 0;
      const bool last = i == count - 1;
      a.x1 = last ? wide : a.x0 + (wide > 1 ? 1 + parse_ctus(r, wide) : 1);
      a.y1 = last ? high : a.y0 + (high > 1 ? 1 + parse_ctus(r, high) : 1);
      if (same_size) columns = std::max(1, wide / a.x1);
    }
    if (a.empty() || a.x1 > wide || a.y1 > high) {
      fail_corrupt("sub-picture " + std::to_string(i) + " does not lie in the picture");
    }
    s.filter_across = false;
    if (!independent) {
      r.flag();  // sps_subpic_treated_as_pic_flag
      s.filter_across = r.flag();
    }
  }
  sps.subpic_id_bits = 1 + r.ue(15, "sps_subpic_id_len_minus1");
  // sps_subpic_id_mapping_explicitly_signalled_flag, sps_subpic_id_mapping_present_flag
  const bool listed = r.flag() && r.flag();
  for (uint32_t i = 0; i < sps.subpics.size(); i++) {
    sps.subpics[i].id = listed ? r.bits(sps.subpic_id_bits) : i;
  }
}

// Everything up to the bit depth.
SpsContext parse_format(BitReader &r, Sps &sps) {
  SpsContext c;
  sps.id = static_cast<int>(r.bits(4));
  c.has_vps = r.bits(4) != 0;
  c.max_sublayers_minus1 = static_cast<int>(r.bits(3));
  if (c.max_sublayers_minus1 > 6) fail_corrupt("sps_max_sublayers_minus1 is 7, its limit is 6");
  const uint32_t chroma_format = r.bits(2);
  sps.log2_ctu = 5 + static_cast<int>(r.bits(2));
  if (sps.log2_ctu > 7) fail_corrupt("sps_log2_ctu_size_minus5 is 3, its limit is 2");
  c.ptl_dpb_hrd = r.flag();
  if (c.ptl_dpb_hrd) sps.ptl = parse_profile_tier_level(r, c.max_sublayers_minus1);
  if (chroma_format != 0) {
    static const char *const kFormats[] = {"", "4:2:0", "4:2:2", "4:4:4"};
    fail_unsupported(std::string("chroma format ") + kFormats[chroma_format]);
  }
  r.flag();  // sps_gdr_enabled_flag
  if (r.flag())
    r.flag();  // sps_ref_pic_resampling_enabled_flag, sps_res_change_in_clvs_allowed_flag
  parse_size(r, sps);
  parse_subpictures(r, sps);
  sps.bit_depth = 8 + r.ue(8, "sps_bitdepth_minus8");
  return c;
}

void parse_coding_order(BitReader &r, Sps &sps, const SpsContext &c) {
  sps.entropy_sync = r.flag();
  sps.entry_points = r.flag();
  sps.log2_max_poc_lsb = 4 + static_cast<int>(r.bits(4));
  if (sps.log2_max_poc_lsb > 16) fail_corrupt("the picture order count has more than 16 bits");
  if (r.flag()) sps.poc_msb_cycle_bits = 1 + r.ue(31, "sps_poc_msb_cycle_len_minus1");
  const auto extra_bits = [&r] {
    int present = 0;
    for (uint32_t i = 8 * r.bits(2); i > 0; i--) present += r.flag() ? 1 : 0;
    return present;
  };
  sps.extra_ph_bits = extra_bits();
  sps.extra_sh_bits = extra_bits();
  if (c.ptl_dpb_hrd) {
    const bool each_sublayer = c.max_sublayers_minus1 > 0 && r.flag();
    for (int i = each_sublayer ? 0 : c.max_sublayers_minus1; i <= c.max_sublayers_minus1; i++) {
      r.ue();
      r.ue();
      r.ue();
    }
  }
}

void parse_inter_partition(BitReader &r) {
  r.ue();
  if (r.ue() != 0) {
    r.ue();
    r.ue();
  }
}

void parse_partition(BitReader &r, Sps &sps) {
  sps.log2_min_cb = 2 + r.ue(4, "sps_log2_min_luma_coding_block_size_minus2");
  const int side = 1 << sps.log2_min_cb;
  if (sps.log2_min_cb > sps.log2_ctu) fail_corrupt("the minimum coding block exceeds the CTU");
  if (sps.width % side != 0 || sps.height % side != 0) {
    fail_corrupt("the coded picture size is no multiple of the minimum coding block");
  }
  sps.partition_override = r.flag();
  static_cast<PartitionLimits &>(sps) = parse_partition_limits(r, sps);
  parse_inter_partition(r);
  sps.log2_max_tb = 5;
  if (sps.log2_ctu > 5 && r.flag()) sps.log2_max_tb = 6;
}

void parse_residual_tools(BitReader &r, Sps &sps) {
  if (r.flag()) {  // sps_transform_skip_enabled_flag
    sps.log2_max_ts = 2 + r.ue(3, "sps_log2_transform_skip_max_size_minus2");
    sps.bdpcm = r.flag();
  }
  sps.mts = r.flag();
  if (sps.mts) {
    sps.explicit_mts_intra = r.flag();
    r.flag();  // sps_explicit_mts_inter_enabled_flag
  }
  sps.lfnst = r.flag();
  sps.sao = r.flag();
  sps.alf = r.flag();
  sps.lmcs = r.flag();
}

void parse_references(BitReader &r, Sps &sps, const SpsContext &c) {
  const bool weighted = r.flag();
  const bool weighted_bi = r.flag();
  sps.weighted_pred = weighted || weighted_bi;
  sps.long_term_refs = r.flag();
  if (c.has_vps) sps.inter_layer_refs = r.flag();
  sps.idr_has_rpl = r.flag();
  const bool same_lists = r.flag();
  for (size_t i = 0; i < (same_lists ? 1 : 2); i++) {
    const int lists = r.ue(64, "sps_num_ref_pic_lists");
    for (int j = 0; j < lists; j++) {
      sps.ref_lists[i].push_back(parse_ref_pic_list(r, sps, true));
    }
  }
  if (same_lists) sps.ref_lists[1] = sps.ref_lists[0];
  r.flag();  // sps_ref_wraparound_enabled_flag
}

// Flags of inter prediction, which intra pictures never look at.
void skip_inter_tools(BitReader &r) {
  if (r.flag()) r.flag();  // temporal MVP, sub-block temporal MVP
  const bool amvr = r.flag();
  if (r.flag()) r.flag();  // BDOF and its control
  r.flag();                // SMVD
  if (r.flag()) r.flag();  // DMVR and its control
  if (r.flag()) r.flag();  // MMVD, full-sample MMVD
  const int merge_candidates = 6 - r.ue(5, "sps_six_minus_max_num_merge_cand");
  r.flag();        // SBT
  if (r.flag()) {  // affine
    r.ue(5, "sps_five_minus_max_num_subblock_merge_cand");
    r.flag();  // six-parameter affine
    if (amvr) r.flag();
    if (r.flag()) r.flag();  // PROF and its control
  }
  r.flag();  // BCW
  r.flag();  // CIIP
  if (merge_candidates >= 2 && r.flag() && merge_candidates >= 3) {
    r.ue(static_cast<uint32_t>(merge_candidates) - 2,
         "sps_max_num_merge_cand_minus_max_num_gpm_cand");
  }
  r.ue(5, "sps_log2_parallel_merge_level_minus2");
}

void parse_ladf(BitReader &r, Ladf &ladf) {
  ladf.intervals = 2 + static_cast<int>(r.bits(2));
  ladf.qp_offset[0] = r.se(-63, 63, "sps_ladf_lowest_interval_qp_offset");
  ladf.above[0] = -1;
  int bound = 0;
  for (size_t i = 1; i < static_cast<size_t>(ladf.intervals); i++) {
    ladf.qp_offset[i] = r.se(-63, 63, "sps_ladf_qp_offset");
    bound += 1 + r.ue((1U << 10) - 3, "sps_ladf_delta_threshold_minus1");
    ladf.above[i] = bound;
  }
}

void parse_intra_tools(BitReader &r, Sps &sps) {
  sps.isp = r.flag();
  sps.mrl = r.flag();
  sps.mip = r.flag();
  if (r.flag()) fail_unsupported("palette mode");
  if (sps.log2_max_ts != 0) {
    sps.internal_minus_input_bit_depth = r.ue(8, "sps_internal_bit_depth_minus_input_bit_depth");
  }
  if (r.flag()) fail_unsupported("intra block copy");
  if (r.flag()) parse_ladf(r, sps.ladf);
  sps.scaling_lists = r.flag();
  if (sps.scaling_lists && sps.lfnst) sps.scaling_lists_for_lfnst = !r.flag();
  sps.dep_quant = r.flag();
  sps.sign_data_hiding = r.flag();
  if (r.flag()) {  // sps_virtual_boundaries_enabled_flag
    sps.virtual_boundaries_in_ph = !r.flag();
    if (!sps.virtual_boundaries_in_ph) sps.virtual_boundaries = parse_virtual_boundaries(r, sps);
  }
}

void parse_tail(BitReader &r, const SpsContext &c) {
  if (c.ptl_dpb_hrd && r.flag()) skip_timing_hrd(r, c.max_sublayers_minus1);
  r.flag();        // sps_field_seq_flag
  if (r.flag()) {  // sps_vui_parameters_present_flag
    const size_t bytes = size_t{1} + r.ue();
    while (!r.aligned()) r.flag();
    if (bytes > r.bits_left() / 8) fail_corrupt("the VUI payload is longer than its SPS");
    r.skip(8 * bytes);
  }
  if (r.flag()) {  // sps_extension_flag
    // Range extension, then seven for future use, which are to be ignored.
    if (r.flag()) fail_unsupported("the range extension");
  }
}

}  // namespace

PartitionLimits parse_partition_limits(BitReader &r, const Sps &sps) {
  PartitionLimits p;
  const auto ctu = static_cast<uint32_t>(sps.log2_ctu);
  p.log2_min_qt = sps.log2_min_cb + r.ue(ctu - static_cast<uint32_t>(sps.log2_min_cb),
                                         "the minimum quadtree size's difference");
  p.max_mtt_depth =
      r.ue(2 * (ctu - static_cast<uint32_t>(sps.log2_min_cb)), "the multi-type tree's depth");
  p.log2_max_bt = p.log2_max_tt = p.log2_min_qt;
  if (p.max_mtt_depth != 0) {
    const auto room = ctu - static_cast<uint32_t>(p.log2_min_qt);
    p.log2_max_bt += r.ue(room, "the largest binary split's difference");
    p.log2_max_tt += r.ue(room, "the largest ternary split's difference");
    if (p.log2_max_tt > 6) fail_corrupt("the largest ternary split exceeds 64");
  }
  return p;
}

VirtualBoundaries parse_virtual_boundaries(BitReader &r, const Sps &sps) {
  VirtualBoundaries v;
  const auto parse = [&r](std::vector<int> &lines, int side) {
    lines.resize(static_cast<size_t>(r.ue(3, "the number of virtual boundaries")));
    for (int &line : lines) line = 8 * (1 + r.ue(kMaxSide / 8, "a virtual boundary's position"));
    std::sort(lines.begin(), lines.end());
    for (const int line : lines) {
      if (line >= side) {
        fail_corrupt("a virtual boundary lies at " + std::to_string(line) +
                     ", the picture ends at " + std::to_string(side));
      }
    }
  };
  parse(v.x, sps.width);
  parse(v.y, sps.height);
  return v;
}

RefPicList parse_ref_pic_list(BitReader &r, const Sps &sps, bool in_sps) {
  RefPicList list;
  list.entries = r.ue(29, "num_ref_entries");
  list.long_term_in_header = sps.long_term_refs;
  if (sps.long_term_refs && in_sps && list.entries > 0) list.long_term_in_header = r.flag();
  for (int i = 0; i < list.entries; i++) {
    if (sps.inter_layer_refs && r.flag()) {
      r.ue();  // ilrp_idx
      continue;
    }
    if (!sps.long_term_refs || r.flag()) {  // st_ref_pic_flag
      const bool plus1 = !sps.weighted_pred || i == 0;
      if (r.ue() != 0 || plus1) r.flag();  // abs_delta_poc_st, its sign
    } else {
      list.long_term++;
      if (!list.long_term_in_header) r.skip(static_cast<size_t>(sps.log2_max_poc_lsb));
    }
  }
  return list;
}

Sps parse_sps_format(BitReader &r) {
  Sps sps;
  parse_format(r, sps);
  return sps;
}

Sps parse_sps(BitReader &r) {
  Sps sps;
  const SpsContext c = parse_format(r, sps);
  if (sps.bit_depth > 10) {
    fail_unsupported("a bit depth of " + std::to_string(sps.bit_depth));
  }
  parse_coding_order(r, sps, c);
  parse_partition(r, sps);
  parse_residual_tools(r, sps);
  parse_references(r, sps, c);
  skip_inter_tools(r);
  parse_intra_tools(r, sps);
  parse_tail(r, c);
  return sps;
}

}  // namespace feat::vvc
