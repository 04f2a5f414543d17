# SPDX-License-Identifier: GPL-2.0-or-later
"""The algorithms of the provider."""

from .horizonangles import HorizonAngles
from .openness import Openness
from .skyviewfactor import SkyViewFactor

ALGORITHMS = (SkyViewFactor, Openness, HorizonAngles)
