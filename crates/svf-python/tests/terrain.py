"""Ground for the tests."""

import numpy as np


def terrain(rows=60, cols=47, seed=1):
    """Rolling hills with steps."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :cols]
    hills = 20 * np.sin(x / 7) * np.cos(y / 9) + random.random((rows, cols)) * 3
    return (hills + 15 * ((x // 11 + y // 13) % 2)).astype(np.float32)
