# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:skyviewfactor: sky view factor and other measures of the sky, as bands of one raster."""

from ..text import tr
from . import compute, options

# As svf_compute names them, and what they are; a test holds the list against `svf_compute --json-usage`.
MEASURES = {
    "svf": tr("1 - mean of sin g, as in RVT, GRASS r.skyview and Whitebox"),
    "svf-error": tr("how uncertain svf is because of the number of directions"),
    "svf-cosine": tr("mean of cos² g, as in UMEP and SOLWEIG, and in SAGA on flat ground"),
    "svf-slope": tr("svf-cosine for a surface tilted like the terrain, as in SAGA and topocalc"),
    "visible-sky": tr("mean of 1 - 2g/180°, as in SAGA"),
    "svf-cos": tr("mean of cos g"),
    "terrain-view": tr("share of the view that is filled by other terrain, as in SAGA"),
    "openness-positive": tr("mean angle between the zenith and the horizon, in degrees"),
    "openness-negative": tr("the same for the surface turned upside down, in degrees"),
    "svf-anisotropic": tr("svf for a sky that is brighter in one direction, as in RVT"),
    "svf-north": tr("svf-cosine of the northern half of the sky, as in UMEP"),
    "svf-east": tr("svf-cosine of the eastern half"),
    "svf-south": tr("svf-cosine of the southern half"),
    "svf-west": tr("svf-cosine of the western half"),
    "svf-veg": tr("1 - share of the sky that only vegetation blocks, as svfveg in UMEP"),
    "svf-veg-north": tr("svf-veg of the northern half"),
    "svf-veg-east": tr("svf-veg of the eastern half"),
    "svf-veg-south": tr("svf-veg of the southern half"),
    "svf-veg-west": tr("svf-veg of the western half"),
    "svf-aveg": tr("1 - share of the sky with vegetation in front of what blocks it, as svfaveg in UMEP"),
    "svf-aveg-north": tr("svf-aveg of the northern half"),
    "svf-aveg-east": tr("svf-aveg of the eastern half"),
    "svf-aveg-south": tr("svf-aveg of the southern half"),
    "svf-aveg-west": tr("svf-aveg of the western half"),
    "horizon": tr("g in degrees, one band for each direction"),
    "horizon-distance": tr("mean distance to the place that makes the horizon"),
    "slope": tr("slope of the terrain in degrees"),
    "aspect": tr("azimuth of its downhill direction in degrees, from north; NoData on level ground"),
    "coverage": tr("share of the directions in which no height is missing"),
}

MEASURES_OPTION = options.Measures(
    "MEASURES",
    "--measure",
    tr("Measures"),
    tr("Bands of the output. g is the angle of the horizon in a direction."),
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
        "SAGA's tool keeps the whole raster in memory, and its radius 0 fails for more than 32,768 x 32,768 "
        "cells. This algorithm computes such rasters within the memory that you allow. The parameters and outputs of "
        "SAGA, and what they are here:"
    ),
    here=tr("here"),
    radius=tr("greater than 0, in map units"),
    method=tr("not needed: every cell within the radius is used"),
    percent=tr("0 to 1 instead of percent"),
    svf=tr("MEASURES svf-slope (never below 0); svf-cosine is the same on flat ground"),
    simple=tr("(1 + cos slope) / 2, with MEASURES slope"),
    distance=tr("0 instead of the radius if nothing rises above the horizontal"),
    rule=tr(
        "To compare cell by cell, choose the sampling 'divided', which is the rule of SAGA. The default "
        "measure here, svf, has another formula (1 - mean of the sines), which SAGA does not offer."
    ),
)


class SkyViewFactor(compute.ComputeAlgorithm):
    """svf:skyviewfactor"""

    NAME = "skyviewfactor"
    TITLE = tr("Sky view factor")
    SUMMARY = tr("How much of the sky each cell of a raster of heights sees. For rasters of any size.")
    TAGS = (
        "svf, sky, view, factor, visible sky, openness, horizon, urban climate, heat island, microclimate, canyon, "
        "dsm, dem, dtm, lidar, relief, visualisation, visualization, archaeology, saga, umep, rvt, terrain, lighting"
    ).split(", ") + tr("sky view factor").split(", ")
    HELP = (
        "<p>"
        + tr(
            "The share of the sky that each cell sees: 1 on open ground, near 0 in narrow courtyards. From "
            "each cell, sight lines go out in all directions, as far as the search radius. The steepest rise "
            "on a sight line makes its horizon."
        )
        + "</p><p>"
        + tr(
            "Rasters larger than the memory are computed in tiles, without seams. If the run is cancelled or "
            "fails, no file is left. The svf-tools programs do the work. They are installed separately."
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
        compute.SEARCH_KIND,
        compute.RECEIVERS,
        compute.ANGLE_UNIT,
        *compute.ANISOTROPY,
        *compute.RESOURCES,
        compute.WORK_FOLDER,
        compute.RESOLUTION,
    )
