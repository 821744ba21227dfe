"""Keys that come faster than the studio answers, each kept until the one before it has done its work.

Textual sends a key to whatever has the focus when the key is read, and moves the focus later. Over a slow line keys
come many at once: the letters of `/hill` would then be commands of the table, one of which deletes scenes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump

PATIENCE = 2.0
"""Seconds after which a key waits no longer for the one before it, which takes long."""


class TypingAhead:
    """Hands keys on with `pass_on`, one after the other, as soon as `app` is ready for the next."""

    def __init__(self, app: App[Any], pass_on: Callable[[Key], Awaitable[None]]) -> None:
        self._app = app
        self._pass_on = pass_on
        self._keys: deque[Key] = deque()
        self._busy = False

    @property
    def idle(self) -> bool:
        """Whether every key has done its work."""
        return not self._keys and not self._busy

    def take(self, key: Key) -> bool:
        """Keep a key; whether somebody has to `work` now, as nobody does."""
        self._keys.append(key)
        return not self._busy

    async def work(self) -> None:
        """Hand on all that has come."""
        if self._busy:
            return
        self._busy = True
        try:
            while self._keys:
                await self._pass_on(self._keys.popleft())
                await self._settled()
        finally:
            self._busy = False

    async def _settled(self) -> None:
        """Return once the key has gone up to the app, and the focus and the screen are where it has sent them."""
        app = self._app
        asked = app.focused or app.screen
        for pump in (*(each for each in asked.ancestors_with_self if each is not app), app, app):
            await _reached(pump)
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not app.screen.is_mounted and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.001)
        await _reached(app)


async def _reached(pump: MessagePump) -> None:
    """Return once a node has done everything that waits for it now."""
    done = asyncio.Event()
    if pump.is_running and pump.call_later(done.set):
        try:
            await asyncio.wait_for(done.wait(), PATIENCE)
        except TimeoutError:
            return
