"""The credits of a run: what paid services have cost so far, and how far they may go."""

from __future__ import annotations

import threading

from vktrs.errors import Halted

_ROUNDING = 1e-9  # a budget of tenths is not a picture short


class BudgetSpent(Halted):
    """The next picture would cost more than is left of the budget."""


class Purse:
    """Credits, set aside before they are spent; any thread may pay. `limit` None: as much as it takes.

    Each call sets aside what it will cost (`take`), and says at its end what it did cost (`settle`).
    """

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self._spent = 0.0
        self._aside = 0.0
        self._calls = 0
        self._changed = threading.Condition()

    @property
    def spent(self) -> float:
        """The credits that ended calls have cost."""
        return self._spent

    def take(self, price: float, count: int = 1) -> int:
        """Set aside what a call for `count` pictures of that price will cost; fewer where the budget ends before that.

        How many they are. Where there is none, but there would be if a call under way cost nothing, it is waited for.
        BudgetSpent, and nothing set aside, where there is none even so.
        """
        with self._changed:
            while not (fit := self._fit(price, count, self._spent + self._aside)):
                if not self._calls or not self._fit(price, count, self._spent):
                    raise BudgetSpent(
                        f"the budget of {self.limit:.10g} credit{'' if self.limit == 1 else 's'} is used up: "
                        f"{self._spent:.10g} {'is' if self._spent == 1 else 'are'} spent, "
                        f"and the next picture costs {price:.10g}.",
                        "What was made is kept; ask for the rest with a larger budget "
                        "(`--budget`; Ctrl+R in the studio).",
                    )
                self._changed.wait()
            self._calls += 1
            self._aside += fit * price
            return fit

    def settle(self, aside: float, cost: float) -> None:
        """A call has ended, for which `aside` was set aside; `cost` is what it did cost."""
        with self._changed:
            self._spent += cost
            self._calls -= 1
            self._aside = self._aside - aside if self._calls else 0.0
            self._changed.notify_all()

    def _fit(self, price: float, count: int, gone: float) -> int:
        """How many of `count` pictures can be had after so many credits are gone."""
        if self.limit is None or price <= 0:
            return count
        return max(0, min(count, int((self.limit - gone + _ROUNDING) / price)))
