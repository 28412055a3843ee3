// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A model file: magic, the length of the header (four bytes, the lowest first), the header in JSON,
// the tensors.
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "codecs/hyperprior/layer_check.h"
#include "codecs/hyperprior/model.h"

namespace feat::hyperprior {

namespace {

using Json = nlohmann::json;

constexpr std::array<uint8_t, 8> kMagic = {'F', 'E', 'A', 'T', 'H', 'Y', 'P', '1'};
constexpr size_t kHeaderAt = kMagic.size() + 4;
constexpr size_t kMaxHeaderBytes = size_t{1} << 20;
constexpr int kMaxSteps = 64;
constexpr int kMaxDims = 4;

constexpr std::pair<Layer::Op, const char *> kOps[] = {
    {Layer::Op::kConv, "conv"},         {Layer::Op::kDeconv, "deconv"}, {Layer::Op::kGdn, "gdn"},
    {Layer::Op::kIgdn, "igdn"},         {Layer::Op::kRelu, "relu"},     {Layer::Op::kAbs, "abs"},
    {Layer::Op::kResidual, "residual"},
};
constexpr std::pair<Element, const char *> kElements[] = {
    {Element::kF32, "f32"}, {Element::kF16, "f16"}, {Element::kS16, "s16"},
    {Element::kS32, "s32"}, {Element::kU16, "u16"},
};
constexpr std::pair<Input, const char *> kInputs[] = {
    {Input::kUnitRange, "unit-range"},
    {Input::kNormalised, "normalised"},
};

template <typename T, size_t n>
const char *name_in(const std::pair<T, const char *> (&names)[n], T value) {
  for (const auto &pair : names)
    if (pair.first == value) return pair.second;
  return "";
}

// Reads members of a JSON object; what is missing or of another type is noted.
class Reader {
 public:
  Reader(const Json &json, std::string &wrong) : json_(json), wrong_(wrong) {}

  const Json *member(const char *key) const {
    const auto found = json_.is_object() ? json_.find(key) : json_.end();
    if (json_.is_object() && found != json_.end()) return &*found;
    miss(key);
    return nullptr;
  }
  int integer(const char *key, int low, int high) const {
    const Json *value = member(key);
    if (value == nullptr) return low;
    if (!value->is_number_integer()) return miss(key), low;
    const auto number = value->get<int64_t>();
    if (number >= low && number <= high) return static_cast<int>(number);
    if (wrong_.empty())
      wrong_ = std::string("its ") + key + " is " + std::to_string(number) + ", outside of " +
               std::to_string(low) + " to " + std::to_string(high);
    return low;
  }
  std::string text(const char *key) const {
    const Json *value = member(key);
    if (value == nullptr) return {};
    if (!value->is_string()) return miss(key), std::string();
    return value->get<std::string>();
  }
  bool boolean(const char *key) const {
    const Json *value = member(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) return miss(key), false;
    return value->get<bool>();
  }
  template <typename T, size_t n>
  T choice(const char *key, const std::pair<T, const char *> (&names)[n]) const {
    const std::string name = text(key);
    for (const auto &pair : names)
      if (name == pair.second) return pair.first;
    if (wrong_.empty()) wrong_ = std::string("its ") + key + " is \"" + name + "\"";
    return names[0].first;
  }
  const Json &array(const char *key, size_t limit) const {
    static const Json none = Json::array();
    const Json *value = member(key);
    if (value == nullptr) return none;
    if (!value->is_array() || value->size() > limit) return miss(key), none;
    return *value;
  }
  void miss(const char *key) const {
    if (wrong_.empty()) wrong_ = std::string("its header has no usable \"") + key + "\"";
  }

