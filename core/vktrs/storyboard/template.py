"""The text of a new storyboard.toml: every key that people change, with a word on what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VIDEO = "output.mp4"
"""The name of the video in a new storyboard."""

_TEXT = """\
# A music video by vktrs. Change anything here at any time, also while a run is going on:
# what you write is never overwritten, and `vktrs run` makes again only what your change touches.
# The scenes stand at the end; the first run writes them from the words of the song.
schema = 1

[song]
source = {source}{lyrics}
title = {title}
# language = "en"               # helps the recognition; guessed from the song otherwise
# excerpt = [0.0, 42.0]         # render only these seconds

[video]
width = {width}
height = {height}
fps = {fps}
{captions}# none, line, word (sung words light up), soft (a subtitle track)
file = "{video}"

[engines]
{speech}# auto, faster-whisper, whisper, captions (the song's), api (a service), none
{pictures}# cppn needs no model, diffusers a GPU or patience, stability credits
{options}
[split]                         # how the machine cuts scenes
snap = "none"                   # none, beat, bar: where they start; what is on the storyboard is not moved
snap_earlier_only = false       # true: never later than the words begin
# by = "pause"                  # line, pause, stanza, words, seconds; `vktrs split` shows what would come
# pause = 0.8                   # seconds between words that begin a new scene; likewise words = 8, seconds = 6.0

# [signals.pulse]               # a curve over the song, which moves pictures; `vktrs signals` draws it
# source = "mix"                # mix, percussive, harmonic, a sound file; vocals, drums, bass, other by demucs
# chain = "bandpass(40, 120) | rms | smoosh | sustain(0.3)"

[look]                          # holds for every scene that does not say otherwise
themes = {themes}
assign_themes = "structure"     # structure (by `section` of the scenes, else in turn), rotate, first
prompt_lag = 1                  # how many earlier lyrics are put before a scene's own
negative_prompt = ""
animation = "variations"        # variations (a cycle of pictures), static, img2img (each made from the one before)
order = "tsp"                   # tsp (the smoothest loop), as-made, ping-pong
variations = 7                  # beside the keyframe: a cycle of 8 pictures
hold = 1                        # frames that each picture of a cycle stays
loop = "none"                   # beat, 2 beats, bar, or seconds: how long a cycle lasts; `vktrs suggest` says what fits
transition = 0.0                # seconds in which a scene fades in from the one before
consistency = 0.72              # 1.0: no change between pictures; 0.0: anything goes
seed = 1
# zoom = "1.002 + 0.03 * pulse" # with img2img; angle, translation_x, strength and others: README, Music and motion
"""
_OPTIONS = {
    "api": """
[engines.api]                   # the song is sent there; keys are never written here: `export OPENAI_API_KEY=...`
base_url = "https://api.openai.com/v1"   # or of any server like it; one in your own network may be http://
model = "whisper-1"             # as that service names it; it must give the times of words
# prompt = ""                   # names and words that it should know how to spell
# limit_mb = 25                 # the largest file that it takes; longer songs are cut where nobody sings
""",
    "diffusers": """
[engines.diffusers]
model = "stable-diffusion-v1-5/stable-diffusion-v1-5"   # of the hub, or a folder, or a .safetensors file
# steps = 30                    # the more, the slower
# guidance_scale = 7.5          # how closely pictures follow their prompts
# safety = "retry"              # retry: what the model's own checker flags is made again; off: it is not looked at
""",
    "stability": """
[engines.stability]             # the key is never written here: `export STABILITY_KEY=...`
model = "core"                  # core, ultra, sd3.5-large, sd3.5-large-turbo, sd3.5-medium
# variation_model = "sd3.5-medium"   # what makes the variations; core makes none
""",
}
"""What a new storyboard says of an engine: its defaults, so that taking a # away changes nothing."""
_COMMENT = 32


@dataclass(frozen=True, slots=True)
class NewProject:
    """What `vktrs new` was told; `fps` as written in TOML, a number or "30000/1001"."""

    source: str
    title: str
    lyrics: str | None = None
    themes: Sequence[str] = ()
    speech: str = "auto"
    pictures: str = "cppn"
    captions: str = "none"
    width: int = 512
    height: int = 512
    fps: int | str = 24


def new_storyboard(project: NewProject) -> str:
    """The text of a storyboard without scenes."""
    return _TEXT.format(
        source=_string(project.source),
        lyrics=f"\nlyrics = {_string(project.lyrics)}" if project.lyrics else "",
        title=_string(project.title),
        width=project.width,
        height=project.height,
        fps=project.fps if isinstance(project.fps, int) else _string(project.fps),
        captions=_setting("captions", project.captions),
        speech=_setting("speech", project.speech),
        pictures=_setting("pictures", project.pictures),
        options=_OPTIONS.get(project.speech, "") + _OPTIONS.get(project.pictures, ""),
        video=VIDEO,
        themes="[" + ", ".join(_string(theme) for theme in project.themes) + "]",
    )


def _setting(key: str, value: str) -> str:
    """`key = "value"`, padded to where its comment begins."""
    return f"{key} = {_string(value)} ".ljust(_COMMENT)


def _string(text: str) -> str:
    import tomlkit

    return tomlkit.string(text).as_string()
