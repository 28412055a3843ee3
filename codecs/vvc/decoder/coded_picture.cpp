// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/coded_picture.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "codecs/vvc/decoder/nal.h"
#include "codecs/vvc/decoder/parameter_sets.h"

namespace feat::vvc {
namespace {

bool is_slice(NalType type) {
  return static_cast<int>(type) <= 11;
}

// A set that a picture refers to by `id`.
template <typename Sets>
auto find_set(const Sets &sets, size_t id, const char *name) {
  if (!sets[id]) {
    fail_corrupt(std::string("the picture refers to ") + name + " " + std::to_string(id) +
                 ", which is missing");
  }
  return sets[id];
}

// Empties the slot first: a damaged set must not leave its forerunner in force.
template <typename Set, typename Parse>
void replace_set(std::shared_ptr<const Set> &slot, Parse parse) {
  slot.reset();
  slot = std::make_shared<const Set>(parse());
}

// Adaptation parameter set; of other types than those below nothing is needed.
void parse_aps(const std::vector<uint8_t> &payload, ParameterSets &sets) {
  enum : uint32_t { kAlf = 0, kLmcs = 1, kScaling = 2 };
  BitReader r(payload);
  const uint32_t type = r.bits(3);
  const size_t id = r.bits(5);
  const bool chroma_present = r.flag();
  if (type == kLmcs) {
    if (id >= sets.lmcs.size()) fail_corrupt("a luma mapping APS has an id above 3");
    replace_set(sets.lmcs[id], [&] { return parse_lmcs(r, chroma_present); });
  } else if (type == kAlf) {
    if (id >= sets.alf.size()) fail_corrupt("an ALF APS has an id above 7");
    replace_set(sets.alf[id], [&] { return parse_alf(r, chroma_present); });
  } else if (type == kScaling) {
    if (id >= sets.scaling.size()) fail_corrupt("a scaling list APS has an id above 7");
    replace_set(sets.scaling[id], [&] { return parse_scaling_lists(r, chroma_present); });
  }
}

class UnitParser {
 public:
  UnitParser(uint64_t max_points, ParameterSets &sets, CodedPicture &picture)
      : max_points_(max_points), sets_(sets), picture_(picture) {}

  void parse(std::span<const uint8_t> unit) {
    picture_.slices.clear();
    picture_.segments.clear();
    picture_.sei = SeiMessages();
    NalUnit nal;
    while (next_nal_unit(unit, nal)) {
      if (nal.layer_id != 0) continue;  // another layer than the base
      if (is_slice(nal.type)) {
        parse_slice(nal);
      } else {
        parse_other(nal);
      }
    }
    if (picture_.slices.empty()) fail_corrupt("the unit holds no coded picture");
    if (ctus_left_ != 0) {
      fail_corrupt("the picture lacks slices with " + std::to_string(ctus_left_) + " of its CTUs");
    }
  }

 private:
  void parse_other(const NalUnit &nal) {
    switch (nal.type) {
      case NalType::kSps: {
        const std::vector<uint8_t> payload = unescape(nal.payload);
        if (payload.empty()) fail_corrupt("an SPS is empty");
        BitReader r(payload);
        replace_set(sets_.sps[payload[0] >> 4], [&] { return parse_sps(r); });
        break;
      }
      case NalType::kPps: {
        const std::vector<uint8_t> payload = unescape(nal.payload);
        if (payload.empty()) fail_corrupt("a PPS is empty");
        BitReader r(payload);
        replace_set(sets_.pps[payload[0] >> 2], [&] { return parse_pps(r); });
        break;
      }
      case NalType::kPrefixAps:
      case NalType::kSuffixAps:
        parse_aps(unescape(nal.payload), sets_);
        break;
      case NalType::kPictureHeader: {
        const std::vector<uint8_t> payload = unescape(nal.payload);
        BitReader r(payload);
        start_picture(r);
        break;
      }
      case NalType::kPrefixSei:
      case NalType::kSuffixSei:
        parse_sei(unescape(nal.payload), picture_.sei);
        break;
      default:
        break;  // nothing that a picture depends on
    }
  }

  void start_picture(BitReader &r) {
    if (addressing_) fail_corrupt("the unit holds more than one picture header");
    picture_.header = parse_picture_header(r, sets_);
    const PictureHeader &ph = picture_.header;
    picture_.pps = sets_.pps_of(ph.pps_id);
    picture_.sps = sets_.sps_of(*picture_.pps);
    const Sps &sps = *picture_.sps;
    const Pps &pps = *picture_.pps;
    check_size(sps, pps);
    set_window(sps, pps);
    picture_.lmcs.reset();
    picture_.scaling.reset();
    if (ph.lmcs) {
      picture_.lmcs = find_set(sets_.lmcs, static_cast<size_t>(ph.lmcs_aps_id), "luma mapping APS");
      picture_.inverse_map = inverse_map(*picture_.lmcs, sps.bit_depth);
    }
    if (ph.scaling_lists) {
      picture_.scaling =
          find_set(sets_.scaling, static_cast<size_t>(ph.scaling_aps_id), "scaling list APS");
    }
    addressing_.emplace(sps, pps);
    picture_.partition = addressing_->partition();
    picture_.subpics = addressing_->subpics();
    picture_.frame.reset(pps.width, pps.height, sps.bit_depth, sps.log2_ctu);
    for (size_t i = 0; i < picture_.subpics.size(); i++) {
      for_ctus(picture_.subpics[i].area,
               [i](CtuInfo &ctu) { ctu.subpic = static_cast<uint16_t>(i); });
    }
    const PicturePartition &p = picture_.partition;
    for (int tile = 0; tile < p.tiles(); tile++) {
      const auto x = static_cast<size_t>(tile % p.tile_columns());
      const auto y = static_cast<size_t>(tile / p.tile_columns());
      for_ctus({p.columns[x], p.rows[y], p.columns[x + 1], p.rows[y + 1]},
               [tile](CtuInfo &ctu) { ctu.tile = static_cast<uint16_t>(tile); });
    }
    ctus_left_ = picture_.frame.ctus.size();
  }

