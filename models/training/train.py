"""Trains the reader: `train.py near ...` for the first stage, `train.py gold ...` for the second."""

import argparse
import copy
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

import opinions
from corpus import Augmenter, Sentence, annotated, open_sets, theme_labelled
from model import HIDDEN, LAYERS, Reader, from_base
from scoring import read, report
from windows import MAX_TOKENS, Batch, batches, pack


def optimiser(reader: Reader, rate: float, head_rate: float, decay: float) -> torch.optim.Optimizer:
    """AdamW with a learning rate that falls by `decay` a layer from the top (Howard and Ruder 2018); heads and the new
    embeddings have `head_rate`. The word embeddings stay as they are."""
    groups = []
    for name, parameter in reader.named_parameters():
        if name == "word.weight":
            parameter.requires_grad_(False)
            continue
        if name.startswith(("entities", "themes", "rule", "casing")):
            own = head_rate
        elif name.startswith("layers."):
            own = rate * decay ** (LAYERS - 1 - int(name.split(".")[1]))
        else:
            own = rate * decay**LAYERS
        plain = name.endswith("bias") or "norm" in name
        groups.append({"params": [parameter], "lr": own, "initial": own, "weight_decay": 0.0 if plain else 0.01})
    return torch.optim.AdamW(groups)


