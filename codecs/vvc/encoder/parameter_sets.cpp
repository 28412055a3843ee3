// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/parameter_sets.h"

#include <cstdlib>

namespace feat::vvc {
namespace {

void write_profile_tier_level(const ProfileTierLevel &ptl, BitWriter &w) {
  w.u(static_cast<uint32_t>(ptl.profile_idc), 7);
  w.flag(ptl.high_tier);
  w.u(static_cast<uint32_t>(ptl.level_idc), 8);
  w.flag(true);   // ptl_frame_only_constraint_flag
  w.flag(false);  // ptl_multilayer_enabled_flag
  w.flag(false);  // gci_present_flag
  w.align_with_zeros();
  w.u(0, 8);  // ptl_num_sub_profiles
}

void write_size(const Sps &sps, BitWriter &w) {
  w.ue(static_cast<uint32_t>(sps.width));
  w.ue(static_cast<uint32_t>(sps.height));
  const bool crop = (sps.crop_left | sps.crop_right | sps.crop_top | sps.crop_bottom) != 0;
  w.flag(crop);
  if (crop) {
    w.ue(static_cast<uint32_t>(sps.crop_left));
    w.ue(static_cast<uint32_t>(sps.crop_right));
    w.ue(static_cast<uint32_t>(sps.crop_top));
    w.ue(static_cast<uint32_t>(sps.crop_bottom));
  }
}

void write_partition_limits(const Sps &sps, BitWriter &w) {
  w.ue(static_cast<uint32_t>(sps.log2_min_cb - 2));
  w.flag(false);  // sps_partition_constraints_override_enabled_flag
  w.ue(static_cast<uint32_t>(sps.log2_min_qt - sps.log2_min_cb));
  w.ue(static_cast<uint32_t>(sps.max_mtt_depth));
  if (sps.max_mtt_depth != 0) {
    w.ue(static_cast<uint32_t>(sps.log2_max_bt - sps.log2_min_qt));
    w.ue(static_cast<uint32_t>(sps.log2_max_tt - sps.log2_min_qt));
  }
  w.ue(0);  // sps_log2_diff_min_qt_min_cb_inter_slice
  w.ue(0);  // sps_max_mtt_hierarchy_depth_inter_slice
}

void write_transform_tools(const Sps &sps, BitWriter &w) {
  if (sps.log2_ctu > 5) w.flag(sps.log2_max_tb == 6);
  w.flag(sps.log2_max_ts != 0);
  if (sps.log2_max_ts != 0) {
    w.ue(static_cast<uint32_t>(sps.log2_max_ts - 2));
    w.flag(sps.bdpcm);
  }
  w.flag(sps.mts);
  if (sps.mts) {
    w.flag(sps.explicit_mts_intra);
    w.flag(false);  // sps_explicit_mts_inter_enabled_flag
  }
  w.flag(sps.lfnst);
}

// Everything that only inter pictures use, switched off in as few bits as possible.
void write_inter_tools(BitWriter &w) {
  w.u(0, 2);      // weighted prediction
  w.flag(false);  // sps_long_term_ref_pics_flag
  w.flag(false);  // sps_idr_rpl_present_flag
  w.flag(true);   // sps_rpl1_same_as_rpl0_flag
  w.ue(0);        // sps_num_ref_pic_lists[0]
  w.flag(false);  // sps_ref_wraparound_enabled_flag
  w.flag(false);  // sps_temporal_mvp_enabled_flag
  w.flag(false);  // sps_amvr_enabled_flag
  w.flag(false);  // sps_bdof_enabled_flag
  w.flag(false);  // sps_smvd_enabled_flag
  w.flag(false);  // sps_dmvr_enabled_flag
  w.flag(false);  // sps_mmvd_enabled_flag
  w.ue(0);        // sps_six_minus_max_num_merge_cand
  w.flag(false);  // sps_sbt_enabled_flag
  w.flag(false);  // sps_affine_enabled_flag
  w.flag(false);  // sps_bcw_enabled_flag
  w.flag(false);  // sps_ciip_enabled_flag
  w.flag(false);  // sps_gpm_enabled_flag
  w.ue(0);        // sps_log2_parallel_merge_level_minus2
}

}  // namespace

std::vector<uint8_t> write_sps(const Sps &sps) {
  BitWriter w;
  w.u(static_cast<uint32_t>(sps.id), 4);
  w.u(0, 4);  // sps_video_parameter_set_id: none
  w.u(0, 3);  // sps_max_sublayers_minus1
  w.u(0, 2);  // sps_chroma_format_idc: 4:0:0
  w.u(static_cast<uint32_t>(sps.log2_ctu - 5), 2);
  w.flag(true);  // sps_ptl_dpb_hrd_params_present_flag
  write_profile_tier_level(sps.ptl, w);
  w.flag(false);  // sps_gdr_enabled_flag
  w.flag(false);  // sps_ref_pic_resampling_enabled_flag
  write_size(sps, w);
  w.flag(false);  // sps_subpic_info_present_flag
  w.ue(static_cast<uint32_t>(sps.bit_depth - 8));
  w.flag(sps.entropy_sync);
  w.flag(sps.entry_points);
  w.u(static_cast<uint32_t>(sps.log2_max_poc_lsb - 4), 4);
  w.flag(false);  // sps_poc_msb_cycle_flag
  w.u(0, 2);      // sps_num_extra_ph_bytes
  w.u(0, 2);      // sps_num_extra_sh_bytes
  w.ue(0);        // dpb_max_dec_pic_buffering_minus1
  w.ue(0);        // dpb_max_num_reorder_pics
  w.ue(0);        // dpb_max_latency_increase_plus1
  write_partition_limits(sps, w);
  write_transform_tools(sps, w);
  w.flag(sps.sao);
  w.flag(sps.alf);
  w.flag(sps.lmcs);
  write_inter_tools(w);
  w.flag(sps.isp);
  w.flag(sps.mrl);
  w.flag(sps.mip);
  w.flag(false);                      // sps_palette_enabled_flag
  if (sps.log2_max_ts != 0) w.ue(0);  // sps_internal_bit_depth_minus_input_bit_depth
  w.flag(false);                      // sps_ibc_enabled_flag
  w.flag(false);                      // sps_ladf_enabled_flag
  w.flag(false);                      // sps_explicit_scaling_list_enabled_flag
  w.flag(sps.dep_quant);
  w.flag(sps.sign_data_hiding);
  w.flag(false);  // sps_virtual_boundaries_enabled_flag
  w.flag(false);  // sps_timing_hrd_params_present_flag
  w.flag(false);  // sps_field_seq_flag
  w.flag(false);  // sps_vui_parameters_present_flag
  w.flag(false);  // sps_extension_flag
  w.trailing_bits();
  return w.bytes();
}

std::vector<uint8_t> write_pps(const Pps &pps) {
  BitWriter w;
  w.u(static_cast<uint32_t>(pps.id), 6);
  w.u(static_cast<uint32_t>(pps.sps_id), 4);
  w.flag(false);  // pps_mixed_nalu_types_in_pic_flag
  w.ue(static_cast<uint32_t>(pps.width));
  w.ue(static_cast<uint32_t>(pps.height));
  w.flag(false);  // pps_conformance_window_flag: that of the SPS
  w.flag(false);  // pps_scaling_window_explicit_signalling_flag
  w.flag(false);  // pps_output_flag_present_flag
  w.flag(true);   // pps_no_pic_partition_flag
  w.flag(false);  // pps_subpic_id_mapping_present_flag
  w.flag(false);  // pps_cabac_init_present_flag
  w.ue(0);        // pps_num_ref_idx_default_active_minus1[0]
  w.ue(0);        // pps_num_ref_idx_default_active_minus1[1]
  w.flag(false);  // pps_rpl1_idx_present_flag
  w.u(0, 2);      // weighted prediction
  w.flag(false);  // pps_ref_wraparound_enabled_flag
  w.se(pps.init_qp - 26);
  w.flag(pps.cu_qp_delta);
  w.flag(false);  // pps_chroma_tool_offsets_present_flag
  w.flag(pps.deblocking_control);
  if (pps.deblocking_control) {
    w.flag(pps.deblocking_override);
    w.flag(pps.deblocking_disabled);
    if (!pps.deblocking_disabled) {
      w.se(pps.beta_offset_div2);
      w.se(pps.tc_offset_div2);
    }
  }
  w.flag(false);  // pps_picture_header_extension_present_flag
  w.flag(false);  // pps_slice_header_extension_present_flag
  w.flag(false);  // pps_extension_flag
  w.trailing_bits();
  return w.bytes();
}

std::vector<uint8_t> write_alf_aps(const AlfChoice &choice) {
  BitWriter w;
  w.u(0, 3);      // aps_params_type: ALF
  w.u(0, 5);      // aps_adaptation_parameter_set_id
  w.flag(false);  // aps_chroma_present_flag
  w.flag(true);   // alf_luma_filter_signal_flag
  w.flag(true);   // alf_luma_clip_flag
  w.ue(0);        // alf_luma_num_filters_signalled_minus1
  for (const int16_t coeff : choice.coeff) {
    w.ue(static_cast<uint32_t>(std::abs(coeff)));
    if (coeff != 0) w.flag(coeff < 0);
  }
  for (const uint8_t clip : choice.clip) w.u(clip, 2);
  w.flag(false);  // aps_extension_flag
  w.trailing_bits();
  return w.bytes();
}

std::vector<uint8_t> write_slice_header(const SliceHeader &slice, const Sps &sps, const Pps &pps) {
  BitWriter w;
  w.flag(true);   // sh_picture_header_in_slice_header_flag
  w.flag(true);   // ph_gdr_or_irap_pic_flag
  w.flag(false);  // ph_non_ref_pic_flag
  w.flag(false);  // ph_gdr_pic_flag
  w.flag(false);  // ph_inter_slice_allowed_flag
  w.ue(static_cast<uint32_t>(pps.id));
  w.u(static_cast<uint32_t>(slice.poc_lsb), sps.log2_max_poc_lsb);
  if (pps.cu_qp_delta) w.ue(0);  // ph_cu_qp_delta_subdiv_intra_slice
  w.flag(false);                 // sh_no_output_of_prior_pics_flag
  if (sps.alf) {
    w.flag(slice.alf);
    if (slice.alf) {
      w.u(1, 3);  // sh_num_alf_aps_ids_luma
      w.u(0, 3);  // sh_alf_aps_id_luma
    }
  }
  w.se(slice.qp - pps.init_qp);
  if (sps.dep_quant) w.flag(slice.dep_quant);
  if (sps.sign_data_hiding && !slice.dep_quant) w.flag(slice.sign_data_hiding);
  if (sps.log2_max_ts != 0 && !slice.dep_quant && !slice.sign_data_hiding) {
    w.flag(slice.ts_residual_coding_disabled);
  }
  w.trailing_bits();
  return w.bytes();
}

}  // namespace feat::vvc
