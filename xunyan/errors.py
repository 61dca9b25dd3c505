"""The errors of the product, one small tree.

    XunyanError
     ├── UsageError            wrong use: an option, a missing workspace            exit 2
     ├── InputError            a file, row or key that cannot be taken              exit 2
     ├── DataError             what we keep ourselves is damaged or contradicts     exit 1
     ├── BusyError             another writer holds the workspace                   exit 1
     └── CatalogueError        a control, profile or list of ours is wrong          exit 1

An exception means that *we cannot run*. That we could not see something is a `Gap`, never an exception.
"""

from xunyan.wording import Text


class XunyanError(Exception):
    """Base of all: `what` went wrong, `where` (file, line, key), and `advice` on what to do."""

    exit_code = 1

    def __init__(self, what: Text, *, where: str = "", advice: Text | None = None) -> None:
        super().__init__(what.en if not where else f"{where}: {what.en}")
        self.what = what
        self.where = where
        self.advice = advice


class UsageError(XunyanError):
    """The command was used in a way that cannot work."""

    exit_code = 2


class InputError(XunyanError):
    """Something handed in cannot be taken; nothing of it was taken."""

    exit_code = 2


class DataError(XunyanError):
    """What the workspace itself keeps is damaged, or contradicts itself."""


class BusyError(XunyanError):
    """Another process is writing to the workspace."""


class CatalogueError(XunyanError):
    """A control, a profile or a list that judging rests on is malformed or names what does not exist."""
