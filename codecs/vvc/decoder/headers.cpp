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

void parse_alf_params(BitReader &r, SliceHeader &sh) {
  sh.alf = r.flag();
  if (!sh.alf) return;
  sh.alf_aps_count = static_cast<int>(r.bits(3));
  for (int i = 0; i < sh.alf_aps_count; i++) {
    sh.alf_aps_ids[static_cast<size_t>(i)] = static_cast<uint8_t>(r.bits(3));
  }
}

void parse_deblocking_params(BitReader &r, const Pps &pps, SliceHeader &sh) {
  if (!r.flag()) return;
  sh.deblocking_disabled = !pps.deblocking_disabled && r.flag();
  if (sh.deblocking_disabled) return;
  sh.beta_offset_div2 = r.se(-12, 12, "luma_beta_offset_div2");
  sh.tc_offset_div2 = r.se(-12, 12, "luma_tc_offset_div2");
}

int parse_qp_delta(BitReader &r) {
  return r.se(-26 - 48 - 63, 63 + 63, "the slice's QP delta");
}

// Every tile but the last of the slice has an entry point, and with wavefronts every row.
void parse_entry_points(BitReader &r, const Sps &sps, const std::vector<CtuRect> &areas,
                        SliceHeader &sh) {
  if (!sps.entry_points) return;
  size_t substreams = 0;
  for (const CtuRect &a : areas) {
    substreams += sps.entropy_sync ? static_cast<size_t>(a.y1 - a.y0) : 1;
  }
  if (substreams < 2) return;
  const int bits = 1 + r.ue(31, "sh_entry_offset_len_minus1");
  if ((substreams - 1) * static_cast<size_t>(bits) > r.bits_left()) {
    fail_corrupt("a slice header ends before its entry points");
  }
  sh.entry_offsets.resize(substreams - 1);
  for (uint32_t &offset : sh.entry_offsets) offset = r.bits(bits);
}

}  // namespace

std::shared_ptr<const Pps> ParameterSets::pps_of(int pps_id) const {
  const auto &found = pps[static_cast<size_t>(pps_id)];
  if (!found)
    fail_corrupt("the picture refers to PPS " + std::to_string(pps_id) + ", which is missing");
  return found;
}

std::shared_ptr<const Sps> ParameterSets::sps_of(const Pps &pps) const {
  const auto &found = sps[static_cast<size_t>(pps.sps_id)];
  if (!found) {
    fail_corrupt("the picture refers to SPS " + std::to_string(pps.sps_id) + ", which is missing");
  }
  return found;
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
  const auto pps_set = sets.pps_of(ph.pps_id);
  const Pps &pps = *pps_set;
  const auto sps_set = sets.sps_of(pps);
  const Sps &sps = *sps_set;
  SliceHeader &slice = ph.slice;
  slice.qp = pps.init_qp;
  slice.deblocking_disabled = pps.deblocking_disabled;
  slice.beta_offset_div2 = pps.beta_offset_div2;
  slice.tc_offset_div2 = pps.tc_offset_div2;
  ph.poc_lsb = static_cast<int>(r.bits(sps.log2_max_poc_lsb));
  if (gdr) r.ue();  // ph_recovery_poc_cnt
  r.skip(static_cast<size_t>(sps.extra_ph_bits));
  if (sps.poc_msb_cycle_bits != 0 && r.flag()) r.skip(static_cast<size_t>(sps.poc_msb_cycle_bits));
  if (sps.alf && pps.alf_in_ph) parse_alf_params(r, slice);
  if (sps.lmcs) {
    ph.lmcs = r.flag();
    if (ph.lmcs) ph.lmcs_aps_id = static_cast<int>(r.bits(2));
  }
  if (sps.scaling_lists) {
    ph.scaling_lists = r.flag();
    if (ph.scaling_lists) ph.scaling_aps_id = static_cast<int>(r.bits(3));
  }
  ph.virtual_boundaries = sps.virtual_boundaries;
  if (sps.virtual_boundaries_in_ph && r.flag()) {
    ph.virtual_boundaries = parse_virtual_boundaries(r, sps);
  }
  if (pps.output_flag_present && !non_reference) r.flag();  // ph_pic_output_flag
  if (pps.ref_lists_in_ph) skip_ref_pic_lists(r, sps, pps);
  ph.partition = sps;
  if (sps.partition_override && r.flag()) ph.partition = parse_partition_limits(r, sps);
  if (pps.cu_qp_delta) {
    const int limit = 2 * (sps.log2_ctu - ph.partition.log2_min_qt) + ph.partition.max_mtt_depth;
    ph.cu_qp_delta_subdiv =
        r.ue(static_cast<uint32_t>(limit) + 2, "ph_cu_qp_delta_subdiv_intra_slice");
  }
  if (pps.qp_delta_in_ph) slice.qp += parse_qp_delta(r);
  if (sps.sao && pps.sao_in_ph) slice.sao = r.flag();
  if (pps.deblocking_in_ph) parse_deblocking_params(r, pps, slice);
  if (pps.ph_extension) r.skip(8 * size_t{r.ue()});
  return ph;
}

SliceHeader parse_slice_header(BitReader &r, NalType type, const PictureHeader &ph, bool ph_inside,
                               const Sps &sps, const Pps &pps, const SliceAddressing &addressing) {
  SliceHeader sh = ph.slice;
  sh.poc_lsb = ph.poc_lsb;
  addressing.parse(r, sps, sh);
  const bool idr = type == NalType::kIdrWRadl || type == NalType::kIdrNLp;
  if (idr || type == NalType::kCra || type == NalType::kGdr) r.flag();
  if (sps.alf && !pps.alf_in_ph) parse_alf_params(r, sh);
  sh.lmcs = ph.lmcs && (ph_inside || r.flag());
  sh.scaling_lists = ph.scaling_lists && (ph_inside || r.flag());
  if (!pps.ref_lists_in_ph && (!idr || sps.idr_has_rpl)) skip_ref_pic_lists(r, sps, pps);
  if (!pps.qp_delta_in_ph) sh.qp += parse_qp_delta(r);
  if (sh.qp < -6 * (sps.bit_depth - 8) || sh.qp > kMaxQp) {
    fail_corrupt("the slice QP is " + std::to_string(sh.qp) + ", its limit is 63");
  }
  if (sps.sao && !pps.sao_in_ph) sh.sao = r.flag();
  if (pps.deblocking_override && !pps.deblocking_in_ph) parse_deblocking_params(r, pps, sh);
  if (sps.dep_quant) sh.dep_quant = r.flag();
  if (sps.sign_data_hiding && !sh.dep_quant) sh.sign_data_hiding = r.flag();
  if (sps.log2_max_ts != 0 && !sh.dep_quant && !sh.sign_data_hiding) {
    sh.ts_residual_coding_disabled = r.flag();
  }
  if (pps.sh_extension) r.skip(8 * size_t{r.ue()});
  parse_entry_points(r, sps, addressing.areas(sh), sh);
  r.byte_alignment();
  return sh;
}

}  // namespace feat::vvc
