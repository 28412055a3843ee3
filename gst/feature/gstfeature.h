/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_H
#define GST_FEATURE_H

#include <gst/feature/gstfeatureconditions.h>
#include <gst/feature/gstfeatureenums.h>
#include <gst/feature/gstfeatureinfo.h>

#endif /* GST_FEATURE_H */
