"""The options that several verbs share, and how a session is found from inside a verb."""

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from console.output import Format
from console.session import Session

FormatOption: TypeAlias = Annotated[Format, typer.Option("--format", "-f", help="table | json | jsonl | csv")]


def session(context: typer.Context) -> Session:
    """Return the session that the root command made."""
    found = context.find_object(Session)
    if found is None:
        raise RuntimeError("the root command did not run")
    return found


def example(*lines: str) -> str:
    """Lay out examples for a help text, one a line."""
    return "\b\n" + "\n".join(f"  {line}" for line in lines)


def paths_text(paths: list[Path]) -> tuple[str, ...]:
    """Write paths as they were given; bytes that are no text show as escapes."""
    return tuple(os.fsencode(path).decode("utf-8", "backslashreplace") for path in paths)
