// SPDX-License-Identifier: LGPL-2.1-or-later
//
// All that decoding a picture takes, collected from its access unit: parameter sets, slices, and
// the frame to decode into. Nothing in it depends on other pictures.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/decoder/frame.h"
#include "codecs/vvc/decoder/headers.h"
#include "codecs/vvc/decoder/sei.h"

namespace feat::vvc {

// A part of a slice that has its own arithmetic codeword: a tile, or with wavefronts a row of one.
struct Substream {
  CtuRect area;
  bool follows = false;  // the row above is of the same slice and tile
};

// Substreams that are decoded one after the other.
struct SliceSegment {
  int slice = 0;
  std::vector<Substream> substreams;
  std::span<const uint8_t> data;
  bool last = false;  // of its slice: bytes may follow the data
};

struct Slice {
  SliceHeader header;
  std::vector<uint8_t> payload;  // of the NAL unit, unescaped
  std::vector<std::shared_ptr<const AlfFilters>> alf;
};

// Samples cut off at the borders before output.
struct CropWindow {
  int left = 0, right = 0, top = 0, bottom = 0;
};

struct CodedPicture {
  std::shared_ptr<const Sps> sps;
  std::shared_ptr<const Pps> pps;
  PictureHeader header;
  std::shared_ptr<const LmcsModel> lmcs;
  std::vector<uint16_t> inverse_map;  // of lmcs
  std::shared_ptr<const ScalingLists> scaling;
  std::vector<std::unique_ptr<Slice>> slices;
  std::vector<SliceSegment> segments;
  PicturePartition partition;
  std::vector<Subpicture> subpics;
  SeiMessages sei;
  CropWindow window;
  Frame frame;

  int log2_ctu() const { return sps->log2_ctu; }
  const Slice &slice_of(const CtuInfo &ctu) const { return *slices[ctu.slice]; }
};

// Takes one access unit apart, all but the slice data. Throws DecodeError.
void parse_unit(std::span<const uint8_t> unit, uint64_t max_points, ParameterSets &sets,
                CodedPicture &picture);

}  // namespace feat::vvc
