// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/profile_tier_level.h"

#include <array>

namespace feat::vvc {
namespace {

// general_constraints_info(): promises of the encoder, which a decoder need not know.
void skip_constraints(BitReader &r) {
  if (r.flag()) {
    constexpr size_t kKnownBits = 71;  // up to gci_no_virtual_boundaries_constraint_flag
    r.skip(kKnownBits);
    r.skip(r.bits(8));  // gci_num_additional_bits
  }
  while (!r.aligned()) r.flag();
}

}  // namespace

ProfileTierLevel parse_profile_tier_level(BitReader &r, int max_sublayers_minus1) {
  ProfileTierLevel ptl;
  ptl.profile_idc = static_cast<int>(r.bits(7));
  ptl.high_tier = r.flag();
  ptl.level_idc = static_cast<int>(r.bits(8));
  r.skip(2);  // ptl_frame_only_constraint_flag, ptl_multilayer_enabled_flag
  skip_constraints(r);
  int sublayer_levels = 0;
  for (int i = 0; i < max_sublayers_minus1; i++) sublayer_levels += r.flag() ? 1 : 0;
  while (!r.aligned()) r.flag();
  r.skip(8 * static_cast<size_t>(sublayer_levels));
  const size_t sub_profiles = r.bits(8);
  r.skip(32 * sub_profiles);
  return ptl;
}

void skip_timing_hrd(BitReader &r, int max_sublayers_minus1) {
  r.skip(64);  // num_units_in_tick, time_scale
  const bool nal = r.flag();
  const bool vcl = r.flag();
  bool decoding_units = false;
  int cpbs = 1;
  if (nal || vcl) {
    r.flag();  // general_same_pic_timing_in_all_ols_flag
    decoding_units = r.flag();
    if (decoding_units) r.skip(8);
    r.skip(8);
    if (decoding_units) r.skip(4);
    cpbs = 1 + r.ue(31, "hrd_cpb_cnt_minus1");
  }
  const bool each_sublayer = max_sublayers_minus1 > 0 && r.flag();
  for (int i = each_sublayer ? 0 : max_sublayers_minus1; i <= max_sublayers_minus1; i++) {
    const bool fixed_general = r.flag();
    const bool fixed_in_cvs = fixed_general || r.flag();
    if (fixed_in_cvs) {
      r.ue();
    } else if ((nal || vcl) && cpbs == 1) {
      r.flag();  // low_delay_hrd_flag
    }
    for (int j = 0; j < (nal ? cpbs : 0) + (vcl ? cpbs : 0); j++) {
      r.ue();
      r.ue();
      if (decoding_units) {
        r.ue();
        r.ue();
      }
      r.flag();
    }
  }
}

}  // namespace feat::vvc
