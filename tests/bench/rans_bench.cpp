// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How fast the entropy coder of learned codecs is: values of 64 Gaussians, most of them narrow, as
// latents are.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "codecs/rans/rans.h"
#include "hwy/highway.h"

namespace {

using namespace feat::rans;  // NOLINT(google-build-using-namespace)

constexpr size_t kValues = 1 << 20;

struct Content {
  std::shared_ptr<const Tables> tables;
  std::vector<uint8_t> table_of;
  std::vector<int32_t> values;
  std::vector<uint8_t> bytes;
  std::vector<int32_t> decoded = std::vector<int32_t>(kValues);
};

// Scales of 64 tables from 0.11 to 256; most values have those below 4.
Content make_content(double share_of_narrow) {
  constexpr int kTables = 64;
  std::vector<Distribution> distributions;
  std::vector<double> scales;
  int narrow = 0;
  for (int i = 0; i < kTables; ++i) {
    scales.push_back(0.11 * std::pow(256 / 0.11, i / (kTables - 1.0)));
    distributions.push_back(gaussian(scales.back()));
    narrow += scales.back() < 4;
  }
  Content c;
  std::string error;
  c.tables = Tables::build(distributions, error);
  std::mt19937 rng(1);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  for (size_t i = 0; i < kValues; ++i) {
    const int among = uniform(rng) < share_of_narrow ? narrow : kTables;
    const auto table = static_cast<uint8_t>(rng() % among);
    c.table_of.push_back(table);
    c.values.push_back(static_cast<int32_t>(std::lround(normal(rng) * scales[table])));
  }
  encode(*c.tables, c.values, c.table_of, c.bytes, error);
  return c;
}

Content &narrow() {
  static Content content = make_content(1);
  return content;
}
Content &wide() {
  static Content content = make_content(0.95);
  return content;
}

void count(benchmark::State &state, const Content &c) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kValues));
  state.counters["bits"] = 8.0 * static_cast<double>(c.bytes.size()) / kValues;
}

void measure_encode(benchmark::State &state, Content &c) {
  std::string error;
  for (auto _ : state) {
    std::vector<uint8_t> bytes;
    if (!encode(*c.tables, c.values, c.table_of, bytes, error)) state.SkipWithError(error.c_str());
    benchmark::DoNotOptimize(bytes.data());
  }
  count(state, c);
}

void measure_decode(benchmark::State &state, Content &c, int64_t target) {
  if (target != 0) hwy::GetChosenTarget().Update(target);
  std::string error;
  for (auto _ : state) {
    if (!decode(*c.tables, c.bytes, c.table_of, c.decoded, error))
      state.SkipWithError(error.c_str());
    benchmark::DoNotOptimize(c.decoded.data());
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  count(state, c);
}

void add(const std::string &name, Content &(*content)()) {
  benchmark::RegisterBenchmark((name + "/encode").c_str(),
                               [=](benchmark::State &s) { measure_encode(s, content()); });
  const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  for (int64_t rest = targets; rest != 0; rest &= rest - 1) {
    const int64_t target = rest & -rest;
    benchmark::RegisterBenchmark(
        (name + "/decode/" + hwy::TargetName(target)).c_str(),
        [=](benchmark::State &s) { measure_decode(s, content(), target); });
  }
}

}  // namespace

int main(int argc, char **argv) {
  add("narrow", narrow);
  add("wide", wide);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
