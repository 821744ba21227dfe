"""Single bits and Exp-Golomb numbers, as headers of ITU-T H.264 are written in (clauses 7.2 and 9.1).

It owns bit positions and nothing else; what the numbers mean is `h264`'s business. Headers are some dozen bits,
so both classes keep them in one Python integer.
"""

from __future__ import annotations


class BitReader:
    """Reads a byte string from its first bit on; EOFError when it is asked for more than there is."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._size = 8 * len(data)
        self.position = 0

    @property
    def left(self) -> int:
        """How many bits were not read yet."""
        return self._size - self.position

    def u(self, count: int) -> int:
        """An unsigned number of `count` bits: descriptor u(n)."""
        if count > self.left:
            raise EOFError(f"{count} bits wanted, {self.left} left")
        self.position += count
        return self._value >> (self._size - self.position) & (1 << count) - 1

    def flag(self) -> bool:
        """One bit."""
        return self.u(1) == 1

    def ue(self) -> int:
        """An unsigned Exp-Golomb number: descriptor ue(v), clause 9.1."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb number: descriptor se(v), clause 9.1.1."""
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


class BitWriter:
    """Collects bits from the most significant on."""

    def __init__(self) -> None:
        self._value = 0
        self._size = 0

    def u(self, count: int, value: int) -> None:
        """An unsigned number of `count` bits; ValueError if it needs more."""
        if value < 0 or value >> count:
            raise ValueError(f"{value} does not fit in {count} bits")
        self._value = self._value << count | value
        self._size += count

    def flag(self, value: bool) -> None:
        """One bit."""
        self.u(1, int(value))

    def ue(self, value: int) -> None:
        """An unsigned Exp-Golomb number."""
        self.u(2 * (value + 1).bit_length() - 1, value + 1)

    def se(self, value: int) -> None:
        """A signed Exp-Golomb number."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def append(self, other: BitWriter) -> None:
        """The bits that another writer holds."""
        self.u(other._size, other._value)

    def to_bytes(self, fill: int) -> bytes:
        """Everything written, the last byte filled up with bits of `fill` (0 or 1)."""
        missing = -self._size % 8
        padding = (1 << missing) - 1 if fill else 0
        return (self._value << missing | padding).to_bytes((self._size + missing) // 8, "big")
