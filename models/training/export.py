"""Calibrates a trained reader, writes it as int8 ONNX and as fp16 safetensors, and checks one against the other."""

import argparse
import json
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import save_file
from tokenizers import Tokenizer

import opinions
from corpus import annotated
from labels import ADJACENT_PENALTY, ENTITY_THRESHOLD, ENTITY_TYPES, OWN_NAME_OFFSET, OWN_NAME_SCALE, TAGS, THEMES
from model import HEADS, HIDDEN, INNER, LAYERS, POSITIONS, VOCABULARY, Reader, from_base, hugging_face_names, table_in_int8
from scoring import best_thresholds, calibrated, entity_scores, platt, read, report, theme_scores
from train import runner
from windows import CLS, MAX_TOKENS, SEP

INPUTS = ["input_ids", "attention_mask", "token_type_ids", "rule_tags", "pooling", "rule_themes"]
OUTPUTS = ["entity_logits", "theme_logits"]
MOST_LOST = 0.003
"""F1 that the int8 model may lose to the fp32 one."""


def export_onnx(reader: Reader, path: Path) -> None:
    """Writes the fp32 graph; batch, tokens and sentences are dynamic."""
    reader.eval()
    whole = [torch.ones(2, 9, dtype=torch.int32) for _ in range(4)]
    example = (*whole, torch.full((2, 3, 9), 1 / 9), torch.zeros(2, 3, len(THEMES)))
    tokens, sentences = {0: "batch", 1: "tokens"}, {0: "batch", 1: "sentences"}
    axes = {name: tokens for name in [*INPUTS[:4], OUTPUTS[0]]}
    axes |= {"pooling": {**sentences, 2: "tokens"}, "rule_themes": sentences, OUTPUTS[1]: sentences}
    torch.onnx.export(
        reader, example, str(path), input_names=INPUTS, output_names=OUTPUTS, dynamic_axes=axes, opset_version=17
    )


