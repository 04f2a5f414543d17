# SPDX-License-Identifier: GPL-2.0-or-later
"""How a result looks when it is loaded: grey, the same range every time, so that maps compare.

A style that the user has chosen for the output in Processing is left alone.
"""

import math
from collections import deque

from processing.core.ProcessingConfig import ProcessingConfig
from qgis.core import (
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsSingleBandGrayRenderer,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)

POLYGONS = ProcessingConfig.VECTOR_POLYGON_STYLE

# Black and white. Openness of natural and built surfaces lies well within 50 to 100 degrees.
RANGES = {
    "svf": (0.0, 1.0),
    "svf-error": (0.0, 0.1),
    "svf-cosine": (0.0, 1.0),
    "svf-slope": (0.0, 1.0),
    "svf-cos": (0.0, 1.0),
    "svf-anisotropic": (0.0, 1.0),
    "svf-north": (0.0, 1.0),
    "svf-east": (0.0, 1.0),
    "svf-south": (0.0, 1.0),
    "svf-west": (0.0, 1.0),
    "svf-veg": (0.0, 1.0),
    "svf-veg-north": (0.0, 1.0),
    "svf-veg-east": (0.0, 1.0),
    "svf-veg-south": (0.0, 1.0),
    "svf-veg-west": (0.0, 1.0),
    "svf-aveg": (0.0, 1.0),
    "svf-aveg-north": (0.0, 1.0),
    "svf-aveg-east": (0.0, 1.0),
    "svf-aveg-south": (0.0, 1.0),
    "svf-aveg-west": (0.0, 1.0),
    "visible-sky": (0.0, 1.0),
    "terrain-view": (0.0, 1.0),
    "coverage": (0.0, 1.0),
    "openness-positive": (50.0, 100.0),
    "openness-negative": (50.0, 100.0),
    "horizon": (0.0, 60.0),
    "slope": (0.0, 60.0),
    "aspect": (0.0, 360.0),
}

# Those of the above that have a unit.
ANGLES = ("openness-positive", "openness-negative", "horizon", "slope", "aspect")

# Processing keeps no reference: a processor that is collected is silently not called, and one that
# goes while its layer is still being loaded takes QGIS with it. The last ones are kept.
_kept = deque(maxlen=256)


class GreyStyle(QgsProcessingLayerPostProcessorInterface):
    """Styles the layer of one output."""

    def __init__(self, black_white, layer_name, plain_names):
        super().__init__()
        self.black_white = black_white
        self.layer_name = layer_name
        self.plain_names = plain_names

    def postProcessLayer(self, layer, context, feedback):
        if not isinstance(layer, QgsRasterLayer) or not layer.isValid():
            return
        if layer.name() in self.plain_names:
            layer.setName(self.layer_name)
        if self.black_white is None:
            return
        black, white = self.black_white
        renderer = QgsSingleBandGrayRenderer(layer.dataProvider(), 1)
        enhancement = QgsContrastEnhancement(layer.dataProvider().dataType(1))
        enhancement.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        enhancement.setMinimumValue(black)
        enhancement.setMaximumValue(white)
        renderer.setContrastEnhancement(enhancement)
        layer.setRenderer(renderer)
        layer.triggerRepaint()


def range_of(measure, in_radians):
    """The values that are black and white; None of a measure without."""
    if in_radians and measure in ANGLES:
        return tuple(map(math.radians, RANGES[measure]))
    return RANGES.get(measure)


def apply_on_load(context, algorithm, output_name, path, measure, layer_name, in_radians=False):
    """Has the layer of `path` styled, if Processing is going to load it."""
    if not context.willLoadLayerOnCompletion(path):
        return
    # Names that nobody chose: that of a temporary file, and that of the output itself.
    plain_names = {output_name, algorithm.outputDefinition(output_name).description()}
    black_white = None if _user_style(algorithm.id(), output_name) else range_of(measure, in_radians)
    _kept.append(GreyStyle(black_white, layer_name, plain_names))
    context.layerToLoadOnCompletionDetails(path).setPostProcessor(_kept[-1])


class OutlineStyle(QgsProcessingLayerPostProcessorInterface):
    """Polygons through which one sees the map."""

    def postProcessLayer(self, layer, context, feedback):
        if isinstance(layer, QgsVectorLayer) and layer.isValid():
            symbol = QgsFillSymbol.createSimple(
                {"style": "no", "outline_color": "220,30,30", "outline_width": "0.4"}
            )
            layer.setRenderer(QgsSingleSymbolRenderer(symbol))
            layer.triggerRepaint()


def outline_on_load(context, algorithm, output_name, path):
    """Has the polygons of `path` drawn as outlines, if Processing is going to load them."""
    if context.willLoadLayerOnCompletion(path) and not _user_style(algorithm.id(), output_name, POLYGONS):
        _kept.append(OutlineStyle())
        context.layerToLoadOnCompletionDetails(path).setPostProcessor(_kept[-1])


def _user_style(algorithm_id, output_name, setting=ProcessingConfig.RASTER_STYLE):
    chosen = ProcessingConfig.getSetting(setting)
    try:
        from processing.gui.RenderingStyles import RenderingStyles
    except ImportError:
        return chosen
    return chosen or RenderingStyles.getStyle(algorithm_id, output_name)
