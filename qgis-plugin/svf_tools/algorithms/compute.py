# SPDX-License-Identifier: GPL-2.0-or-later
"""What the algorithms over svf_compute share: their options, outputs and numbers."""

from qgis.core import QgsProcessingParameterRasterDestination

from ..events import is_number
from ..style import ANGLES, apply_on_load
from ..text import tr
from . import options
from .base import ToolAlgorithm

INPUT = options.Raster(
    "INPUT",
    None,
    tr("Heights"),
    tr(
        "The raster with the heights: a surface model (DSM) for cities, a terrain model (DTM, DEM) for landscapes. "
        "It can have any format that GDAL reads, and any size, because the whole raster is never in memory. "
        "Heights and cells must have the same unit (see Z factor)."
    ),
)
BAND = options.Band("BAND", "--band", tr("Band"), tr("The band with the heights."))
RADIUS = options.Distance(
    "RADIUS",
    "--radius",
    tr("Search radius"),
    tr(
        "The distance that each cell looks, in units of the layer's CRS, or in metres if the layer is in degrees. "
        "Usual values: 100 to 300 m for streets, 500 to 1000 m for a city with towers, 5 to 20 m to show small "
        "landforms, 5 to 20 km for mountain valleys on a coarse grid. A radius 16 times as large takes two to "
        "three times as long."
    ),
    100.0,
)
DIRECTIONS = options.Number(
    "DIRECTIONS",
    "--directions",
    tr("Directions"),
    tr(
        "Number of sight lines around each cell. 16 are enough for most maps. Use 32 or 64 if there are single "
        "towers on open ground. Twice as many directions take twice as long."
    ),
    default=16,
    minimum=4,
    maximum=720,
    whole=True,
)
MISSING = options.Choice(
    "MISSING",
    "--missing",
    tr("Missing heights"),
    tr(
        "What a sight line does where heights are missing, and at the edge of the raster.\n"
        "skip: it continues behind the gap, as in SAGA.\n"
        "stop: it ends there.\n"
        "nan: the cell becomes NoData."
    ),
    ("skip", "stop", "nan"),
    "skip",
    advanced=True,
)
EXTENT = options.Extent(
    "EXTENT",
    "--bbox",
    tr("Part of the raster"),
    tr(
        "Only the cells in this part are computed. Heights around it are still used. The edges of the part "
        "move to the nearest edges of cells. Empty: the whole raster."
    ),
    advanced=True,
)
SAMPLING = options.Choice(
    "SAMPLING",
    "--sampling",
    tr("Sampling"),
    tr(
        "Where heights are read on a sight line.\n"
        "linear: interpolated between the cells, without bias.\n"
        "crossings: the same, at rows and at columns of cells. Closest to the surface, but slower.\n"
        "nearest: from the nearest cell, at the distance of its centre, as in RVT. A wall is then half a cell too "
        "far away.\n"
        "divided: from the nearest cell, in equal steps, as in SAGA."
    ),
    ("linear", "crossings", "nearest", "divided"),
    "linear",
    advanced=True,
)


class Divisions(options.Number):
    """Points on a sight line; they go with one sampling only."""

    def problem(self, algorithm, parameters, context):
        sampling = algorithm.parameterAsEnumString(parameters, "SAMPLING", context)
        if self._given(parameters) and sampling != "divided":
            return tr(
                "The divisions only apply to the sampling 'divided'. Choose that sampling, or leave the "
                "divisions empty."
            )
        return None


