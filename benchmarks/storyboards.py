"""Reading a long storyboard and changing one cell of it, against tomlkit over the whole file."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Goal, Row, Scale, absolute, ratio
from benchmarks.measuring import Cost, in_turns, measured, median
from vktrs.storyboard.document import Document, edit_file, read_document
from vktrs.storyboard.model import Storyboard

_READ, _CHANGE = Goal(0.250, " s"), Goal(0.010, " s")
_ROUNDS = 5

_HEAD = """\
schema = 1

[song]
source = "song.wav"             # a file beside this one
title = "A long song"

[look]
themes = ["crimson lanterns", "teal harbour", "golden fields"]
prompt_lag = 2
"""
_SCENE = """
# scene {number}: what a person thinks of it
[[scenes]]
id = "s{number:04d}"
start = {start}                 # moved by hand
end = {end}
text = "line {number} of the song, with a \\"quoted\\" word"
section = "A"
prompt = "lanterns over a river, number {number}, in the evening light"   # better than the lyric
theme = {theme}
negative_prompt = "blurry"
variations = 7
hold = 1
consistency = 0.72
seed = {number}
"""


def long_storyboard(scenes: int) -> str:
    """The text of a storyboard of so many scenes, 12 keys and three comments in each."""
    written = (
        _SCENE.format(number=number, start=2.0 * number, end=2.0 * number + 1.5, theme=number % 3 + 1)
        for number in range(scenes)
    )
    return _HEAD + "".join(written)


def measure(scale: Scale) -> list[Row]:
    """One row: read, and change a cell."""
    scenes = 50 if scale.quick else 1000
    rounds = 1 if scale.quick else max(_ROUNDS, scale.rounds)
    with tempfile.TemporaryDirectory(prefix="vktrs-bench-") as name:
        path = Path(name) / "storyboard.toml"
        path.write_text(long_storyboard(scenes), "utf-8")
        size = path.stat().st_size
        reads = in_turns(
            {"theirs": lambda: measured(lambda: _tomlkit(path)), "ours": lambda: measured(lambda: read_document(path))},
            rounds,
        )
        theirs, ours = _changes(path, f"s{scenes // 2:04d}", rounds)
    figures = (
        absolute("read, CPU", f"{reads['theirs'].cpu:.4g} s", reads["ours"].cpu, " s", _READ),
        absolute("change a cell, CPU", f"{theirs.cpu:.4g} s", ours.cpu, " s", _CHANGE),
        ratio("change a cell, wall", theirs.wall, ours.wall, " s"),
    )
    how = (
        f"12 keys and three comments a scene, {size / 1000:.0f} kB. Theirs: tomlkit reads the file; changing a cell is "
        "setting it in the document that was read and writing the file. Ours: lock, check that the file is as last "
        f"read, change, check, replace. Medians of {rounds}."
    )
    return [Row("storyboard", f"A storyboard of {scenes} scenes", how, figures)]


def _tomlkit(path: Path) -> object:
    import tomlkit

    return tomlkit.parse(path.read_text("utf-8"))


def _changes(path: Path, scene: str, rounds: int) -> tuple[Cost, Cost]:
    """What a change of one prompt costs both ways, the file having been read before."""
    import tomlkit

    copy, lock = path.with_name("by_tomlkit.toml"), path.with_name("edit.lock")
    whole = tomlkit.parse(path.read_text("utf-8"))
    known = read_document(path)
    index = known.board.index(scene)
    costs: dict[str, list[Cost]] = {"theirs": [], "ours": []}
    for number in range(rounds + 1):
        prompt = f"another prompt, {number}"

        def by_tomlkit(prompt: str = prompt) -> None:
            whole["scenes"][index]["prompt"] = prompt
            copy.write_text(tomlkit.dumps(whole), "utf-8")

        costs["theirs"].append(measured(by_tomlkit))
        documents: list[Document] = []

        def by_vktrs(prompt: str = prompt, known: Document = known, documents: list[Document] = documents) -> None:
            def change(document: Document) -> Storyboard:
                scenes = tuple(
                    replace(each, prompt=prompt) if each.id == scene else each for each in document.board.scenes
                )
                return replace(document.board, scenes=scenes)

            documents.append(edit_file(path, lock, change, known))

        costs["ours"].append(measured(by_vktrs))
        known = documents[0]
        if f'"{prompt}"' not in path.read_text("utf-8"):
            raise AssertionError("the change is not in the file")
    # the first change of a process also loads what it needs
    return median(costs["theirs"][1:]), median(costs["ours"][1:])
