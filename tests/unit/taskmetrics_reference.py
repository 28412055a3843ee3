#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The golden values of taskmetrics_test.cpp, by NumPy and SciPy and by the definitions.

    taskmetrics_reference.py

Nothing here is shared with the library but the sequence of numbers that stands for the data.
"""
import numpy as np
import scipy.linalg


def uniform(count, state):
    """Numbers in [0,1) with 24 bits, which a float holds exactly."""
    out = np.empty(count)
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = (state >> 8) / 2**24
    return out


def mean_iou(predicted, truth, classes):
    """From a whole confusion matrix, as segmentation toolboxes do."""
    matrix = np.zeros((classes, classes + 1))
    for guess, right in zip(predicted.ravel(), truth.ravel()):
        if right == 255 or not 0 <= right < classes:
            continue
        matrix[right, guess if 0 <= guess < classes else classes] += 1
    both = np.diag(matrix)
    with np.errstate(invalid="ignore"):
        iou = both / (matrix.sum(0)[:classes] + matrix.sum(1) - both)
    return np.nanmean(iou)


def rmse(predicted, truth, crop, low, high):
    rows, columns = slice(*crop[:2]), slice(*crop[2:])
    right = truth[rows, columns].astype(np.float32)
    guess = np.clip(predicted[rows, columns].astype(np.float32), np.float32(low), np.float32(high))
    valid = (right > np.float32(low)) & (right < np.float32(high))
    return np.sqrt(np.mean((guess.astype(float) - right.astype(float))[valid] ** 2))


def fid(a, b):
    """The formula as Heusel et al. have it, with the root of the whole matrix."""
    sa, sb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(sa @ sb)
    return np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(sa) + np.trace(sb) - 2 * np.trace(root).real


def fid_by_eigenvalues(a, b):
    """As torchmetrics has it."""
    sa, sb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(sa @ sb).astype(complex)).real.sum()
    return np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(sa) + np.trace(sb) - 2 * root


def main():
    # Six classes of which the last is nowhere; labels 6 and 255 are no classes.
    labels = (uniform(400, 1) * 5).astype(int)
    truth = np.where(uniform(400, 2) < 0.6, labels, (uniform(400, 3) * 5).astype(int))
    truth[::17] = 255
    labels[5] = 6
    print("mIoU of both images ", float(mean_iou(labels, truth, 6)))
    print("mIoU of the first   ", float(mean_iou(labels[:200], truth[:200], 6)))

    depth = (uniform(96, 4) * 12).astype(np.float32).reshape(8, 12)
    truth = (uniform(96, 5) * 12).astype(np.float32).reshape(8, 12)
    truth[2, 3] = 0
    print("RMSE                ", float(rmse(depth, truth, (0, 8, 0, 12), 0.001, 10)))
    print("RMSE with crop      ", float(rmse(depth, truth, (1, 7, 2, 11), 0.001, 10)))

    a = uniform(40 * 8, 6).reshape(40, 8)
    b = uniform(50 * 8, 7).reshape(50, 8) ** 2 + np.arange(8) / 8
    a, b = (x.astype(np.float32).astype(float) for x in (a, b))
    print("FID                 ", float(fid(a, b)), float(fid_by_eigenvalues(a, b)))
    shifted = [(x * 0.5 + 1000).astype(np.float32).astype(float) for x in (a, b)]
    print("FID of large means  ", float(fid(*shifted)))
    # Fewer images than dimensions: the covariances have no inverse.
    print("FID of few images   ", float(fid_by_eigenvalues(a[:5], b[:6])))
    print("covariance, corner  ", np.cov(a, rowvar=False)[:2, :2].tolist())


if __name__ == "__main__":
    main()
