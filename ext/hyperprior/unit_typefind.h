// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* application/x-feature-hyperprior, found by the first bytes of a unit; extension hyp. */
GST_TYPE_FIND_REGISTER_DECLARE(featurehyperprior);

G_END_DECLS
