# SPDX-License-Identifier: GPL-2.0-or-later
"""What a warning or an error of the programs is called in the dialogs, by its code.

The programs speak to people at a command line, in English. A dialog has other names for the same
options, and other ways to mend a mistake, so each code has sentences of its own here. A sentence is
filled in with what the event carries, in small letters, and with titles of parameters and algorithms, in
capitals:

    {path}      the file that it is about
    {tiles}     the numbers of the tiles that it is about
    {said}      the program's own message
    {...}       a value of that name in the event's `args`
    {RADIUS}    the title of the parameter; {TILEPLAN}: of the algorithm

Of several entries of a code the first counts whose values the event carries. Codes without an entry,
and sentences that are None, are told in the program's own words.
"""

import string
from collections import namedtuple

from .text import tr

REPORT_TO = "https://github.com/svf-tools/svf-tools/issues"
TILES_NAMED = 8

# `in_work_folder`: only for runs that have a work folder, or only for others.
Words = namedtuple("Words", "message hint in_work_folder", defaults=(None, None, None))

_NODATA = tr("If so, enter {value} under Layer Properties > Transparency > Additional no data value.")
_AGAIN = tr("Make the plan again with '{TILEPLAN}'.")
_OTHER_FOLDER = tr("Empty the work folder to start again, or choose another one.")
_DISK = tr("Usually the disk is full, or you do not have permission to write there.")
_DATUM_GRID = tr(
    "Reproject the layer to the CRS of the raster first: QGIS says then which grid makes it more exact, and where to "
    "get it."
)

