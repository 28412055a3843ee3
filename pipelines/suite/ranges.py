# SPDX-License-Identifier: LGPL-2.1-or-later
"""Truncation regions: the central region of a feature's values, in round numbers."""
import numpy as np

STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


def share_outside(values, low, high):
    return float(np.mean((values < low) | (values > high)))


def symmetric_range(values, outside):
    """(-r, r) with the least round r that leaves no more than the share `outside` out."""
    needed = float(np.quantile(np.abs(values), 1 - outside))
    power = 10.0 ** np.floor(np.log10(needed))
    round_up = next((step for step in STEPS if step * power >= needed), 10) * power
    return -float(round_up), float(round_up)
