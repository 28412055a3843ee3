// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Parsers of the picture header and the slice header (clauses 7.3.2.8 and 7.3.7).
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/decoder/alf.h"
#include "codecs/vvc/decoder/bit_reader.h"
#include "codecs/vvc/decoder/lmcs.h"
#include "codecs/vvc/decoder/scaling_lists.h"

namespace feat::vvc {

// The parameter sets received so far, by their ids. A picture keeps those it uses alive.
struct ParameterSets {
  std::array<std::shared_ptr<const Sps>, 16> sps;
  std::array<std::shared_ptr<const Pps>, 64> pps;
  std::array<std::shared_ptr<const LmcsModel>, 4> lmcs;
  std::array<std::shared_ptr<const AlfFilters>, 8> alf;
  std::array<std::shared_ptr<const ScalingLists>, 8> scaling;

  // The sets that a picture header refers to; throws if they are missing.
  std::shared_ptr<const Pps> pps_of(int pps_id) const;
  std::shared_ptr<const Sps> sps_of(const Pps &pps) const;
};

PictureHeader parse_picture_header(BitReader &r, const ParameterSets &sets);

// How slices are addressed in a picture: depends on its parameter sets alone.
class SliceAddressing {
 public:
  SliceAddressing(const Sps &sps, const Pps &pps);

  // Parses what says where the slice lies (and skips the extra bits in between).
  void parse(BitReader &r, const Sps &sps, SliceHeader &sh) const;
  // The CTUs of a slice: a rectangle for each tile it has a part in, in coding order.
  std::vector<CtuRect> areas(const SliceHeader &sh) const;

  int ctus_wide() const { return partition_.columns.back(); }
  int ctus_high() const { return partition_.rows.back(); }
  const PicturePartition &partition() const { return partition_; }
  const std::vector<Subpicture> &subpics() const { return subpics_; }

 private:
  PicturePartition partition_;
  std::vector<Subpicture> subpics_;  // at least one
  std::vector<int> slices_before_;   // of each sub-picture, those of earlier ones; and of all
};

// What follows the picture header in a slice header, to the end of the alignment bits.
SliceHeader parse_slice_header(BitReader &r, NalType type, const PictureHeader &ph, bool ph_inside,
                               const Sps &sps, const Pps &pps, const SliceAddressing &addressing);

}  // namespace feat::vvc