WORDS = {
    "canopy.crs": (
        Words(
            tr("The vegetation has another CRS than the heights."),
            tr("The coordinates of both are compared as they are, without reprojection."),
        ),
    ),
    "canopy.heights": (
        Words(
            tr(
                "{share} of the cells of {path} have the value {value}, far from all others. Is this undeclared "
                "NoData?"
            ),
            tr("If so, declare it in the file: Raster > Conversion > Translate."),
        ),
        Words(
            tr("{path} has vegetation that is {high} high. Trees do not grow so high."),
            tr(
                "Vegetation is given as its height above the ground. If these are heights above sea level, subtract "
                "the ground first (Raster > Raster Calculator)."
            ),
        ),
        Words(
            tr("{path} has vegetation below the ground, down to {low}. It counts as no vegetation."),
            tr(
                "Vegetation is given as its height above the ground. If these are heights above sea level, subtract "
                "the ground first (Raster > Raster Calculator). If the sign is wrong, multiply by -1."
            ),
        ),
        Words(
            tr("Vegetation: {said}"),
            tr(
                "Vegetation is given as its height above the ground. If these are heights above sea level, subtract "
                "the ground first (Raster > Raster Calculator)."
            ),
        ),
    ),
    "canopy.ignored": (
        Words(
            tr("'{CANOPY}' has no effect on {measures}."),
            tr("Only measures that are a share of the sky take vegetation into account."),
        ),
        Words(
            tr("'{CANOPY}' has no effect on some of the measures."),
            tr("Only measures that are a share of the sky take vegetation into account."),
        ),
    ),
    "canopy.missing": (
        Words(
            tr("There is no vegetation: every value of svf-veg and svf-aveg is 1."),
            tr("They are what crowns block: give their heights above the ground as '{CANOPY}'."),
        ),
    ),
    "canopy.trunk": (
        Words(
            tr("'{TRUNK_RATIO}' is {ratio}: crowns begin at their tops, so there are none."),
            tr("It is the height of the lower edge of a crown divided by the height of its top, usually 0.25."),
        ),
        Words(
            tr(
                "In {share} of the cells with vegetation, '{TRUNK}' is at or above '{CANOPY}': there are no crowns "
                "there."
            ),
            tr("Are the two layers swapped? '{TRUNK}' is the height above the ground of the lower edges of crowns."),
        ),
        Words(
            tr("Vegetation: {said}"),
            tr("'{TRUNK}' is the height above the ground of the lower edges of crowns."),
        ),
    ),
    "crs.around": (
        Words(
            tr("The raster covers all longitudes."),
            tr("Sight lines end at its left and right edge, as at any other edge."),
        ),
    ),
    "crs.body": (
        Words(
            tr("The raster is not on the Earth. The radius of its own body is used, {radius_km} km."),
            tr("'{REFRACTION}' is 0 unless you set it."),
        ),
        Words(
            tr("The raster is not on the Earth. The radius of its own body is used."),
            tr("'{REFRACTION}' is 0 unless you set it."),
        ),
    ),
    "crs.degrees": (
        Words(
            tr("The raster is in degrees."),
            tr(
                "The cell sizes are converted to metres on the ellipsoid. '{RADIUS}' and the heights are assumed "
                "to be in metres. '{Z_FACTOR}' converts heights in another unit."
            ),
        ),
    ),
    "crs.looks_degrees": (
        Words(
            tr("The coordinates of {path} look like degrees, but its CRS is not in degrees."),
            tr(
                "If they are degrees, set the right CRS for the layer (right-click on the layer > Layer CRS). If they "
                "are not, tick '{PLAIN_UNITS}' in the advanced parameters."
            ),
        ),
    ),
    "crs.looks_kilometres": (
        Words(
            tr("The coordinates of {path} look like kilometres, but its heights are in another unit."),
            tr(
                "If they are kilometres, convert them to metres first (Raster > Conversion > Translate, with -a_ullr). "
                "If they are not, tick '{PLAIN_UNITS}' in the advanced parameters."
            ),
        ),
    ),
    "crs.datum": (
        Words(
            tr(
                "Coordinates are converted from {from} to {to} within about {accuracy_m} m, and cells are {cell_m} m "
                "wide."
            ),
            _DATUM_GRID,
        ),
        Words(
            tr(
                "There is no conversion of the coordinates to the datum of the raster: both are taken as the same, "
                "and places can be some 100 m off."
            ),
            _DATUM_GRID,
        ),
    ),
    "crs.missing": (
        Words(
            tr("The raster has no CRS. Its axes are in {unit}."),
            tr(
                "The heights and '{RADIUS}' are assumed to be in {unit}, too. If you know the CRS, set it for the "
                "layer (right-click on the layer > Layer CRS)."
            ),
        ),
        Words(
            tr("The raster has no CRS."),
            tr(
                "Its cell size, the heights and '{RADIUS}' are assumed to be in the same unit. If you know the "
                "CRS, set it for the layer (right-click on the layer > Layer CRS)."
            ),
        ),
    ),
    "crs.scale": (
        Words(
            tr(
                "Lengths on this map are {scale} times as long as on the ground in one direction, {across} times "
                "across it."
            ),
            tr("Reproject the raster first (Raster > Projections > Warp)."),
        ),
        Words(
            tr("Lengths on this map are {scale} times as long as on the ground."),
            tr(
                "Set '{Z_FACTOR}' to {factor} and multiply '{RADIUS}' by {scale}. Or reproject the raster first "
                "(Raster > Projections > Warp)."
            ),
        ),
        Words(
            tr("Lengths on this map are {scale} times as long as on the ground."),
            tr("Reproject the raster first (Raster > Projections > Warp)."),
        ),
        Words(tr("Scale of the map: {said}")),
    ),
    "crs.units": (
        Words(
            tr("Vegetation is in units of {unit_m} m, but heights are in units of {ground_m} m."),
            tr("Multiply the vegetation by {canopy_factor} first (Raster > Raster Calculator)."),
        ),
        Words(
            tr("The heights are in units of {unit_m} m, but the cells are in {cells}."),
            tr("Set '{Z_FACTOR}' to {factor}."),
        ),
        Words(
            tr("Vegetation and heights are in different units."),
            tr("Multiply the vegetation by {canopy_factor} first (Raster > Raster Calculator)."),
        ),
        Words(
            tr("The heights are in another unit than the cells."),
            tr("Set '{Z_FACTOR}' to {factor}."),
        ),
        Words(
            tr("The CRS is in {unit}, not in metres."),
            tr(
                "The heights and '{RADIUS}' are assumed to be in {unit}, too. '{Z_FACTOR}' converts heights in "
                "another unit."
            ),
        ),
        Words(tr("Units: {said}")),
    ),
    "heights.depths": (
        Words(
            tr("Band {band} of {path} is called '{name}'. Are its values depths? They are used as heights."),
            tr("If they are depths, multiply them by -1 first (Raster > Raster Calculator)."),
        ),
        Words(
            tr("Depths: {said}"),
            tr("If they are depths, multiply them by -1 first (Raster > Raster Calculator)."),
        ),
    ),
    "heights.down": (
        Words(
            tr("The file says that its values are depths. They are converted to heights."),
            tr(
                "If the values are heights already, first remove the vertical CRS, or the attribute 'positive', from "
                "the file."
            ),
        ),
    ),
    "heights.derived": (
        Words(
            tr("{path} looks like a raster that was computed from heights, such as slopes."),
            tr("Choose the raster that it was computed from. If these are heights, ignore this warning."),
        ),
    ),
    "heights.hillshade": (
        Words(
            tr("{path} looks like a hillshade, which is a picture of heights and not heights."),
            tr("Choose the raster that the hillshade was made from. If these are heights, ignore this warning."),
        ),
    ),
    "heights.nodata": (
        Words(
            tr(
                "{share} of the cells of {path} have the value {value}, far from all others. Is this undeclared "
                "NoData?"
            ),
            _NODATA,
        ),
        Words(
            tr("The heights of {path} go from {low} to {high}. Is {value} undeclared NoData?"),
            _NODATA,
        ),
        Words(
            tr("NoData: {said}"),
            tr("If so, enter it under Layer Properties > Transparency > Additional no data value."),
        ),
    ),
    "heights.nodata_type": (
        Words(
            tr("{path} has the type {type}, which cannot store all of these NoData values: {values}"),
            tr("Check Layer Properties > Transparency > Additional no data value."),
        ),
        Words(
            tr("NoData: {said}"),
            tr("Check Layer Properties > Transparency > Additional no data value."),
        ),
    ),
    "heights.none": (
        Words(
            tr("No cell of {path} has a height, so every cell of the result is NoData."),
            tr("Check '{BAND}', and the NoData value under Layer Properties > Transparency."),
        ),
    ),
    "heights.picture": (
        Words(
            tr("{path} has heights that are coded as colours ({coding}). A single band of it is not a height."),
            tr(
                "Compute the heights first (Raster > Raster Calculator), with A, B, C for the red, green and blue "
                "band: {formula}"
            ),
        ),
        Words(
            tr("Band {band} of {path} is a colour of a picture, not heights."),
            tr("Choose a raster of heights, or another '{BAND}'."),
        ),
        Words(tr("Picture: {said}")),
    ),
    "heights.relief": (
        Words(
            tr("The heights of {path} go from {low} to {high}. No place on Earth has such a relief."),
            tr(
                "If there is undeclared NoData, enter it under Layer Properties > Transparency > Additional no data "
                "value. If the heights are in another unit, '{Z_FACTOR}' converts them."
            ),
        ),
        Words(
            tr("Relief: {said}"),
            tr(
                "If there is undeclared NoData, enter it under Layer Properties > Transparency > Additional no data "
                "value. If the heights are in another unit, '{Z_FACTOR}' converts them."
            ),
        ),
    ),
    "heights.result": (
        Words(
            tr("{path} looks like a result of these tools, not like heights."),
            tr("Choose the raster that the result was made from."),
        ),
    ),
    "heights.signed": (
        Words(
            tr(
                "{path} declares the NoData value {value}, but its values are from 0 to 255. Are these signed bytes "
                "whose sign was lost?"
            ),
            tr(
                "If so, 255 should be -1: subtract 256 from all values above 127 first (Raster > Raster Calculator)."
            ),
        ),
        Words(
            tr(
                "Values of {path} up to {low} lie beside values from {high} on, with none in between. Are these signed "
                "bytes whose sign was lost?"
            ),
            tr(
                "If so, 255 should be -1: subtract 256 from all values above 127 first (Raster > Raster Calculator)."
            ),
        ),
        Words(tr("Values: {said}")),
    ),
    "heights.too_large": (
        Words(
            tr(
                "{share} of the cells of {path} have values that are too large for a height, up to {largest}. They "
                "are treated as missing."
            ),
            tr("If this value means NoData, nothing needs to be done."),
        ),
        Words(tr("Values: {said}")),
    ),
    "heights.unit": (
        Words(
            tr('The unit of the heights, "{unit}", is not known. The heights are assumed to be in {cells}.'),
            tr("'{Z_FACTOR}' converts them."),
        ),
        Words(
            tr('The unit of the band, "{unit}", is not a length. Are these heights?'),
            tr("If not, choose another '{BAND}'."),
        ),
        Words(
            tr("The band is in units of {band_m} m, but its vertical CRS is in units of {crs_m} m. The CRS counts."),
            tr("If the unit of the band is right, set '{Z_FACTOR}' to {factor}."),
        ),
        Words(
            tr(
                "The heights are in units of {unit_m} m, but the unit of the cells is not known. They are assumed to "
                "be in the same unit."
            ),
            tr("If the cells are in metres, set '{Z_FACTOR}' to {unit_m}."),
        ),
        Words(tr("Unit of the heights: {said}")),
    ),
    "internal": (
        Words(
            tr("A bug in the program: {said}"),
            tr("Please report it at {REPORT_TO}, with the command from the log."),
        ),
    ),
    "mosaic.incomplete": (
        Words(
            tr("These tiles are missing or damaged: {tiles}."),
            tr("Run the algorithm again: it computes them."),
            in_work_folder=True,
        ),
        Words(
            tr("These tiles are missing or damaged: {tiles}."),
            tr("Compute them with '{COMPUTETILES}', then join again."),
        ),
    ),
    "mosaic.older": (
        Words(
            tr("{path} was there before, and is not a part of this result."),
            tr("Delete it, or keep it under another name."),
        ),
        Words(
            tr("Files of an earlier run with this name are still there."),
            tr("Delete them: they are not a part of this result."),
        ),
    ),
    "input.resampled": (
        Words(
            tr(
                "{path} changes the cell size of its files while they are read ({method}): GDAL's values then depend "
                "on the part that is read, so results depend on the size of the tiles."
            ),
            tr("Write the files in one cell size first, with 'Warp (reproject)', and use the result."),
        ),
        Words(
            tr(
                "A raster changes the cell size of its files while they are read: results depend on the size of the "
                "tiles."
            ),
            tr("Write the files in one cell size first, with 'Warp (reproject)', and use the result."),
        ),
    ),
    "input.unversioned": (
        Words(
            tr("The server does not say which version of {path} it has."),
            tr("A change that leaves the size as it is will not be noticed."),
        ),
    ),
    "mosaic.missing": (Words(tr("These tiles are missing or damaged and become NoData: {tiles}."), ""),),
    "output.done": (
        Words(tr("The output already exists and is the result of this run. It is not changed."), ""),
    ),
    "output.is_input": (
        Words(
            tr("{path} belongs to the input. The output would destroy it."),
            tr("Choose another output."),
        ),
    ),
    "output.lost": (
        Words(
            tr("The format of the output cannot store all of it: {said}"),
            tr("Say it again where the file is read, or choose a GeoTIFF (.tif), which stores it."),
        ),
    ),
    "plan.changed": (
        Words(tr("Work folder of another run: {said}"), _OTHER_FOLDER, in_work_folder=True),
        Words(tr("Plan: {said}"), _AGAIN),
    ),
    "plan.memory": (
        Words(
            tr("'{MEMORY}' is {limit}, but this run needs {least_mb} MB or more."),
            tr("Set '{MEMORY}' higher. A smaller '{RADIUS}' or fewer '{THREADS}' need less."),
        ),
        Words(
            tr("This run needs {least_mb} MB of memory or more."),
            tr("Set '{MEMORY}' higher. A smaller '{RADIUS}' or fewer '{THREADS}' need less."),
        ),
        Words(
            tr("Memory: {said}"),
            tr("Set '{MEMORY}' higher. A smaller '{RADIUS}' or fewer '{THREADS}' need less."),
        ),
    ),
    "plan.read": (
        Words(tr("Work folder: {said}"), _OTHER_FOLDER, in_work_folder=True),
        Words(tr("Plan: {said}"), _AGAIN),
    ),
    "point.nodata": (Words(tr("The point lies on NoData: it has no height, and so no value."), ""),),
    "points.crs": (
        Words(
            tr("The layer of points has no CRS. Its coordinates are assumed to be in the CRS of the heights."),
            tr("If that is wrong, set the CRS of the layer of points."),
        ),
    ),
    "points.encoding": (Words(tr("Layer of points: {said}")),),
    "points.station": (Words(tr("Layer of points: {said}")),),
    "points.none": (
        Words(
            tr("Points: {said}"),
            tr("Do the points lie on the raster? Check the CRS of the layer of points."),
        ),
    ),
    "points.open": (Words(tr("Layer of points: {said}")),),
    "points.skipped": (
        Words(
            tr("Points without a value: {skipped} of {total}."),
            tr("The column 'status' of the table says why."),
        ),
        Words(
            tr("Points: {said}"),
            tr("The column 'status' of the table says why."),
        ),
    ),
    "radius.clipped": (
        Words(tr("'{RADIUS}' is larger than the raster: {used} is used."), ""),
        Words(tr("'{RADIUS}': {said}"), ""),
    ),
    "raster.band": (
        Words(
            tr("This band of {path} cannot be used: {reason}"),
            tr("Choose another '{BAND}'."),
        ),
        Words(
            tr("Band: {said}"),
            tr("Choose another '{BAND}'."),
        ),
    ),
    "raster.create": (
        Words(tr("{path} cannot be created: {reason}")),
        Words(tr("Output: {said}")),
    ),
    "raster.finish": (
        Words(tr("{path} cannot be completed: {reason}"), _DISK),
        Words(tr("Output: {said}"), _DISK),
    ),
    "raster.grid": (
        Words(tr("The grid of {path} cannot be used: {reason}")),
        Words(tr("Grid: {said}")),
    ),
    "raster.open": (
        Words(tr("{path} cannot be opened: {reason}")),
        Words(tr("Input: {said}")),
    ),
    "raster.read": (
        Words(
            tr("{path} cannot be read: {reason}"),
            tr("The file is damaged there, or its disk or network failed."),
        ),
        Words(
            tr("Input: {said}"),
            tr("The file is damaged there, or its disk or network failed."),
        ),
    ),
    "raster.scaled": (
        Words(
            tr("The file has a scale and an offset: its values are multiplied by {scale}, and {offset} is added."),
            "",
        ),
        Words(tr("Values: {said}"), ""),
    ),
    "raster.write": (
        Words(tr("{path} cannot be written: {reason}"), _DISK),
        Words(tr("Output: {said}"), _DISK),
    ),
    "receivers.crs": (
        Words(
            tr("'{RECEIVERS}' has another CRS than the heights, or none."),
            tr("The coordinates of both are compared as they are, without reprojection."),
        ),
    ),
    "receivers.none": (
        Words(
            tr("'{RECEIVERS}' has no cell with a height: all cells become NoData."),
            tr(
                "Of a raster, the cells count that are neither 0 nor NoData; of a vector layer, those in its polygons, "
                "on its lines or at its points."
            ),
        ),
    ),
    "run.threads": (
        Words(
            tr("The system does not let the program start as many threads as it needs."),
            tr("Choose fewer '{THREADS}', or raise the limit of the system."),
        ),
    ),
    "tile.blocked": (
        Words(
            tr("Something that is not a tile has the name of a tile. These tiles are not computed: {tiles}."),
            tr("Move it to another place, then run the algorithm again. All other tiles are done."),
        ),
    ),
    "tile.unread": (
        Words(
            tr("These tiles are not computed, because the input cannot be read there: {tiles}."),
            tr("Copy or download the damaged file again, then run the algorithm again. All other tiles are done."),
        ),
    ),
    "tile.unreadable": (
        Words(
            tr("The files of these tiles cannot be read now: {tiles}."),
            tr("The disk, the network or the permissions are the reason. Run the algorithm again later."),
        ),
    ),
    "tile.refused": (Words(tr("These tiles are damaged and are computed again: {tiles}."), ""),),
    "tiles.folder": (Words(tr("Tiles: {said}")),),
    "tiles.ground": (Words(tr("Tiles: {said}")),),
    "tiles.unclaimed": (Words(tr("Tiles: {said}")),),
    "usage.gdal": (Words(tr("Output: {said}")),),
    "usage.measure": (Words(tr("A measure is chosen twice."), ""),),
    "usage.parameter": (Words(tr("Parameter: {said}")),),
    "usage.point": (
        Words(
            tr("'{POINT}': {said}"),
            tr(
                "Check the coordinates, and the CRS in brackets behind them. x comes before y, longitude before "
                "latitude."
            ),
        ),
    ),
    "usage.radius": (Words(tr("'{RADIUS}': {said}"), ""),),
    "usage.tiles": (Words(tr("'{TILES}': {said}"), ""),),
    "usage.window": (Words(tr("'{EXTENT}' lies outside the raster."), ""),),
    "workdir.foreign": (
        Words(
            tr("The work folder contains other files: {path}"),
            tr("Choose a new or an empty folder."),
        ),
    ),
}  # fmt: skip

