// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/stage_clock.h"

namespace feat::hyperprior {

StageClock::Event::Event(cudaStream_t stream) {
  check(cudaEventCreate(&event), "making a CUDA event");
  const cudaError_t status = cudaEventRecord(event, stream);
  if (status == cudaSuccess) return;
  cudaEventDestroy(event);
  check(status, "recording a CUDA event");
}

StageClock::Event::~Event() {
  cudaEventDestroy(event);
}

void StageClock::start(cudaStream_t stream) {
  if (!on_) return;
  events_.clear();
  names_.clear();
  events_.push_back(std::make_unique<Event>(stream));
}

void StageClock::lap(const char *name, cudaStream_t stream) {
  if (!on_) return;
  events_.push_back(std::make_unique<Event>(stream));
  names_.push_back(name);
}

std::vector<StageClock::Stage> StageClock::stages() const {
  std::vector<Stage> all;
  for (size_t i = 0; i < names_.size(); ++i) {
    Stage &stage = all.emplace_back(Stage{names_[i], 0});
    check(cudaEventElapsedTime(&stage.milliseconds, events_[i]->event, events_[i + 1]->event),
          "reading a CUDA event");
  }
  return all;
}

}  // namespace feat::hyperprior
