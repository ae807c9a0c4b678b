"""What was, what is, and what was undone: a small immutable value."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 100  # steps back


@dataclass(frozen=True)
class History(Generic[T]):
    """`past` ends with the latest, `future` begins with what was undone last."""

    present: T
    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()

    def then(self, value: T, most: int = MOST) -> "History[T]":
        """One step on, unless nothing changes; what had been undone is forgotten."""
        if value == self.present:
            return self
        return History(value, (*self.past, self.present)[-most:])

    def undo(self) -> "History[T]":
        """One step back; at the beginning it stays."""
        if not self.past:
            return self
        *past, present = self.past
        return History(present, tuple(past), (self.present, *self.future))

    def redo(self) -> "History[T]":
        """Takes back the latest `undo`; where nothing was undone it stays."""
        if not self.future:
            return self
        present, *future = self.future
        return History(present, (*self.past, self.present), tuple(future))

    def begun_with(self, value: T) -> "History[T]":
        """The same with `value` in place of the beginning."""
        if not self.past:
            return History(value, future=self.future)
        return History(self.present, (value, *self.past[1:]), self.future)
