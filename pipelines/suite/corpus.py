# SPDX-License-Identifier: LGPL-2.1-or-later
"""A reasoning corpus: short stories, a question, four choices, the right one as the next word.

question(seed, index) is a function of its two numbers alone. Five families: who comes first or last
of an order told in pairs; who holds a thing after it was handed on; where somebody is after moves;
what follows from "every" and "no"; small sums. NumPy only.
"""
import numpy as np

NAMES = "ann bob cal dan eve fay gus hal ivy joe kim leo mia ned pam tom".split()
PLACES = "park school shop lake farm tower bridge museum".split()
THINGS = "key book ball lamp coin map ring cup".split()
JOBS = "baker pilot farmer doctor singer painter sailor teacher".split()
TRAITS = "kind loud tall happy brave quiet young clever".split()
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
ORDERS = ("taller", "older", "faster", "richer")
FIRST = ("tallest", "oldest", "fastest", "richest")
LAST = ("shortest", "youngest", "slowest", "poorest")
FAMILIES = ("order", "transfer", "move", "rule", "sum")
VOCABULARY = (["<pad>"] + NAMES + PLACES + THINGS + JOBS + TRAITS + NUMBERS + list(ORDERS)
              + list(FIRST) + list(LAST) + "is than the who . ? has gives to goes where a every no "
              "not what finds loses things how many answer".split())
IDS = {word: number for number, word in enumerate(VOCABULARY)}


def _pick(rng, words, count):
    return [words[i] for i in rng.permutation(len(words))[:count]]


# Each maker gives the story's sentences, its questions as (words, answer, wrong answers that the
# story suggests), and the list of words from which further choices come.

def _order(rng):
    a, b, c = _pick(rng, NAMES, 3)
    kind = int(rng.integers(len(ORDERS)))
    told = [f"{x} is {ORDERS[kind]} than {y} ." for x, y in ((a, b), (b, c))]
    story = [told[i] for i in rng.permutation(2)]
    return story, [(f"who is the {FIRST[kind]} ?", a, [b, c]),
                   (f"who is the {LAST[kind]} ?", c, [a, b])], NAMES


def _transfer(rng):
    people, things, holders = _pick(rng, NAMES, 4), _pick(rng, THINGS, 2), [0, 1]
    story = [f"{people[h]} has the {thing} ." for h, thing in zip(holders, things)]
    for _ in range(rng.integers(1, 3)):
        which = int(rng.integers(2))
        to = int(rng.choice([p for p in range(4) if p != holders[which]]))
        story.append(f"{people[holders[which]]} gives the {things[which]} to {people[to]} .")
        holders[which] = to
    return story, [(f"who has the {thing} ?", people[h], [p for p in people if p != people[h]])
                   for h, thing in zip(holders, things)], NAMES


def _move(rng):
    people, where, been = _pick(rng, NAMES, 2), {}, []
    for number in range(rng.integers(2, 5)):
        person = people[number] if number < 2 else people[int(rng.integers(2))]
        where[person] = str(rng.choice([p for p in PLACES if p != where.get(person)]))
        been.append((person, where[person]))
    story = [f"{person} goes to the {place} ." for person, place in been]
    asked = [(f"where is {person} ?", where[person],
              sorted({place for _, place in been} - {where[person]})) for person in people]
    return story, asked, PLACES


def _rule(rng):
    """Two people with a job each; one job gives a trait, the other excludes one."""
    people, jobs, traits = _pick(rng, NAMES, 2), _pick(rng, JOBS, 2), _pick(rng, TRAITS, 2)
    told = [f"{p} is a {j} ." for p, j in zip(people, jobs)]
    told += [f"every {jobs[0]} is {traits[0]} .", f"no {jobs[1]} is {traits[1]} ."]
    return ([told[i] for i in rng.permutation(4)],
            [(f"what is {people[0]} ?", traits[0], [traits[1]]),
             (f"what is {people[1]} not ?", traits[1], [traits[0]])], TRAITS)


def _sum(rng):
    person, total = _pick(rng, NAMES, 1)[0], int(rng.integers(1, 9))
    story = [f"{person} has {NUMBERS[total]} things ."]
    for _ in range(rng.integers(1, 3)):
        add = total < 2 or (total < 10 and rng.uniform() < 0.5)
        step = int(rng.integers(1, min(4, 13 - total if add else total + 1)))
        total += step if add else -step
        story.append(f"{person} {'finds' if add else 'loses'} {NUMBERS[step]} .")
    near = [NUMBERS[n] for n in range(max(0, total - 3), min(12, total + 3) + 1) if n != total]
    return story, [(f"how many has {person} ?", NUMBERS[total], near)], NUMBERS


MAKERS = (_order, _transfer, _move, _rule, _sum)


def story(seed, index):
    """(words of the story, questions as (words up to "answer", choices, answer), family)."""
    rng = np.random.default_rng([seed, index])
    family = int(rng.integers(len(MAKERS)))
    told, asked, kind = MAKERS[family](rng)
    questions = []
    for number in rng.permutation(len(asked)):
        words, answer, others = asked[number]
        others = _pick(rng, others, 3)
        rest = [word for word in kind if word != answer and word not in others]
        choices = _pick(rng, [answer] + others + _pick(rng, rest, 3 - len(others)), 4)
        questions.append((words.split() + choices + ["answer"], choices, answer))
    return " ".join(told).split(), questions, family


def question(seed, index):
    """A story, its first question: (words up to "answer", choices, index of the right, family)."""
    words, questions, family = story(seed, index)
    asked, choices, answer = questions[0]
    return words + asked, choices, choices.index(answer), family


def tokens(words):
    return np.array([IDS[word] for word in words], np.int32)


def questions(seed, first, count):
    """Token ids (count, T) padded with -1, ids of the choices, index of the right one, family."""
    made = [question(seed, first + i) for i in range(count)]
    ids = np.full((count, max(len(words) for words, *_ in made)), -1, np.int32)
    for row, (words, *_) in zip(ids, made):
        row[:len(words)] = tokens(words)
    choices = np.stack([tokens(m[1]) for m in made])
    return ids, choices, *(np.array([m[i] for m in made], np.int32) for i in (2, 3))