DIVISIONS = Divisions(
    "DIVISIONS",
    "--divisions",
    tr("Divisions of a sight line"),
    tr("Number of points on a sight line. Only for the sampling 'divided'. Empty: one point for each cell."),
    minimum=1,
    maximum=100000,
    whole=True,
    advanced=True,
)
MIN_DISTANCE = options.OptionalDistance(
    "MIN_DISTANCE",
    "--min-distance",
    tr("Ignore what is nearer than"),
    tr(
        "A distance in the unit of the search radius, and less than it. Small things on the ground that are "
        "nearer do not count, as with the noise removal of RVT. Not together with vegetation. Empty: nothing is "
        "ignored."
    ),
    None,
    advanced=True,
)
SEARCH_KIND = options.Choice(
    "SEARCH",
    "--search",
    tr("Search"),
    tr(
        "How horizons are searched.\n"
        "exact: everything on a sight line counts.\n"
        "cascade: much faster if the radius has hundreds of cells, but values differ a little: svf typically by "
        "0.0005 on natural ground and by 0.002 among buildings, at single cells by up to 0.02. Not for rasters "
        "in degrees, and not with vegetation.\n"
        "Empty: exact."
    ),
    ("exact", "cascade"),
    None,
    advanced=True,
)
FIRST_AZIMUTH = options.Number(
    "FIRST_AZIMUTH",
    "--first-azimuth",
    tr("First direction"),
    tr(
        "Azimuth of the first direction in degrees, less than the angle between two directions. Half of this "
        "angle gives the middles of sectors. Empty: 0, north."
    ),
    minimum=0.0,
    advanced=True,
)
NORTH = options.Choice(
    "NORTH",
    "--north",
    tr("North"),
    tr(
        "The north that azimuths count from.\n"
        "grid: along the columns of the raster.\n"
        "true: true north in the middle of the raster, as for the position of the sun.\n"
        "Empty: grid."
    ),
    ("grid", "true"),
    None,
    advanced=True,
)
OBSERVER_HEIGHT = options.Number(
    "OBSERVER_HEIGHT",
    "--observer-height",
    tr("Observer height"),
    tr(
        "Height of the observer above the surface, in the unit of the cells, or in metres if the layer is in "
        "degrees."
    ),
    default=0.0,
    advanced=True,
)
Z_FACTOR = options.Number(
    "Z_FACTOR",
    "--z-factor",
    tr("Z factor"),
    tr(
        "Number that converts the heights into the unit of the cells. Example: 0.3048 for heights in feet and "
        "cells in metres."
    ),
    default=1.0,
    advanced=True,
)
PLAIN_UNITS = options.Switch(
    "PLAIN_UNITS",
    "--plain-units",
    tr("Coordinates are plain units"),
    tr(
        "Tick this if the coordinates look like degrees but are not, for example those of a model or a sketch."
    ),
    advanced=True,
    optional=True,
)
CURVATURE = options.Switch(
    "CURVATURE",
    "--curvature",
    tr("Curvature of the Earth"),
    tr(
        "Distant heights are lowered by the curvature of the Earth, less the refraction: by 0.07 m at 1 km, by "
        "7 m at 10 km."
    ),
    advanced=True,
)


class Refraction(options.Number):
    """Refraction; without curvature there is nothing for it to lessen."""

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) and not algorithm.parameterAsBoolean(parameters, "CURVATURE", context):
            return tr(
                "{}: this only applies with the curvature of the Earth, which is not ticked."
            ).format(self.title)
        return None


REFRACTION = Refraction(
    "REFRACTION",
    "--refraction",
    tr("Refraction"),
    tr(
        "Share of the curvature that is cancelled because the air bends light. Empty: 0.13 on the Earth, 0 on "
        "other bodies."
    ),
    advanced=True,
)
CANOPY = options.Raster(
    "CANOPY",
    "--canopy",
    tr("Vegetation"),
    tr(
        "Raster with the height of the vegetation above the ground, on the same grid as the heights. The "
        "heights must then be those without trees. Crowns let a share of the light through. Empty: all "
        "obstacles are solid."
    ),
    optional=True,
    advanced=True,
)


class WithCanopy:
    """What has a meaning only with vegetation."""

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) and not options.given(parameters, "CANOPY"):
            return tr("{}: this only applies with vegetation, which is not chosen.").format(self.title)
        return super().problem(algorithm, parameters, context)


class CanopyNumber(WithCanopy, options.Number):
    """A number about vegetation."""


class TrunkRaster(WithCanopy, options.Raster):
    """Heights of trunks; they leave no room for a share."""

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) and options.given(parameters, "TRUNK_RATIO"):
            return tr("{}: leave either this or the trunk ratio empty.").format(self.title)
        return super().problem(algorithm, parameters, context)


