// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codecs/hyperprior/cuda/cuda_memory.h"

namespace feat::hyperprior {

// What stages of the work on a stream take, by the GPU's own clock. Does nothing unless it is
// switched on.
class StageClock {
 public:
  struct Stage {
    std::string name;
    float milliseconds = 0;
  };

  void switch_on() { on_ = true; }
  void start(cudaStream_t stream);
  // What was queued since the last call ends here.
  void lap(const char *name, cudaStream_t stream);
  // When the stream has been waited for.
  std::vector<Stage> stages() const;

 private:
  struct Event {
    cudaEvent_t event = nullptr;
    explicit Event(cudaStream_t stream);
    ~Event();
    Event(const Event &) = delete;
    Event &operator=(const Event &) = delete;
  };

  bool on_ = false;
  std::vector<std::unique_ptr<Event>> events_;
  std::vector<const char *> names_;
};

}  // namespace feat::hyperprior
