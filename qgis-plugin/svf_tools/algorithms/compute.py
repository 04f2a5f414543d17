# SPDX-License-Identifier: GPL-2.0-or-later
"""What the algorithms over svf_compute share: their options, outputs and numbers."""

from qgis.core import QgsProcessingParameterRasterDestination

from ..events import is_number
from ..style import apply_on_load
from ..text import tr
from . import options
from .base import ToolAlgorithm

INPUT = options.Raster(
    "INPUT",
    None,
    tr("Heights"),
    tr(
        "Raster of heights: a surface model (DSM) for cities, a terrain model (DTM, DEM) for relief. Any format that "
        "GDAL reads, any size: it is never in memory as a whole. Heights are in the unit of the cells (see Z factor)."
    ),
)
BAND = options.Band("BAND", "--band", tr("Band"), tr("Band that holds the heights."))
RADIUS = options.Distance(
    "RADIUS",
    "--radius",
    tr("Search radius"),
    tr(
        "How far a sight line looks, in units of the layer's CRS (metres for a layer in degrees). 100 to 300 m for "
        "streets, 500 to 1000 m for a city with towers, 5 to 20 m to bring out small forms of relief, 5 to 20 km for "
        "mountain valleys on a coarse grid. 16 times the radius takes two to three times as long."
    ),
    100.0,
)
DIRECTIONS = options.Number(
    "DIRECTIONS",
    "--directions",
    tr("Directions"),
    tr(
        "Number of sight lines around each cell. 16 is right for most maps; 32 or 64 where single towers "
        "stand on open ground. Time grows in proportion."
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
        "What NoData, or the edge of the raster, does to a sight line. skip: it is passed over, as in SAGA. "
        "stop: the sight line ends there. nan: the cell becomes NoData."
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
        "Cells to compute; its edges move to the nearest cell edges. Heights outside it still count. "
        "Empty: the whole raster."
    ),
    advanced=True,
)
SAMPLING = options.Choice(
    "SAMPLING",
    "--sampling",
    tr("Sampling"),
    tr(
        "Where on a sight line heights are taken. linear: interpolated between the cells, unbiased. "
        "crossings: the same at rows and at columns of cells, closest to the surface, slower. "
        "nearest: the nearest cell at the distance of its centre, as in RVT; a wall stands half a cell behind its "
        "face. "
        "divided: equal steps, the nearest cell, as in SAGA."
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
            return tr("Divisions go with the sampling 'divided': choose it, or leave the divisions empty.")
        return None


DIVISIONS = Divisions(
    "DIVISIONS",
    "--divisions",
    tr("Divisions of a sight line"),
    tr("Number of points on a sight line, for the sampling 'divided'. Empty: one per cell."),
    minimum=1,
    maximum=100000,
    whole=True,
    advanced=True,
)
OBSERVER_HEIGHT = options.Number(
    "OBSERVER_HEIGHT",
    "--observer-height",
    tr("Observer height"),
    tr("Height of the observer above the surface, in units of the CRS."),
    default=0.0,
    advanced=True,
)
Z_FACTOR = options.Number(
    "Z_FACTOR",
    "--z-factor",
    tr("Z factor"),
    tr("Factor that turns heights into the unit of the cells: 0.3048 for heights in feet over cells in metres."),
    default=1.0,
    advanced=True,
)
PLAIN_UNITS = options.Switch(
    "PLAIN_UNITS",
    "--plain-units",
    tr("Coordinates are plain units"),
    tr("The coordinates look like degrees, but are plain units, as of a model or a sketch."),
    advanced=True,
    optional=True,
)
CURVATURE = options.Switch(
    "CURVATURE",
    "--curvature",
    tr("Curvature of the Earth"),
    tr("Lower distant heights by the Earth's curvature, less refraction: 0.07 m at 1 km, 7 m at 10 km."),
    advanced=True,
)


class Refraction(options.Number):
    """Refraction; without curvature there is nothing for it to lessen."""

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) and not algorithm.parameterAsBoolean(parameters, "CURVATURE", context):
            return tr("{}: goes with the curvature of the Earth, which is off.").format(self.title)
        return None


REFRACTION = Refraction(
    "REFRACTION",
    "--refraction",
    tr("Refraction"),
    tr(
        "Share of the Earth's curvature that the bending of light in the air makes up for. "
        "Empty: 0.13, and 0 on bodies other than the Earth."
    ),
    advanced=True,
)
CANOPY = options.Raster(
    "CANOPY",
    "--canopy",
    tr("Vegetation"),
    tr(
        "Raster of the height of vegetation above ground, on the grid of the heights, which are then those without "
        "trees. Crowns let a share of the light through; solid obstacles do not. Empty: everything is solid."
    ),
    optional=True,
    advanced=True,
)


class WithCanopy:
    """What has a meaning only with vegetation."""

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) and parameters.get("CANOPY") in (None, ""):
            return tr("{}: goes with vegetation, which is not given.").format(self.title)
        return super().problem(algorithm, parameters, context)


class CanopyNumber(WithCanopy, options.Number):
    """A number about vegetation."""