def loss_of(reader: Reader, batch: Batch, theme_weight: float) -> torch.Tensor:
    """Minus the log of the probability of the tags that a word may have, plus binary cross-entropy of the themes: means over
    the words and the sentences of which something is known."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        tag_logits, theme_logits = reader(*batch.inputs)
    logs = tag_logits[batch.firsts[:, 0], batch.firsts[:, 1]].float().log_softmax(-1)
    allowed = logs.masked_fill(~batch.tags, -torch.inf).logsumexp(-1)
    loss = -allowed.sum() / (~batch.tags.all(-1)).sum().clamp(min=1)  # a word that may have any tag has a loss of zero
    count = batch.themes_known.sum()
    if theme_weight and count:
        each = torch.nn.functional.binary_cross_entropy_with_logits(theme_logits.float(), batch.themes, reduction="none")
        loss = loss + theme_weight * (each * batch.themes_known).sum() / count
    return loss


def train(
    reader: Reader,
    sentences: list[Sentence],
    epochs: float,
    options: argparse.Namespace,
    augment: Augmenter | None,
    dev: list[Sentence],
) -> Reader:
    """Trains with linear warm-up and decay; gives the exponential moving average of the weights."""
    generator = random.Random(options.seed)
    optimise = optimiser(reader, options.rate, options.head_rate, options.decay)
    average = copy.deepcopy(reader)
    total = epochs * len(sentences)
    seen, step, begun, losses = 0, 0, time.time(), []
    while seen < total:
        epoch = [augment(s) for s in sentences] if augment else sentences
        windows = pack(epoch, options.window, generator)
        for group in batches(windows, options.batch, generator):
            batch = Batch.of(group, generator, options.blindness)
            warm = min(1.0, (step + 1) / 60)
            scale = warm * max(0.02, 1 - seen / total)
            for parameters in optimise.param_groups:
                parameters["lr"] = parameters["initial"] * scale
            loss = loss_of(reader, batch, options.theme_weight)
            optimise.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimise.step()
            keep = min(options.average, (step + 1) / (step + 10))
            with torch.no_grad():
                for mean, now in zip(average.parameters(), reader.parameters()):
                    if now.requires_grad:
                        mean.lerp_(now, 1 - keep)
            losses.append(loss.item())
            seen += sum(len(window) for window in group)
            step += 1
            if step % 100 == 0:
                mean_loss = sum(losses[-100:]) / len(losses[-100:])
                print(f"{seen / total:.2f} loss {mean_loss:.4f} {time.time() - begun:.0f}s", flush=True)
            if seen >= total:
                break
        print(f"{seen / total:.2f} {dev_line(average, dev)}", flush=True)
    return average


def dev_line(reader: Reader, dev: list[Sentence]) -> str:
    """Scores of a reader on annotated sentences."""
    reader.eval()
    return report(dev, read(runner(reader), dev))


def runner(reader: Reader):
    """The reader as `scoring` runs it."""
    reader.eval()

    def run(inputs):
        with torch.no_grad():
            tags, themes = reader(*inputs)
        return tags.float().numpy(), themes.float().numpy()

    return run


def main() -> None:
    """Reads the arguments, trains one stage and saves it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=("near", "gold"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--program", type=Path, required=True, help="the demarche binary, for the rules' opinions")
    parser.add_argument("--work", type=Path, required=True, help="a folder for scratch files")
    parser.add_argument("--start", type=Path, help="weights to begin with, else the base")
    parser.add_argument("--save", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=10)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.9)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--average", type=float, default=0.99)
    parser.add_argument("--theme-weight", type=float, default=1.0)
    parser.add_argument("--blindness", type=float, default=0.2, help="share of windows that do not see the rules' opinions")
    parser.add_argument("--swap", type=float, default=0.3, help="share of sentences in which names are exchanged")
    parser.add_argument("--recase", type=float, default=0.05, help="share of sentences in another case")
    parser.add_argument("--window", type=int, default=MAX_TOKENS)
    parser.add_argument("--batch", type=int, default=1024, help="word pieces a step")
    parser.add_argument("--themes", type=Path, help="second stage: further sentences of which only the themes are labelled")
    parser.add_argument("--share", type=float, default=1.0, help="share of the annotated sentences to use")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    print(" ".join(sys.argv[1:]), flush=True)
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    generator = random.Random(options.seed)
    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    reader = from_base(options.base, options.dropout)
    if options.start:
        begun = torch.load(options.start, weights_only=True)
        # Heads and embeddings of the rules' opinions begin anew: the first stage has seen no opinions.
        begun = {k: v for k, v in begun.items() if k not in ("word.weight", "themes.bias") and not k.startswith("rule")}
        begun["themes.weight"][:, HIDDEN:] = reader.themes.weight[:, HIDDEN:].detach()
        reader.load_state_dict(begun, strict=False)
    dev = annotated(tokenizer, options.data / "annotated" / "dev.tsv")
    if options.stage == "near":
        sentences = open_sets(tokenizer, options.data / "ner", generator)
        held_out = {sentence.document for sentence in dev}
        sentences += opinions.near_labelled(options.program, options.data / "statements", tokenizer, held_out)
        augment = None
    else:
        sentences = annotated(tokenizer, options.data / "annotated" / "train.tsv")
        if options.themes:
            sentences += theme_labelled(tokenizer, options.themes, options.data / "statements")
            sentences.sort(key=lambda sentence: sentence.document)  # windows are of one document
        opinions.give_opinions(options.program, options.work / "train", sentences)
        opinions.give_opinions(options.program, options.work / "dev", dev)
        if options.share < 1:
            names = sorted({s.document for s in sentences})
            chosen = set(generator.sample(names, round(options.share * len(names))))
            sentences = [s for s in sentences if s.document in chosen]
        augment = Augmenter(sentences, generator, options.swap, options.recase)
    print(f"{len(sentences)} sentences, {sum(map(len, sentences))} word pieces", flush=True)
    trained = train(reader, sentences, options.epochs, options, augment, dev)
    print("with the rules' opinions: " + dev_line(trained, dev))
    for sentence in dev:
        sentence.rule_themes = None
        for i, word in enumerate(sentence.words):
            sentence.words[i] = replace(word, rule=0)
    print("without them: " + dev_line(trained, dev))
    options.save.parent.mkdir(parents=True, exist_ok=True)
    torch.save(trained.state_dict(), options.save)


if __name__ == "__main__":
    main()
