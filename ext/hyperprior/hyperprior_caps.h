// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#define HYPERPRIOR_CAPS_NAME "application/x-feature-hyperprior"
