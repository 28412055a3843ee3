// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/parameter_sets.h"

namespace feat::vvc {
namespace {

constexpr int kMaxFilterOffset = 12;

void parse_chroma_offsets(BitReader &r) {
  r.se();  // pps_cb_qp_offset
  r.se();  // pps_cr_qp_offset
  const bool joint = r.flag();
  if (joint) r.se();
  // Both add syntax of chroma to slice headers that 4:0:0 does not otherwise have.
  if (r.flag() || r.flag()) fail_unsupported("chroma QP offsets without chroma");
}

}  // namespace

Pps parse_pps(BitReader &r) {
  Pps pps;
  pps.id = static_cast<int>(r.bits(6));
  pps.sps_id = static_cast<int>(r.bits(4));
  r.flag();  // pps_mixed_nalu_types_in_pic_flag
  pps.width = r.ue(kMaxSide, "the picture width");
  pps.height = r.ue(kMaxSide, "the picture height");
  if (r.flag()) {  // pps_conformance_window_flag
    pps.crop_left = r.ue(kMaxSide, "pps_conf_win_left_offset");
    pps.crop_right = r.ue(kMaxSide, "pps_conf_win_right_offset");
    pps.crop_top = r.ue(kMaxSide, "pps_conf_win_top_offset");
    pps.crop_bottom = r.ue(kMaxSide, "pps_conf_win_bottom_offset");
  }
  if (r.flag()) {  // pps_scaling_window_explicit_signalling_flag
    for (int i = 0; i < 4; i++) r.se();
  }
  pps.output_flag_present = r.flag();
  const bool partitioned = !r.flag();  // pps_no_pic_partition_flag
  if (r.flag()) {                      // pps_subpic_id_mapping_present_flag
    const uint32_t count =
        1 +
        (partitioned ? static_cast<uint32_t>(r.ue(kMaxSubpics - 1, "pps_num_subpics_minus1")) : 0);
    const int bits = 1 + r.ue(15, "pps_subpic_id_len_minus1");
    for (uint32_t i = 0; i < count; i++) pps.subpic_ids.push_back(r.bits(bits));
  }
  if (partitioned) pps.partition = parse_partition(r, pps.width, pps.height);
  r.flag();                                           // pps_cabac_init_present_flag
  r.ue(14, "pps_num_ref_idx_default_active_minus1");  // of list 0
  r.ue(14, "pps_num_ref_idx_default_active_minus1");  // of list 1
  pps.rpl1_idx_present = r.flag();
  const bool weighted_p = r.flag();
  const bool weighted_b = r.flag();
  const bool weighted = weighted_p || weighted_b;
  if (r.flag()) r.ue();  // pps_ref_wraparound_enabled_flag, its offset
  pps.init_qp = 26 + r.se(-26 - 48, 37, "pps_init_qp_minus26");
  pps.cu_qp_delta = r.flag();
  const bool chroma_tools = r.flag();
  if (chroma_tools) parse_chroma_offsets(r);
  pps.deblocking_control = r.flag();
  if (pps.deblocking_control) {
    pps.deblocking_override = r.flag();
    pps.deblocking_disabled = r.flag();
    if (partitioned && pps.deblocking_override) pps.deblocking_in_ph = r.flag();
    if (!pps.deblocking_disabled) {
      pps.beta_offset_div2 = r.se(-kMaxFilterOffset, kMaxFilterOffset, "pps_luma_beta_offset_div2");
      pps.tc_offset_div2 = r.se(-kMaxFilterOffset, kMaxFilterOffset, "pps_luma_tc_offset_div2");
      if (chroma_tools) {
        for (int i = 0; i < 4; i++) r.se();
      }
    }
  }
  if (partitioned) {
    pps.ref_lists_in_ph = r.flag();
    pps.sao_in_ph = r.flag();
    pps.alf_in_ph = r.flag();
    if (weighted && pps.ref_lists_in_ph) r.flag();  // pps_wp_info_in_ph_flag
    pps.qp_delta_in_ph = r.flag();
  }
  pps.ph_extension = r.flag();
  pps.sh_extension = r.flag();
  return pps;
}

}  // namespace feat::vvc
