// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/rans/encoder.h"

#include <algorithm>
#include <string>

#include "codecs/rans/encode_lane.h"
#include "codecs/rans/rans.h"
#include "codecs/rans/state.h"

namespace feat::rans {

namespace {

// What is wrong with the values; empty if nothing is. Sums up their cost.
std::string look_over(const CodingTables &tables, std::span<const int32_t> values,
                      std::span<const uint8_t> table_of, uint64_t &bytes) {
  if (table_of.size() != values.size())
    return std::to_string(table_of.size()) + " numbers of tables are not one for each of " +
           std::to_string(values.size()) + " values";
  if (values.size() > kMaxValues)
    return std::to_string(values.size()) + " values are more than " + std::to_string(kMaxValues);
  uint64_t cost = 0;
  uint64_t bits = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (table_of[i] >= tables.count())
      return "table " + std::to_string(table_of[i]) + " of value " + std::to_string(i) +
             " is not one of the " + std::to_string(tables.count()) + " tables";
    if (values[i] < -kMaxValue || values[i] > kMaxValue)
      return "value " + std::to_string(values[i]) + " at " + std::to_string(i) + " is not " +
             std::to_string(-kMaxValue) + " to " + std::to_string(kMaxValue);
    const EncodeTable &table = tables.encode_tables()[table_of[i]];
    const CodedSymbol s = table.classify(values[i]);
    cost += table.symbols[s.symbol].cost;
    if (s.symbol == kEscape) bits += static_cast<uint64_t>(escape_bits(s.distance));
  }
  bytes = ((cost >> EncodeTable::kCostShift) + bits) / 8;
  return {};
}

// Goes backwards, from the last value to the first.
class ChunkWriter {
 public:
  explicit ChunkWriter(int lanes) : lanes_(static_cast<size_t>(lanes)) {}

  void encode(const EncodeTable *tables, std::span<const int32_t> values,
              std::span<const uint8_t> table_of) {
    states_.fill(kLowest);
    count_ = 0;
    for (size_t i = (values.size() + lanes_ - 1) / lanes_ * lanes_; i > 0; i -= lanes_) {
      if (words_.size() - count_ < lanes_ * kMaxWordsPerValue)
        words_.resize(2 * words_.size() + kMaxLanes * kMaxWordsPerValue);
      const size_t from = i - lanes_;
      step(tables, values.data() + from, table_of.data() + from,
           std::min(lanes_, values.size() - from));
    }
  }
  size_t words() const { return count_; }
  void put(uint16_t word) { words_[count_++] = word; }
  // As the decoder reads it.
  void append(std::vector<uint8_t> &out) const {
    for (size_t l = 0; l < lanes_; ++l)
      for (int shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<uint8_t>(states_[l] >> shift));
    size_t at = out.size();
    out.resize(at + count_ * kWordBytes);
    for (size_t i = count_; i-- > 0; at += kWordBytes) {
      out[at] = static_cast<uint8_t>(words_[i]);
      out[at + 1] = static_cast<uint8_t>(words_[i] >> 8);
    }
  }

 private:
  // The decoder reads symbols, raw bits, escapes; this is the other way round.
  void step(const EncodeTable *tables, const int32_t *values, const uint8_t *table_of,
            size_t present) {
    std::array<CodedSymbol, kMaxLanes> symbols;
    bool more = false;
    for (size_t l = 0; l < present; ++l) {
      const EncodeTable &table = tables[table_of[l]];
      symbols[l] = table.classify(values[l]);
      more |= symbols[l].symbol == kEscape || table.raw_bits > 0;
    }
    if (more) {
      for (size_t l = present; l-- > 0;)
        if (symbols[l].symbol == kEscape) put_escape(states_[l], symbols[l], *this);
      for (size_t l = present; l-- > 0;) {
        const int raw_bits = tables[table_of[l]].raw_bits;
        if (symbols[l].symbol != kEscape && raw_bits > 0)
          put_bits(states_[l], raw_bits, symbols[l].raw, *this);
      }
    }
    uint16_t *words = words_.data() + count_;
    for (size_t l = present; l-- > 0;) {
      const EncodeTable &table = tables[table_of[l]];
      const EncodeTable::Symbol &symbol = table.symbols[symbols[l].symbol];
      uint32_t state = states_[l];
      // A word is written, and stays if it has to be.
      const bool full = full_for_symbol(state, symbol.frequency);
      *words = static_cast<uint16_t>(state);
      words += full;
      if (full) state >>= 16;
      states_[l] = with_symbol(state, table, symbol);
    }
    count_ = static_cast<size_t>(words - words_.data());
  }

  size_t lanes_;
  std::array<uint32_t, kMaxLanes> states_ = {};
  std::vector<uint16_t> words_;  // the last one first
  size_t count_ = 0;
};

}  // namespace

void encode_by(const Layout &layout, const CodingTables &tables, std::span<const int32_t> values,
               std::span<const uint8_t> table_of, std::vector<uint8_t> &out) {
  const auto size = static_cast<size_t>(layout.chunk_values(values.size()));
  // The directory comes first and is known last.
  std::vector<uint8_t> chunks;
  std::vector<size_t> words;
  ChunkWriter writer(layout.lanes());
  for (size_t from = 0; from < values.size(); from += size) {
    const size_t count = std::min(size, values.size() - from);
    writer.encode(tables.encode_tables(), values.subspan(from, count),
                  table_of.subspan(from, count));
    words.push_back(writer.words());
    writer.append(chunks);
  }
  write_directory(layout, words, out);
  out.insert(out.end(), chunks.begin(), chunks.end());
}

bool encode(const Tables &tables, std::span<const int32_t> values,
            std::span<const uint8_t> table_of, std::vector<uint8_t> &out, std::string &error) {
  const auto &coding = static_cast<const CodingTables &>(tables);
  uint64_t bytes = 0;
  if (std::string what = look_over(coding, values, table_of, bytes); !what.empty()) {
    error = std::move(what);
    return false;
  }
  if (values.empty()) return true;
  encode_by(choose_layout(values.size(), bytes), coding, values, table_of, out);
  return true;
}

}  // namespace feat::rans
