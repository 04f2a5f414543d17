# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:skyviewfactor: sky view factor and other measures of the sky, as bands of one raster."""

from ..text import tr
from . import compute, options

# As svf_compute names them; a test holds the list against `svf_compute --json-usage`.
MEASURES = (
    "svf",
    "svf-error",
    "svf-cosine",
    "svf-slope",
    "visible-sky",
    "svf-cos",
    "terrain-view",
    "openness-positive",
    "openness-negative",
    "svf-anisotropic",
    "svf-north",
    "svf-east",
    "svf-south",
    "svf-west",
    "horizon",
    "horizon-distance",
    "coverage",
)

MEASURES_OPTION = options.Measures(
    "MEASURES",
    "--measure",
    tr("Measures"),
    tr(
        "Bands of the output; g is the horizon angle of a direction. svf: 1 - mean sin g, as RVT, GRASS "
        "r.skyview, Whitebox. svf-error: how far the number of directions leaves svf uncertain. "
        "svf-cosine: mean cos² g, as UMEP and SOLWEIG, SAGA on flat ground. "
        "svf-slope: seen from the cell's own slope, as SAGA and topocalc. visible-sky: mean of "
        "1 - 2g/180°, as SAGA. svf-cos: mean cos g. terrain-view: share of the ground around, as SAGA. "
        "openness-positive, openness-negative: degrees. svf-anisotropic: svf under a sky that is brighter "
        "in the north-west, as RVT. svf-north, -east, -south, -west: svf-cosine of half the sky, as UMEP. "
        "horizon: g of every direction, a band each. horizon-distance: mean distance to what makes the "
        "horizon. coverage: share of directions that met no missing height."
    ),
    MEASURES,
    ("svf",),
)

SAGA = """
<h2>{title}</h2>
<p>{intro}</p>
<table border="1" cellspacing="0" cellpadding="3">
<tr><th>SAGA</th><th>{here}</th></tr>
<tr><td>Elevation (DEM)</td><td>INPUT</td></tr>
<tr><td>Maximum Search Radius (RADIUS)</td><td>RADIUS, {radius}</td></tr>
<tr><td>Number of Sectors (NDIRS), 8</td><td>DIRECTIONS, 16</td></tr>
<tr><td>Method (METHOD), Multi Scale Factor (DLEVEL)</td><td>{method}</td></tr>
<tr><td>Visible Sky (VISIBLE)</td><td>MEASURES visible-sky, {percent}</td></tr>
<tr><td>Sky View Factor (SVF)</td><td>{svf}</td></tr>
<tr><td>Sky View Factor (Simplified) (SIMPLE)</td><td>{simple}</td></tr>
<tr><td>Terrain View Factor (TERRAIN)</td><td>MEASURES terrain-view</td></tr>
<tr><td>Average View Distance (DISTANCE)</td><td>MEASURES horizon-distance, {distance}</td></tr>
</table>
<p>{rule}</p>
""".format(
    title=tr("Coming from SAGA"),
    intro=tr(
        "SAGA's tool keeps the whole raster in memory; its radius 0 fails above 32,768 x 32,768 cells. This one does "
        "such rasters within the memory you allow. Its parameters and outputs, and what they are here:"
    ),
    here=tr("here"),
    radius=tr("greater than 0, in map units"),
    method=tr("none: every cell within the radius counts"),
    percent=tr("0 to 1 instead of percent"),
    svf=tr("MEASURES svf-slope (never below 0); svf-cosine is the same on flat ground"),
    simple=tr("(1 + cos slope) / 2, from GDAL's slope"),
    distance=tr("0 instead of the radius where nothing rises"),
    rule=tr(
        "To compare cell by cell choose the sampling 'divided', SAGA's rule. The measure svf, the default here, is "
        "another formula (1 - mean of the sines), which SAGA does not offer."
    ),
)


class SkyViewFactor(compute.ComputeAlgorithm):
    """svf:skyviewfactor"""

    NAME = "skyviewfactor"
    TITLE = tr("Sky view factor")
    SUMMARY = tr("How much of the sky each cell of a raster of heights sees; any size, bounded memory.")
    TAGS = (
        "svf, sky, view, factor, visible sky, openness, horizon, urban climate, heat island, microclimate, canyon, "
        "dsm, dem, dtm, lidar, relief, visualisation, visualization, archaeology, saga, umep, rvt, terrain, lighting"
    ).split(", ") + tr("sky view factor").split(", ")
    HELP = (
        "<p>"
        + tr(
            "Share of the sky that each cell of a raster of heights sees: 1 on open ground, near 0 in narrow yards. "
            "Sight lines go out in all directions up to the search radius; the steepest rise on each is its horizon."
        )
        + "</p><p>"
        + tr(
            "Rasters larger than memory are computed in tiles without seams. A cancelled or failed run leaves no file. "
            "The programs of svf-tools, which do the work, are installed separately."
        )
        + "</p>"
    )
    APPENDIX = SAGA
    OPTIONS = (
        compute.INPUT,
        compute.BAND,
        compute.RADIUS,
        compute.DIRECTIONS,
        MEASURES_OPTION,
        compute.EXTENT,
        *compute.SEARCH,
        *compute.ANISOTROPY,
        *compute.RESOURCES,
        compute.WORK_FOLDER,
        compute.RESOLUTION,
    )
