// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/headers.h"

#include <bit>
#include <string>

#include "codecs/vvc/decoder/parameter_sets.h"

namespace feat::vvc {
namespace {

// ref_pic_lists(), clause 7.3.9, skipped.
void skip_ref_pic_lists(BitReader &r, const Sps &sps, const Pps &pps) {
  bool from_sps = false;
  uint32_t index = 0;
  for (size_t i = 0; i < 2; i++) {
    const std::vector<RefPicList> &lists = sps.ref_lists[i];
    const bool coded = i == 0 || pps.rpl1_idx_present;
    if (lists.empty()) {
      from_sps = false;
    } else if (coded) {
      from_sps = r.flag();
    }
    RefPicList list;
    if (from_sps) {
      if (lists.size() > 1 && coded) {
        index = r.bits(std::bit_width(lists.size() - 1));
      } else if (lists.size() == 1) {
        index = 0;
      }
      if (index >= lists.size()) fail_corrupt("a reference picture list has no such index");
      list = lists[index];
    } else {
      list = parse_ref_pic_list(r, sps, false);
    }
    for (int j = 0; j < list.long_term; j++) {
      if (list.long_term_in_header) r.skip(static_cast<size_t>(sps.log2_max_poc_lsb));
      if (r.flag()) r.ue();  // delta_poc_msb_cycle_lt
    }
  }
}

void skip_entry_points(BitReader &r, const Sps &sps, const Pps &pps) {
  if (!sps.entry_points || !sps.entropy_sync) return;
  const int ctu_rows = (pps.height + (1 << sps.log2_ctu) - 1) >> sps.log2_ctu;
  if (ctu_rows < 2) return;
  const size_t bits = 1 + static_cast<size_t>(r.ue(31, "sh_entry_offset_len_minus1"));
  r.skip(bits * static_cast<size_t>(ctu_rows - 1));
}

}  // namespace

const Pps &ParameterSets::pps_of(int pps_id) const {
  const auto &found = pps[static_cast<size_t>(pps_id)];
  if (!found)
    fail_corrupt("the picture refers to PPS " + std::to_string(pps_id) + ", which is missing");
  return *found;
}

const Sps &ParameterSets::sps_of(const Pps &pps) const {
  const auto &found = sps[static_cast<size_t>(pps.sps_id)];
  if (!found) {
    fail_corrupt("the picture refers to SPS " + std::to_string(pps.sps_id) + ", which is missing");
  }
  return *found;
}

PictureHeader parse_picture_header(BitReader &r, const ParameterSets &sets) {
  PictureHeader ph;
  const bool gdr_or_irap = r.flag();
  const bool non_reference = r.flag();
  const bool gdr = gdr_or_irap && r.flag();
  ph.inter_allowed = r.flag();
  if (ph.inter_allowed) {
    // An intra slice in such a picture is coded alike, but its header is not.
    fail_unsupported("inter prediction");
  }
  ph.pps_id = r.ue(63, "ph_pic_parameter_set_id");
  const Pps &pps = sets.pps_of(ph.pps_id);
  const Sps &sps = sets.sps_of(pps);
  ph.poc_lsb = static_cast<int>(r.bits(sps.log2_max_poc_lsb));
  if (gdr) r.ue();  // ph_recovery_poc_cnt
  r.skip(static_cast<size_t>(sps.extra_ph_bits));
  if (sps.poc_msb_cycle_bits != 0 && r.flag()) r.skip(static_cast<size_t>(sps.poc_msb_cycle_bits));
  if (sps.lmcs) {
    ph.lmcs = r.flag();
    if (ph.lmcs) ph.lmcs_aps_id = static_cast<int>(r.bits(2));
  }
  if (pps.output_flag_present && !non_reference) r.flag();  // ph_pic_output_flag
  ph.partition = sps;
  if (sps.partition_override && r.flag()) ph.partition = parse_partition_limits(r, sps);
  if (pps.cu_qp_delta) {
    const int limit = 2 * (sps.log2_ctu - ph.partition.log2_min_qt) + ph.partition.max_mtt_depth;
    ph.cu_qp_delta_subdiv =
        r.ue(static_cast<uint32_t>(limit) + 2, "ph_cu_qp_delta_subdiv_intra_slice");
  }
  if (pps.ph_extension) r.skip(8 * size_t{r.ue()});
  return ph;
}

SliceHeader parse_slice_header(BitReader &r, NalType type, const PictureHeader &ph, bool ph_inside,
                               const Sps &sps, const Pps &pps) {
  SliceHeader sh;
  sh.poc_lsb = ph.poc_lsb;
  if (sps.subpic_info) r.skip(static_cast<size_t>(sps.subpic_id_bits));
  r.skip(static_cast<size_t>(sps.extra_sh_bits));
  const bool idr = type == NalType::kIdrWRadl || type == NalType::kIdrNLp;
  if (idr || type == NalType::kCra || type == NalType::kGdr) r.flag();
  if (sps.alf) {
    sh.alf = r.flag();
    if (sh.alf) {
      sh.alf_aps_count = static_cast<int>(r.bits(3));
      for (int i = 0; i < sh.alf_aps_count; i++) {
        sh.alf_aps_ids[static_cast<size_t>(i)] = static_cast<uint8_t>(r.bits(3));
      }
    }
  }
  sh.lmcs = ph.lmcs && (ph_inside || r.flag());
  if (!idr || sps.idr_has_rpl) skip_ref_pic_lists(r, sps, pps);
  sh.qp = pps.init_qp + r.se(-26 - 48 - 63, 63 + 63, "sh_qp_delta");
  if (sh.qp < -6 * (sps.bit_depth - 8) || sh.qp > kMaxQp) {
    fail_corrupt("the slice QP is " + std::to_string(sh.qp) + ", its limit is 63");
  }
  if (sps.sao) sh.sao = r.flag();
  sh.deblocking_disabled = pps.deblocking_disabled;
  sh.beta_offset_div2 = pps.beta_offset_div2;
  sh.tc_offset_div2 = pps.tc_offset_div2;
  if (pps.deblocking_override && r.flag()) {
    sh.deblocking_disabled = !pps.deblocking_disabled && r.flag();
    if (!sh.deblocking_disabled) {
      sh.beta_offset_div2 = r.se(-12, 12, "sh_luma_beta_offset_div2");
      sh.tc_offset_div2 = r.se(-12, 12, "sh_luma_tc_offset_div2");
    }
  }
  if (sps.dep_quant) sh.dep_quant = r.flag();
  if (sps.sign_data_hiding && !sh.dep_quant) sh.sign_data_hiding = r.flag();
  if (sps.log2_max_ts != 0 && !sh.dep_quant && !sh.sign_data_hiding) {
    sh.ts_residual_coding_disabled = r.flag();
  }
  if (pps.sh_extension) r.skip(8 * size_t{r.ue()});
  skip_entry_points(r, sps, pps);
  r.byte_alignment();
  return sh;
}

}  // namespace feat::vvc
