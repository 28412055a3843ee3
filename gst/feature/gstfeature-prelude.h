/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_PRELUDE_H
#define GST_FEATURE_PRELUDE_H

#include <gst/gst.h>

#ifndef GST_FEATURE_API
#ifdef BUILDING_GST_FEATURE
#define GST_FEATURE_API GST_API_EXPORT
#else
#define GST_FEATURE_API GST_API_IMPORT
#endif
#endif

#endif /* GST_FEATURE_PRELUDE_H */
