"""Arrays of Dask: measures of each chunk, with the cells around it that its sight lines need."""

from __future__ import annotations

import inspect
import threading
from dataclasses import dataclass
from typing import Any, Optional, Tuple

import dask.array as da
import numpy as np
from dask.graph_manipulation import clone

from . import _kernel
from .arrays import _EXACT, _by_name, _request, known_of, lowered, offset_of, range_of, refuse_file, sky_view
from .doubts import doubts, doubts_of_heights, doubts_of_vegetation, in_memory, warn_of


def _check_layer(layer: Any, name: str, shape: Tuple[int, ...]) -> None:
    refuse_file(layer, name)
    if np.shape(layer) != shape:
        raise ValueError(f"{name} has the shape {np.shape(layer)}, the heights have {shape}")
    kind = layer.dtype if hasattr(layer, "dtype") else np.asarray(layer).dtype
    if kind.kind not in "iuf":
        raise ValueError(f"{name} must have numbers, not {kind}")


def in_chunks(array: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Measures of an array of Dask: of each chunk with the cells around it, at its place in the array."""
    if array.dtype.kind not in "iuf":
        raise ValueError(f"dem must have numbers, not {array.dtype}")
    bound = inspect.signature(sky_view).bind(array, **arguments)
    bound.apply_defaults()
    given, shape, wanted = bound.arguments, array.shape, array.chunks
    if given["threads"] is not None:
        raise ValueError("threads cannot be used with an array of Dask: use .compute(num_workers=N) on the result")
    vegetation = [given[name] for name in ("canopy", "trunk")]
    for name, layer in zip(("canopy", "trunk"), vegetation):
        if layer is not None:
            _check_layer(layer, name, shape)
    cells, options, names = _request(shape, given)
    warn_of(doubts(shape, cells, given, names, in_memory({name: given[name] for name in ("canopy", "trunk")})))
    has_layers = tuple(layer is not None for layer in vegetation)
    halo = _kernel.halo(shape, has_layers, cells, options, names)
    # A chunk cannot give more than the array has; beyond it, there is nothing.
    depth = tuple(min(size, cells) for size, cells in zip(halo, shape))
    beyond = tuple(more - cells for more, cells in zip(halo, depth))
    metres = float(given["z_factor"])
    array = _large_enough(_as_floats(array, _looked_at(array, "dem", metres)), depth)
    starts = tuple(tuple(int(start) for start in np.cumsum((0, *chunks))) for chunks in array.chunks)

    def with_surroundings(layer: Any, outside: float) -> Any:
        chunks = da.asarray(layer).astype(np.float32).map_blocks(np.ma.filled, outside, dtype=np.float32)
        chunks = chunks.rechunk(array.chunks)
        return da.overlap.overlap(chunks, depth=dict(enumerate(depth)), boundary=np.float32(outside))

    # Outside the raster, heights are missing, and there is no vegetation.
    layers = [with_surroundings(array, np.nan)]
    named = zip(("canopy", "trunk"), vegetation)
    layers += [with_surroundings(_looked_at(layer, name, metres), 0) for name, layer in named if layer is not None]
    bands = sum(_kernel.bands(name, given["directions"]) for name in names)
    done = da.map_blocks(
        _OfChunk(beyond, starts, shape, cells, options, names),
        *layers,
        dtype=np.float32,
        new_axis=0,
        chunks=((bands,), *array.chunks),
        meta=np.empty((0, 0, 0), np.float32),
    )
    # Chunks as they came: Zarr takes no last one that is larger than the others.
    done = done.rechunk(((bands,), *wanted))
    return _by_name(done, names, given["directions"])


@dataclass(frozen=True)
class _OfChunk:
    """Computes a chunk. An object of a class, because other processes get it."""

    #: Cells that a halo has beyond the array.
    beyond: Tuple[int, ...]
    #: First rows and columns of chunks.
    starts: Tuple[Tuple[int, ...], ...]
    shape: Tuple[int, ...]
    cells: Tuple[float, ...]
    options: dict[str, Any]
    names: list[str]

    def __call__(self, heights: Any, *layers: Any, block_id: Optional[Tuple[int, ...]] = None) -> Any:
        assert block_id is not None
        place = tuple(start[i] for start, i in zip(self.starts, block_id[-2:]))
        around = [(more, more) for more in self.beyond]
        heights = np.pad(heights, around, constant_values=np.nan)
        both = [*(np.pad(layer, around) for layer in layers), None, None][:2]
        return _kernel.compute_chunk(heights, *both, place, self.shape, self.cells, self.options, self.names)


# What the user was told of, so that not each chunk says it: names of arrays and layers, guarded by the lock.
_told: set[Tuple[str, str]] = set()
_telling = threading.Lock()


def _looked_at(layer: Any, name: str, metres: float) -> Any:
    """The layer, of whose chunks each is looked at for marks of missing values once it is there. Others than those of
    Dask are in memory, where all cells were looked at."""
    if getattr(layer, "chunks", None) is None:
        return layer
    layer = da.asarray(layer)
    look = _Look(layer.name, name, metres)
    # For this call.
    _told.discard((look.array, look.layer))
    return layer.map_blocks(look, dtype=layer.dtype, meta=layer._meta)


@dataclass(frozen=True)
class _Look:
    """Warns of the first chunk with such marks, and changes none. An object of a class, because other processes get
    it."""

    array: str
    #: ``dem``, ``canopy`` or ``trunk``.
    layer: str
    metres: float

    def __call__(self, chunk: Any) -> Any:
        where = "in a chunk, "
        if self.layer == "dem":
            messages = doubts_of_heights(chunk, self.metres, where)[0]
        else:
            messages = doubts_of_vegetation(chunk, self.layer, self.metres, where)
        if messages:
            with _telling:
                is_told = (self.array, self.layer) in _told
                _told.add((self.array, self.layer))
            warn_of([] if is_told else messages)
        return chunk


def _as_floats(array: Any, looked_at: Any) -> Any:
    """As 32-bit floats, as ``sky_view`` has them: with more digits, less an offset by the range of the whole array.
    ``looked_at``: the same array."""
    if array.dtype.name in _EXACT:
        return looked_at.astype(np.float32).map_blocks(np.ma.filled, np.nan, dtype=np.float32)
    # Of chunks that are computed once more for it: to keep all until the range is known would take the memory of the
    # whole array.
    ends = clone(array).map_blocks(_ends_of, dtype=np.float64, chunks=(1, 2), meta=np.empty((0, 0)))
    ends = ends.rechunk(ends.shape)
    offset = ends.map_blocks(
        _offset_of, array.dtype.kind in "iu", dtype=np.float64, chunks=(1, 1), meta=np.empty((0, 0))
    )
    return da.map_blocks(
        _lowered, looked_at, offset, dtype=np.float32, chunks=array.chunks, meta=np.empty((0, 0), np.float32)
    )


def _known_of(chunk: Any) -> Tuple[Any, Any]:
    return known_of(np.ma.getdata(chunk), np.ma.getmaskarray(chunk) if np.ma.isMaskedArray(chunk) else None)


def _ends_of(chunk: Any) -> Any:
    return np.array([range_of(*_known_of(chunk))])


def _offset_of(ends: Any, is_whole: bool) -> Any:
    return np.array([[offset_of((ends[:, ::2].min(), ends[:, 1::2].max()), is_whole)]])


def _lowered(chunk: Any, offset: Any) -> Any:
    return lowered(*_known_of(chunk), float(offset[0, 0]))


def _large_enough(array: Any, depth: Tuple[int, int]) -> Any:
    """The array in chunks of which each has the cells that its neighbours need."""
    if all(min(chunks) >= cells or len(chunks) == 1 for chunks, cells in zip(array.chunks, depth)):
        return array
    array = array.rechunk(tuple(max(size, cells) for size, cells in zip(array.chunksize, depth)))
    return array.rechunk({axis: _merged(array.chunks[axis], depth[axis]) for axis in (0, 1)})


def _merged(chunks: Tuple[int, ...], least: int) -> Tuple[int, ...]:
    """Chunks of which none is smaller than the cells around another one that it must give."""
    merged = list(chunks)
    if len(merged) > 1 and merged[-1] < least:
        last = merged.pop()
        merged[-1] += last
    return tuple(merged)
