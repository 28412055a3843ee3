// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Writes the models of tests: make_model FILE [NAME].
#include <cstdio>

#include "tests/hyperprior/tiny_model.h"

int main(int argc, char **argv) {
  if (argc < 2) return 1;
  const auto file = test::tiny_model(argc > 2 ? argv[2] : "tiny");
  std::FILE *out = std::fopen(argv[1], "wb");
  if (out == nullptr) return 1;
  const bool written = std::fwrite(file.data(), 1, file.size(), out) == file.size();
  return std::fclose(out) == 0 && written ? 0 : 1;
}
