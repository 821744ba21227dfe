"""Prompts as the model reads them. The text encoder has 77 places, so a long prompt is read in pieces of 75 tokens.

Each piece has its own beginning and end, and the pieces stand one after another: nothing of a prompt is cut off.
Nothing in it is interpreted either: parentheses and plus signs belong to the lyrics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Of prompts that were read, those of a group of scenes. A pair takes about 240 kB with SD 1.5 and 630 kB with SDXL,
# for each piece and in half precision.
_REMEMBERED_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Words:
    """A prompt as tensors `(1, 77 * pieces, width)`; `negative` None unguided, `pooled` `(1, width)` of SDXL."""

    prompt: Any
    negative: Any | None
    pooled: Any | None
    negative_pooled: Any | None

    @property
    def nbytes(self) -> int:
        """Of all four."""
        tensors = self.prompt, self.negative, self.pooled, self.negative_pooled
        return sum(each.nbytes for each in tensors if each is not None)


def as_arguments(words: Sequence[Words]) -> dict[str, Any]:
    """What a pipeline is called with for so many pictures; all have as many pieces."""
    import torch

    columns = {
        "prompt_embeds": [each.prompt for each in words],
        "negative_prompt_embeds": [each.negative for each in words],
        "pooled_prompt_embeds": [each.pooled for each in words],
        "negative_pooled_prompt_embeds": [each.negative_pooled for each in words],
    }
    return {name: torch.cat(column) for name, column in columns.items() if column[0] is not None}


class Reader:
    """Reads prompts with a pipeline's text encoders, one or both of SDXL.

    `guided`: negative prompts are read, too; that holds where nothing else is said for a prompt.
    """

    def __init__(self, pipeline: Any, device: str, guided: bool) -> None:
        self._pipeline = pipeline
        self._device = device
        self._guided = guided
        pairs = [("tokenizer", "text_encoder"), ("tokenizer_2", "text_encoder_2")]
        self._encoders = [pair for pair in pairs if getattr(pipeline, pair[1], None) is not None]
        self._xl = getattr(pipeline, "text_encoder_2", None) is not None
        self._remembered: dict[tuple[str, str, bool, Any], Words] = {}
        self._pieces: dict[tuple[str, str], int] = {}

    def pieces(self, prompt: str, negative: str, guided: bool | None = None) -> int:
        """How many pieces both take, at least 1: pictures of as many pieces can be made together."""
        texts = prompt, negative if self._is_guided(guided) else ""
        if texts not in self._pieces:
            self._pieces[texts] = max(len(self._split(name, text)) for name, _ in self._encoders for text in texts)
        return self._pieces[texts]

    def read(self, prompt: str, negative: str, guided: bool | None = None) -> Words:
        """Both as tensors on the device, of the text encoder's type; call it where torch is in inference mode."""
        key = prompt, negative, self._is_guided(guided), getattr(self._pipeline, self._encoders[-1][1]).dtype
        if key not in self._remembered:
            self._remembered[key] = self._read(*key[:3])
            while len(self._remembered) > 1 and self.remembered_bytes > _REMEMBERED_BYTES:
                del self._remembered[next(iter(self._remembered))]
        return self._remembered[key]

    @property
    def remembered_bytes(self) -> int:
        """What is kept on the device of prompts that were read."""
        return sum(each.nbytes for each in self._remembered.values())

    def _is_guided(self, wanted: bool | None) -> bool:
        return self._guided if wanted is None else wanted

    def _read(self, prompt: str, negative: str, guided: bool) -> Words:
        import torch

        pieces = self.pieces(prompt, negative, guided)
        hidden, pooled = self._encode(prompt, pieces)
        if not guided:
            return Words(hidden, None, pooled, None)
        if self._xl and not negative and self._pipeline.config.force_zeros_for_empty_prompt:
            return Words(hidden, torch.zeros_like(hidden), pooled, torch.zeros_like(pooled))
        negative_hidden, negative_pooled = self._encode(negative, pieces)
        return Words(hidden, negative_hidden, pooled, negative_pooled)

    def _encode(self, text: str, pieces: int) -> tuple[Any, Any | None]:
        """The hidden states of all pieces `(1, 77 * pieces, width)`, and of SDXL the pooled output of the first."""
        import torch

        hidden, pooled = [], None
        for tokenizer, name in self._encoders:
            encoder = getattr(self._pipeline, name)
            output = self._run(encoder, tokenizer, text, pieces)
            if self._xl:
                # The penultimate layer, as SDXL was trained; the pooled output is the second encoder's.
                hidden.append(output.hidden_states[-2])
                pooled = output[0][:1] if name == "text_encoder_2" else None
            else:
                hidden.append(output[0])
        kind = getattr(self._pipeline, self._encoders[-1][1]).dtype
        joined = torch.cat([each.to(self._device, kind) for each in hidden], dim=-1)
        return joined.reshape(1, -1, joined.shape[-1]), pooled

    def _run(self, encoder: Any, tokenizer: str, text: str, pieces: int) -> Any:
        """What the encoder makes of a text: each piece between its beginning and its end, then padding to 77 places."""
        import torch

        known = getattr(self._pipeline, tokenizer)
        split = self._split(tokenizer, text)
        rows, masks = [], []
        for piece in [*split, *([[]] * (pieces - len(split)))]:
            row = [known.bos_token_id, *piece, known.eos_token_id]
            padding = known.model_max_length - len(row)
            rows.append(row + [known.pad_token_id] * padding)
            masks.append([1] * len(row) + [0] * padding)
        places, mask = torch.tensor([rows, masks], device=self._device)
        masked = {"attention_mask": mask} if getattr(encoder.config, "use_attention_mask", None) else {}
        return encoder(places, output_hidden_states=self._xl, **masked)

    def _split(self, tokenizer: str, text: str) -> list[list[int]]:
        """The tokens of a text in pieces; one empty piece where there are none."""
        known = getattr(self._pipeline, tokenizer)
        ids = known(text, add_special_tokens=False, truncation=False, verbose=False).input_ids
        room = known.model_max_length - 2
        return [ids[start * room : (start + 1) * room] for start in range(max(1, math.ceil(len(ids) / room)))]