  void check_size(const Sps &sps, const Pps &pps) const {
    const int side = std::max(1 << sps.log2_min_cb, 8);
    if (pps.width == 0 || pps.height == 0 || pps.width > sps.width || pps.height > sps.height ||
        pps.width % side != 0 || pps.height % side != 0) {
      fail_corrupt("the picture size " + std::to_string(pps.width) + "x" +
                   std::to_string(pps.height) + " of the PPS does not agree with its SPS");
    }
    const uint64_t points = static_cast<uint64_t>(pps.width) * static_cast<uint64_t>(pps.height);
    if (points > max_points_) {
      fail(Status::Code::kLimit, "a picture of " + std::to_string(pps.width) + "x" +
                                     std::to_string(pps.height) + " has more than max-points " +
                                     std::to_string(max_points_) + " samples");
    }
  }

  void set_window(const Sps &sps, const Pps &pps) {
    if (pps.width == sps.width && pps.height == sps.height) {
      picture_.window = {sps.crop_left, sps.crop_right, sps.crop_top, sps.crop_bottom};
    } else {
      picture_.window = {pps.crop_left, pps.crop_right, pps.crop_top, pps.crop_bottom};
    }
    const CropWindow &w = picture_.window;
    if (w.left + w.right >= pps.width || w.top + w.bottom >= pps.height) {
      fail_corrupt("the conformance window leaves nothing of the picture");
    }
  }

  template <typename Change>
  void for_ctus(const CtuRect &area, Change change) {
    for (int y = area.y0; y < area.y1; y++) {
      for (int x = area.x0; x < area.x1; x++) change(picture_.frame.ctu(x, y));
    }
  }

  void parse_slice(const NalUnit &nal) {
    auto slice = std::make_unique<Slice>();
    std::vector<size_t> escapes;
    slice->payload = unescape(nal.payload, &escapes);
    BitReader r(slice->payload);
    const bool ph_inside = r.flag();
    if (ph_inside) {
      if (!picture_.slices.empty()) fail_corrupt("the unit holds more than one picture");
      start_picture(r);
    }
    if (!addressing_) fail_corrupt("a slice comes before its picture header");
    const Sps &sps = *picture_.sps;
    const SliceHeader &sh = slice->header = parse_slice_header(
        r, nal.type, picture_.header, ph_inside, sps, *picture_.pps, *addressing_);
    for (int i = 0; i < sh.alf_aps_count; i++) {
      slice->alf.push_back(find_set(sets_.alf, sh.alf_aps_ids[static_cast<size_t>(i)], "ALF APS"));
    }
    const std::vector<CtuRect> areas = addressing_->areas(sh);
    claim(areas);
    add_segments(areas, *slice, r.bit_position() / 8, escapes);
    picture_.slices.push_back(std::move(slice));
  }

  // Notes to which slice the CTUs belong.
  void claim(const std::vector<CtuRect> &areas) {
    const auto index = static_cast<uint32_t>(picture_.slices.size());
    for (const CtuRect &area : areas) {
      for_ctus(area, [&](CtuInfo &ctu) {
        if (ctu.slice != CtuInfo::kNoSlice) fail_corrupt("two slices of the picture overlap");
        ctu.slice = index;
        ctus_left_--;
      });
    }
  }

  void add_segments(const std::vector<CtuRect> &areas, const Slice &slice, size_t begin,
                    const std::vector<size_t> &escapes) {
    std::vector<Substream> substreams;
    for (const CtuRect &area : areas) {
      if (!picture_.sps->entropy_sync) {
        substreams.push_back({area, false});
        continue;
      }
      for (int y = area.y0; y < area.y1; y++) {
        substreams.push_back({{area.x0, y, area.x1, y + 1}, y > area.y0});
      }
    }
    const int index = static_cast<int>(picture_.slices.size());
    const std::span<const uint8_t> data(slice.payload);
    const std::vector<uint32_t> &offsets = slice.header.entry_offsets;
    if (offsets.empty()) {
      picture_.segments.push_back({index, std::move(substreams), data.subspan(begin), true});
      return;
    }
    // Offsets count the bytes before emulation prevention bytes are removed. `escapes` holds the
    // position that each had among those that stay.
    size_t removed = static_cast<size_t>(std::upper_bound(escapes.begin(), escapes.end(), begin) -
                                         escapes.begin());
    uint64_t coded_end = uint64_t{begin} + removed;
    for (size_t i = 0; i < substreams.size(); i++) {
      const bool last = i + 1 == substreams.size();
      size_t end = data.size();
      if (!last) {
        coded_end += uint64_t{offsets[i]} + 1;
        while (removed < escapes.size() && escapes[removed] + removed < coded_end) removed++;
        if (coded_end - removed > data.size()) fail_corrupt("an entry point lies behind its slice");
        end = static_cast<size_t>(coded_end) - removed;
      }
      picture_.segments.push_back({index, {substreams[i]}, data.subspan(begin, end - begin), last});
      begin = end;
    }
  }

  const uint64_t max_points_;
  ParameterSets &sets_;
  CodedPicture &picture_;
  std::optional<SliceAddressing> addressing_;
  size_t ctus_left_ = 0;
};

}  // namespace

void parse_unit(std::span<const uint8_t> unit, uint64_t max_points, ParameterSets &sets,
                CodedPicture &picture) {
  UnitParser(max_points, sets, picture).parse(unit);
}

}  // namespace feat::vvc
