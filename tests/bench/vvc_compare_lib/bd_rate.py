# SPDX-License-Identifier: LGPL-2.1-or-later
"""BD-rate with monotone piecewise cubics, without other packages."""
import math


class Pchip:
    """The piecewise cubic through (x, y) of Fritsch and Butland: monotone where the data are."""

    def __init__(self, x, y):
        if len(x) < 2:
            raise ValueError(f"{len(x)} points on a curve; at least 2 are needed")
        if any(not b > a for a, b in zip(x, x[1:])):
            raise ValueError("two points of a curve have the same distortion")
        self.x, self.y = x, y
        self.slopes = self._slopes()

    def _slopes(self):
        x, y = self.x, self.y
        h = [b - a for a, b in zip(x, x[1:])]
        d = [(b - a) / w for a, b, w in zip(y, y[1:], h)]
        if len(d) == 1:
            return [d[0], d[0]]
        inner = []
        for i in range(1, len(d)):
            if d[i - 1] * d[i] <= 0:
                inner.append(0.0)
                continue
            w1, w2 = 2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1]
            inner.append((w1 + w2) / (w1 / d[i - 1] + w2 / d[i]))
        return [self._end(h[0], h[1], d[0], d[1]), *inner,
                self._end(h[-1], h[-2], d[-1], d[-2])]

    @staticmethod
    def _end(h0, h1, d0, d1):
        """Slope of the parabola through three points, kept monotone."""
        slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
        if slope * d0 <= 0:
            return 0.0
        if d0 * d1 <= 0 and abs(slope) > 3 * abs(d0):
            return 3 * d0
        return slope

    def __call__(self, at):
        x = self.x
        i = max(0, min(len(x) - 2, sum(1 for v in x if v <= at) - 1))
        h = x[i + 1] - x[i]
        t = (at - x[i]) / h
        s = 1 - t
        return (self.y[i] * (1 + 2 * t) * s * s + self.y[i + 1] * (3 - 2 * t) * t * t +
                h * (self.slopes[i] * t * s * s - self.slopes[i + 1] * t * t * s))


def curve(points):
    ordered = sorted((-10 * math.log10(p["mse"]), math.log(p["bpfp"])) for p in points)
    return Pchip([q for q, _ in ordered], [r for _, r in ordered])


def bd_rate(reference, test):
    """Per cent of rate that `test` needs more than `reference`, over the distortions both have."""
    r, t = curve(reference), curve(test)
    low, high = max(r.x[0], t.x[0]), min(r.x[-1], t.x[-1])
    if not high > low:
        raise ValueError("the curves do not overlap in distortion")
    ends = sorted({low, high, *(x for x in r.x + t.x if low < x < high)})
    area = 0.0
    for a, b in zip(ends, ends[1:]):  # Simpson's rule is exact for cubics
        middle = (a + b) / 2
        f = [t(x) - r(x) for x in (a, middle, b)]
        area += (b - a) / 6 * (f[0] + 4 * f[1] + f[2])
    return 100 * (math.exp(area / (high - low)) - 1)
