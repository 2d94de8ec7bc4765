#!/bin/sh
# Runs a command with libtorch in reach: rust-bert.sh COMMAND..., e.g. rust-bert.sh cargo test --features rust-bert
#
# The first run puts libtorch into target/rust-bert: the crate torch-sys downloads it, and where that is refused (a
# company's network) it is taken out of PyTorch, from the Python package index. Whoever has libtorch 2.4 sets LIBTORCH.
# On a machine with a GPU, TORCH_CUDA_VERSION=cu121 asks torch-sys for the libtorch with CUDA.
set -eu
cd "$(dirname "$0")/.."
work=$PWD/target/rust-bert
pytorch=2.4.1

say() {
    echo "rust-bert: $1" >&2
}

from_torch_sys() {
    say "trying the libtorch download of torch-sys"
    if ! cargo build --locked --features rust-bert --lib >"$work/download.log" 2>&1; then
        grep -q "custom build command for .torch-sys" "$work/download.log" && return 1
        cat "$work/download.log" >&2
        exit 1
    fi
    mv target/debug/build/torch-sys-*/out/libtorch/libtorch "$work/libtorch" && echo 1 >"$work/abi"
}

from_pytorch() {
    say "that was refused; taking the libtorch of PyTorch $pytorch"
    cargo clean --quiet --package torch-sys
    python3 -m venv "$work/venv"
    install="$work/venv/bin/pip install --quiet --disable-pip-version-check"
    if nvidia-smi -L >/dev/null 2>&1; then
        $install "torch==$pytorch"
    else
        # Nothing but what lies beside libtorch, and two small libraries that it asks for even where there is no GPU.
        $install --no-deps "torch==$pytorch"
        $install --no-deps nvidia-cuda-runtime-cu12==12.1.105 nvidia-cuda-cupti-cu12==12.1.105
    fi
    packages=$(echo "$work"/venv/lib/python3*/site-packages)
    mkdir -p "$work/partial/lib"
    ln -sf "$packages/torch/include" "$work/partial/include"
    ln -sf "$packages"/torch/lib/*.so* "$packages"/nvidia/*/lib/*.so* "$work/partial/lib/"
    if ! nvidia-smi -L >/dev/null 2>&1; then
        # What asks for the rest of CUDA: libtorch.so itself is empty and only names the others.
        rm -f "$work"/partial/lib/libtorch_cuda* "$work"/partial/lib/libc10_cuda*
        ln -sf libtorch_cpu.so "$work/partial/lib/libtorch.so"
    fi
    sed -n 's/.*GLIBCXX_USE_CXX11_ABI=\([01]\).*/\1/p' "$packages/torch/share/cmake/Torch/TorchConfig.cmake" >"$work/abi"
    mv "$work/partial" "$work/libtorch"
}

if [ -z "${LIBTORCH:-}${LIBTORCH_USE_PYTORCH:-}" ]; then
    mkdir -p "$work"
    rm -rf "$work/partial"
    [ -e "$work/libtorch" ] || from_torch_sys || from_pytorch
    LIBTORCH=$work/libtorch
    LIBTORCH_CXX11_ABI=$(cat "$work/abi")
    export LIBTORCH LIBTORCH_CXX11_ABI
fi
if [ -n "${LIBTORCH:-}" ]; then
    LD_LIBRARY_PATH=$LIBTORCH/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
fi
exec "$@"
