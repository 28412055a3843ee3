# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a person has to put right: one sentence, without a traceback."""

import contextlib


class Wrong(Exception):
    pass


def need(condition, sentence):
    if not condition:
        raise Wrong(sentence)


@contextlib.contextmanager
def loading(folder):
    """Around what libraries load from a folder: their long explanations become one sentence."""
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Wrong(f"--model {folder}: it cannot be loaded ({first})") from error
