"""The command line: one file for what belongs together, each command imported only when it is called.

Results go to stdout, everything else to stderr. Every error of the library leaves through `main` as one sentence,
a hint and its exit code.
"""

from __future__ import annotations

import importlib

import click
from click.core import ParameterSource

from vktrs.errors import UsageError, VktrsError
from vktrs_tui.cli.speaking import prepare_streams, say_error, silence_streams
from vktrs_tui.cli.studio import here, studio_options
from vktrs_tui.terminal import ImagesWanted

_COMMANDS = {
    "open": "studio:open_",
    "new": "projects:new",
    "clean": "projects:clean",
    "demo": "demo:demo",
    "run": "running:run",
    "follow": "running:follow",
    "stop": "running:stop",
    "status": "status:status",
    "takes": "takes:takes",
    "reroll": "takes:reroll",
    "suggest": "music:suggest",
    "snap": "music:snap",
    "split": "splitting:split",
    "signals": "signals:signals",
    "propose": "exchange:propose",
    "hear": "hearing:hear",
    "heard": "hearing:heard",
    "import": "exchange:import_",
    "export": "exchange:export",
    "order": "order:order",
    "doctor": "doctor:doctor",
}


class _LazyGroup(click.Group):
    """A group that imports a command when it is called, so that `--help` and short commands start at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # whoever read our output has gone; nothing of the work depends on it (click would call it an error)
            silence_streams()
            return 0


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND [ARGS]...]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="vktrs-tui", prog_name="vktrs")
@studio_options
@click.pass_context
def cli(context: click.Context, images: ImagesWanted, theme: str | None) -> int:
    """A song goes in, a music video comes out, and you direct it.

    \b
    vktrs                            the studio: the project in this folder, or all of yours
    vktrs new my_video song.mp3      make a project
    vktrs run my_video               make what is missing, up to the video
    vktrs status my_video            see what is fresh, stale and why
    """
    if context.invoked_subcommand is None:
        return here(images, theme)
    if context.get_parameter_source("images") != ParameterSource.DEFAULT or theme is not None:
        raise UsageError("--images and --theme are of the studio.", "Write them after `vktrs` or `vktrs open DIR`.")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line on `arguments` (those of the process for None); its exit code."""
    prepare_streams()
    try:
        code = cli.main(args=arguments, prog_name="vktrs", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except VktrsError as error:
        say_error(error.message, error.hint)
        return error.exit_code
    except OSError as error:
        from vktrs.runs.worker import system_error

        told = system_error(error)
        say_error(told.message, told.hint)
        return told.exit_code
    return code if isinstance(code, int) else 0
