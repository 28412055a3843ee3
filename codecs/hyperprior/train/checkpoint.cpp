// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The file: kMagic, then a number of texts (name and value), then a number of tensors (name,
// dimensions, float32). Numbers have 64 bits, texts their length in front; little-endian machines.
#include "codecs/hyperprior/train/checkpoint.h"

#include <ATen/ops/empty.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "codecs/hyperprior/train/error.h"

namespace feat::hyperprior::train {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char kMagic[] = "gst-feature hyperprior checkpoint 1\n";
constexpr uint64_t kMaxText = 1 << 16;
constexpr uint64_t kMaxDims = 8;

// Hexadecimal: nothing is lost.
std::string exact(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}

class Writer {
 public:
  explicit Writer(const std::string &path) : file_(path, std::ios::binary) {
    file_.write(kMagic, sizeof kMagic - 1);
  }
  void number(uint64_t value) { file_.write(reinterpret_cast<const char *>(&value), sizeof value); }
  void text(const std::string &text) {
    number(text.size());
    file_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  void tensor(const at::Tensor &tensor) {
    const at::Tensor floats = tensor.detach().to(c10::kCPU).contiguous();
    number(static_cast<uint64_t>(floats.dim()));
    for (const int64_t side : floats.sizes()) number(static_cast<uint64_t>(side));
    file_.write(static_cast<const char *>(floats.data_ptr()),
                static_cast<std::streamsize>(floats.nbytes()));
  }
  bool close() {
    file_.close();
    return static_cast<bool>(file_);
  }

 private:
  std::ofstream file_;
};

class Reader {
 public:
  explicit Reader(const std::string &path) : path_(path), file_(path, std::ios::binary) {
    if (!file_) throw Error(path + ": cannot be opened");
    std::error_code error;
    left_ = std::filesystem::file_size(path, error);
    char magic[sizeof kMagic - 1];
    if (error || left_ < sizeof magic || !file_.read(magic, sizeof magic) ||
        std::memcmp(magic, kMagic, sizeof magic) != 0)
      throw Error(path + ": this is no checkpoint of hyperprior-train");
    left_ -= sizeof magic;
  }
  uint64_t number() {
    uint64_t value = 0;
    read(&value, sizeof value);
    return value;
  }
  std::string text() {
    const uint64_t size = number();
    if (size > kMaxText) throw broken();
    std::string text(size, ' ');
    read(text.data(), size);
    return text;
  }
  at::Tensor tensor() {
    std::vector<int64_t> shape(number_up_to(kMaxDims));
    uint64_t count = 1;
    for (int64_t &side : shape) {
      side = static_cast<int64_t>(number_up_to(left_));
      if (side > 0 && count > left_ / static_cast<uint64_t>(side)) throw broken();
      count *= static_cast<uint64_t>(side);
    }
    if (count > left_ / sizeof(float)) throw broken();
    at::Tensor tensor = at::empty(shape, at::TensorOptions(c10::ScalarType::Float));
    read(tensor.data_ptr(), count * sizeof(float));
    return tensor;
  }
  uint64_t number_up_to(uint64_t limit) {
    const uint64_t value = number();
    if (value > limit) throw broken();
    return value;
  }
  Error broken() const { return Error(path_ + ": the checkpoint is damaged or cut off"); }

 private:
  void read(void *data, uint64_t size) {
    if (size > left_ || !file_.read(static_cast<char *>(data), static_cast<std::streamsize>(size)))
      throw broken();
    left_ -= size;
  }

  std::string path_;
  std::ifstream file_;
  uint64_t left_ = 0;
};

// Names of the state that are no options.
constexpr const char *kStep = ".step";
constexpr const char *kOptimizerSteps = ".optimizer-steps";
constexpr const char *kOrigin = ".origin";
constexpr const char *kSeconds = ".seconds";
constexpr const char *kFactor = ".plateau-factor";
constexpr const char *kBest = ".plateau-best";
constexpr const char *kWorse = ".plateau-worse";

std::string take(std::map<std::string, std::string> &texts, const char *name,
                 const Reader &reader) {
  const auto found = texts.find(name);
  if (found == texts.end()) throw reader.broken();
  std::string value = found->second;
  texts.erase(found);
  return value;
}

}  // namespace

void write_checkpoint(const std::string &path, const Checkpoint &checkpoint) {
  std::map<std::string, std::string> texts = checkpoint.settings;
  texts[kStep] = std::to_string(checkpoint.step);
  texts[kOptimizerSteps] = std::to_string(checkpoint.optimizer_steps);
  texts[kOrigin] = checkpoint.origin;
  texts[kSeconds] = exact(checkpoint.seconds);
  texts[kFactor] = exact(checkpoint.plateau.factor);
  texts[kBest] = exact(checkpoint.plateau.best);
  texts[kWorse] = std::to_string(checkpoint.plateau.worse);
  const std::string part = path + ".part";
  Writer writer(part);
  writer.number(texts.size());
  for (const auto &[name, value] : texts) {
    writer.text(name);
    writer.text(value);
  }
  writer.number(checkpoint.tensors.size());
  for (const auto &[name, tensor] : checkpoint.tensors) {
    writer.text(name);
    writer.tensor(tensor);
  }
  if (!writer.close() || std::rename(part.c_str(), path.c_str()) != 0)
    throw Error(path + ": cannot be written: " + std::generic_category().message(errno));
}

Checkpoint read_checkpoint(const std::string &path) {
  Reader reader(path);
  Checkpoint checkpoint;
  for (uint64_t left = reader.number(); left > 0; --left) {
    const std::string name = reader.text();
    checkpoint.settings[name] = reader.text();
  }
  for (uint64_t left = reader.number(); left > 0; --left) {
    const std::string name = reader.text();
    checkpoint.tensors[name] = reader.tensor();
  }
  auto &texts = checkpoint.settings;
  checkpoint.step = std::strtoull(take(texts, kStep, reader).c_str(), nullptr, 10);
  checkpoint.optimizer_steps =
      std::strtoull(take(texts, kOptimizerSteps, reader).c_str(), nullptr, 10);
  checkpoint.origin = take(texts, kOrigin, reader);
  checkpoint.seconds = std::strtod(take(texts, kSeconds, reader).c_str(), nullptr);
  checkpoint.plateau.factor = std::strtod(take(texts, kFactor, reader).c_str(), nullptr);
  checkpoint.plateau.best = std::strtod(take(texts, kBest, reader).c_str(), nullptr);
  checkpoint.plateau.worse =
      static_cast<int>(std::strtol(take(texts, kWorse, reader).c_str(), nullptr, 10));
  return checkpoint;
}

}  // namespace feat::hyperprior::train
