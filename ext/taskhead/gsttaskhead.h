// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ext/taskhead/gstmodelfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_TASK_HEAD (gst_task_head_get_type())
G_DECLARE_FINAL_TYPE(GstTaskHead, gst_task_head, GST, TASK_HEAD, GstModelFilter)

GST_ELEMENT_REGISTER_DECLARE(taskhead);

G_END_DECLS
