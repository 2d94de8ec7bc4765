#!/usr/bin/env python3
"""Turns a suite of texts into predictions, by way of the program's reports.

  python3 suite_predictions.py PROGRAM SUITE.jsonl > predictions.jsonl

Every text of the suite ({"id", "text", ...} a line) becomes a file, the program analyses the folder, and each text
gets a line with the spans of its sentences and its sums: {"id", "spans": [[start, end]...], "items": [...]}.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

program, suite = sys.argv[1:]
cases = [json.loads(line) for line in pathlib.Path(suite).read_text("utf-8").splitlines() if line.strip()]
predictions = {case["id"]: {"id": case["id"], "spans": [], "items": []} for case in cases}

with tempfile.TemporaryDirectory() as folder:
    texts, reports = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
    texts.mkdir()
    for case in cases:
        (texts / f"{case['id']}.txt").write_bytes(case["text"].encode("utf-8"))
    command = [program, "analyze", str(texts), "-o", str(reports), "--format", "json", "--quiet"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    analysis = json.loads((reports / "analysis.json").read_text("utf-8"))

for row in analysis["sentences"]:
    predictions[row["doc_id"]]["spans"].append([row["start"], row["end"]])
for row in analysis["money"]:
    item = {"start": row["start"], "end": row["end"], "amount": row["amount"]}
    item |= {"min": row["amount_min"], "max": row["amount_max"], "currency": row["currency"]}
    item |= {"qualifier": row["qualifier"], "period": row["period"]}
    predictions[row["doc_id"]]["items"].append(item)
for prediction in predictions.values():
    print(json.dumps(prediction))