TRANSMISSIVITY = CanopyNumber(
    "TRANSMISSIVITY",
    "--transmissivity",
    tr("Transmissivity of vegetation"),
    tr("Share of the light that passes through a crown. Empty: 0.03, for trees in leaf."),
    minimum=0.0,
    maximum=1.0,
    advanced=True,
)
TRUNK_RATIO = CanopyNumber(
    "TRUNK_RATIO",
    "--trunk-ratio",
    tr("Trunk ratio"),
    tr("Height at which the crowns begin, as a share of the height of the vegetation. Empty: 0.25."),
    minimum=0.0,
    maximum=1.0,
    advanced=True,
)
TRUNK = TrunkRaster(
    "TRUNK",
    "--trunk",
    tr("Trunk heights"),
    tr(
        "Raster with the height above the ground at which the crowns begin. Use it instead of the trunk ratio."
    ),
    optional=True,
    advanced=True,
)
RECEIVERS = options.Mask(
    "RECEIVERS",
    "--receivers",
    tr("Only these cells"),
    tr(
        "Compute only some cells, for example the ground without roofs. All others become NoData. "
        "A raster on the same grid as the heights: its cells that are neither 0 nor NoData. Or a vector "
        "layer: the cells in its polygons, on its lines or at its points. Heights are still used everywhere. "
        "Empty: all cells."
    ),
    optional=True,
    advanced=True,
)


class OfMeasures:
    """What has a meaning only for some measures, where measures are chosen."""

    # One of these has to be chosen.
    MEASURES = ()
    NOT_CHOSEN = ""

    def problem(self, algorithm, parameters, context):
        chosen = options.chosen_measures(algorithm, parameters, context)
        if self._given(parameters) and chosen is not None and not set(chosen) & set(self.MEASURES):
            return self.NOT_CHOSEN.format(self.title)
        return None


class AngleUnit(OfMeasures, options.Choice):
    """The unit of angles."""

    MEASURES = ANGLES
    NOT_CHOSEN = tr("{}: this only applies to measures that are angles, and none is chosen.")


ANGLE_UNIT = AngleUnit(
    "ANGLE_UNIT",
    "--angle-unit",
    tr("Unit of angles"),
    tr("Unit of the measures that are angles: horizon, slope, aspect, openness. Empty: degree."),
    ("degree", "radian"),
    None,
    advanced=True,
)
ANISOTROPIC = "svf-anisotropic"


class WithAnisotropy(OfMeasures):
    """What has a meaning only for svf-anisotropic."""

    MEASURES = (ANISOTROPIC,)
    NOT_CHOSEN = tr("{}: this only applies to the measure svf-anisotropic, which is not chosen.")


class AnisotropyNumber(WithAnisotropy, options.Number):
    """A number about the brightness of the sky."""


class AnisotropyChoice(WithAnisotropy, options.Choice):
    """A choice about the brightness of the sky."""


ANISOTROPY_AZIMUTH = AnisotropyNumber(
    "ANISOTROPY_AZIMUTH",
    "--anisotropy-azimuth",
    tr("Brightest direction"),
    tr(
        "Only for svf-anisotropic: the direction in which the sky is brightest, in degrees clockwise from "
        "north (360 minus the azimuth of RVT). Empty: 315, the north-west."
    ),
    advanced=True,
)
ANISOTROPY_LEVEL = AnisotropyChoice(
    "ANISOTROPY_LEVEL",
    "--anisotropy-level",
    tr("Anisotropy"),
    tr(
        "Only for svf-anisotropic: how much the brightness of the sky differs.\n"
        "low: the darkest direction counts 0.4 times as much as the brightest.\n"
        "high: 0.1 times as much.\n"
        "Empty: low."
    ),
    ("low", "high"),
    None,
    advanced=True,
)
MEMORY = options.Memory(
    "MEMORY",
    "--max-memory",
    tr("Memory, MB"),
    tr(
        "The most memory that the run may use, in MB. Empty: the value in the Processing options, or half of the "
        "free memory."
    ),
    minimum=0,
    whole=True,
    advanced=True,
)
THREADS = options.Threads(
    "THREADS",
    "--threads",
    tr("Threads"),
    tr("Number of threads. The result does not depend on it. Empty: as many as QGIS allows."),
    minimum=1,
    maximum=4096,
    whole=True,
    advanced=True,
)
CREATION_OPTIONS = options.CreationOptions(
    "CREATION_OPTIONS",
    "--co",
    tr("Creation options"),
    tr("Options of the GeoTIFF driver. Empty: tiled and compressed, and BigTIFF where needed."),
    advanced=True,
)

