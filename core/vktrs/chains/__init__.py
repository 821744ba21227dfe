"""The notation of signals: `bandpass(40, 120) | rms | sustain(0.3)`, read, checked and written; nothing is computed.

`operations` is the one table of what there is; `notation` reads and writes. How a curve is computed is the business of
`engines.signals`.
"""

from vktrs.chains.notation import Chain, ChainError, Operation, canonical, parse_chain, possible_after
from vktrs.chains.operations import (
    OPERATIONS,
    SOURCES,
    STEMS,
    Domain,
    OperationKind,
    Parameter,
)

__all__ = [
    "OPERATIONS",
    "SOURCES",
    "STEMS",
    "Chain",
    "ChainError",
    "Domain",
    "Operation",
    "OperationKind",
    "Parameter",
    "canonical",
    "parse_chain",
    "possible_after",
]
