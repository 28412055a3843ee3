// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/lossless_palette.h"

#include <algorithm>
#include <bit>

#include "codecs/feature/lossless_bytes.h"
#include "codecs/feature/lossless_integers.h"

namespace feat::native::lossless {
namespace {

// Numbers in the order of the values, and back.
uint32_t key_of(Code code) {
  return code >> kSignShift ? ~code : code | ~kMagnitudeMask;
}
Code code_of(uint32_t key) {
  return key >> kSignShift ? key & kMagnitudeMask : ~key;
}

template <class Coder>
bool code_keys(Coder &coder, std::vector<uint32_t> &keys) {
  TableIntegers integers;
  uint32_t before = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    const uint32_t step = integers.code(coder, keys[i] - before);
    if (step > ~before || (i > 0 && step == 0)) return false;
    before += step;
    keys[i] = before;
  }
  return true;
}

}  // namespace

std::vector<Code> find_palette(std::span<const Code> codes, size_t limit) {
  limit = std::min(limit, kMaxPalette);
  std::vector<Code> found;
  // A hash table of places in `found`, from 1.
  constexpr int kSlotBits = 17;
  std::vector<uint32_t> slots(size_t{1} << kSlotBits);
  for (const Code code : codes) {
    size_t slot = (code * uint32_t{2654435769}) >> (32 - kSlotBits);
    while (slots[slot] != 0 && found[slots[slot] - 1] != code) slot = (slot + 1) % slots.size();
    if (slots[slot] != 0) continue;
    if (found.size() == limit) return {};
    found.push_back(code);
    slots[slot] = static_cast<uint32_t>(found.size());
  }
  std::sort(found.begin(), found.end(), [](Code a, Code b) { return key_of(a) < key_of(b); });
  return found;
}

void to_ranks(std::span<const Code> palette, std::span<const Code> codes, std::span<Code> ranks) {
  const auto less = [](Code a, Code b) { return key_of(a) < key_of(b); };
  for (size_t i = 0; i < codes.size(); ++i) {
    const auto found = std::lower_bound(palette.begin(), palette.end(), codes[i], less);
    ranks[i] = static_cast<Code>(found - palette.begin());
  }
}

void write_palette(std::span<const Code> palette, std::vector<uint8_t> &out) {
  std::vector<uint32_t> keys(palette.size());
  std::transform(palette.begin(), palette.end(), keys.begin(), key_of);
  std::vector<uint8_t> modelled;
  std::vector<uint8_t> raw;
  CodeWriter coder(modelled, raw);
  code_keys(coder, keys);
  coder.finish();
  put_number(out, modelled.size());
  put_number(out, raw.size());
  out.insert(out.end(), modelled.begin(), modelled.end());
  out.insert(out.end(), raw.begin(), raw.end());
}

bool read_palette(size_t count, std::span<const uint8_t> modelled, std::span<const uint8_t> raw,
                  std::vector<Code> &palette) {
  CodeReader coder(modelled, raw);
  palette.assign(count, 0);
  if (!code_keys(coder, palette) || !coder.at_end()) return false;
  std::transform(palette.begin(), palette.end(), palette.begin(), code_of);
  return true;
}

}  // namespace feat::native::lossless
