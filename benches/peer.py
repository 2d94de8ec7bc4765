"""Tokens a second of ONNX Runtime on the work of the `network` group of throughput.rs: same weights, same windows.

    pip install onnxruntime numpy
    python benches/peer.py [MODEL.onnx]

With two threads ONNX Runtime is measured both ways: two threads inside one call, and two calls side by side with one
thread each, as the program does it.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime

WINDOWS, TOKENS, SENTENCES = 32, 256, 8
ROUNDS = 10
MODEL = Path(__file__).parent.parent / "models/minilm/model.onnx"


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def inputs():
    token = np.arange(TOKENS, dtype=np.int32)
    return {
        "input_ids": (1000 + 97 * token % 20_000)[None].astype(np.int32),
        "attention_mask": np.ones((1, TOKENS), np.int32),
        "token_type_ids": (token % 4)[None],
        "rule_tags": (token % 19)[None],
        "pooling": np.full((1, SENTENCES, TOKENS), 1 / TOKENS, np.float32),
        "rule_themes": np.full((1, SENTENCES, 5), 0.2, np.float32),
    }


def measure(name, round_of_windows):
    """Prints the median over the rounds, after one to warm up."""
    round_of_windows()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        round_of_windows()
        seconds.append(time.perf_counter() - start)
    print(f"{name}: {WINDOWS * TOKENS / sorted(seconds)[ROUNDS // 2]:.0f} tokens/s")


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else MODEL
    window = inputs()
    for threads in (1, 2):
        runner = session(path, threads)
        measure(f"{threads} threads, in one call", lambda: [runner.run(None, window) for _ in range(WINDOWS)])
    runner = session(path, 1)
    with ThreadPoolExecutor(2) as pool:
        measure("2 threads, side by side", lambda: list(pool.map(lambda _: runner.run(None, window), range(WINDOWS))))


if __name__ == "__main__":
    main()
