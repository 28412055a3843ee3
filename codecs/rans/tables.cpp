// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/rans/tables.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace feat::rans {

namespace {

// What is wrong with a distribution; empty if nothing is.
std::string fault(const Distribution &d) {
  const size_t symbols = d.frequencies.size();
  if (symbols < 2 || symbols > kMaxSymbols)
    return std::to_string(symbols) + " symbols are not 2 to " + std::to_string(kMaxSymbols);
  if (d.raw_bits < 0 || d.raw_bits > kMaxRawBits)
    return std::to_string(d.raw_bits) + " raw bits are not 0 to " + std::to_string(kMaxRawBits);
  if (d.first < -kMaxValue)
    return "the first value " + std::to_string(d.first) + " is below " + std::to_string(-kMaxValue);
  const int64_t last = int64_t{d.first} + (static_cast<int64_t>(symbols - 1) << d.raw_bits) - 1;
  if (last > kMaxValue)
    return "the last value " + std::to_string(last) + " is above " + std::to_string(kMaxValue);
  uint32_t sum = 0;
  for (const uint16_t f : d.frequencies) {
    if (f == 0) return "a frequency is 0, the least is 1";
    sum += f;
  }
  if (sum != 1U << kPrecision)
    return "the frequencies add up to " + std::to_string(sum) + ", not to " +
           std::to_string(1 << kPrecision);
  return {};
}

// Segments of all symbols, sorted by place.
void fill_segments(const std::vector<Run> &runs, EncodeTable &table) {
  std::vector<EncodeTable::Segment> segments;
  for (const Run &run : runs) {
    const uint32_t place = table.symbols[run.symbol].start + run.rank;
    segments.push_back({place, run.slot - place});
  }
  std::sort(segments.begin(), segments.end(),
            [](const auto &a, const auto &b) { return a.begin < b.begin; });
  segments.push_back({1U << kPrecision, 0});
  std::copy(segments.begin(), segments.end(), table.segments.begin());
  size_t at = 0;
  for (uint32_t i = 0; i < table.hints.size(); ++i) {
    while (segments[at + 1].begin <= i << 8) ++at;
    table.hints[i] = static_cast<uint16_t>(at);
  }
}

}  // namespace

void CodingTables::add(const Distribution &d) {
  const size_t symbols = d.frequencies.size();
  std::array<uint16_t, kBuckets> frequencies = {};
  std::copy(d.frequencies.begin(), d.frequencies.end() - 1, frequencies.begin());
  frequencies[kEscape] = d.frequencies.back();
  const AliasTable alias = build_alias_table(frequencies);
  buckets_.insert(buckets_.end(), alias.buckets.begin(), alias.buckets.end());

  EncodeTable &table = encode_.emplace_back();
  table.first = d.first;
  table.raw_bits = d.raw_bits;
  table.reach = static_cast<uint32_t>(symbols - 1) << d.raw_bits;
  uint32_t start = 0;
  for (size_t s = 0; s < frequencies.size(); ++s) {
    if (frequencies[s] == 0) continue;
    EncodeTable::Symbol &symbol = table.symbols[s];
    symbol.frequency = frequencies[s];
    symbol.start = static_cast<uint16_t>(start);
    start += frequencies[s];
    const double cost = kPrecision - std::log2(frequencies[s]) + (s == kEscape ? 0 : d.raw_bits);
    symbol.cost = static_cast<uint32_t>(std::lround(cost * (1 << EncodeTable::kCostShift)));
  }
  fill_segments(alias.runs, table);

  infos_.push_back(d.first * (1 << kInfoShift) + d.raw_bits);
  ends_.push_back(d.first + static_cast<int32_t>(table.reach));
  raw_ |= d.raw_bits > 0;
}

double CodingTables::bits(int table, int32_t value) const {
  if (table < 0 || table >= count() || value < -kMaxValue || value > kMaxValue)
    return std::numeric_limits<double>::infinity();
  const EncodeTable &t = encode_[table];
  const CodedSymbol s = t.classify(value);
  const double bits = kPrecision - std::log2(t.symbols[s.symbol].frequency);
  return bits + (s.symbol == kEscape ? escape_bits(s.distance) : t.raw_bits);
}

DecodeView CodingTables::decode_view() const {
  return {buckets_.data(), infos_.data(), ends_.data(), raw_};
}

std::shared_ptr<const Tables> Tables::build(std::span<const Distribution> distributions,
                                            std::string &error) {
  if (distributions.empty() || distributions.size() > kMaxTables) {
    error =
        std::to_string(distributions.size()) + " tables are not 1 to " + std::to_string(kMaxTables);
    return nullptr;
  }
  const auto tables = std::make_shared<CodingTables>();
  for (const Distribution &d : distributions) {
    const std::string what = fault(d);
    if (!what.empty()) {
      error = "table " + std::to_string(tables->count()) + ": " + what;
      return nullptr;
    }
    tables->add(d);
  }
  return tables;
}

}  // namespace feat::rans
