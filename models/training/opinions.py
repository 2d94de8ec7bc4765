"""What the program's own rules say: features for annotated sentences, and near labels for whole statements."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

from tokenizers import Tokenizer

from corpus import Sentence, split, tag
from labels import ENTITY_TYPES, THEMES


def analyse(program: Path, folder: Path) -> list[dict]:
    """The program's analyses, by the `rules` engine, of the texts in a folder: one JSON object per document."""
    command = [program, "analyze", folder, "--engine", "rules", "--format", "json-lines", "-o", "-", "-q"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def _spans(analysis: dict) -> list[tuple[int, int, str]]:
    """Entities and sums of a document, in code points of its text."""
    spans = [(e["start"], e["end"], e["type"]) for e in analysis["entities"]]
    spans += [(m["start"], m["end"], "MONEY") for m in analysis["money"]]
    return sorted(set(span for span in spans if span[2] in ENTITY_TYPES))


def give_opinions(program: Path, work: Path, sentences: list[Sentence]) -> None:
    """Sets the rules' tags and theme probabilities of annotated sentences, read a document at a time."""
    documents: dict[str, list[Sentence]] = {}
    for sentence in sentences:
        documents.setdefault(sentence.document, []).append(sentence)
    work.mkdir(parents=True, exist_ok=True)
    for old in work.iterdir():
        old.unlink()
    for name, members in documents.items():
        (work / f"{name}.txt").write_text("\n\n".join(s.text for s in members), encoding="utf-8")
    for analysis in analyse(program, work):
        offset = 0
        spans = _spans(analysis)
        for sentence in documents[analysis["document"]["doc_id"]]:
            end = offset + len(sentence.text)
            inside = [(a - offset, b - offset, name) for a, b, name in spans if offset <= a and b <= end]
            sentence.words = [replace(w, rule=t) for w, t in zip(sentence.words, tag(sentence.words, inside))]
            rows = [r for r in analysis["sentences"] if r["start"] < end and r["end"] > offset]
            row = max(rows, key=lambda r: min(r["end"], end) - max(r["start"], offset), default=None)
            if row is not None:
                sentence.rule_themes = [row[theme] for theme in THEMES]
            offset = end + 2


def near_labelled(program: Path, folder: Path, tokenizer: Tokenizer, leave_out: set[str]) -> list[Sentence]:
    """Sentences of whole statements as the rules read them, without those of the documents in `leave_out`."""
    sentences = []
    for analysis in analyse(program, folder):
        name = analysis["document"]["doc_id"]
        if name in leave_out:
            continue
        spans = _spans(analysis)
        for row in analysis["sentences"]:
            words = split(tokenizer, row["text"])
            inside = [(a - row["start"], b - row["start"], t) for a, b, t in spans if row["start"] <= a and b <= row["end"]]
            words = [replace(w, tags=1 << t) for w, t in zip(words, tag(words, inside))]
            if words:
                sentences.append(Sentence(words, document=name, themes=[row[t] for t in THEMES], text=row["text"]))
    return sentences
