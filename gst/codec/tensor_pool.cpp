// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/tensor_pool.h"

namespace feat {

namespace {

// Whether the pool was set up and started; takes it over in any case.
bool start_pool(GstBufferPool *pool, GstCaps *caps, guint size, guint min, guint max) {
  GstStructure *config = gst_buffer_pool_get_config(pool);
  gst_buffer_pool_config_set_params(config, caps, size, min, max);
  if (!gst_buffer_pool_set_config(pool, config)) {
    // A pool may change what it was asked for; that is all right if the buffers are large enough.
    config = gst_buffer_pool_get_config(pool);
    if (!gst_buffer_pool_config_validate_params(config, caps, size, min, max)) {
      gst_structure_free(config);
      return false;
    }
    if (!gst_buffer_pool_set_config(pool, config)) return false;
  }
  return gst_buffer_pool_set_active(pool, TRUE) != FALSE;
}

}  // namespace

gboolean propose_tensor_pool(GstQuery *query) {
  GstCaps *caps = nullptr;
  gboolean need_pool = FALSE;
  gst_query_parse_allocation(query, &caps, &need_pool);
  if (caps == nullptr) return TRUE;
  const InfoPtr info(gst_feature_info_from_caps(caps, nullptr));
  if (!info) return FALSE;
  const gsize size = gst_feature_info_get_size(info.get());
  // A pool of nothing is no use, and sizes are 32 bits.
  if (!need_pool || size == 0 || size > G_MAXUINT) return TRUE;
  GstBufferPool *pool = gst_buffer_pool_new();
  GstStructure *config = gst_buffer_pool_get_config(pool);
  gst_buffer_pool_config_set_params(config, caps, static_cast<guint>(size), 0, 0);
  if (gst_buffer_pool_set_config(pool, config))
    gst_query_add_allocation_pool(query, pool, static_cast<guint>(size), 0, 0);
  gst_object_unref(pool);
  return TRUE;
}

void TensorPool::clear() {
  if (pool_ == nullptr) return;
  gst_buffer_pool_set_active(pool_, FALSE);
  gst_clear_object(&pool_);
}

void TensorPool::negotiate(GstPad *src_pad, GstCaps *caps, gsize size) {
  clear();
  size_ = size;
  if (size == 0 || size > G_MAXUINT) return;
  GstBufferPool *pool = nullptr;
  guint pool_size = 0;
  guint min = 0;
  guint max = 0;
  GstQuery *query = gst_query_new_allocation(caps, TRUE);
  if (gst_pad_peer_query(src_pad, query) && gst_query_get_n_allocation_pools(query) > 0)
    gst_query_parse_nth_allocation_pool(query, 0, &pool, &pool_size, &min, &max);
  gst_query_unref(query);
  if (pool != nullptr &&
      start_pool(pool, caps, MAX(pool_size, static_cast<guint>(size)), min, max)) {
    pool_ = pool;
    return;
  }
  gst_clear_object(&pool);
  pool = gst_buffer_pool_new();
  if (start_pool(pool, caps, static_cast<guint>(size), 0, 0)) {
    pool_ = pool;
  } else {
    gst_object_unref(pool);
  }
}

GstBuffer *TensorPool::acquire(gsize size) {
  if (size == 0) return gst_buffer_new();
  if (pool_ != nullptr && size == size_) {
    GstBufferPoolAcquireParams params = {};
    params.flags = GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT;
    GstBuffer *buffer = nullptr;
    if (gst_buffer_pool_acquire_buffer(pool_, &buffer, &params) == GST_FLOW_OK) {
      if (gst_buffer_get_size(buffer) >= size) {
        gst_buffer_set_size(buffer, static_cast<gssize>(size));
        return buffer;
      }
      gst_buffer_unref(buffer);
    }
  }
  return gst_buffer_new_allocate(nullptr, size, nullptr);
}

}  // namespace feat
