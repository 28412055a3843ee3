# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a person has to put right: one sentence, without a traceback."""


class Wrong(Exception):
    pass


def need(condition, sentence):
    if not condition:
        raise Wrong(sentence)
