"""A guard that notices when pure code touches the world: files, network, processes, databases, the clock, chance."""

import gc
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

_EVENTS = (
    "open", "os.", "socket.", "subprocess.", "sqlite3.", "shutil.", "tempfile.", "ctypes.", "urllib.", "http.", "exec",
    "compile", "import", "glob.", "pathlib.", "mmap.", "fcntl.", "signal.", "syslog.", "winreg.",
)  # fmt: skip
_CLOCKS = ("now", "utcnow", "today")
_MODULES = ("time", "_random", "random", "posix", "_socket", "select")
_active: list[list[str]] = []


class TouchedWorldError(AssertionError):
    """Pure code did something that is not a function of what it was given."""


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if _active and event.startswith(_EVENTS):
        _active[-1].append(f"{event} {arguments[:1]!r:.120}")


sys.addaudithook(_audit)


def _profile(_frame: types.FrameType, event: str, called: object) -> None:
    """Clocks and chance raise no audit event, so calls of C functions are looked at one by one."""
    if event != "c_call" or not _active:
        return
    name = getattr(called, "__name__", "")
    owner = getattr(called, "__self__", None)
    module = getattr(called, "__module__", None)
    clock = name in _CLOCKS and isinstance(owner, type) and issubclass(owner, date)
    if clock or module in _MODULES or type(owner).__module__ in _MODULES:
        _active[-1].append(f"call of {module or owner}.{name}")


@contextmanager
def pure() -> Iterator[None]:
    """Run code that must touch nothing. Raises TouchedWorldError that says what was touched.

    Run the code once before, so that what Python itself loads at first use is not taken for a touch. No garbage is
    collected meanwhile: others (hypothesis) time that, which is no touch of this code.
    """
    touched: list[str] = []
    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()
    _active.append(touched)
    sys.setprofile(_profile)
    try:
        yield
    finally:
        sys.setprofile(before)
        _active.pop()
        if collecting:
            gc.enable()
    if touched:
        raise TouchedWorldError("; ".join(touched[:5]))
