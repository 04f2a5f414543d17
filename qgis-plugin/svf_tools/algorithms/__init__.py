# SPDX-License-Identifier: GPL-2.0-or-later
"""The algorithms of the provider."""

from .computetiles import ComputeTiles
from .horizonangles import HorizonAngles
from .mosaic import Mosaic
from .openness import Openness
from .sightlineprofile import SightLineProfile
from .skyviewfactor import SkyViewFactor
from .solweiginput import SolweigInput
from .tileplan import TilePlan

ALGORITHMS = (
    SkyViewFactor,
    Openness,
    HorizonAngles,
    SolweigInput,
    SightLineProfile,
    TilePlan,
    ComputeTiles,
    Mosaic,
)
