"""Which captions are fetched of all that a site offers, and which of several files is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vktrs.errors import InputError
from vktrs.media.site_captions import Track, choose_track, tracks_beside, wanted_kind
from vktrs.media.site_captions.offered import offered_captions
from vktrs.media.site_captions.tracks import same_language

TRANSLATED = dict.fromkeys(("de", "en", "fr", "ja"))


@pytest.mark.parametrize(
    ("info", "language", "names"),
    [
        ({}, None, []),
        ({"subtitles": None, "automatic_captions": None}, "en", []),
        ({"subtitles": {"live_chat": [], "de": []}}, None, ["de"]),
        ({"subtitles": {"../../en": [], "/etc/en": [], "en/../x": [], "..": [], "e" * 300: []}}, "en", []),
        (
            {"subtitles": {"en-nP7-2PuUl7o": [], "zh-Hans": []}, "automatic_captions": {"../x-orig": []}},
            "zh",
            ["zh-Hans", "en-nP7-2PuUl7o"],
        ),
        ({"subtitles": {"fr": [], "en-GB": [], "de": []}, "language": "de"}, None, ["de", "en-GB"]),
        ({"subtitles": {"fr": [], "en": [], "de": []}}, None, ["fr", "en"]),
        ({"subtitles": {"fr": [], "en": [], "de": []}, "language": "fr"}, "de", ["de", "en"]),
        ({"automatic_captions": {**TRANSLATED, "de-orig": []}}, None, ["de-orig"]),
        ({"automatic_captions": {**TRANSLATED, "de-orig": []}, "language": "de"}, "de", ["de-orig"]),
        ({"automatic_captions": {**TRANSLATED, "de-orig": []}}, "en", []),
        ({"automatic_captions": TRANSLATED}, None, []),
        ({"automatic_captions": TRANSLATED, "language": "ja"}, None, ["ja"]),
        ({"automatic_captions": {"en": []}}, None, ["en"]),
        ({"subtitles": {"en": []}, "automatic_captions": {**TRANSLATED, "en-orig": []}}, "en-US", ["en", "en-orig"]),
    ],
)
def test_captions_of_the_song_s_language_are_fetched_and_no_translation_by_a_machine(
    info: dict[str, Any], language: str | None, names: list[str]
) -> None:
    assert offered_captions(info, language) == names


def track(name: str, kind: str | None = None) -> Track:
    return Track(Path(name), name.split(".")[1], kind)


MANUAL_VTT, AUTO_JSON = track("s.en.vtt", "manual"), track("s.en.json3", "auto")
GERMAN, UNKNOWN = track("s.de.json3", "auto"), track("s.en-GB.srv3")


@pytest.mark.parametrize(
    ("tracks", "language", "kind", "chosen"),
    [
        ([], None, None, None),
        ([AUTO_JSON, MANUAL_VTT], None, None, MANUAL_VTT),
        ([AUTO_JSON, MANUAL_VTT], "en", "auto", AUTO_JSON),
        ([AUTO_JSON], "en", "manual", None),
        ([MANUAL_VTT, GERMAN], "de", None, GERMAN),
        ([GERMAN, MANUAL_VTT], None, None, GERMAN),
        ([GERMAN], "en", None, None),
        ([AUTO_JSON, UNKNOWN], "en", None, UNKNOWN),
        ([AUTO_JSON, UNKNOWN], "en", "auto", UNKNOWN),
        ([MANUAL_VTT, track("s.en.srt", "manual"), track("s.en.json3", "manual")], "eng", None,
         track("s.en.json3", "manual")),
        ([Track(Path("s.vtt"))], "de", None, Track(Path("s.vtt"))),
    ],
)  # fmt: skip
def test_a_person_s_words_come_first_and_then_the_format_that_tells_most(
    tracks: list[Track], language: str | None, kind: str | None, chosen: Track | None
) -> None:
    assert choose_track(tracks, language, kind) == chosen


def test_captions_beside_a_song_are_known_by_its_name(tmp_path: Path) -> None:
    song = tmp_path / "My song [x1].mp3"
    names = ["My song [x1].mp3", "My song [x1].vtt", "My song [x1].en.vtt", "My song [x1].en-orig.JSON3"]
    for name in [*names, "My song [x1].txt", "My song [x1].en.ttml", "My song.en.vtt", "other.vtt"]:
        (tmp_path / name).touch()
    (tmp_path / "My song [x1].de.vtt").mkdir()
    assert tracks_beside(song) == [
        Track(tmp_path / "My song [x1].en-orig.JSON3", "en", "auto"),
        Track(tmp_path / "My song [x1].en.vtt", "en"),
        Track(tmp_path / "My song [x1].vtt"),
    ]
    assert tracks_beside(tmp_path / "nowhere" / "song.mp3") == []


def test_captions_of_another_song_that_is_called_alike_are_not_taken(tmp_path: Path) -> None:
    for name in ("song.mp3", "song.live.mp3", "song.live.vtt", "song.live.en.vtt", "song.de.vtt"):
        (tmp_path / name).touch()
    assert [track.path.name for track in tracks_beside(tmp_path / "song.mp3")] == ["song.de.vtt"]
    assert [track.language for track in tracks_beside(tmp_path / "song.live.mp3")] == ["en", ""]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"kind": "best"}, 'kind = "best"'),
        ({"kind": 7}, "kind = 7"),
        ({"kind": ""}, 'kind = ""'),
        ({"model": "large"}, "`model`"),
    ],
)
def test_other_options_of_captions_are_an_error(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        wanted_kind(options)
    assert '"manual"' in caught.value.hint


def test_the_kind_may_be_left_open() -> None:
    assert [wanted_kind(options) for options in ({}, {"kind": "auto"}, {"kind": "manual"})] == [None, "auto", "manual"]


def test_a_track_tells_what_it_is() -> None:
    assert AUTO_JSON.told() == "s.en.json3 (made by the site's recogniser, en)"
    assert Track(Path("s.vtt")).told() == "s.vtt"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("en", "en-GB", True), ("EN_us", "en", True), ("eng", "en", True), ("de", "en", False), ("", "en", False),
     ("xx", "yy", False), ("yue", "yue-HK", True)],
)  # fmt: skip
def test_languages_are_the_same_by_their_first_part(one: str, other: str, same: bool) -> None:
    assert same_language(one, other) is same
