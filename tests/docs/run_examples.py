#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the examples of the documentation.

Every ```sh block with a gst-launch-1.0 line in README.md and docs/ is run as it stands, by bash,
the blocks of one file one after the other in one scratch folder, in which the repository's own
files appear. A gst-launch-1.0 line in any other kind of block is a failure: there it would never
be run.

    run_examples.py REPOSITORY [ABSENT...]

ABSENT are elements that this build was configured without; blocks that need one are not run.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LIMIT = 120  # seconds for one block
FENCE = re.compile(r"^ *(`{3,}|~{3,})\s*(\w*)")


def blocks(path):
    """(line number, language, text) of each block, "" as language of an indented one."""
    fence, start, language, lines, blank = None, 0, "", [], True
    for number, line in enumerate(path.read_text().splitlines(), 1):
        mark = FENCE.match(line)
        if fence is None and mark:
            fence, language, start, lines = mark[1], mark[2], number, []
        elif fence and mark and mark[1].startswith(fence) and not mark[2]:
            yield start, language, "\n".join(lines)
            fence = None
        elif fence:
            lines.append(line)
        elif line.startswith("    ") and blank:
            yield number, "", line
        blank = not line.strip()
    if fence:
        raise SystemExit(f"{path}:{start}: the block has no end")


def run(text, scratch, env):
    """None, or what went wrong."""
    try:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=scratch, env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"did not end within {LIMIT} s"
    return f"exit status {done.returncode}\n{done.stdout}" if done.returncode else None


def main():
    root, absent = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    passed, failed, skipped = 0, 0, []
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        name = page.relative_to(root)
        with tempfile.TemporaryDirectory() as folder:
            scratch = pathlib.Path(folder) / "root"
            scratch.mkdir()
            for entry in root.iterdir():
                if not entry.name.startswith((".", "build")):
                    (scratch / entry.name).symlink_to(entry)
            env = dict(os.environ, TMP=str(scratch), TMPDIR=str(scratch))
            for line, language, text in blocks(page):
                if not re.search(r"^\s*(\$ |#+ ?)?(timeout [^|;]*)?gst-launch-1\.0", text, re.MULTILINE):
                    continue
                if language != "sh":
                    print(f"{name}:{line}: a gst-launch-1.0 line outside a ```sh block")
                    failed += 1
                    continue
                lacking = [e for e in absent if re.search(rf"\b{e}\b", text)]
                if lacking:
                    skipped.append(f"{name}:{line} needs {lacking[0]}, which this build lacks")
                    continue
                problem = run(text, scratch, env)
                print(f"{name}:{line}: {problem or 'ran'}")
                failed += problem is not None
                passed += problem is None
    print(f"{passed} blocks ran, {failed} failed, {len(skipped)} not run")
    print("; ".join(skipped))
    if failed:
        return 1
    return 77 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
