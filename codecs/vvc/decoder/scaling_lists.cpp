// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/scaling_lists.h"

#include "codecs/vvc/common/residual_context.h"

namespace feat::vvc {
namespace {

constexpr int kLists = 28;    // of all sizes and components
constexpr int kFirstOf4 = 2;  // lists 0 and 1 are 2x2
constexpr int kFirstOf8 = 8;  // of 8x8 factors
constexpr int kFirstWithDc = 14;
constexpr int kFirstOf64 = 26;

struct List {
  std::array<uint8_t, 64> factor;
  uint8_t dc;
};

// What the coded differences of list `id` start from.
List prediction(const std::array<List, kLists> &lists, int id, int distance) {
  List flat;
  flat.factor.fill(ScalingLists::kFlat);
  flat.dc = ScalingLists::kFlat;
  if (distance == 0) return flat;
  const int first = id < kFirstOf4 ? 0 : (id < kFirstOf8 ? kFirstOf4 : kFirstOf8);
  const int from = id - distance;
  if (from < first) fail_corrupt("a scaling list is predicted from none");
  List list = lists[static_cast<size_t>(from)];
  if (from < kFirstWithDc) list.dc = list.factor[0];
  return list;
}

}  // namespace

ScalingLists parse_scaling_lists(BitReader &r, bool chroma_present) {
  std::array<List, kLists> lists;
  for (int id = 0; id < kLists; id++) {
    const int log2_side = id < kFirstOf4 ? 1 : (id < kFirstOf8 ? 2 : 3);
    List &list = lists[static_cast<size_t>(id)];
    list = prediction(lists, id, 0);
    if (!chroma_present && id % 3 != 2 && id != kLists - 1) continue;
    const bool copy = r.flag();
    const bool predicted = copy || r.flag();
    if (predicted) {
      const bool first = id == 0 || id == kFirstOf4 || id == kFirstOf8;
      const int distance = first ? 0 : r.ue(kLists, "scaling_list_pred_id_delta");
      list = prediction(lists, id, distance);
    } else {
      list.factor.fill(8);
      list.dc = 8;
    }
    if (copy) continue;
    int64_t next = 0;
    if (id >= kFirstWithDc) {
      next = r.se(-128, 127, "scaling_list_dc_coef");
      list.dc = static_cast<uint8_t>(list.dc + next);
    }
    const ScanPos *scan = diagonal_scan(log2_side, log2_side);
    for (int i = 0; i < 1 << (2 * log2_side); i++) {
      const ScanPos at = scan[i];
      if (id < kFirstOf64 || at.x < 4 || at.y < 4) {
        next += r.se(-128, 127, "scaling_list_delta_coef");
      }
      uint8_t &factor = list.factor[static_cast<size_t>((at.y << log2_side) + at.x)];
      factor = static_cast<uint8_t>(factor + next);
    }
  }
  ScalingLists luma;
  constexpr int kIntraLuma[5] = {2, 8, 14, 20, 26};
  for (size_t i = 0; i < luma.factors.size(); i++) {
    const List &list = lists[static_cast<size_t>(kIntraLuma[i])];
    luma.factors[i] = list.factor;
    luma.dc[i] = list.dc;
  }
  return luma;
}

}  // namespace feat::vvc