 private:
  const Json &json_;
  std::string &wrong_;
};

Network read_network(const Reader &reader, const char *key, std::string &wrong, bool inside) {
  Network network;
  for (const Json &json : reader.array(key, kMaxLayers)) {
    const Reader fields(json, wrong);
    Layer layer;
    layer.op = fields.choice("op", kOps);
    switch (layer.op) {
      case Layer::Op::kConv:
      case Layer::Op::kDeconv:
        layer.kernel = fields.integer("kernel", 1, kMaxKernel);
        layer.stride = fields.integer("stride", 1, kMaxStride);
        layer.out = fields.integer("out", 1, kMaxChannels);
        [[fallthrough]];
      case Layer::Op::kGdn:
      case Layer::Op::kIgdn:
        layer.name = fields.text("name");
        layer.in = fields.integer("in", 1, kMaxChannels);
        if (layer.out == 0) layer.out = layer.in;
        break;
      case Layer::Op::kResidual:
        if (inside) fields.miss("op");
        if (wrong.empty()) layer.inner = read_network(fields, "inner", wrong, true);
        break;
      default:
        break;
    }
    if (!wrong.empty()) break;
    network.push_back(std::move(layer));
  }
  return network;
}

Json write_network(const Network &network) {
  Json list = Json::array();
  for (const Layer &layer : network) {
    Json json = {{"op", name_in(kOps, layer.op)}};
    if (!layer.name.empty()) json["name"] = layer.name;
    if (layer.op == Layer::Op::kConv || layer.op == Layer::Op::kDeconv) {
      json["kernel"] = layer.kernel;
      json["stride"] = layer.stride;
      json["out"] = layer.out;
    }
    if (!layer.name.empty()) json["in"] = layer.in;
    if (layer.op == Layer::Op::kResidual) json["inner"] = write_network(layer.inner);
    list.push_back(std::move(json));
  }
  return list;
}

ModelDescription read_description(const Json &json, std::string &wrong) {
  const Reader reader(json, wrong);
  ModelDescription d;
  d.name = reader.text("name");
  d.origin = reader.text("origin");
  d.input = reader.choice("input", kInputs);
  d.alignment = reader.integer("alignment", 1, 256);
  d.latent_stride = reader.integer("latent-stride", 1, 256);
  d.hyper_stride = reader.integer("hyper-stride", 1, 256);
  d.latents = reader.integer("latents", 1, kMaxChannels);
  d.hyper_latents = reader.integer("hyper-latents", 1, 256);
  d.means = reader.boolean("means");
  d.scale_places = reader.boolean("scale-places");
  for (const Json &step : reader.array("steps", kMaxSteps)) {
    const double value = step.is_number() ? step.get<double>() : 0.0;
    if (!(value > 1e-6 && value < 1e6) ||
        (!d.steps.empty() && static_cast<float>(value) <= d.steps.back()))
      reader.miss("steps");
    d.steps.push_back(static_cast<float>(value));
  }
  static const Json none = Json::object();
  const Json *networks = reader.member("networks");
  const Reader of(networks != nullptr ? *networks : none, wrong);
  d.analysis = read_network(of, "analysis", wrong, false);
  d.hyper_analysis = read_network(of, "hyper-analysis", wrong, false);
  d.hyper_synthesis = read_network(of, "hyper-synthesis", wrong, false);
  d.synthesis = read_network(of, "synthesis", wrong, false);
  return d;
}

void read_tensors(const Json &json, std::span<const uint8_t> data,
                  std::map<std::string, TensorView> &tensors, std::string &wrong) {
  const Json *list = Reader(json, wrong).member("tensors");
  if (list == nullptr || !list->is_object()) {
    Reader(json, wrong).miss("tensors");
    return;
  }
  for (const auto &[name, fields] : list->items()) {
    const Reader reader(fields, wrong);
    TensorView view;
    view.element = reader.choice("element", kElements);
    size_t count = 1;
    for (const Json &d : reader.array("shape", kMaxDims)) {
      const int64_t side = d.is_number_integer() ? d.get<int64_t>() : 0;
      if (side < 1 || side > static_cast<int64_t>(data.size()) || (count *= side) > data.size()) {
        reader.miss("shape");
        return;
      }
      view.shape.push_back(static_cast<int>(side));
    }
    const auto offset = static_cast<size_t>(reader.integer("offset", 0, kMaxModelBytes));
    if (!wrong.empty()) return;
    if (offset > data.size() || count * size_of(view.element) > data.size() - offset) {
      wrong = "its tensor " + name + " lies behind the end of the file";
      return;
    }
    view.data = data.data() + offset;
    tensors[name] = std::move(view);
  }
}

bool power_of_two(int value) {
  return (value & (value - 1)) == 0;
}

std::string check_sizes(const ModelDescription &d) {
  if (!power_of_two(d.alignment) || !power_of_two(d.latent_stride) ||
      !power_of_two(d.hyper_stride) || d.hyper_stride < d.latent_stride ||
      d.alignment < d.hyper_stride)
    return "its alignment " + std::to_string(d.alignment) + ", latent stride " +
           std::to_string(d.latent_stride) + " and hyper stride " + std::to_string(d.hyper_stride) +
           " are not powers of two, each at most the one before";
  return {};
}

std::string check(const Model &model) {
  const ModelDescription &d = model.description();
  std::string wrong = check_sizes(d);
  if (!wrong.empty()) return wrong;
  const int ratio = d.hyper_stride / d.latent_stride;
  wrong = check_network(model, d.analysis, "analysis", 1, d.latents, 1, d.latent_stride, false);
  if (wrong.empty())
    wrong = check_network(model, d.hyper_analysis, "hyper-analysis", d.latents, d.hyper_latents, 1,
                          ratio, false);
  if (wrong.empty())
    wrong = check_network(model, d.hyper_synthesis, "hyper-synthesis", d.hyper_latents,
                          d.means ? 2 * d.latents : d.latents, ratio, 1, true);
  if (wrong.empty())
    wrong = check_network(model, d.synthesis, "synthesis", d.latents, 1, d.latent_stride, 1, false);
  if (!wrong.empty() || d.steps.empty()) return wrong;
  const TensorView *gains = model.tensor("gains");
  if (gains == nullptr ||
      gains->shape != std::vector<int>{static_cast<int>(d.steps.size()), d.latents})
    return "it has no gains for " + std::to_string(d.steps.size()) + " steps";
  for (const float gain : gains->floats())
    if (!(gain > 1e-6F && gain < 1e6F)) return "a gain is outside of 1e-6 to 1e6";
  return {};
}

}  // namespace

std::shared_ptr<const Model> Model::load(std::span<const uint8_t> file, Status &status) {
  const auto refuse = [&](Status::Code code, const std::string &message) {
    status = {code, message};
    return nullptr;
  };
  using Code = Status::Code;
  if (file.size() < kHeaderAt || !std::equal(kMagic.begin(), kMagic.end() - 1, file.begin()))
    return refuse(Code::kCorrupt, "this is no model of the Hyperprior codec");
  if (file[kMagic.size() - 1] != kMagic.back())
    return refuse(Code::kUnsupported, "the model file is of another version than 1");
  if (file.size() > kMaxModelBytes)
    return refuse(Code::kLimit, "the model file has " + std::to_string(file.size()) +
                                    " bytes, above the limit of " + std::to_string(kMaxModelBytes));
  size_t header = 0;
  for (size_t i = 0; i < 4; ++i) header |= size_t{file[kMagic.size() + i]} << (8 * i);
  if (header > kMaxHeaderBytes || header > file.size() - kHeaderAt)
    return refuse(Code::kCorrupt,
                  "the header of the model file has " + std::to_string(header) +
                      " bytes, the limit is " +
                      std::to_string(std::min(kMaxHeaderBytes, file.size() - kHeaderAt)));
  const auto model = std::make_shared<Model>();
  model->file_.assign(file.begin(), file.end());
  const std::span<const uint8_t> bytes = model->file_;
  const auto text = bytes.subspan(kHeaderAt, header);
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return refuse(Code::kCorrupt, "the header of the model file is no JSON");
  std::string wrong;
  model->description_ = read_description(json, wrong);
  if (wrong.empty()) read_tensors(json, bytes.subspan(kHeaderAt + header), model->tensors_, wrong);
  if (wrong.empty()) wrong = check(*model);
  if (!wrong.empty()) return refuse(Code::kCorrupt, "the model is broken: " + wrong);
  model->hash_ = XXH3_64bits(bytes.data(), bytes.size());
  status = {};
  return model;
}

const TensorView *Model::tensor(const std::string &name) const {
  const auto found = tensors_.find(name);
  return found != tensors_.end() ? &found->second : nullptr;
}

std::vector<uint8_t> write_model(const ModelDescription &d,
                                 const std::map<std::string, TensorData> &tensors) {
  Json list = Json::object();
  size_t offset = 0;
  for (const auto &[name, tensor] : tensors) {
    list[name] = {{"element", name_in(kElements, tensor.element)},
                  {"shape", tensor.shape},
                  {"offset", offset}};
    offset += tensor.bytes.size();
  }
  const Json json = {
      {"name", d.name},
      {"origin", d.origin},
      {"input", name_in(kInputs, d.input)},
      {"alignment", d.alignment},
      {"latent-stride", d.latent_stride},
      {"hyper-stride", d.hyper_stride},
      {"latents", d.latents},
      {"hyper-latents", d.hyper_latents},
      {"means", d.means},
      {"scale-places", d.scale_places},
      {"steps", d.steps},
      {"networks",
       {{"analysis", write_network(d.analysis)},
        {"hyper-analysis", write_network(d.hyper_analysis)},
        {"hyper-synthesis", write_network(d.hyper_synthesis)},
        {"synthesis", write_network(d.synthesis)}}},
      {"tensors", std::move(list)},
  };
  const std::string header = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::vector<uint8_t> file(kMagic.begin(), kMagic.end());
  for (int shift = 0; shift < 32; shift += 8)
    file.push_back(static_cast<uint8_t>(header.size() >> shift));
  file.insert(file.end(), header.begin(), header.end());
  for (const auto &[name, tensor] : tensors)
    file.insert(file.end(), tensor.bytes.begin(), tensor.bytes.end());
  return file;
}

}  // namespace feat::hyperprior
