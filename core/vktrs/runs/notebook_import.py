"""A project of the old notebook brought in: a new project here, or more scenes for one that is there.

What the notebook's file means is `vktrs.interop.notebook`'s. Here its files are found and copied, and the storyboard is
written: last, so that whatever stops it half-way, the next time starts over. Nothing of the user's is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from vktrs.errors import InputError
from vktrs.interop.notebook.ledger import Ledger, Note, told
from vktrs.interop.notebook.project import NotebookProject, read_project
from vktrs.project import STORYBOARD, Project
from vktrs.runs.beginning import checked_text, copy_in, sayable
from vktrs.runs.notebook_files import CONFIG, NotebookFolder, open_folder, read_tree
from vktrs.runs.notebook_joining import Joined, joined, with_pictures
from vktrs.runs.notebook_pictures import PICTURES, NotebookPictures, find_pictures
from vktrs.runs.notebook_sounds import bring_signals, find_song
from vktrs.storyboard.document import Document
from vktrs.storyboard.merge import Merge
from vktrs.storyboard.model import Storyboard
from vktrs.storyboard.template import NewProject, new_storyboard


@dataclass(frozen=True)
class Imported:
    """What an import did: the project, what it merged (None: the project is new), and what is to be said, a line each.

    `changed` arrived as something else than it was, `left` did not arrive: both name the key and say why.
    """

    project: Project
    merge: Merge | None
    changed: tuple[str, ...]
    left: tuple[str, ...]
    said: tuple[str, ...]


def import_notebook(file: Path, folder: Path, song: Path | None = None) -> Imported:
    """Bring the project whose `storyboard.yaml` is `file` into `folder`; `song` where its own is not to be found.

    InputError where the file is refused or is none of the notebook's, or where a file cannot be used or copied.
    """
    tree = read_tree(file)
    source = open_folder(file)
    if isinstance(tree, dict) and "active_project" in tree and "params" not in tree:
        name = str(tree["active_project"])[:80]
        raise InputError(f"{file} is the notebook's workspace, no project.", f"Give {name}/storyboard.yaml beside it.")
    found = read_project(tree, source.config, file.name)
    project = Project(folder)
    pictures = find_pictures(project, source, found.drafts, found.ledger)
    if project.storyboard_path.is_file():
        return _into_existing(project, source, found, pictures)
    return _into_new(project, source, found, pictures, song)


def _into_new(
    project: Project, source: NotebookFolder, found: NotebookProject, pictures: NotebookPictures, given: Path | None
) -> Imported:
    """A project of its own, in which the settings of the notebook hold."""
    song = find_song(project, source, found.params, found.ledger, given)
    title = sayable(found.board.song.title or song.title or source.home.name)
    text = _new_text(found, song.source, title, pictures)
    if song.file is not None:
        copy_in(song.file, project, song.source)
    pictures.copy(project)
    bring_signals(project, source, found)
    made = Project.create(project.root, text)
    said = [] if song.source else ["The song is not here: write `source` under [song]."]
    return _told(made, None, source, found.ledger, [*_of_pictures(pictures, source), *said])


def _new_text(found: NotebookProject, source: str, title: str, pictures: NotebookPictures) -> str:
    board, video = found.board, found.board.video
    rate = video.fps.numerator if video.fps.denominator == 1 else str(video.fps)
    blank = NewProject(source, title, themes=board.look.themes, width=video.width, height=video.height, fps=rate)
    before = Document.parse(checked_text(new_storyboard(blank)), Path(STORYBOARD))
    wanted = replace(
        board,
        song=replace(board.song, source=source, title=title),
        engines=before.board.engines,
        scenes=tuple(with_pictures(found, board.scenes, pictures.keyframes)),
    )
    return before.with_board(wanted).text


def _into_existing(
    project: Project, source: NotebookFolder, found: NotebookProject, pictures: NotebookPictures
) -> Imported:
    """Scenes and signals for a project that is there; its settings, and all that is written in it, stay."""
    pictures.copy(project)
    bring_signals(project, source, found)
    tries: list[Joined] = []

    def change(document: Document) -> Storyboard:
        tries.append(joined(project, document, found, pictures.keyframes))
        return tries[-1].board

    project.remember_ids(scene.id for scene in project.document().board.scenes)
    project.edit(change)
    done = tries[-1]
    return _told(project, done.merge, source, found.ledger, [*_of_pictures(pictures, source), *done.kept])


def _of_pictures(pictures: NotebookPictures, source: NotebookFolder) -> Iterator[str]:
    count = len(pictures.others)
    if count:
        what = f"{count} more pictures of the notebook lie" if count > 1 else "1 more picture of the notebook lies"
        folder = pictures.others[0].rpartition("/")[0] or f"{PICTURES}/{source.name}"
        yield f"{what} in {folder}: a run makes variations of its own from the keyframes."


def _told(project: Project, merged: Merge | None, source: NotebookFolder, ledger: Ledger, said: list[str]) -> Imported:
    anew = sorted({str(path[-1]) for path in ledger.anew})
    idle = sorted({str(path[-1]) for path in ledger.idle})
    listed = [f"Follows from the rest, and is worked out here anew: {', '.join(anew)}."] if anew else []
    if idle:
        listed.append(f"Left out, since nobody had changed them from what the service took: {', '.join(idle)}.")
    return Imported(
        project,
        merged,
        changed=tuple(told(ledger.changed)),
        left=(*told(ledger.left), *told(list(_of_config(source.config)))),
        said=(*listed, *said),
    )


_READ = frozenset({"active_project", "output_dir"})
_PLACES = frozenset({"application_root", "project_root", "shared_assets_root", "model_dir", "gdrive_mounted"})


def _of_config(config: Mapping[str, object]) -> Iterator[Note]:
    """A word on every key of config.yaml that has no meaning here."""
    for key, value in config.items():
        if key == "use_stability_api":
            if value is True:
                why = 'a paid service made the pictures; here cppn does, until you write pictures = "stability"'
                yield Note((CONFIG, key), why)
        elif key not in _READ:
            yield Note((CONFIG, key), "it is about that machine" if key in _PLACES else "nothing here reads it")
