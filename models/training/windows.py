"""Windows of consecutive sentences, and batches of windows as tensors."""

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from corpus import Sentence
from labels import TAGS, THEMES

CLS, SEP, PAD = 101, 102, 0
MAX_TOKENS = 256
"""Word pieces of a window, [CLS] and every [SEP] counted."""


def pack(sentences: list[Sentence], limit: int = MAX_TOKENS, generator: random.Random | None = None) -> list[list[Sentence]]:
    """Fills windows with consecutive sentences of one document, greedily, up to `limit` pieces.

    With a generator every window has a limit of its own, drawn between 16 and `limit`, so that training sees sentences
    alone and in company, at the edge and in the middle. A sentence longer than a window is cut (in training only).
    """

    def draw() -> int:
        return generator.randint(16, limit) if generator else limit

    windows: list[list[Sentence]] = []
    used, room = 0, 0
    for sentence in sentences:
        size = len(sentence) + 1
        if not windows or windows[-1][-1].document != sentence.document or used + size > room:
            windows.append([])
            used, room = 1, draw()
        windows[-1].append(sentence)
        used += size
    return windows


@dataclass
class Batch:
    """The tensors of the model's inputs, and the targets: `tags` [words, tags] are the tags that a word may have, `firsts`
    [words, 2] its row and first piece; `themes` and `themes_known` [batch, sentences, themes]."""

    inputs: tuple[Tensor, ...]
    tags: Tensor
    firsts: Tensor
    themes: Tensor
    themes_known: Tensor

    @staticmethod
    def of(windows: list[list[Sentence]], blind: random.Random | None = None, blindness: float = 0.0) -> "Batch":
        """Tensors of windows. With `blindness`, that share of windows does not see what the rules say."""
        length = min(MAX_TOKENS, max(1 + sum(len(s) + 1 for s in window) for window in windows))
        count, most = len(windows), max(len(window) for window in windows)
        ids, mask, casing, rules = (torch.zeros(count, length, dtype=torch.long) for _ in range(4))
        pooling = torch.zeros(count, most, length)
        rule_themes, themes, known = (torch.zeros(count, most, len(THEMES)) for _ in range(3))
        tags, firsts = [], []
        for row, window in enumerate(windows):
            blinded = blind is not None and blind.random() < blindness
            line, cases, opinions = [CLS], [0], [0]
            for column, sentence in enumerate(window):
                start = len(line)
                for word in sentence.words:
                    if len(line) + len(word.pieces) >= MAX_TOKENS:
                        break
                    firsts.append((row, len(line)))
                    tags.append(word.tags)
                    line += word.pieces
                    cases += [word.casing] * len(word.pieces)
                    opinions += [0 if blinded else word.rule] * len(word.pieces)
                pooling[row, column, start : len(line)] = 1 / max(1, len(line) - start)
                line, cases, opinions = line + [SEP], cases + [0], opinions + [0]
                if sentence.rule_themes is not None and not blinded:
                    rule_themes[row, column] = torch.tensor(sentence.rule_themes)
                if sentence.themes is not None:
                    themes[row, column] = torch.tensor(sentence.themes)
                    known[row, column] = 1
            for target, values in ((ids, line), (casing, cases), (rules, opinions)):
                target[row, : len(line)] = torch.tensor(values)
            mask[row, : len(line)] = 1
        bits = torch.tensor(tags)[:, None] >> torch.arange(len(TAGS))[None, :] & 1
        return Batch((ids, mask, casing, rules, pooling, rule_themes), bits.bool(), torch.tensor(firsts), themes, known)


def batches(windows: list[list[Sentence]], tokens: int, generator: random.Random) -> list[list[list[Sentence]]]:
    """Groups windows of like length into batches of about `tokens` pieces, in random order."""

    def size(window: list[Sentence]) -> int:
        return 1 + sum(len(s) + 1 for s in window)

    ordered = sorted(windows, key=lambda w: (size(w) + generator.uniform(-8, 8)))
    groups: list[list[list[Sentence]]] = [[]]
    for window in ordered:
        if groups[-1] and size(window) * (len(groups[-1]) + 1) > tokens:
            groups.append([])
        groups[-1].append(window)
    generator.shuffle(groups)
    return groups
