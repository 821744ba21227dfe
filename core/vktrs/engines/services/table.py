"""The table of a service in the storyboard: which names may stand in it, and that no key does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from vktrs.engines.services.key import without_keys
from vktrs.errors import InputError

_KEYS = ("key", "api_key", "token", "secret", "authorization")


def check_names(table: str, names: Iterable[str], known: Sequence[str], variables: Collection[str]) -> None:
    """InputError where a name is none of those `known` in the table, such as "[engines.api]", or is that of a key.

    `variables` are those of the environment in which the key may stand.
    """
    names = list(names)
    secret = {*_KEYS, *(each.lower() for each in variables)}
    for name in names:
        if name.lower() in secret:
            raise InputError(
                f"{table} has `{name}`: a key must not stand in the storyboard.",
                f"Take it out, and write {' or '.join(f'`export {each}=...`' for each in variables)} in the shell.",
            )
    unknown = [f"`{name}`" for name in names if name not in known]
    if unknown:
        right = ", ".join(f"`{name}`" for name in known)
        raise InputError(f"{table} has {without_keys(', '.join(unknown))}, which is unknown.", f"It knows {right}.")
