"""Writes what the network says in full precision, by PyTorch, of annotated sentences: the engines are held against it.

    reference.py WEIGHTS BASE PROGRAM SENTENCES.tsv WORK LABELS.json > tests/gold/reference.json
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

import opinions
from corpus import annotated
from model import from_base
from scoring import calibrated, read
from train import runner


def main() -> None:
    """One JSON object: the id of every sentence with its theme probabilities."""
    weights, base, program, sentences, work, labels = map(Path, sys.argv[1:])
    reader = from_base(base)
    reader.load_state_dict(torch.load(weights, weights_only=True))
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    gold = annotated(tokenizer, sentences)
    opinions.give_opinions(program, work, gold)
    logits = np.stack([theme_logits for _, theme_logits in read(runner(reader), gold)])
    stated = json.loads(labels.read_text(encoding="utf-8"))
    odds = calibrated(logits, list(zip(stated["theme_scale"], stated["theme_offset"])))
    rows = {sentence.id: [round(float(odd), 4) for odd in row] for sentence, row in zip(gold, odds)}
    print("{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()) + "\n}")


if __name__ == "__main__":
    main()
