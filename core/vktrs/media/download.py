"""A song from a URL, by the yt_dlp library: its best audio as it is, and the captions that its site has for it.

Files are named by site and id, never by anything a page may choose freely. What was fetched for which URL is noted
beside the song, so that it is not fetched twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vktrs.errors import InputError, Stopped, VktrsError
from vktrs.media.ffmpeg import which_ffmpeg
from vktrs.media.site_captions.offered import offered_captions

OnProgress = Callable[[int, int | None, str], None]

_NOTE = ".info.json"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
# what yt_dlp adds for its own developers
_CHATTER = re.compile(
    r"\s*\(caused by .*|[;.]? please report this issue on .*|\s*Confirm you are on the latest.*", re.S
)
_CAPTIONS = (".vtt", ".srt", ".ass", ".lrc", ".ttml", ".json3", ".srv1", ".srv2", ".srv3")
_FILE_INSTEAD = "or give a file that you have downloaded yourself"
_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A song that lies in the project's folder; `duration` (seconds) as the site says, None where it does not.

    Of its `captions` those that a recogniser made are `automatic`, too. `language` is the site's name of the one in
    which it is sung; empty where the site does not tell.
    """

    path: Path
    site: str
    id: str
    title: str
    duration: float | None
    captions: tuple[Path, ...] = ()
    automatic: tuple[Path, ...] = ()
    language: str = ""


