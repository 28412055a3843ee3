// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_NPY_NPYTYPEFIND_H
#define GST_NPY_NPYTYPEFIND_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* application/x-npy, found by the first bytes; extension npy. */
GST_TYPE_FIND_REGISTER_DECLARE(npy);

G_END_DECLS

#endif  // GST_NPY_NPYTYPEFIND_H
