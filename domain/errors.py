"""Typed failures, each with a sentence for a person: what happened, why, and what to do."""

from __future__ import annotations


class CaliperError(Exception):
    """Root of every failure that a person may see.

    Args:
        what: what could not be done, with the value that was refused.
        why: the reason, in words a person understands.
        remedy: what the person can do now.
    """

    def __init__(self, what: str, *, why: str = "", remedy: str = "") -> None:
        super().__init__(what, why, remedy)
        self.what = what
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.remedy) if part)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.why, self.remedy)


def _rebuild(kind: type[CaliperError], what: str, why: str, remedy: str) -> CaliperError:
    return kind(what, why=why, remedy=remedy)


class UnreadableFile(CaliperError):
    """A file could not be read as an image or study."""


class FileMissing(UnreadableFile):
    """A file is not where it is looked for: it may have been moved."""


class NotForThisTask(CaliperError):
    """The image or prompt does not fit what the task needs."""


class ImageMismatch(CaliperError):
    """An overlay or result belongs to other pixels than those on screen."""


class Uncalibrated(CaliperError):
    """A length in millimetres was asked for without a recorded source of spacing."""


class WeightsMissing(CaliperError):
    """The weights that a request names are not installed."""


class WeightsCorrupt(CaliperError):
    """The weights on disk are not those that the manifest describes."""


class WeightsIncompatible(CaliperError):
    """A weights file does not fit any network that Caliper knows."""


class NeedPixels(CaliperError):
    """The engine does not hold the pixels of an image; the worker sends them and asks again."""


class OutOfMemory(CaliperError):
    """The engine had too little memory for the request."""


class EngineLost(CaliperError):
    """The engine process ended before it answered."""


class Cancelled(CaliperError):
    """A person cancelled the job; not a failure."""


class LibraryUnavailable(CaliperError):
    """The case library cannot be opened or written."""


class LibraryDamaged(LibraryUnavailable):
    """Pages of the case library cannot be read; what is left can be put together anew."""


class LibraryReadOnly(LibraryUnavailable):
    """Another Caliper holds the library, or it cannot be written: changes are refused."""


class ExportFailed(CaliperError):
    """A result could not be written where the person asked."""


class WrongUse(CaliperError):
    """A command line or a call was used in a way it does not allow (exit code 2)."""