# Here the program's own words are all that can be said.
AS_SAID = {
    "gdal.warning",
    "usage.arguments",
}


def fields(text):
    """The names that a sentence is filled in with."""
    return {name for _, name, _, _ in string.Formatter().parse(text or "") if name}


class _Known(dict):
    """Values and titles; a title that nobody knows is its name."""

    def __missing__(self, name):
        return name


def in_words(data, said, titles, in_work_folder=False):
    """(Message, hint) of an event in the words of the dialogs; None for what the program itself says.

    `said` is the program's message; `titles`: key of a parameter, or name of an algorithm -> its title.
    """
    values = {**_values(data), "said": said}
    known = _Known({**titles, "REPORT_TO": REPORT_TO, **values})
    for words in WORDS.get(data.get("code"), ()):
        wanted = {name for name in fields(words.message) | fields(words.hint) if name.islower()}
        if wanted <= set(values) and words.in_work_folder in (None, in_work_folder):
            return tuple(text and text.format_map(known) for text in words[:2])
    return None, None


def _values(data):
    """What an event carries that sentences can name, as text."""
    args, tiles = data.get("args"), data.get("tiles")
    values = {name: _shown(value) for name, value in (args if isinstance(args, dict) else {}).items()}
    if isinstance(data.get("path"), str):
        values["path"] = data["path"]
    if isinstance(tiles, list) and tiles:
        values["tiles"] = _numbers([tile.get("id") for tile in tiles if isinstance(tile, dict)])
    return {name: value for name, value in values.items() if value is not None}


def _shown(value):
    """A number with the digits that a person reads, a text as it is; None for anything else."""
    if isinstance(value, float):
        return "{:.6g}".format(value)
    return str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else None


def _numbers(numbers):
    """The first of many tiles, and how many there are."""
    text = ", ".join(str(number) for number in numbers[:TILES_NAMED])
    if len(numbers) > TILES_NAMED:
        text = tr("{first} ... ({count} in all)").format(first=text, count=len(numbers))
    return text
