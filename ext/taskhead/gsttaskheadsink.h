// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_TASK_HEAD_SINK (gst_task_head_sink_get_type())
G_DECLARE_FINAL_TYPE(GstTaskHeadSink, gst_task_head_sink, GST, TASK_HEAD_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE(taskheadsink);

G_END_DECLS
