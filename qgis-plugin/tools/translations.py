# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps the translations in step with the source.

    python3 translations.py update     texts of the source into i18n/*.ts; translations are kept
    python3 translations.py release    i18n/*.ts into svf_tools/i18n/*.qm, with lrelease of Qt 5

Texts are the literals in calls of tr(). There is one context.
"""

import ast
import os
import re
import string
import subprocess
import sys
import xml.etree.ElementTree as tree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(ROOT, "svf_tools")
SOURCES = os.path.join(ROOT, "i18n")
RELEASED = os.path.join(PACKAGE, "i18n")
LANGUAGES = ("de", "zh")
CONTEXT = "svf_tools"
LRELEASE = "/usr/lib/qt5/bin/lrelease"


def texts(package=PACKAGE):
    """The texts of the source, in the order of files and lines."""
    found = {}
    for folder, folders, names in os.walk(package):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    parsed = ast.parse(file.read())
                for node in ast.walk(parsed):
                    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr":
                        if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant):
                            raise ValueError("{}:{}: tr() takes one literal".format(path, node.lineno))
                        found.setdefault(node.args[0].value, os.path.relpath(path, ROOT).replace(os.sep, "/"))
    return found


def read(language):
    """Text -> translation of a language; empty where it is missing."""
    path = os.path.join(SOURCES, "svf_tools_{}.ts".format(language))
    if not os.path.exists(path):
        return {}
    messages = tree.parse(path).getroot().iter("message")
    return {message.findtext("source"): message.findtext("translation") or "" for message in messages}


def fields(text):
    """What format() fills in."""
    return sorted(name or "" for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def choices(text):
    """The words of a tool that lines of a help text begin with, and how many lines there are."""
    found = [re.match("([a-z-]+)[:：]", line) for line in text.split("\n")[1:]]
    return [word and word[1] for word in found]


def problems(language):
    """What is missing or wrong in a language."""
    wanted, known = texts(), read(language)
    found = ["not translated: " + text for text in wanted if not known.get(text)]
    found += ["no longer there: " + text for text in known if text not in wanted]
    both = {text: known[text] for text in wanted if known.get(text)}
    found += ["other fields: " + text for text, other in both.items() if fields(text) != fields(other)]
    found += ["other choices: " + text for text, other in both.items() if choices(text) != choices(other)]
    return found


def write(language, known):
    """Writes the file of a language, in the order of the source."""
    root = tree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = tree.SubElement(root, "context")
    tree.SubElement(context, "name").text = CONTEXT
    for text, place in texts().items():
        message = tree.SubElement(context, "message")
        tree.SubElement(message, "location", filename="../" + place)
        tree.SubElement(message, "source").text = text
        translation = tree.SubElement(message, "translation")
        translation.text = known.get(text, "")
        if not translation.text:
            translation.set("type", "unfinished")
    tree.indent(root, "    ")
    os.makedirs(SOURCES, exist_ok=True)
    path = os.path.join(SOURCES, "svf_tools_{}.ts".format(language))
    with open(path, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n')
        file.write(tree.tostring(root, encoding="unicode") + "\n")


def release(folder=RELEASED):
    """Compiles every language into a folder."""
    os.makedirs(folder, exist_ok=True)
    for language in LANGUAGES:
        name = "svf_tools_" + language
        command = [LRELEASE, "-silent", os.path.join(SOURCES, name + ".ts"), "-qm", os.path.join(folder, name + ".qm")]
        subprocess.run(command, check=True)


def main():
    """Entry point."""
    if sys.argv[1:] == ["update"]:
        for language in LANGUAGES:
            write(language, read(language))
            print(language, *problems(language), sep="\n")
    elif sys.argv[1:] == ["release"]:
        release()
    else:
        sys.exit("usage: translations.py update|release")


if __name__ == "__main__":
    main()
