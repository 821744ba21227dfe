"""The screens' way to `vktrs_tui.widgets.failed_work`, where it lives because widgets need it too."""

from __future__ import annotations

from vktrs_tui.widgets.failed_work import TellsFailedWork, WorkFailed

__all__ = ["TellsFailedWork", "WorkFailed"]
