"""The options that several verbs share, and how a session is found from inside a verb."""

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from console.output import Format, one_line
from console.session import Session
from evidence.store import Store
from xunyan.errors import UsageError
from xunyan.wording import Text

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


def known_unit(store: Store, unit: str) -> None:
    """Refuse a unit that no asset has: an empty list would look like good news."""
    if unit and store.value("SELECT 1 FROM asset WHERE unit = ?", (unit,)) is None:
        units = sorted({one.unit for one in store.assets().values() if one.unit})
        raise UsageError(
            Text(f"没有单位“{one_line(unit)}”", f"there is no unit {one_line(unit)!r}"),
            where="--unit",
            advice=Text(
                f"已有：{'、'.join(units[:30]) or '（都没有填单位）'}",
                f"there are: {', '.join(units[:30]) or '(none)'}",
            ),
        )


def known_asset(store: Store, asset: str) -> None:
    """Refuse an asset that is not there."""
    found = "SELECT 1 FROM asset WHERE id = ? OR key = ? OR name = ? OR address = ?"
    if asset and store.value(found, (asset,) * 4) is None:
        raise UsageError(
            Text(f"没有资产“{one_line(asset)}”", f"there is no asset {one_line(asset)!r}"),
            where="--asset",
            advice=Text(
                "写名称、标识、编号或地址，见 xunyan coverage --all",
                "give its name, key, id or address, see xunyan coverage --all",
            ),
        )
