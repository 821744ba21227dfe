"""What is said of a budget that is too small promises only what a later run does."""

from __future__ import annotations

from dataclasses import replace

from vktrs.engines.pictures import Estimate
from vktrs.runs.control import RunRequest
from vktrs.runs.estimate import Expected, remarks
from vktrs_tui.consent import Consent
from vktrs_tui.costs import cost, is_asked_for

TWO = Expected("stability", keyframes=2, own=0, variations=0, clips=0, pictures=Estimate(2, 2, 6.0))


def test_no_later_run_is_said_to_make_takes() -> None:
    reroll = RunRequest(to="keyframes", scenes=("a",), reroll=("a", 2), budget=3)
    (said,) = remarks(TWO, reroll)
    assert said.endswith("The run ends when that is used up, and the other takes are not made.")


def test_nothing_is_begun_unasked_while_nobody_knows_how_much_it_would_cost() -> None:
    open_end = replace(TWO, open_end=True)
    assert is_asked_for(open_end) and is_asked_for(replace(open_end, pictures=Estimate(0, 0, 0.0)))
    assert cost(open_end).endswith("about 6 credits. Those of the last scene are counted once the song is read.")
    assert not Consent().covers(open_end.credits)


def test_a_later_run_is_said_to_make_the_rest() -> None:
    (said,) = remarks(TWO, RunRequest(budget=3))
    assert said.endswith("and the next run makes the rest.")
