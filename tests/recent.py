#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the C++ sources of codecs/, gst/ and ext/ that changed in the last COMMITS commits or since,
and those that include a header which did, directly or through others. All of them where the history
is shorter, what checks them changed, or no number is given.

usage: recent.py [COMMITS]"""
import os
import re
import subprocess
import sys

FOLDERS = ["codecs", "gst", "ext"]
CHECKS = ".clang-tidy"
INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.MULTILINE)


def git(*arguments):
    done = subprocess.run(["git", *arguments], capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else None


def included(path):
    """Paths that may be what a file's includes name: from the top or beside it."""
    with open(path, encoding="utf-8") as file:
        names = INCLUDE.findall(file.read())
    return {os.path.normpath(os.path.join(base, name))
            for name in names for base in ("", os.path.dirname(path))}


def affected(changed, sources):
    """`changed`, and what includes one of them."""
    includes = {path: included(path) for path in sources}
    reached = set(changed)
    size = -1
    while size != len(reached):
        size = len(reached)
        reached |= {path for path, names in includes.items() if names & reached}
    return reached & includes.keys()


def main():
    if len(sys.argv) > 2 or not all(number.isdigit() for number in sys.argv[1:]):
        sys.exit(__doc__.splitlines()[-1])
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sources = [path for path in git("ls-files", *FOLDERS) or []
               if path.endswith((".h", ".cpp")) and os.path.exists(path)]
    changed = git("diff", "--name-only", f"HEAD~{sys.argv[1]}") if len(sys.argv) == 2 else None
    if changed is not None and CHECKS not in changed:
        sources = affected(changed, sources)
    for path in sorted(sources):
        if path.endswith(".cpp"):
            print(path)


if __name__ == "__main__":
    main()
