// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* application/x-feature-coded, found by the first bytes of a unit; extension feat. */
GST_TYPE_FIND_REGISTER_DECLARE(featurecoded);

G_END_DECLS
