"""The labels of the model and their order, which the engine reads from `labels.json`."""

ENTITY_TYPES = ["PERSON", "NORP", "ORG", "GPE", "LOC", "EVENT", "INSTRUMENT", "DATE", "MONEY"]
"""The entity types of the annotation guide."""

TAGS = ["O"] + [f"{mark}-{name}" for name in ENTITY_TYPES for mark in "BI"]
"""BIO tags: O, B-PERSON, I-PERSON, B-NORP, ..."""

TAG_INDEX = {tag: index for index, tag in enumerate(TAGS)}

THEMES = ["security", "climate", "technology", "economics", "people-to-people"]
THEME_CODES = ["SEC", "CLI", "TEC", "ECO", "P2P"]
"""Themes and their codes in the annotated files, in one order."""

ADJACENT_PENALTY = 3.0
"""What decoding takes from the score where a mention follows one of the same type without a word between: nearly always one
mention in two pieces."""

ENTITY_THRESHOLD = 0.6
"""The least probability of a mention that is given."""

OWN_NAME_SCALE, OWN_NAME_OFFSET = 0.342, -0.39
"""How sure a mention is that the rules do not see (Platt, 1999): fitted on train2.tsv and dev.tsv, which the weights had not
seen. The mean score is .62, and .62 are right; the network by itself says .88. The expected calibration error, out of five
folds by document, is .07; without this it is .26."""

LOWER, CAPITALISED, UPPER, MIXED = range(4)
"""Casing of a word: no upper-case letter; its first letter upper case and no other; two upper-case letters or more and no
lower-case letter; anything else."""


def casing(word: str) -> int:
    """The casing of a word as it stands in the text; letters are those that Unicode calls upper or lower case."""
    upper = [c.isupper() for c in word if c.isupper() or c.islower()]
    count = sum(upper)
    if count == 0:
        return LOWER
    if count == 1 and upper[0]:
        return CAPITALISED
    return UPPER if count == len(upper) else MIXED
