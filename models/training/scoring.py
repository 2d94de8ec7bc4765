"""Reading with a model, and how good the reading is: strict spans for entities, F1 a theme."""

from collections.abc import Callable

import numpy as np
import torch

from corpus import Sentence
from labels import ADJACENT_PENALTY, ENTITY_THRESHOLD, ENTITY_TYPES, TAGS, THEME_CODES
from windows import MAX_TOKENS, Batch, pack

Run = Callable[[tuple[torch.Tensor, ...]], tuple[np.ndarray, np.ndarray]]
"""The model: inputs to tag logits and theme logits."""


def _transitions() -> np.ndarray:
    """[tags, tags]: what a tag after a tag adds to the score. I-X follows B-X and I-X only; B-X seldom follows them."""
    table = np.zeros((len(TAGS), len(TAGS)))
    for after in range(2, len(TAGS), 2):
        table[:, after] = -np.inf
        table[[after - 1, after], after] = 0
        table[[after - 1, after], after - 1] = -ADJACENT_PENALTY
    return table


TRANSITIONS = _transitions()


def viterbi(logits: np.ndarray) -> list[int]:
    """The best allowed tags of a sentence from [words, tags] logits (Viterbi 1967)."""
    best = logits[0] + TRANSITIONS[0]
    back = []
    for row in logits[1:]:
        paths = best[:, None] + TRANSITIONS
        back.append(paths.argmax(0))
        best = paths.max(0) + row
    tags = [int(best.argmax())]
    for pointers in reversed(back):
        tags.append(int(pointers[tags[-1]]))
    return tags[::-1]


DETERMINERS = {"a", "an", "the", "this", "that", "these", "those"}


def is_sound(mention: str) -> bool:
    """Whether words can be a mention: not a determiner alone, no bracket without its other half, no open hyphen at the end."""
    halves = mention.count("(") == mention.count(")") and mention.count("[") == mention.count("]")
    return halves and mention.lower() not in DETERMINERS and mention[-1] not in "-\u2010\u2011"


