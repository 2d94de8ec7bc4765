#!/usr/bin/env bash
# The figures of docs/accuracy.md: `make accuracy DATA=folder`. The folder is that of the development data; Python 3
# runs its scorers. What the scorers see is what a user gets: the reports of the program.
set -euo pipefail
cd "$(dirname "$0")/.."

data=${1:-${DEMARCHE_DATA:-../shared/data}}
if [ ! -d "$data/suites" ]; then
    echo "the development data is not in $data: name its folder, make accuracy DATA=folder" >&2
    exit 1
fi
cargo build --quiet --release --locked
demarche=target/release/demarche
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in dev train2 dev2; do
    for engine in rules minilm; do
        echo "== annotated/$file.tsv"
        "$demarche" evaluate "$data/annotated/$file.tsv" --engine "$engine" --trained-on "$data/annotated/train.tsv"
    done
done

echo "== raw"
cargo test --quiet --release --locked --test accuracy -- --nocapture words

for suite in sbd_golden sbd_pragmatic money_recognizers money_duckling; do
    echo "== suites/$suite.jsonl"
    python3 tests/suite_predictions.py "$demarche" "$data/suites/$suite.jsonl" >"$work/$suite.jsonl"
    scorer=$data/suites/score_${suite%%_*}.py
    python3 "$scorer" "$data/suites/$suite.jsonl" "$work/$suite.jsonl"
done
