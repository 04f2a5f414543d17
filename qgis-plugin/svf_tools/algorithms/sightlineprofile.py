# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:sightlineprofile: what a point sees, and why its sky view factor is what it is."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterVectorDestination,
)

from ..text import as_path, tr
from . import compute, options
from .base import ToolAlgorithm

# As in skyviewfactor; of the horizon there is a value per direction, in the table.
NUMBERS = {
    "SVF": "svf",
    "SVF_ERROR": "svf-error",
    "SVF_COSINE": "svf-cosine",
    "SVF_SLOPE": "svf-slope",
    "VISIBLE_SKY": "visible-sky",
    "SVF_COS": "svf-cos",
    "TERRAIN_VIEW": "terrain-view",
    "OPENNESS_POSITIVE": "openness-positive",
    "OPENNESS_NEGATIVE": "openness-negative",
    "SVF_ANISOTROPIC": "svf-anisotropic",
    "SVF_NORTH": "svf-north",
    "SVF_EAST": "svf-east",
    "SVF_SOUTH": "svf-south",
    "SVF_WEST": "svf-west",
    "SVF_VEG": "svf-veg",
    "SVF_VEG_NORTH": "svf-veg-north",
    "SVF_VEG_EAST": "svf-veg-east",
    "SVF_VEG_SOUTH": "svf-veg-south",
    "SVF_VEG_WEST": "svf-veg-west",
    "SVF_AVEG": "svf-aveg",
    "SVF_AVEG_NORTH": "svf-aveg-north",
    "SVF_AVEG_EAST": "svf-aveg-east",
    "SVF_AVEG_SOUTH": "svf-aveg-south",
    "SVF_AVEG_WEST": "svf-aveg-west",
    "HORIZON_DISTANCE": "horizon-distance",
    "SLOPE": "slope",
    "ASPECT": "aspect",
    "COVERAGE": "coverage",
}
# What a row is -> layer of a GeoPackage.
LAYERS = {"points": "points", "lines": "sight_lines", "samples": "samples"}
# What is drawn of a single point: key -> option of the tool.
DRAWINGS = {"FIGURE": "--figure", "FISHEYE": "--fisheye", "SKYLINE": "--skyline"}
# Those that show the sky.
VIEWS = ("FISHEYE", "SKYLINE")
DRAWING_FILTER = "SVG (*.svg);;PNG (*.png)"


class SunPaths(options.Switch):
    """The paths of the sun, which need a view of the sky to be drawn into."""

    def problem(self, algorithm, parameters, context):
        is_on = algorithm.parameterAsBoolean(parameters, self.key, context)
        if is_on and not any(parameters.get(view) for view in VIEWS):
            return tr("{}: choose a file for the fisheye view or for the skyline.").format(self.title)
        return None


class OnePoint(options.Point):
    """A point, unless there is a layer of them."""

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) == options.given(parameters, "POINTS"):
            return tr("Choose either a point or a layer of points.")
        return super().problem(algorithm, parameters, context)


class ManyPoints(options.Points):
    """A layer of points, which no figure can show."""

    def problem(self, algorithm, parameters, context):
        drawn = any(options.given(parameters, key) for key in DRAWINGS)
        if self._given(parameters) and drawn:
            return tr("A figure shows only one point. Leave either the layer of points or the figures empty.")
        return None


class Detail(options.Choice):
    """What a row of the table is."""

    def _value(self, algorithm, parameters, context):
        usual = "points" if options.given(parameters, "POINTS") else "lines"
        return super()._value(algorithm, parameters, context) or usual