def is_url(source: str) -> bool:
    """Whether `source` is an address and not a file: it has a scheme and `://`."""
    return re.match(r"^[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def downloaded(url: str, folder: Path) -> Downloaded | None:
    """What `download` has fetched for `url` into `folder` before, if it is still there; no network is used."""
    for note in sorted(folder.glob(f"*{_NOTE}")):
        entry = _read_note(note)
        if entry is not None and entry.get("url") == url:
            found = _from_note(entry, folder)
            if found is not None:
                return found
    return None


def download(
    url: str,
    folder: Path,
    *,
    on_progress: OnProgress,
    should_stop: Callable[[], bool],
    language: str | None = None,
) -> Downloaded:
    """Fetch the best audio of `url` into `folder`; what was fetched partly goes on where it stopped.

    Captions come with it, in `language` or else in the song's own as the site names it: those that a person made, and
    those of the site's recogniser. Where they cannot be had the song comes without.

    `on_progress(bytes done, bytes in all or None, what)` is told "song" or "captions". Stopped, between two blocks,
    once `should_stop()` is true. InputError, with a hint, for what is no song, is not there, or cannot be reached.
    """
    import yt_dlp

    if urlsplit(url).scheme.lower() not in ("http", "https"):
        hint = f"Give one that begins with https://, {_FILE_INSTEAD}."
        raise InputError(f"{url} is not an address of the web.", hint)
    if should_stop():
        raise Stopped
    done = downloaded(url, folder)
    if done is not None:
        return done
    options = _options(folder, _Progress(on_progress, should_stop))
    try:
        with yt_dlp.YoutubeDL(options) as loader:
            info = _one_song(loader, url)
            name = _file_name(info, url)
            loader.params["outtmpl"]["default"] = f"{name}.%(ext)s"
            info = _fetch(loader, info, offered_captions(info, language))
    except yt_dlp.utils.YoutubeDLError as error:
        raise _explained(error, url) from error
    except OSError as error:
        raise VktrsError(
            f"{url} cannot be saved in {folder}: {error.strerror}.", "Make room, or look there."
        ) from error
    return _finish(info, url, folder, name)


def _fetch(loader: Any, info: dict[str, Any], captions: list[str]) -> dict[str, Any]:
    """The song and the captions of these names; without those that turn out not to be had."""
    from yt_dlp.utils import DownloadError

    loader.params["subtitleslangs"] = [*map(re.escape, captions)]
    loader.params["writesubtitles"] = loader.params["writeautomaticsub"] = bool(captions)
    try:
        return dict(loader.process_ie_result(dict(info), download=True))
    except DownloadError as error:
        # sites refuse captions sooner than songs, and a song is worth having without
        if "subtitles" not in str(error) or not captions:
            raise
        left = [name for name in captions if repr(name) not in str(error)]
        return _fetch(loader, info, left if len(left) < len(captions) else [])


class _Progress:
    """yt_dlp's hook: passes on where it is, and raises where the work is to stop."""

    def __init__(self, on_progress: OnProgress, should_stop: Callable[[], bool]) -> None:
        self._on_progress = on_progress
        self._should_stop = should_stop

    def __call__(self, event: dict[str, Any]) -> None:
        if self._should_stop():
            raise Stopped
        total = event.get("total_bytes") or event.get("total_bytes_estimate")
        what = "captions" if str(event.get("filename", "")).endswith(_CAPTIONS) else "song"
        self._on_progress(int(event.get("downloaded_bytes") or 0), int(total) if total else None, what)


class _Silent:
    """Takes what yt_dlp would print; errors come as exceptions."""

    def debug(self, message: str) -> None: ...

    def info(self, message: str) -> None: ...

    def warning(self, message: str) -> None: ...

    def error(self, message: str) -> None: ...


def _options(folder: Path, progress: _Progress) -> dict[str, Any]:
    return {
        "quiet": True,
        "noprogress": True,
        "logger": _Silent(),
        "color": {"stdout": "no_color", "stderr": "no_color"},
        "progress_hooks": [progress],
        "paths": {"home": str(folder)},
        "outtmpl": {"default": "song.%(ext)s"},
        "ffmpeg_location": str(which_ffmpeg()),
        "cachedir": False,
        "noplaylist": True,
        "extract_flat": "in_playlist",
        "continuedl": True,
        "retries": 3,
        "socket_timeout": 20,
        "restrictfilenames": True,
        "updatetime": False,
        "format": "bestaudio/best",
        "subtitlesformat": "json3/srv3/srv2/vtt/srt/best",  # those with words' times first
        "postprocessors": [{"key": "FFmpegExtractAudio", "preferredcodec": "best"}],
    }


def _one_song(loader: Any, url: str) -> dict[str, Any]:
    """What yt_dlp knows of the one song at `url`; a list of one is that one."""
    info = loader.extract_info(url, download=False)
    if info and info.get("_type") in ("playlist", "multi_video"):
        entries = [entry for entry in info.get("entries") or [] if entry]
        first = next((entry["url"] for entry in entries if entry.get("url")), None)
        if len(entries) != 1:
            hint = f"Give the address of one{f', as {first}' if first else ''}."
            raise InputError(f"{url} holds {len(entries)} songs.", hint)
        info = entries[0] if entries[0].get("formats") else loader.extract_info(first, download=False)
    if not info:
        raise InputError(f"nothing was found at {url}.", f"Look at the address, {_FILE_INSTEAD}.")
    if info.get("is_live"):
        raise InputError(f"{url} is a live broadcast without an end.", "Give the address of a recording.")
    return dict(info)


def _file_name(info: dict[str, Any], url: str) -> str:
    """`site-id`; where the id is only the last part of the address, a digest of the whole address as well."""
    site = str(info.get("extractor") or "web").split(":")[0]
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{site}-{info.get('id')}").strip("._-")[:_NAME_LENGTH]
    if site.lower() in ("generic", "html5", "web"):
        name += "-" + hashlib.sha256(url.encode()).hexdigest()[:8]
    return name


def _finish(info: dict[str, Any], url: str, folder: Path, name: str) -> Downloaded:
    """Check that there is a song, note what it is, and return it."""
    paths = [Path(item["filepath"]) for item in info.get("requested_downloads") or [] if item.get("filepath")]
    path = next((path for path in paths if path.is_file() and path.stat().st_size), None)
    if path is None:
        raise InputError(f"nothing was downloaded from {url}.", f"Look at the address, {_FILE_INSTEAD}.")
    by_person = info.get("subtitles") or {}
    entry = {
        "url": url,
        "site": str(info.get("extractor") or ""),
        "id": str(info.get("id") or ""),
        "title": str(info.get("title") or ""),
        "duration": info.get("duration"),
        "file": path.name,
        "bytes": path.stat().st_size,
        "language": str(info.get("language") or ""),
        "captions": [caption.name for _, caption in _captions(info)],
        "automatic": [caption.name for language, caption in _captions(info) if language not in by_person],
    }
    note = folder / f"{name}{_NOTE}"
    partial = note.with_name(f".{note.name}.part")
    try:
        partial.write_text(json.dumps(entry, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(note)
    except OSError as error:
        raise VktrsError(f"{note} cannot be written: {error.strerror}.", "Make room, or look at its folder.") from error
    found = _from_note(entry, folder)
    if found is None:
        raise InputError(f"what was downloaded from {url} is not in {folder}.", f"Try again, {_FILE_INSTEAD}.")
    return found


def _captions(info: dict[str, Any]) -> Iterator[tuple[str, Path]]:
    """The captions that came, each with its name there, as "en" or "en-orig"."""
    for name, caption in (info.get("requested_subtitles") or {}).items():
        path = caption.get("filepath")
        if path and Path(path).is_file():
            yield str(name), Path(path)


def _read_note(note: Path) -> dict[str, Any] | None:
    try:
        entry = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _from_note(entry: dict[str, Any], folder: Path) -> Downloaded | None:
    """The note's song, if its file is there in its full size; None for a note that somebody else wrote."""
    try:
        # only names: a note must not point out of the folder
        path = folder / Path(entry["file"]).name
        captions = tuple(folder / Path(name).name for name in entry["captions"])
        duration = None if entry["duration"] is None else float(entry["duration"])
        if not path.is_file() or path.stat().st_size != entry["bytes"]:
            return None
        there = tuple(caption for caption in captions if caption.is_file())
        automatic = {str(name) for name in entry.get("automatic", ())}  # those of older notes are all by a person
        by_machine = tuple(caption for caption in there if caption.name in automatic)
        language = str(entry.get("language", ""))
        return Downloaded(path, entry["site"], entry["id"], entry["title"], duration, there, by_machine, language)
    except (KeyError, TypeError, ValueError):
        return None


def _explained(error: BaseException, url: str) -> InputError:
    """yt_dlp's error as one sentence without colours, and what can be done about it."""
    from yt_dlp.networking.exceptions import HTTPError, TransportError
    from yt_dlp.utils import GeoRestrictedError, UnsupportedError

    text = _ANSI.sub("", str(error)).strip()
    text = _CHATTER.sub("", re.sub(r"^(ERROR: )?(\[[\w:+-]+\] )?", "", text)).strip().rstrip(".")
    address = f"Look at the address, {_FILE_INSTEAD}."
    newest = "or yt-dlp is too old for this site: pip install -U yt-dlp"
    for cause in _causes(error):
        if isinstance(cause, HTTPError):
            if cause.status in (404, 410):
                return InputError(f"there is nothing at {url} ({cause.status}).", address)
            why = "Try again later." if cause.status >= 500 else f"It may want a login, {newest}."
            return InputError(f"{url} answered {cause.status} {cause.reason}.", why)
        if isinstance(cause, UnsupportedError):
            return InputError(f"no song was found at {url}.", f"Give a song's own page, {_FILE_INSTEAD}.")
        if isinstance(cause, GeoRestrictedError):
            return InputError(f"{url} is not for this country.", f"{_FILE_INSTEAD[3:].capitalize()}.")
        if isinstance(cause, TransportError):
            why = str(cause).split(": ", 1)[-1]
            return InputError(f"{url} cannot be reached: {why}.", f"Is there a network? {address}")
    if "DRM" in text:
        return InputError(f"{url} is copy-protected: {text}.", f"{_FILE_INSTEAD[3:].capitalize()}.")
    return InputError(f"{url} cannot be downloaded: {text}.", f"Look at the address, {newest}.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that it was caused by; yt_dlp keeps them in several places."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        info = getattr(current, "exc_info", None) or (None, None)
        waiting += [current.__cause__, current.__context__, getattr(current, "cause", None), info[1]]
