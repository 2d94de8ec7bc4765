"""Reads the training data into sentences of words, the form in which everything else here handles text."""

import json
import random
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokenizers import Tokenizer

from labels import ENTITY_TYPES, LOWER, TAG_INDEX, TAGS, THEME_CODES, casing

ALL_TAGS = (1 << len(TAGS)) - 1
"""The set of tags that says nothing: a masked word."""


@dataclass(frozen=True)
class Word:
    """A word as the tokenizer's pre-tokenizer sees it: white space and punctuation split."""

    text: str
    pieces: tuple[int, ...]
    casing: int
    tags: int = ALL_TAGS
    """The tags it may have, a bit each; one bit where it is annotated in full."""
    rule: int = 0
    """The tag that the rules give it, 0 (O) for none."""
    span: tuple[int, int] = (0, 0)
    """Code points of the sentence's text."""


@dataclass
class Sentence:
    """A sentence with what is known of it. `themes` and `rule_themes` are one probability per theme."""

    words: list[Word]
    document: str = ""
    id: str = ""
    themes: list[float] | None = None
    rule_themes: list[float] | None = None
    text: str = ""
    entities: list[tuple[int, int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        """Word pieces."""
        return sum(len(word.pieces) for word in self.words)


def split(tokenizer: Tokenizer, text: str) -> list[Word]:
    """The words of a text, with their pieces, casing and spans."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    groups: dict[int, list[int]] = {}
    for position, word in enumerate(encoding.word_ids):
        groups.setdefault(word, []).append(position)
    words = []
    for positions in groups.values():
        start, end = encoding.offsets[positions[0]][0], encoding.offsets[positions[-1]][1]
        pieces = tuple(encoding.ids[position] for position in positions)
        words.append(Word(text[start:end], pieces, casing(text[start:end]), span=(start, end)))
    return words


def tag(words: list[Word], spans: list[tuple[int, int, str]]) -> list[int]:
    """The BIO tag of every word for entity spans; a word that a span touches belongs to it."""
    tags = [0] * len(words)
    for start, end, name in spans:
        inside = [i for i, word in enumerate(words) if word.span[0] < end and word.span[1] > start]
        for rank, i in enumerate(inside):
            tags[i] = TAG_INDEX[("I-" if rank else "B-") + name]
    return tags


def unmark(marked: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Takes `[[TYPE|words]]` marks out of a line: its text and its entity spans."""
    text, spans, at = "", [], 0
    for match in re.finditer(r"\[\[([A-Z]+)\|(.*?)\]\]", marked):
        text += marked[at : match.start()]
        spans.append((len(text), len(text) + len(match[2]), match[1]))
        text += match[2]
        at = match.end()
    return text + marked[at:], spans


def annotated(tokenizer: Tokenizer, path: Path) -> list[Sentence]:
    """Sentences annotated by the guide: `id<TAB>themes<TAB>marked text`, one per line."""
    sentences = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        identity, themes, marked = line.split("\t", 2)
        text, spans = unmark(marked)
        words = split(tokenizer, text)
        words = [replace(word, tags=1 << t) for word, t in zip(words, tag(words, spans))]
        codes = themes.split(",")
        sentences.append(
            Sentence(
                words,
                document=identity.rsplit(".", 1)[0],
                id=identity,
                themes=[float(code in codes) for code in THEME_CODES],
                text=text,
                entities=spans,
            )
        )
    return sentences


def theme_labelled(tokenizer: Tokenizer, path: Path, statements: Path) -> list[Sentence]:
    """Sentences of whole statements of which only the themes were read: `document<TAB>start<TAB>end<TAB>themes`, one per line, in
    code points of the statement's text. Their words may have any tag."""
    sentences = []
    texts: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        document, start, end, themes = line.split("\t")
        if document not in texts:
            texts[document] = (statements / f"{document}.txt").read_text(encoding="utf-8")
        text = texts[document][int(start) : int(end)].replace("\n", " ")
        words = split(tokenizer, text)
        if words:
            codes = themes.split(",")
            known = [float(code in codes) for code in THEME_CODES]
            sentences.append(Sentence(words, document=document, id=f"{document}:{start}", themes=known, text=text))
    return sentences


def _target(rule: str | None, words: str) -> str | None:
    """Our type for a set's own label. A rule is a type, or a type with a condition on the words."""
    if rule is None or " if " not in rule:
        return rule
    name, condition = rule.split(" if ", 1)
    pattern = re.search(r"/(.*)/", condition)
    expression = pattern[1] if pattern else r"[$€£¥₹]|\b(dollar|euro|pound|yen|franc|rupee|mark)s?\b"
    return name if re.search(expression, words) else None


def open_sets(tokenizer: Tokenizer, folder: Path, generator: random.Random) -> list[Sentence]:
    """Sentences of the open named-entity sets, every word with the tags that its set's annotation leaves possible.

    An `O` in a set that does not mark a type exhaustively may be that type; a label without counterpart says nothing; and a
    location may be LOC or GPE, since these sets do not part them as the guide does.
    """
    rules = json.loads((folder / "map.json").read_text(encoding="utf-8"))
    sentences = []
    for path in sorted(folder.glob("*.jsonl")):
        name = path.name.split(".")[0]
        own = rules[name if name in rules else name.split("_")[0]]
        full = set(own["full"]) | {"GPE"}
        outside = 1
        for entity_type in ENTITY_TYPES:
            if entity_type not in full:
                outside |= 1 << TAG_INDEX[f"B-{entity_type}"] | 1 << TAG_INDEX[f"I-{entity_type}"]
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            tokens, tags = record["tokens"], record["tags"]
            if not 3 <= len(tokens) <= 90 or all(t == "O" for t in tags) and generator.random() > 0.15:
                continue
            masks = []
            for i, t in enumerate(tags):
                if t == "O":
                    masks.append((outside, outside))
                    continue
                mark, label = t.split("-", 1)
                end = i + 1
                while end < len(tags) and tags[end] == "I-" + label:
                    end += 1
                start = i
                while start and tags[start].startswith("I-"):
                    start -= 1
                target = _target(own["map"].get(label, own["map"].get("*")), " ".join(tokens[start:end]))
                if target is None:
                    masks.append((ALL_TAGS, ALL_TAGS))
                    continue
                names = ("GPE", "LOC") if target in ("GPE", "LOC") and label not in ("country",) else (target,)
                first = sum(1 << TAG_INDEX[f"{mark}-{n}"] for n in names)
                masks.append((first, sum(1 << TAG_INDEX[f"I-{n}"] for n in names)))
            starts, position = [], 0
            for token in tokens:
                starts.append(position)
                position += len(token) + 1
            words, used, token = [], set(), 0
            for word in split(tokenizer, " ".join(tokens)):
                while token + 1 < len(starts) and starts[token + 1] <= word.span[0]:
                    token += 1
                words.append(replace(word, tags=masks[token][token in used]))
                used.add(token)
            if words:
                sentences.append(Sentence(words, document=f"{name}/{record.get('doc', '')}"))
    return sentences


class Augmenter:
    """Changes annotated sentences so that the model learns the type from the context and the form, not the name."""

    def __init__(self, sentences: list[Sentence], generator: random.Random, swap: float, recase: float):
        self.generator, self.swap, self.recase = generator, swap, recase
        self.mentions: dict[int, list[list[Word]]] = {}
        for sentence in sentences:
            for start, end, index in self._mentions(sentence.words):
                self.mentions.setdefault(index, []).append(sentence.words[start:end])

    @staticmethod
    def _mentions(words: list[Word]) -> list[tuple[int, int, int]]:
        tags = [word.tags.bit_length() - 1 for word in words]
        found = []
        for start, t in enumerate(tags):
            if t % 2 == 1:
                end = start + 1
                while end < len(tags) and tags[end] == t + 1:
                    end += 1
                found.append((start, end, t))
        return found

    def __call__(self, sentence: Sentence) -> Sentence:
        words = sentence.words
        if self.generator.random() < self.swap:
            out, at = [], 0
            for start, end, index in self._mentions(words):
                out += words[at:start]
                old = words[start:end]
                out += self.generator.choice(self.mentions[index]) if self.generator.random() < 0.5 else old
                at = end
            words = out + words[at:]
        chance = self.generator.random()
        rule_themes = sentence.rule_themes
        if chance < self.recase:
            style = int(chance / self.recase * 3)
            words = [replace(word, casing=self._recased(word, style), rule=0) for word in words]
            rule_themes = None
        return replace(sentence, words=words, rule_themes=rule_themes)

    @staticmethod
    def _recased(word: Word, style: int) -> int:
        """The casing in lower case, UPPER CASE or Title Case."""
        if style == 0:
            return LOWER
        if style == 1:
            return casing(word.text.upper())
        return max(word.casing, casing(word.text.capitalize())) if len(word.text) > 3 else word.casing
