#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints what ninja has to build in a build folder for the tests of some suites: the programs that
they run, and all libraries and plugins, which they find by themselves.

usage: targets.py FOLDER SUITE..."""
import json
import os
import subprocess
import sys

LIBRARIES = {"shared library", "shared module"}


def introspect(folder, what):
    return json.loads(subprocess.check_output(["meson", "introspect", folder, what]))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[-1])
    folder, suites = sys.argv[1], set(sys.argv[2:])
    needed = set()
    for test in introspect(folder, "--tests"):
        if suites & {suite.split(":")[-1] for suite in test["suite"]}:
            needed.update(test["depends"])
    for target in introspect(folder, "--targets"):
        if target["id"] in needed or target["type"] in LIBRARIES:
            for name in target["filename"]:
                print(os.path.relpath(name, os.path.realpath(folder)))


if __name__ == "__main__":
    main()