def spans(sentence: Sentence, logits: np.ndarray) -> list[tuple[int, int, str, float]]:
    """Entities of a sentence from [words, tags] logits, each with the least probability of a word's tag in it; what is not
    sound is left out."""
    tags = viterbi(logits)
    odds = np.exp(logits - logits.max(1, keepdims=True))
    odds /= odds.sum(1, keepdims=True)
    found: list[tuple[int, int, str, float]] = []
    for i, (tag, word) in enumerate(zip(tags, sentence.words)):
        if tag % 2 == 1:
            found.append((*word.span, ENTITY_TYPES[tag // 2], float(odds[i, tag])))
        elif tag:
            start, _, name, odd = found[-1]
            found[-1] = (start, word.span[1], name, min(odd, float(odds[i, tag])))
    return [span for span in found if is_sound(sentence.text[span[0] : span[1]])]


def read(run: Run, sentences: list[Sentence], limit: int = MAX_TOKENS) -> list[tuple[list[tuple[int, int, str, float]], np.ndarray]]:
    """Reads sentences in windows of `limit` pieces, a window at a time: entities and theme logits of every sentence."""
    readings = []
    with torch.no_grad():
        for window in pack(sentences, limit):
            tag_logits, theme_logits = run(Batch.of([window]).inputs)
            position = 1
            for column, sentence in enumerate(window):
                rows = []
                for word in sentence.words:
                    rows.append(min(position, MAX_TOKENS - 1))
                    position += len(word.pieces)
                position += 1
                readings.append((spans(sentence, tag_logits[0][rows]) if rows else [], theme_logits[0, column]))
    return readings


def f1(right: int, predicted: int, gold: int) -> float:
    """F1 from counts."""
    return 2 * right / (predicted + gold) if predicted + gold else 0.0


def entity_scores(
    sentences: list[Sentence], found: list[list[tuple]], threshold: float = ENTITY_THRESHOLD
) -> dict[str, tuple[float, float, float, int]]:
    """Precision, recall, F1 and number annotated of every type and of all (`micro`), strict spans and types, of the mentions
    found with a probability of at least `threshold`."""
    counts = {name: [0, 0, 0] for name in [*ENTITY_TYPES, "micro"]}
    for sentence, spans_found in zip(sentences, found):
        gold, guess = set(sentence.entities), {span[:3] for span in spans_found if span[3] >= threshold}
        for place, group in enumerate((gold & guess, guess, gold)):
            for _, _, name in group:
                counts[name][place] += 1
                counts["micro"][place] += 1
    return {
        name: (right / max(1, guess), right / max(1, gold), f1(right, guess, gold), gold)
        for name, (right, guess, gold) in counts.items()
    }


def theme_scores(sentences: list[Sentence], probabilities: np.ndarray, thresholds: np.ndarray) -> dict[str, float]:
    """F1 of every theme at its threshold, micro and macro."""
    gold = np.array([s.themes for s in sentences]) > 0.5
    guess = probabilities >= thresholds
    each = [f1(int((g & p).sum()), int(p.sum()), int(g.sum())) for g, p in zip(gold.T, guess.T)]
    scores = dict(zip(THEME_CODES, each))
    scores["micro"] = f1(int((gold & guess).sum()), int(guess.sum()), int(gold.sum()))
    scores["macro"] = sum(each) / len(each)
    return scores


def best_thresholds(sentences: list[Sentence], probabilities: np.ndarray) -> np.ndarray:
    """The threshold a theme with the best F1, F1 smoothed over the neighbouring thresholds so that no single sentence decides."""
    gold = np.array([s.themes for s in sentences]) > 0.5
    grid = np.arange(0.2, 0.81, 0.01)
    thresholds = []
    for g, p in zip(gold.T, probabilities.T):
        scores = np.array([f1(int((g & (p >= t)).sum()), int((p >= t).sum()), int(g.sum())) for t in grid])
        smooth = np.convolve(np.pad(scores, 2, mode="edge"), np.ones(5) / 5, mode="valid")
        thresholds.append(round(float(grid[smooth >= smooth.max() - 1e-9].mean()), 2))
    return np.array(thresholds)


def platt(sentences: list[Sentence], logits: np.ndarray) -> list[tuple[float, float]]:
    """Scale and offset per theme that make logits into calibrated log-odds (Platt 1999), with his smoothed targets."""
    gold = np.array([s.themes for s in sentences]) > 0.5
    fitted = []
    for g, x in zip(gold.T, logits.T):
        high, low = (g.sum() + 1) / (g.sum() + 2), 1 / ((~g).sum() + 2)
        target = torch.tensor(np.where(g, high, low))
        value = torch.tensor(x, dtype=torch.float64)
        scale = torch.ones(1, dtype=torch.float64, requires_grad=True)
        offset = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.LBFGS([scale, offset], max_iter=100)

        def closure() -> torch.Tensor:
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(value * scale + offset, target)
            loss.backward()
            return loss

        optimiser.step(closure)
        fitted.append((float(scale.detach()), float(offset.detach())))
    return fitted


def calibrated(logits: np.ndarray, constants: list[tuple[float, float]]) -> np.ndarray:
    """Probabilities from theme logits and Platt's constants."""
    scale, offset = np.array(constants).T
    return 1 / (1 + np.exp(-(logits * scale + offset)))


def report(sentences: list[Sentence], readings: list) -> str:
    """One line: entity F1 overall and a type, theme F1 at threshold 0.5 without calibration."""
    entities = entity_scores(sentences, [entities for entities, _ in readings])
    logits = np.stack([logits for _, logits in readings])
    themes = theme_scores(sentences, 1 / (1 + np.exp(-logits)), np.full(len(THEME_CODES), 0.5))
    parts = [f"entities {entities['micro'][2]:.3f}"]
    parts += [f"{name} {entities[name][2]:.3f}" for name in ENTITY_TYPES]
    parts += ["| themes " + " ".join(f"{name} {score:.3f}" for name, score in themes.items())]
    return " ".join(parts)
