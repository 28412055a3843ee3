// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The modules that hold LibTorch or CUDA: plugins open them when an element starts, and not before.
#pragma once

#include <glib.h>

#include <string>

namespace feat {

struct ModuleFile {
  const char *name;      // without suffix
  const char *variable;  // of the environment; what it says goes, without other places
  const char *symbol;    // that is wanted
  const char *holds = "LibTorch";
};

// Whether the file is there.
bool has_module(const ModuleFile &file);

// Opens the module, to stay open, and LibTorch with it. Null: the error says why, as a sentence.
// Not to be called by several threads at once.
gpointer open_module(const ModuleFile &file, std::string &error);

}  // namespace feat
