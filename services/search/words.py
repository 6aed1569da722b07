"""Words as search sees them: folded, in the singular as well, and as they may have been meant."""

import re
import string

from kit.slugs import fold

QUERY_MAX = 200
WORDS_MAX = 8
SPELLED_MIN, SPELLED_MAX = 4, 24  # letters of a word whose spelling is doubted

# Plural endings and what the singular has instead, in Portuguese, English, Spanish and French together: a candidate
# that is no word costs nothing, because it is only looked up.
_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("eaux", ("eau",)), ("aux", ("al", "au")), ("ies", ("y", "ie")), ("ves", ("f", "fe", "ve")),
    ("oes", ("ao", "o", "oe")), ("aes", ("ao",)), ("ais", ("al",)), ("eis", ("el", "il")), ("ois", ("ol",)),
    ("uis", ("ul",)), ("ces", ("z", "ce")), ("ns", ("m", "n")), ("es", ("", "e")), ("s", ("",)),
)  # fmt: skip
_IRREGULAR = {"men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse",
              "people": "person", "geese": "goose"}  # fmt: skip
_NO_PLURAL = ("ss", "us", "is")


def words(text: str) -> list[str]:
    """`Café-creme!` → cafe, creme."""
    return re.findall(r"[^\W_]+", fold(text))


def compounds(text: str) -> list[str]:
    """What is written with a hyphen or a dot, in one word as well: `T-shirt` → tshirt."""
    return ["".join(words(part)) for part in re.findall(r"\w+(?:[-./'’]\w+)+", text)]


def singulars(word: str) -> tuple[str, ...]:
    """What a folded word could be the plural of; empty where it looks like none."""
    if word in _IRREGULAR:
        return (_IRREGULAR[word],)
    if len(word) < 4 or not word.isalpha():
        return ()
    found: list[str] = []
    for ending, singular in _ENDINGS:
        if word.endswith(ending) and not (ending == "s" and word.endswith(_NO_PLURAL)):
            found += [word.removesuffix(ending) + instead for instead in singular]
    return tuple(dict.fromkeys(one for one in found if len(one) > 2))


def forms(text: str) -> str:
    """Every word of a text and its singulars, as it goes into the index."""
    found = [form for word in words(text) for form in (word, *singulars(word))]
    return " ".join([*found, *compounds(text)])


def spellings(word: str) -> list[str]:
    """Every word that is one slip away: two letters swapped, one too many, a wrong one, one left out. The likelier
    slips first."""
    if not SPELLED_MIN <= len(word) <= SPELLED_MAX or word.isdigit():
        return []
    parts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1]
    dropped = [a + b[1:] for a, b in parts if b]
    wrong = [a + letter + b[1:] for a, b in parts if b for letter in string.ascii_lowercase]
    missing = [a + letter + b for a, b in parts for letter in string.ascii_lowercase]
    return [one for one in dict.fromkeys([*swapped, *dropped, *wrong, *missing]) if one != word]
