// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Learns the weights that all levels start from (level_tables.cpp):
//
//   feature-level-training < list.txt > codecs/feature/level_tables.cpp
//
// Each line of the list is a raw file of 32-bit floats, its rows and columns, the smallest and the
// largest step to code it with, and a profile file or "-". The features are coded in a random
// order, at random steps, with every quantiser; the weights at the end are the mean of those behind
// the second half of the features.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "codecs/feature/layout.h"
#include "codecs/feature/level_tables.h"
#include "codecs/feature/matrix_coder.h"
#include "codecs/feature/payload.h"
#include "codecs/feature/profile.h"

namespace {

using namespace feat::native;

constexpr int kRounds = 6;  // times each feature is coded

struct Item {
  std::string file;
  uint32_t rows = 0;
  uint32_t columns = 0;
  double min_step = 0;
  double max_step = 0;
  std::shared_ptr<const Profile> profile;
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "feature-level-training: %s\n", message.c_str());
  std::exit(1);
}

std::vector<uint8_t> read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<Item> read_list() {
  std::vector<Item> items;
  for (std::string line; std::getline(std::cin, line);) {
    Item item;
    std::string profile;
    std::istringstream fields(line);
    if (!(fields >> item.file >> item.rows >> item.columns >> item.min_step >> item.max_step >>
          profile))
      fail("'" + line + "' is not a line of file, rows, columns, steps and profile");
    if (profile != "-") {
      const Status status = Profile::parse(read_file(profile), item.profile);
      if (!status.ok()) fail(profile + ": " + status.message);
    }
    items.push_back(item);
  }
  return items;
}

class Training {
 public:
  // Codes one feature; the weights go on from where they were.
  void code(const Item &item, int effort, double step) {
    const std::vector<uint8_t> bytes = read_file(item.file);
    std::vector<float> values(size_t{item.rows} * item.columns);
    if (bytes.size() != values.size() * sizeof(float)) fail(item.file + " has another size");
    std::copy_n(bytes.data(), bytes.size(), reinterpret_cast<uint8_t *>(values.data()));
    UnitHeader header;
    header.tensor.shape = {item.rows, item.columns};
    header.quantizer = quantizer_of(effort);
    header.step_code = step_code(step, header.quantizer);
    const MatrixShape shape(header.tensor.shape);
    const auto [grid, gain] = choose_grid(shape, values, distance_of(header.step_code));
    header.layout = Layout::kTokens;
    if (!item.profile && gain > 0.01) {
      header.layout = Layout::kGrid;
      header.special_rows = grid.special_rows;
      header.grid_height = grid.height;
    }
    header.means = header.layout == Layout::kTokens && !item.profile;
    const ProfileData *profile = item.profile ? &item.profile->data() : nullptr;
    const auto priors = profile != nullptr ? prior_means(profile->deviations, header.step_code)
                                           : std::vector<uint32_t>();
    const Search search = search_of(effort);
    std::vector<uint8_t> unit;
    LevelModel &model = models_[header.quantizer == Quantizer::kDependent ? 0 : 1];
    RowEncoder rows({header.step_code, header.quantizer, search.lambda, search.rounds}, model,
                    unit);
    MatrixCoder<RowEncoder> coder(header, profile, priors, rows);
    coder.code({values.data(), nullptr, item.rows, item.columns, 0});
    model = rows.model();
  }

  void add_to_mean() {
    ++count_;
    for (size_t c = 0; c < LevelModel::kContexts; ++c)
      visit(c, [&](Weight &w, double &sum) { sum += w.value(); });
  }

  void print() {
    std::printf(
        "// SPDX-License-Identifier: LGPL-2.1-or-later\n// Written by feature-level-training.\n"
        "#include \"codecs/feature/level_tables.h\"\n\n// clang-format off\n\nnamespace "
        "feat::native {\n\n"
        "constinit const std::array<LearnedWeights, LevelModel::kContexts> kLearnedWeights = {{\n");
    for (size_t c = 0; c < LevelModel::kContexts; ++c) {
      const char *separator = "    {";
      visit(c, [&](const Weight &w, double sum) {
        const double mean = sum / count_ / (1 << kWeightBits) * kLearnedUnit;
        const bool used = w.count() > 40;
        std::printf("%s%d", separator,
                    used ? static_cast<int>(std::clamp(std::round(mean), -127.0, 127.0))
                         : int{kNotLearned});
        separator = ", ";
      });
      std::printf("},\n");
    }
    std::printf("}};\n\n}  // namespace feat::native\n");
  }

 private:
  template <class Visit>
  void visit(size_t c, Visit &&each) {
    auto *sum = sums_[c].data();
    for (int set = 0; set < kWeightSets; ++set) {
      Weight *weights = models_[static_cast<size_t>(set / kSets)].context(c).of(set % kSets);
      for (size_t bin = 0; bin < kLearnedBins; ++bin)
        each(weights[LevelModel::slot_of(static_cast<int>(bin))], *sum++);
    }
  }

  // Sets 0 and 1, and the scalar quantiser's.
  std::array<LevelModel, 2> models_ = {LevelModel(Quantizer::kDependent),
                                       LevelModel(Quantizer::kScalar)};
  std::array<std::array<double, kWeightSets * kLearnedBins>, LevelModel::kContexts> sums_{};
  int count_ = 0;
};

}  // namespace

int main() {
  const std::vector<Item> items = read_list();
  if (items.empty()) fail("the list on standard input is empty");
  std::mt19937 random(1);
  std::vector<size_t> order;
  for (size_t i = 0; i < items.size() * kRounds; ++i) order.push_back(i);
  std::shuffle(order.begin(), order.end(), random);
  const auto training = std::make_unique<Training>();
  for (size_t i = 0; i < order.size(); ++i) {
    const Item &item = items[order[i] % items.size()];
    const double part = static_cast<double>(random()) / static_cast<double>(std::mt19937::max());
    const int effort = static_cast<int>(order[i] / items.size()) % 3;
    training->code(item, effort, item.min_step * std::pow(item.max_step / item.min_step, part));
    if (2 * i >= order.size()) training->add_to_mean();
    std::fprintf(stderr, "\r%zu of %zu ", i + 1, order.size());
  }
  std::fprintf(stderr, "\n");
  training->print();
}
