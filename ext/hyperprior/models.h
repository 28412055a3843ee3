// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where models come from: a file that is named, or the one in the search path that a unit needs.
// The search path is $GST_FEATURE_HYPERPRIOR_PATH, folders separated as in PATH, and the folder
// where this project installs models.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/entropy_model.h"

namespace feat {

// Of files that are found by name or hash.
inline constexpr char kModelSuffix[] = ".hyperprior";
// What the encoder takes unless told otherwise.
inline constexpr char kDefaultModel[] = "default";

struct LoadedModel {
  std::shared_ptr<const hyperprior::EntropyModel> entropy;
  std::vector<uint8_t> file;  // for the transforms

  const hyperprior::Model &model() const { return entropy->model(); }
};
using ModelPtr = std::shared_ptr<const LoadedModel>;

// The name of one of a family of models: NAME-3, or the same of a path.
std::string name_in_family(const std::string &name, int index);

// Loads a file, or the model of that name in the search path: "default" is default.hyperprior
// there. A sentence on what is wrong, or empty.
std::string load_model(const std::string &name, ModelPtr &model);

// The model that a unit names: one of those that are loaded in this process, else one in the search
// path. Null if there is none.
ModelPtr find_model(uint32_t id);

// The folders, for messages.
std::string model_search_path();

// The half of a model's hash that units have, as text.
std::string model_id_text(uint32_t id);

}  // namespace feat
