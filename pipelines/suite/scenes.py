# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rendered rooms with class, mask and depth: the images of the suite.

scene(seed, index) is a function of its two numbers alone: a textured floor, walls, and one to four
objects, seen by a pinhole camera. Objects are signed distance functions, ray-marched inside their
bounding spheres. Colours and textures are drawn independently of the kind of object. NumPy only.
"""
import numpy as np

HEIGHT, WIDTH, CROP = 96, 128, 96
KINDS = ("sphere", "box", "cylinder", "cone", "torus", "pyramid", "capsule", "octahedron", "table",
         "jack")
BACKGROUND = ("floor", "wall")
SEGMENTS = BACKGROUND + KINDS
DEPTH_MIN, DEPTH_MAX = 0.3, 10.0
FOCAL = 0.5 * HEIGHT / np.tan(np.radians(26.0))

f32 = np.float32


def _length(x, y, z=f32(0)):
    return np.sqrt(x * x + y * y + z * z)


def _box(x, y, z, hx, hy, hz):
    qx, qy, qz = abs(x) - hx, abs(y) - hy, abs(z) - hz
    outside = _length(np.maximum(qx, 0), np.maximum(qy, 0), np.maximum(qz, 0))
    return outside + np.minimum(np.maximum(np.maximum(qx, qy), qz), 0)


# Signed distances (or lower bounds) inside the unit sphere. `a` holds proportions in [0, 1].

def _sphere(x, y, z, a):
    return _length(x, y, z) - f32(0.85)


def _cuboid(x, y, z, a):
    return _box(x, y, z, *(f32(0.4) + f32(0.17) * a))


def _cylinder(x, y, z, a):
    dr, dy = _length(x, z) - (f32(0.35) + f32(0.2) * a[0]), abs(y) - (f32(0.4) + f32(0.35) * a[1])
    return _length(np.maximum(dr, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dr, dy), 0)


def _cone(x, y, z, a):
    radius, half = f32(0.45) + f32(0.2) * a[0], f32(0.5) + f32(0.25) * a[1]
    half2 = half + half
    slope = _length(half2, radius)
    side = (_length(x, z) * (half2) + (y - half) * radius) / slope
    return np.maximum(side, -half - y)


def _torus(x, y, z, a):
    minor = f32(0.17) + f32(0.1) * a[0]
    return _length(_length(x, z) - f32(0.65), y) - minor


def _pyramid(x, y, z, a):
    radius, half = f32(0.42) + f32(0.15) * a[0], f32(0.45) + f32(0.25) * a[1]
    half2 = half + half
    slope = _length(half2, radius)
    side = (np.maximum(abs(x), abs(z)) * (half2) + (y - half) * radius) / slope
    return np.maximum(side, -half - y)


def _capsule(x, y, z, a):
    half = f32(0.35) + f32(0.2) * a[0]
    return _length(x, y - np.clip(y, -half, half), z) - (f32(0.22) + f32(0.12) * a[1])


def _octahedron(x, y, z, a):
    return (abs(x) + abs(y) / (f32(0.8) + f32(0.4) * a[0]) + abs(z) - f32(0.8)) * f32(0.5)


def _table(x, y, z, a):
    half = f32(0.3) + f32(0.25) * a[0]
    side = f32(0.5) + f32(0.12) * a[1]
    out, thick = side - f32(0.1), f32(0.08)
    legs = _box(abs(x) - out, y, abs(z) - out, thick, half, thick)
    return np.minimum(legs, _box(x, y - half, z, side, f32(0.07), side))


def _jack(x, y, z, a):
    long, thin = f32(0.75), f32(0.14) + f32(0.07) * a[0]
    return np.minimum(np.minimum(_box(x, y, z, long, thin, thin), _box(x, y, z, thin, long, thin)),
                      _box(x, y, z, thin, thin, long))


DISTANCES = (_sphere, _cuboid, _cylinder, _cone, _torus, _pyramid, _capsule, _octahedron, _table,
             _jack)


def _rotation(rng, tilt):
    """Yaw anywhere, then a tilt about a horizontal axis."""
    yaw, lean = rng.uniform(0, 2 * np.pi), rng.uniform(-tilt, tilt)
    cy, sy, cl, sl = np.cos(yaw), np.sin(yaw), np.cos(lean), np.sin(lean)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cl, -sl], [0, sl, cl]])
    # Products written out: a BLAS may fuse them, and the images are to be the same everywhere.
    return (about_y[:, :, None] * about_x[None]).sum(1).astype(f32)


def _colour(rng):
    """A colour of any hue, from grey to saturated, from dark to bright."""
    hue = rng.uniform(0, 6)
    wheel = np.clip(abs((hue + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    saturation, value = rng.uniform(0, 0.9), rng.uniform(0.25, 1)
    return (value * (1 - saturation + saturation * wheel)).astype(f32)


def _texture(rng):
    """Two colours and the pattern that chooses between them at (u, v, w)."""
    style, scale, phase = rng.integers(4), f32(rng.uniform(2, 6)), f32(rng.uniform(0, 1))
    first = _colour(rng)
    second = (first + f32(rng.uniform(0.3, 0.8)) * (_colour(rng) - first)).astype(f32)

    def paint(u, v, w):
        if style == 0:
            mix = np.zeros_like(u)
        elif style == 1:
            mix = np.floor(u * scale + phase) % 2
        elif style == 2:
            mix = (np.floor(u * scale + phase) + np.floor(v * scale + phase)
                   + np.floor(w * scale + phase)) % 2
        else:
            mix = f32(0.5) + f32(0.5) * np.sin(u * scale * 3 + phase * 6) * np.sin(
                v * scale * 2) * np.cos(w * scale)
        mix = mix[:, None].astype(f32)
        return first * (1 - mix) + second * mix
    return paint


class _Object:
    def __init__(self, rng, kind, where, size):
        self.kind, self.size = kind, f32(size)
        self.proportions = rng.uniform(0, 1, 3).astype(f32)
        upright = KINDS[kind] == "torus" and rng.uniform() < 0.5
        tilt = np.pi / 2 if upright else (0.6 if rng.uniform() < 0.35 else 0.0)
        self.axes = _rotation(rng, tilt)
        lift = 0.85 if tilt else 0.6
        self.centre = np.array([where[0], size * lift, where[1]], f32)
        self.paint = _texture(rng) if rng.uniform() < 0.5 else None
        self.colour = _colour(rng)
        self.gloss = f32(rng.uniform(0, 0.5))

    def local(self, x, y, z):
        axes = self.axes
        return tuple(axes[0, i] * x + axes[1, i] * y + axes[2, i] * z for i in range(3))

    def distance(self, point):
        return DISTANCES[self.kind](*point, self.proportions)

    def hit(self, origin, rays):
        """Indices of the rays that meet the object, distances along them, local points."""
        offset = (origin - self.centre) / self.size
        b = rays[0] * offset[0] + rays[1] * offset[1] + rays[2] * offset[2]
        inside = b * b - (offset[0] ** 2 + offset[1] ** 2 + offset[2] ** 2 - f32(1.0))
        index = np.flatnonzero((inside > 0) & (b < 0))
        if index.size == 0:
            return index, None, None
        root = np.sqrt(inside[index])
        t, end = np.maximum(-b[index] - root, 0), -b[index] + root
        ray = self.local(*(axis[index] for axis in rays))
        start = self.local(*offset)
        found = []
        for step in range(1, 37):
            near = self.distance(tuple(s + t * r for s, r in zip(start, ray)))
            t = t + np.maximum(near, 0)
            if step % 4 == 0:  # what has arrived is put aside, what has left the sphere is dropped
                there = (near < f32(0.004 if step < 36 else 0.01)) & (t < end)
                found.append((index[there], t[there], tuple(r[there] for r in ray)))
                keep = ~there & (t < end)
                index, t, end = index[keep], t[keep], end[keep]
                ray = tuple(r[keep] for r in ray)
        index, t = (np.concatenate([part[i] for part in found]) for i in (0, 1))
        ray = [np.concatenate([part[2][i] for part in found]) for i in range(3)]
        return index, t * self.size, tuple(s + t * r for s, r in zip(start, ray))

    def normal(self, point):
        """The gradient of the distance, in world coordinates."""
        e = f32(0.004)
        gradient = [0, 0, 0]
        for sx, sy, sz in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
            d = self.distance((point[0] + sx * e, point[1] + sy * e, point[2] + sz * e))
            gradient = [gradient[0] + sx * d, gradient[1] + sy * d, gradient[2] + sz * d]
        norm = np.maximum(_length(*gradient), f32(1e-9))
        gradient = [g / norm for g in gradient]
        axes = self.axes
        return np.stack([axes[i, 0] * gradient[0] + axes[i, 1] * gradient[1]
                         + axes[i, 2] * gradient[2] for i in range(3)], 1)


def _camera(rng, rows):
    """Height of the camera, rays (unit length, x right, y up, z forward), forward axis."""
    pitch = np.radians(rng.uniform(8, 32))
    u = (np.arange(WIDTH) + 0.5 - WIDTH / 2) / FOCAL
    v = (rows / 2 - np.arange(rows) - 0.5) / FOCAL
    u, v = (grid.ravel().astype(f32) for grid in np.meshgrid(u, v))
    c, s = f32(np.cos(pitch)), f32(np.sin(pitch))
    x, y, z = u, v * c - s, v * s + c
    norm = 1 / _length(x, y, z)
    forward = np.array([0, -s, c], f32)
    return f32(rng.uniform(0.6, 1.7)), (x * norm, y * norm, z * norm), forward, pitch


def _place(rng, height, pitch, count):
    """Positions (x, z) on the floor that the camera sees, and sizes, without overlap."""
    placed = []
    for number in range(count):
        for _ in range(20):
            size = rng.uniform(0.3, 0.65)
            row = rng.uniform(0.15, 0.8) if number else rng.uniform(0.45, 0.9)
            down = pitch + np.arctan((row - 0.5) * HEIGHT / FOCAL)
            z = np.clip(height / np.tan(np.clip(down, 0.15, 1.2)), 1.2, 4.0 if number else 2.2)
            x = z * rng.uniform(-0.5, 0.5)
            if all(np.hypot(x - px, z - pz) > 0.9 * (size + ps) for px, pz, ps in placed):
                placed.append((x, z, size))
                break
    return placed


class _Picture:
    """What every pixel sees so far: the nearest surface, its segment, its lit colour."""

    def __init__(self, rng, rows):
        self.height, self.rays, self.forward, self.pitch = _camera(rng, rows)
        self.light = np.array([rng.uniform(-1, 1), rng.uniform(0.6, 1.6), rng.uniform(-1.2, 0.3)],
                              f32)
        self.light /= _length(*self.light)
        self.ambient, self.strength = f32(rng.uniform(0.25, 0.5)), f32(rng.uniform(0.5, 0.8))
        pixels = rows * WIDTH
        self.nearest = np.full(pixels, f32(50))
        self.mask = np.zeros(pixels, np.uint8)
        self.colour = np.zeros((pixels, 3), f32)

    def lay_floor(self, rng, objects):
        """The floor, with a soft shadow where an object stands between it and the lamp."""
        down = np.flatnonzero(self.rays[1] < f32(-1e-4))
        self.nearest[down] = -self.height / self.rays[1][down]
        x, z = self.nearest * self.rays[0], self.nearest * self.rays[2]
        turn, paint = rng.uniform(0, np.pi), _texture(rng)
        c, s = f32(np.cos(turn)), f32(np.sin(turn))
        shade = self.ambient + self.strength * self.light[1]
        self.colour[:] = paint(c * x + s * z, s * x - c * z, np.zeros_like(x)) * shade
        for item in objects:
            throw = item.centre[1] / self.light[1]
            gap = _length(x - item.centre[0] + self.light[0] * throw,
                          z - item.centre[2] + self.light[2] * throw)
            self.colour *= 1 - f32(0.55) * np.exp(-(gap / item.size) ** 2 * f32(1.5))[:, None]

    def build_walls(self, rng):
        """Three walls, each seen where it is nearer than what was there."""
        yaw, paint = rng.uniform(-0.5, 0.5), _texture(rng)
        distances = (rng.uniform(4.0, 8.0), rng.uniform(2.5, 5), rng.uniform(2.5, 5))
        for distance, angle in zip(distances, (yaw, yaw + np.pi / 2, yaw - np.pi / 2)):
            nx, nz = f32(np.sin(angle)), f32(np.cos(angle))
            facing = self.rays[0] * nx + self.rays[2] * nz
            t = f32(distance) / np.maximum(facing, f32(1e-4))
            index = np.flatnonzero(t < self.nearest)
            t = t[index]
            self.nearest[index], self.mask[index] = t, BACKGROUND.index("wall")
            x, y, z = (t * axis[index] for axis in self.rays)
            facing = max(f32(0.15), -nx * self.light[0] - nz * self.light[2])
            painted = paint(x * nz - z * nx, y + self.height, np.zeros_like(x))
            self.colour[index] = painted * (self.ambient + self.strength * facing)

    def put(self, item):
        """An object, where it is nearer than what was there."""
        index, t, point = item.hit(np.array([0, self.height, 0], f32), self.rays)
        if index.size == 0:
            return
        front = t < self.nearest[index]
        index, t = index[front], t[front]
        point = tuple(axis[front] for axis in point)
        normal, light = item.normal(point), self.light
        diffuse = np.maximum(normal[:, 0] * light[0] + normal[:, 1] * light[1]
                             + normal[:, 2] * light[2], 0)
        half = light - np.stack([axis[index] for axis in self.rays], 1)
        half /= np.maximum(_length(half[:, 0], half[:, 1], half[:, 2]), f32(1e-6))[:, None]
        shine = np.maximum((normal * half).sum(1), 0) ** 24 * item.gloss
        albedo = item.colour if item.paint is None else item.paint(*point)
        self.nearest[index], self.mask[index] = t, len(BACKGROUND) + item.kind
        lit = albedo * (self.ambient + self.strength * diffuse)[:, None]
        self.colour[index] = lit + shine[:, None]

    def finish(self, rng):
        """RGB with sensor noise, mask, depth along the optical axis."""
        noise = rng.uniform(0, 0.025) * rng.standard_normal(self.colour.shape, f32)
        rgb = np.clip((self.colour + noise) * 255 + f32(0.5), 0, 255).astype(np.uint8)
        along = sum(axis * part for axis, part in zip(self.rays, self.forward))
        depth = np.clip(self.nearest * along, DEPTH_MIN, DEPTH_MAX).astype(np.float16)
        return (rgb.reshape(-1, WIDTH, 3), self.mask.reshape(-1, WIDTH), depth.reshape(-1, WIDTH))


def scene(seed, index, rows=HEIGHT):
    """RGB (rows,128,3) uint8, mask (rows,128) uint8 of SEGMENTS, depth (rows,128) float16, in m."""
    rng = np.random.default_rng([seed, index])
    picture = _Picture(rng, rows)
    places = _place(rng, picture.height, picture.pitch, int(rng.integers(1, 5)))
    objects = [_Object(rng, int(rng.integers(len(KINDS))), (x, z), size) for x, z, size in places]
    picture.lay_floor(rng, objects)
    picture.build_walls(rng)
    for item in objects:
        picture.put(item)
    return picture.finish(rng)


def dominant(mask):
    """(column, kind) of the 96x96 crop that shows one object best; kind is -1 if none does.

    The object covers 5 % of the crop or more and half again as much as the next, and at least
    nine tenths of what the image shows of it are inside the crop, which centres it where it can.
    """
    sizes = np.bincount(mask.ravel(), minlength=len(SEGMENTS))[len(BACKGROUND):]
    kind = int(sizes.argmax())
    columns = (mask == kind + len(BACKGROUND)).sum(0)
    if columns.sum() == 0:
        return 0, -1
    centre = (columns * np.arange(WIDTH)).sum() / columns.sum()
    left = int(np.clip(round(centre - CROP / 2), 0, WIDTH - CROP))
    crop = mask[:, left:left + CROP]
    inside = np.bincount(crop.ravel(), minlength=len(SEGMENTS))[len(BACKGROUND):]
    size = inside[kind]
    inside[kind] = 0
    least = max(0.05 * CROP * CROP, 1.5 * inside.max(), 0.9 * columns.sum())
    return left, kind if size >= least else -1


def scenes(seed, first, count, rows=HEIGHT):
    """Arrays of `count` scenes from number `first` on: RGB, masks, depths."""
    return [np.stack(part) for part in zip(*(scene(seed, first + i, rows) for i in range(count)))]