class TrunkRaster(WithCanopy, options.Raster):
    """Heights of trunks; they leave no room for a share."""

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) and parameters.get("TRUNK_RATIO") not in (None, ""):
            return tr("{}: give them, or the share of trunks, not both.").format(self.title)
        return super().problem(algorithm, parameters, context)


TRANSMISSIVITY = CanopyNumber(
    "TRANSMISSIVITY",
    "--transmissivity",
    tr("Transmissivity of vegetation"),
    tr("Share of the light that passes a crown. Empty: 0.03, as for trees in leaf."),
    minimum=0.0,
    maximum=1.0,
    advanced=True,
)
TRUNK_RATIO = CanopyNumber(
    "TRUNK_RATIO",
    "--trunk-ratio",
    tr("Share of trunks"),
    tr("Share of the height of vegetation at which the crowns begin. Empty: 0.25."),
    minimum=0.0,
    maximum=1.0,
    advanced=True,
)
TRUNK = TrunkRaster(
    "TRUNK",
    "--trunk",
    tr("Heights of trunks"),
    tr("Raster of the height above ground at which the crowns begin, instead of the share of trunks."),
    optional=True,
    advanced=True,
)
ANISOTROPIC = "svf-anisotropic"


class WithAnisotropy:
    """What has a meaning only for svf-anisotropic, where measures are chosen."""

    def problem(self, algorithm, parameters, context):
        chosen = options.chosen_measures(algorithm, parameters, context)
        if self._given(parameters) and chosen is not None and ANISOTROPIC not in chosen:
            return tr("{}: goes with the measure svf-anisotropic, which is not chosen.").format(self.title)
        return None


class AnisotropyNumber(WithAnisotropy, options.Number):
    """A number about the brightness of the sky."""


class AnisotropyChoice(WithAnisotropy, options.Choice):
    """A choice about the brightness of the sky."""


ANISOTROPY_AZIMUTH = AnisotropyNumber(
    "ANISOTROPY_AZIMUTH",
    "--anisotropy-azimuth",
    tr("Brightest azimuth"),
    tr(
        "For svf-anisotropic: where the sky is brightest, degrees clockwise from north (360 minus the azimuth of RVT). "
        "Empty: 315, the north-west."
    ),
    advanced=True,
)
ANISOTROPY_LEVEL = AnisotropyChoice(
    "ANISOTROPY_LEVEL",
    "--anisotropy-level",
    tr("Anisotropy"),
    tr(
        "For svf-anisotropic: how much the brightness of the sky differs. low: the darkest azimuth weighs 0.4 of the "
        "brightest. high: 0.1. Empty: low."
    ),
    ("low", "high"),
    None,
    advanced=True,
)
MEMORY = options.Memory(
    "MEMORY",
    "--max-memory",
    tr("Memory, MB"),
    tr("Bound on the memory of the run, in MB. Empty: the Processing option, or half of what is free."),
    minimum=0,
    whole=True,
    advanced=True,
)
THREADS = options.Threads(
    "THREADS",
    "--threads",
    tr("Threads"),
    tr("Empty: as many as QGIS grants. The result is the same, bit by bit, on any number."),
    minimum=1,
    maximum=4096,
    whole=True,
    advanced=True,
)
CREATION_OPTIONS = options.CreationOptions(
    "CREATION_OPTIONS",
    "--co",
    tr("Creation options"),
    tr("Options of the GeoTIFF driver. Empty: tiled, compressed, BigTIFF where needed."),
    advanced=True,
)

WORK_FOLDER = options.Folder(
    "WORK_FOLDER",
    "--work-dir",
    tr("Work folder"),
    tr(
        "Folder that keeps finished tiles, for runs of hours: stopped for whatever reason, the same run goes on from "
        "them. Empty: none."
    ),
    advanced=True,
)

RESOLUTION = options.Resolution(
    "RESOLUTION",
    None,
    tr("Resolution of an export"),
    tr(
        "For layers that only QGIS can read (WCS, rasters in a database, virtual rasters): the size of the cells at "
        "which the layer is exported, in units of its CRS. Empty: the layer's own cells."
    ),
    None,
    advanced=True,
)

# What decides the values, wherever they are computed.
SEARCH = (
    MISSING,
    SAMPLING,
    DIVISIONS,
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
        "ELAPSED_SECONDS": tr("Seconds"),
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
        apply_on_load(context, self, "OUTPUT", output, result.first_measure(), self.layer_name)
        return {"OUTPUT": output, "TOOL_VERSION": self.tool.version, **numbers(result, feedback)}


def numbers(result, feedback):
    """The numbers of a run, also told to the user."""
    bands = result.bands()
    for band in bands[:BANDS_TOLD]:
        feedback.pushInfo(
            tr("{name}: {min} to {max}, mean {mean}; {valid} cells with a value, {nodata} without").format(
                name=band.get("name"),
                min=shown(band.get("min")),
                max=shown(band.get("max")),
                mean=shown(band.get("mean")),
                valid=band.get("valid"),
                nodata=band.get("nodata"),
            )
        )
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