def quantise(source: Path, target: Path) -> None:
    """Int8 weights (a scale an output channel, activations quantised as they come) and an int8 table of word embeddings.

    Weights keep to 7 bits (`reduce_range`), because processors without VNNI saturate otherwise and would give other results.
    The heads stay fp32: they are small, and the labels hang on them.
    """
    products = [node.name for node in onnx.load(source).graph.node if node.op_type == "MatMul"]
    heads = [name for name in products if name.startswith(("/entities", "/themes"))]
    assert len(heads) == 2, heads
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=heads,
    )
    model = onnx.load(target)
    graph = model.graph
    table = next(t for t in graph.initializer if t.name == "word.weight")
    rows, scale = table_in_int8(torch.tensor(numpy_helper.to_array(table)))
    graph.initializer.remove(table)
    graph.initializer.extend([
        numpy_helper.from_array(rows.numpy(), "word.int8"),
        numpy_helper.from_array(scale.numpy(), "word.scale"),
        numpy_helper.from_array(np.array(1, np.float32), "word.unit"),
        numpy_helper.from_array(np.array(0, np.int8), "word.zero"),
    ])
    at, gather = next((i, node) for i, node in enumerate(graph.node) if "word.weight" in node.input)
    ids, output = gather.input[1], gather.output[0]
    graph.node.remove(gather)
    for offset, node in enumerate([
        helper.make_node("Gather", ["word.int8", ids], ["word.rows"], "word/rows"),
        helper.make_node("DequantizeLinear", ["word.rows", "word.unit", "word.zero"], ["word.values"], "word/values"),
        helper.make_node("Gather", ["word.scale", ids], ["word.scales"], "word/scales"),
        helper.make_node("Mul", ["word.values", "word.scales"], [output], "word/scaled"),
    ]):
        graph.node.insert(at + offset, node)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def onnx_runner(path: Path):
    """An ONNX file as `scoring` runs it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(inputs):
        arrays = [x.numpy().astype(np.int32 if x.dtype == torch.long else np.float32) for x in inputs]
        return session.run(OUTPUTS, dict(zip(INPUTS, arrays)))

    return run


def main() -> None:
    """Reads the arguments and writes the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True, help="what train.py gold saved")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--predictions", type=Path, help="begin of the names of tables of the dev reading")
    options = parser.parse_args()

    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    reader = from_base(options.base)
    reader.load_state_dict(torch.load(options.weights, weights_only=True))
    options.output.mkdir(parents=True, exist_ok=True)
    options.work.mkdir(parents=True, exist_ok=True)
    plain, small = options.work / "fp32.onnx", options.output / "model.onnx"
    export_onnx(reader, plain)
    quantise(plain, small)

    dev = annotated(tokenizer, options.data / "annotated" / "dev.tsv")
    opinions.give_opinions(options.program, options.work / "dev", dev)
    full, readings = read(runner(reader), dev), read(onnx_runner(small), dev)
    print("fp32", report(dev, full))
    print("int8", report(dev, readings))
    lost = [entity_scores(dev, [e for e, _ in each])["micro"][2] for each in (full, readings)]
    if lost[0] - lost[1] > MOST_LOST:
        raise SystemExit(f"the int8 model loses {lost[0] - lost[1]:.4f} of entity F1")
    logits = np.stack([theme_logits for _, theme_logits in readings])
    constants = platt(dev, logits)
    odds = calibrated(logits, constants)
    thresholds = best_thresholds(dev, odds)
    print("themes calibrated, thresholds", thresholds, theme_scores(dev, odds, thresholds))
    print("themes calibrated, at 0.5", theme_scores(dev, odds, np.full(len(THEMES), 0.5)))
    for name, row in entity_scores(dev, [e for e, _ in readings]).items():
        print(f"| {name} | {row[0]:.3f} | {row[1]:.3f} | {row[2]:.3f} | {row[3]} |")

    names = hugging_face_names()
    state = {names[k]: v.to(torch.float16).contiguous() for k, v in reader.state_dict().items()}
    save_file(state, options.output / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(options.output / "tokenizer.json"), pretty=False)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS,
        "vocab_size": VOCABULARY,
        "type_vocab_size": 4,
        "rule_vocab_size": len(TAGS),
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
    }
    (options.output / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    labels = {
        "tags": TAGS,
        "entity_types": ENTITY_TYPES,
        "themes": THEMES,
        "theme_scale": [round(a, 6) for a, _ in constants],
        "theme_offset": [round(b, 6) for _, b in constants],
        "theme_threshold": [float(t) for t in thresholds],
        "entity_threshold": ENTITY_THRESHOLD,
        "own_name_scale": OWN_NAME_SCALE,
        "own_name_offset": OWN_NAME_OFFSET,
        "adjacent_penalty": ADJACENT_PENALTY,
        "casings": ["lower", "capitalised", "upper", "mixed"],
        "max_tokens": MAX_TOKENS,
        "cls_id": CLS,
        "sep_id": SEP,
    }
    (options.output / "labels.json").write_text(json.dumps(labels, indent=2) + "\n")
    if options.predictions:
        write_predictions(options.predictions, dev, readings, odds)


def write_predictions(path: Path, dev: list, readings: list, odds: np.ndarray) -> None:
    """The reading of the dev sentences as tables."""
    with open(f"{path}_entities.tsv", "w", encoding="utf-8") as file:
        file.write("id\tstart\tend\ttype\tprobability\n")
        for sentence, (entities, _) in zip(dev, readings):
            for start, end, name, odd in entities:
                file.write(f"{sentence.id}\t{start}\t{end}\t{name}\t{odd:.4f}\n")
    with open(f"{path}_themes.tsv", "w", encoding="utf-8") as file:
        file.write("id\t" + "\t".join(THEMES) + "\n")
        for sentence, row in zip(dev, odds):
            file.write(sentence.id + "".join(f"\t{odd:.4f}" for odd in row) + "\n")


if __name__ == "__main__":
    main()
