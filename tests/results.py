#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the testlog.json files of `meson test`: prints what failed and why, what was skipped and
why, and as the last line three numbers: passed, failed, skipped."""
import json
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
LINES = 40  # of a failed test's output


def output(test):
    return [line for line in (test.get("stdout") or "").splitlines() +
            (test.get("stderr") or "").splitlines() if line.strip()]


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sys.argv[1:]:
        with open(path) as log:
            tests = [json.loads(line) for line in log]
        for test in tests:
            name = test["name"]
            if test["result"] in PASSED:
                counts["passed"] += 1
            elif test["result"] == "SKIP":
                counts["skipped"] += 1
                reason = output(test)
                print(f"  skipped: {name}: {reason[-1] if reason else 'it gives no reason'}")
            else:
                counts["failed"] += 1
                print(f"  failed: {name} ({test['result']}, exit status {test['returncode']})")
                print("".join(f"    {line}\n" for line in output(test)[-LINES:]), end="")
    print(*counts.values())


if __name__ == "__main__":
    main()
