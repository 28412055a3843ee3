// SPDX-License-Identifier: LGPL-2.1-or-later
// Model files of the Hyperprior codec. Those that are accepted predict.
//
// The first byte says what the rest is: 0, a file; 1, the header of one, in front of the tensors of
// a model that is one; 2, changes of that model, four bytes each: the place, high byte first, and
// what is added there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/model.h"
#include "tests/hyperprior/tiny_model.h"

using namespace feat::hyperprior;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t kMagicBytes = 8;
constexpr size_t kHeaderAt = kMagicBytes + 4;
// More latents than that are not predicted.
constexpr int64_t kMaxLatents = 1 << 15;

void require(bool condition) {
  if (!condition) std::abort();
}

const Bytes &whole() {
  static const Bytes file = test::tiny_model("fuzz");
  return file;
}

size_t header_size() {
  size_t size = 0;
  for (size_t i = 0; i < 4; ++i) size |= size_t{whole()[kMagicBytes + i]} << (8 * i);
  return size;
}

Bytes with_header(std::span<const uint8_t> header) {
  Bytes file(whole().begin(), whole().begin() + kMagicBytes);
  for (int shift = 0; shift < 32; shift += 8)
    file.push_back(static_cast<uint8_t>(header.size() >> shift));
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), whole().begin() + static_cast<ptrdiff_t>(kHeaderAt + header_size()),
              whole().end());
  return file;
}

Bytes changed(std::span<const uint8_t> changes) {
  Bytes file = whole();
  for (size_t i = 0; i + 4 <= changes.size(); i += 4) {
    const size_t place = size_t{changes[i]} << 16 | size_t{changes[i + 1]} << 8 | changes[i + 2];
    file[place % file.size()] = static_cast<uint8_t>(file[place % file.size()] + changes[i + 3]);
  }
  return file;
}

void predict(const EntropyModel &entropy) {
  const ModelDescription &d = entropy.model().description();
  const int ratio = d.hyper_stride / d.latent_stride;
  const int64_t latents = int64_t{ratio} * ratio * d.latents;
  if (latents > kMaxLatents) return;
  std::vector<int32_t> z(static_cast<size_t>(d.hyper_latents));
  for (size_t i = 0; i < z.size(); ++i) z[i] = static_cast<int32_t>(i * 37 % 511) - 255;
  Bytes tables;
  std::vector<int32_t> means;
  entropy.predict(z, 1, 1, 1, tables, means);
  require(tables.size() == static_cast<size_t>(latents));
  require(means.size() == (d.means ? tables.size() : 0));
  for (const uint8_t table : tables) require(table < entropy.y_tables().count());
  require(entropy.z_tables().count() == d.hyper_latents);
  for (int code = 0; code < entropy.step_codes(); code += 17)
    require(entropy.gains(code).size() == static_cast<size_t>(d.latents));
}

void load(std::span<const uint8_t> file) {
  Status status;
  const auto model = Model::load(file, status);
  require(status.ok() == (model != nullptr) && status.ok() == status.message.empty());
  if (!model) return;
  const auto entropy = EntropyModel::create(model, status);
  require(status.ok() == (entropy != nullptr) && status.ok() == status.message.empty());
  if (entropy) predict(*entropy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> rest(data + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      load(rest);
      break;
    case 1:
      load(with_header(rest));
      break;
    default:
      load(changed(rest));
  }
  return 0;
}
