# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of the provider in the Processing options.

Defaults are empty: the programs are searched, and choose their memory. Validators are lenient,
since one that refuses blocks the whole options dialog, also for other providers.
"""

from processing.core.ProcessingConfig import ProcessingConfig, Setting

from .text import tr

FOLDER = "SVF_FOLDER"
MEMORY_MB = "SVF_MEMORY"
VERBOSE = "SVF_VERBOSE"


def _anything(value):
    """Accepts every text: what is wrong with it is said when a tool is to run."""


def _whole_number(value):
    try:
        usable = int(value) >= 0
    except (TypeError, ValueError):
        usable = False
    if not usable:
        raise ValueError(tr("The memory must be a whole number of MB. With 0 the program chooses."))


def add(group, icon):
    """Adds the page."""
    ProcessingConfig.settingIcons[group] = icon
    ProcessingConfig.addSetting(
        Setting(
            group,
            FOLDER,
            tr("Folder of the svf-tools programs (empty: search)"),
            "",
            valuetype=Setting.FOLDER,
            validator=_anything,
        )
    )
    ProcessingConfig.addSetting(
        Setting(
            group,
            MEMORY_MB,
            tr("Memory for a run, in MB (0: half of the free memory)"),
            0,
            valuetype=Setting.INT,
            validator=_whole_number,
        )
    )
    ProcessingConfig.addSetting(Setting(group, VERBOSE, tr("Write every event of the programs to the log"), False))
    ProcessingConfig.readSettings()


def remove():
    """Removes the page."""
    for key in (FOLDER, MEMORY_MB, VERBOSE):
        ProcessingConfig.removeSetting(key)


def folder():
    """Folder or program that the user named; empty if none."""
    return ProcessingConfig.getSetting(FOLDER) or ""


def memory_mb():
    """Memory that the user allows a run, in MB; 0 if the tool may choose."""
    try:
        return max(int(ProcessingConfig.getSetting(MEMORY_MB) or 0), 0)
    except (TypeError, ValueError):
        return 0


def verbose():
    """Whether every event goes to the log."""
    return bool(ProcessingConfig.getSetting(VERBOSE))