class SightLineProfile(ToolAlgorithm):
    """svf:sightlineprofile"""

    NAME = "sightlineprofile"
    TOOL = "svf_profile"
    COMMAND = ("point",)
    TITLE = tr("Sight lines of a point")
    SUMMARY = tr("Shows why a point has its sky view factor: its sight lines, its horizon and all measures.")
    TAGS = (
        "svf, sky, view, factor, point, points, station, sight line, profile, section, horizon, fisheye, polar, "
        "figure, table, why, check, dsm, dem, saga, rvt, umep"
    ).split(", ")
    HELP = (
        "<p>"
        + tr(
            "Looks around from one point, or from each point of a layer. For every direction you get the sight "
            "line and the place that makes the horizon, and for every point all measures. The values are those "
            "that 'Sky view factor' writes into the cell of the point."
        )
        + "</p><p>"
        + tr(
            "The values of a single point are also numbers that models can use. The figure shows the heights "
            "around the point, the section along each sight line, and the horizon."
        )
        + "</p>"
    )
    OPTIONS = (
        compute.INPUT,
        compute.BAND,
        OnePoint(
            "POINT",
            "--at",
            tr("Point"),
            tr(
                "The place from which to look around, in any CRS. With the button, you choose it on the map. "
                "Empty: a layer of points is used."
            ),
        ),
        ManyPoints(
            "POINTS",
            "--points",
            tr("Layer of points"),
            tr("Many points instead of a single one, for example stations, in any CRS."),
        ),
        compute.RADIUS,
        compute.DIRECTIONS,
        Detail(
            "DETAIL",
            "--detail",
            tr("Rows of the table"),
            tr(
                "What a row of the table is.\n"
                "points: a point, with all measures.\n"
                "lines: a sight line, with the angle and the place of its horizon.\n"
                "samples: a height on a sight line.\n"
                "Empty: lines for a single point, points for a layer."
            ),
            ("points", "lines", "samples"),
            None,
        ),
        *compute.SEARCH,
        *compute.ANISOTROPY,
        SunPaths(
            "SUN_PATHS",
            "--sun-paths",
            tr("Draw the paths of the sun"),
            tr(
                "Draws the sun on 21 June, 20 March and 21 December, with the hours of the day, into the fisheye "
                "view and the skyline of a single point."
            ),
            advanced=True,
            optional=True,
        ),
        compute.MEMORY,
        compute.RESOLUTION,
    )
    NUMBERS = {
        "SVF": tr("Sky view factor of a single point"),
        **{key: tr("{} of a single point").format(name) for key, name in NUMBERS.items() if key != "SVF"},
        "HEIGHT": tr("Height of a single point"),
        "POINT_COUNT": tr("Number of points"),
        "POINTS_WITH_VALUE": tr("Number of points with a value"),
        "ELAPSED_SECONDS": tr("Run time in seconds"),
    }
    TEXTS = {"TOOL_VERSION": tr("Version of svf_profile")}

    def add_destinations(self):
        lines = QgsProcessing.SourceType.TypeVectorAnyGeometry
        self.addParameter(QgsProcessingParameterVectorDestination("OUTPUT", tr("Sight lines"), lines))
        for key, title in (
            ("FIGURE", tr("Figure: heights, sections, horizon")),
            ("FISHEYE", tr("Figure: the sky through a fisheye lens")),
            ("SKYLINE", tr("Figure: the horizon as a skyline")),
        ):
            self.addParameter(
                QgsProcessingParameterFileDestination(
                    key, title, DRAWING_FILTER, optional=True, createByDefault=False
                )
            )

    def process(self, parameters, context, feedback):
        written = {"OUTPUT": self.output(parameters, "OUTPUT", context)}
        words = ["--overwrite"]
        for key, flag in DRAWINGS.items():
            path = self.output(parameters, key, context)
            if path:
                written[key] = path
                words += [flag, as_path(path)]
        result = self.run_tool([written["OUTPUT"]], words, list(written.values()), feedback)
        if written["OUTPUT"].lower().endswith(".csv"):
            write_types(written["OUTPUT"])
        found = {
            "POINT_COUNT": result.count("points"),
            "POINTS_WITH_VALUE": result.count("ok"),
            "ELAPSED_SECONDS": result.done.get("elapsed_s"),
            "TOOL_VERSION": self.tool.version,
        }
        written["OUTPUT"] = self.layer_in(written["OUTPUT"], context)
        return {**written, **values(result.stats("receiver"), feedback), **found}

    def titles(self):
        drawings = {flag: self.parameterDefinition(key).description() for key, flag in DRAWINGS.items()}
        return {**super().titles(), **drawings}

    def layer_in(self, path, context):
        """The layer of a GeoPackage that has the rows; it is the one that is loaded, too."""
        detail = self.words[self.words.index("--detail") + 1]
        if not path.lower().endswith(".gpkg"):
            return path
        layer = "{}|layername={}".format(path, LAYERS[detail])
        to_load = context.layersToLoadOnCompletion()
        if path in to_load:
            to_load[layer] = to_load.pop(path)
            context.setLayersToLoadOnCompletion(to_load)
        return layer


def write_types(table):
    """Says beside a CSV file, in the way of GDAL, that its columns are numbers: QGIS takes them for texts."""
    with open(table, encoding="utf-8") as file:
        columns = file.readline().strip().split(",")
    known = {"id": "Integer64", "status": "String"}
    with open(table + "t", "w", encoding="utf-8") as file:
        file.write(",".join(known.get(column, "Real") for column in columns) + "\n")


def values(receiver, feedback):
    """The numbers of a single point, also told to the user; nothing of many."""
    measures = receiver.get("measures")
    if not isinstance(measures, dict):
        return {}
    for name in NUMBERS.values():
        feedback.pushInfo(tr("{}: {}").format(name, compute.shown(measures.get(name))))
    found = {key: measures.get(name) for key, name in NUMBERS.items()}
    return {**found, "HEIGHT": receiver.get("height")}
