// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Memory for tensors.
#pragma once

#include "gst/common/gstcpp.h"

namespace feat {

// Answers an allocation query with a pool for the tensor of its caps. FALSE: not caps of a tensor.
gboolean propose_tensor_pool(GstQuery *query);

// Buffers of one size: from downstream's pool where it has one, else from one of their own.
class TensorPool {
 public:
  TensorPool() = default;
  ~TensorPool() { clear(); }
  TensorPool(const TensorPool &) = delete;
  TensorPool &operator=(const TensorPool &) = delete;

  // Asks downstream for the caps that were just sent there.
  void negotiate(GstPad *src_pad, GstCaps *caps, gsize size);
  void clear();

  // A buffer of the negotiated size that can be written. Never waits: where downstream's pool has
  // none left, or none was negotiated, it is a new one. Null if there is no memory.
  GstBuffer *acquire(gsize size);

 private:
  GstBufferPool *pool_ = nullptr;
  gsize size_ = 0;
};

}  // namespace feat