WORK_FOLDER = options.Folder(
    "WORK_FOLDER",
    "--work-dir",
    tr("Work folder"),
    tr(
        "For runs that take hours. Finished tiles are kept in this folder. If the run is stopped, run it again "
        "with the same folder to resume. Empty: no tiles are kept."
    ),
    advanced=True,
)

RESOLUTION = options.Resolution(
    "RESOLUTION",
    None,
    tr("Resolution of the export"),
    tr(
        "For layers that only QGIS can read: WCS, rasters in a database, virtual rasters. QGIS exports such a "
        "layer to a temporary file first. This is the size of its cells, in units of the layer's CRS. Empty: "
        "the layer's own cells."
    ),
    None,
    advanced=True,
)

# What decides the values, wherever they are computed.
SEARCH = (
    MISSING,
    SAMPLING,
    DIVISIONS,
    MIN_DISTANCE,
    FIRST_AZIMUTH,
    NORTH,
    OBSERVER_HEIGHT,
    Z_FACTOR,
    PLAIN_UNITS,
    CURVATURE,
    REFRACTION,
    CANOPY,
    TRANSMISSIVITY,
    TRUNK_RATIO,
    TRUNK,
)
ANISOTROPY = (ANISOTROPY_AZIMUTH, ANISOTROPY_LEVEL)
RESOURCES = (MEMORY, THREADS, CREATION_OPTIONS)

# A run of many directions has as many bands.
BANDS_TOLD = 20


class ComputeAlgorithm(ToolAlgorithm):
    """An algorithm over svf_compute with one raster as its output."""

    TOOL = "svf_compute"
    NUMBERS = {
        "SVF_MIN": tr("Smallest value (first band)"),
        "SVF_MEAN": tr("Mean value (first band)"),
        "SVF_MAX": tr("Largest value (first band)"),
        "VALID_CELLS": tr("Cells with a value (first band)"),
        "NODATA_CELLS": tr("Cells without a value (first band)"),
        "ELAPSED_SECONDS": tr("Run time in seconds"),
    }
    TEXTS = {"TOOL_VERSION": tr("Version of svf_compute")}
    # Words that every run gets, for algorithms of one measure.
    FIXED = ()

    def __init__(self):
        super().__init__()
        self.layer_name = ""

    def resumable(self):
        return "--work-dir" in self.words

    def add_destinations(self):
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", self.TITLE))

    def prepare(self, parameters, context):
        super().prepare(parameters, context)
        radius = self.parameterAsDouble(parameters, "RADIUS", context)
        self.layer_name = tr("{title}, radius {radius:g}").format(title=self.TITLE, radius=radius)

    def process(self, parameters, context, feedback):
        output = self.output(parameters, "OUTPUT", context)
        result = self.run_tool([output], [*self.FIXED, "--overwrite"], [output], feedback)
        measure = result.first_measure()
        in_radians = "radian" in self.words
        apply_on_load(context, self, "OUTPUT", output, measure, self.layer_name, in_radians)
        return {"OUTPUT": output, "TOOL_VERSION": self.tool.version, **numbers(result, feedback)}


def numbers(result, feedback):
    """The numbers of a run, also told to the user."""
    bands = result.bands()
    for band in bands[:BANDS_TOLD]:
        feedback.pushInfo(
            tr("{name}: {min} to {max}, mean {mean}. Cells with a value: {valid}, without: {nodata}.").format(
                name=band.get("name"),
                min=shown(band.get("min")),
                max=shown(band.get("max")),
                mean=shown(band.get("mean")),
                valid=band.get("valid"),
                nodata=band.get("nodata"),
            )
        )
    if len(bands) > BANDS_TOLD:
        feedback.pushInfo(tr("More bands: {}").format(len(bands) - BANDS_TOLD))
    first = bands[0] if bands else {}
    return {
        "SVF_MIN": first.get("min"),
        "SVF_MEAN": first.get("mean"),
        "SVF_MAX": first.get("max"),
        "VALID_CELLS": first.get("valid"),
        "NODATA_CELLS": first.get("nodata"),
        "ELAPSED_SECONDS": result.done.get("elapsed_s"),
    }


def shown(value):
    """A value for people."""
    return "{:.4f}".format(value) if is_number(value) else "-"
