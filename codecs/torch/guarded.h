// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What LibTorch throws stays inside of its modules.
#pragma once

#include <c10/util/Exception.h>

#include <cstdio>
#include <exception>
#include <string>

#include "codecs/torch/error_line.h"

namespace feat {

// Thrown with a sentence without a full stop, which reaches the caller as it is.
struct Failure {
  std::string text;
};

template <typename Error>
void set_error(Error &error, const std::string &text) {
  std::snprintf(error.text, sizeof error.text, "%s", text.c_str());
}

// Calls `work`; what it throws becomes the error. False: it threw.
template <typename Error, typename Work>
bool guarded(Error &error, const Work &work) {
  try {
    work();
    return true;
  } catch (const Failure &failure) {
    set_error(error, failure.text);
  } catch (const c10::Error &e) {
    set_error(error, error_line(e.what_without_backtrace()));
  } catch (const std::exception &e) {
    set_error(error, error_line(e.what()));
  }
  return false;
}

}  // namespace feat
