"""The index: a SQLite database made from segments, register and journal, and made again from them at any time."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from evidence.journal import Event, Judgement, Run
from evidence.migrations import MIGRATIONS, newer
from evidence.segments import Place
from xunyan.canonical import utc_text
from xunyan.errors import BusyError, DataError, XunyanError
from xunyan.model import Asset, Capture, Envelope, Gap
from xunyan.wording import Text

LAST_MOMENT = "9999"
LAST_SEGMENT = 2**62
OUTCOME: Mapping[str, int] = {"observation": 5, "blind": 5, "relation": 5, "verdict": 8}
"""Tables that hold the last judgement's outcome alone -> how many columns each has."""

_ASSET = "id, kind, key, name, unit, site, network, address, platform"

CACHE_KIB = 64 * 1024
"""Ids are digests and go in at random places: a page that has to leave the cache too early is written many times."""

SMALL_CACHE_KIB = 2 * 1024
"""For acts that write little at a time, beside other work that needs the memory."""


def as_json(value: object) -> str:
    """Write a value for a JSON column, keys in order."""
    return msgspec.json.encode(value, order="deterministic").decode()


class Store:
    """One open index. Rows go in whole acts, inside `act`."""

    def __init__(self, path: Path, *, create: bool = False, reading: bool = False, cache_kib: int = CACHE_KIB) -> None:
        if not create and not path.exists():
            raise DataError(
                Text("索引数据库不见了", "the index database is missing"),
                where=str(path),
                advice=Text(
                    "运行 xunyan rebuild 由原始采集重新生成", "run xunyan rebuild to make it again from the captures"
                ),
            )
        # A workspace on read-only media can be looked at: nothing writes to it, so nothing has to be locked.
        fixed = reading and not os.access(path.parent, os.W_OK)
        try:
            self.db = Database(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True) if fixed else path)
        except sqlite3.DatabaseError as error:
            raise damaged(path, error) from error
        try:
            self.db.conn.execute("PRAGMA busy_timeout = 5000")
            self.db.conn.execute(f"PRAGMA cache_size = -{cache_kib}")
            if not fixed:
                self.db.enable_wal()
                self.db.conn.execute("PRAGMA synchronous = NORMAL")
                MIGRATIONS.apply(self.db)
            unknown = newer(self.db)
        except sqlite3.DatabaseError as error:
            self.db.close()
            raise damaged(path, error) from error
        if unknown:
            self.db.close()
            raise DataError(
                Text(
                    f"索引数据库由更新的版本生成（{'、'.join(unknown)}）",
                    f"the index database was made by a newer version ({', '.join(unknown)})",
                ),
                where=str(path),
                advice=Text(
                    "升级本产品；或运行 xunyan rebuild 用现在的版本重新生成",
                    "upgrade the product, or run xunyan rebuild to make it again with this version",
                ),
            )
        self.path = path

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    @contextmanager
    def act(self) -> Iterator[None]:
        """Do several writes as one: all are there afterwards, or none."""
        try:
            with self.db.atomic():
                yield
        except sqlite3.OperationalError as error:
            raise damaged(self.path, error) from error

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> Iterator[dict[str, Any]]:
        """Run a query; each row as a mapping."""
        cursor = self.db.conn.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def value(self, sql: str, parameters: tuple[object, ...] = ()) -> Any:
        """Run a query for a single value; None where there is no row."""
        row = self.db.conn.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement for many rows."""
        self.db.conn.executemany(sql, rows)

    def known(self, identifier: str) -> bool:
        """Tell whether a capture or gap is already there."""
        found = "SELECT 1 FROM capture WHERE id = ? UNION ALL SELECT 1 FROM gap WHERE id = ?"
        return self.value(found, (identifier, identifier)) is not None

    def mark(self, name: str) -> int:
        """Read a mark: up to where a file is in the index."""
        return int(self.value("SELECT value FROM mark WHERE name = ?", (name,)) or 0)

    def set_mark(self, name: str, value: int) -> None:
        """Write a mark."""
        self.db.conn.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, value))

    def add_captures(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Index captures; rows as `capture_row` makes them."""
        self.many(f"INSERT OR IGNORE INTO capture VALUES ({', '.join('?' * 17)})", rows)

    def add_gaps(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Index gaps; rows as `gap_row` makes them."""
        self.many(f"INSERT OR IGNORE INTO gap VALUES ({', '.join('?' * 14)})", rows)

    def add_run(self, run: Run) -> None:
        """Record a run."""
        self.db.conn.execute(
            "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run.number,
                run.kind,
                run.started_at,
                run.finished_at,
                as_json(run.files),
                run.segment,
                run.captures,
                run.gaps,
                run.known,
            ),
        )

    def add_judgement(self, one: Judgement) -> None:
        """Record a judgement."""
        self.db.conn.execute(
            "INSERT OR REPLACE INTO judgement VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                one.number,
                one.judged_at,
                one.made_at,
                one.upto_segment,
                one.profile,
                one.inputs,
                one.version,
                as_json(one.counts),
            ),
        )

    def add_events(self, events: Iterable[Event]) -> None:
        """Record what changed in a judgement."""
        self.many(
            "INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((e.judgement, e.fingerprint, e.control, e.asset, e.happened, e.before, e.sight) for e in events),
        )

    def last_heard(self, network: str, name: str) -> datetime | None:
        """When a name was last heard of in its network."""
        texts = [
            self.value(f"SELECT max(taken_at) FROM {table} WHERE network = ? AND name = ?", (network, name))
            for table in ("capture", "gap")
        ]
        return max((datetime.fromisoformat(text) for text in texts if text), default=None)

    def next_heard(self, network: str, name: str, after: datetime) -> datetime | None:
        """When a name was first heard of after a moment."""
        texts = [
            self.value(
                f"SELECT min(taken_at) FROM {table} WHERE network = ? AND name = ? AND taken_at > ?",
                (network, name, utc_text(after)),
            )
            for table in ("capture", "gap")
        ]
        return min((datetime.fromisoformat(text) for text in texts if text), default=None)

    def reassign(self, network: str, name: str, right: Callable[[str, str, datetime], str | None]) -> set[str]:
        """Hand a name's originals over to the asset that `right` says it meant; return the assets that were touched."""
        touched: set[str] = set()
        for table in ("capture", "gap"):
            found = self.db.conn.execute(
                f"SELECT id, asset, taken_at FROM {table} WHERE network = ? AND name = ?", (network, name)
            ).fetchall()
            for identifier, asset, taken_at in found:
                now = right(network, name, datetime.fromisoformat(taken_at))
                if now is not None and now != asset:
                    self.db.conn.execute(f"UPDATE {table} SET asset = ? WHERE id = ?", (now, identifier))
                    touched |= {asset, now}
        return touched

    def replace_outcome(self, outcome: Mapping[str, Iterable[tuple[object, ...]]]) -> None:
        """Make a judgement's outcome the current one: the rows of each table in `OUTCOME`, in the table's own order."""
        for table, columns in OUTCOME.items():
            self.db.conn.execute(f"DELETE FROM {table}")
            self.many(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", outcome[table])

    def replace_derived(self, assets: Iterable[Asset]) -> None:
        """Make these the assets that have no originals of their own: the last judgement joined them out of others'."""
        self.db.conn.execute("DELETE FROM asset WHERE derived = 1")
        self.many(
            "INSERT INTO asset VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 1)",
            (
                (one.id, one.kind, one.key, one.name, one.unit, one.site, one.network, one.address, one.platform)
                for one in assets
            ),
        )

    def keep_histories(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Carry findings' histories on."""
        self.many(f"INSERT OR REPLACE INTO history VALUES ({', '.join('?' * 10)})", rows)

    def refresh_assets(self, identifiers: Iterable[str]) -> None:
        """Take each asset's name, unit, site, network, address and platform from its newest originals that give one."""
        for identifier in identifiers:
            found = self._asset_of(identifier, LAST_MOMENT, LAST_SEGMENT)
            if found is None:  # merged into another
                self.db.conn.execute("DELETE FROM asset WHERE id = ?", (identifier,))
            else:
                asset, seen = found
                self.db.conn.execute(
                    "INSERT OR REPLACE INTO asset VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                    (asset.id, asset.kind, asset.key, asset.name, asset.unit, asset.site, asset.network, asset.address,
                     asset.platform, seen),
                )  # fmt: skip

    def _asset_of(self, identifier: str, until: str, upto_segment: int) -> tuple[Asset, str] | None:
        """An asset as its originals up to a moment and a segment show it, and when it was last heard of by then."""
        bounds = (identifier, until, upto_segment)
        rows = self.db.conn.execute(
            """SELECT kind, name, unit, site, network, address, platform, taken_at FROM (
                 SELECT kind, name, unit, site, network, address, platform, taken_at, id FROM capture
                 WHERE asset = ? AND taken_at <= ? AND segment <= ?
                 UNION ALL
                 SELECT kind, name, unit, site, network, address, platform, taken_at, id FROM gap
                 WHERE asset = ? AND taken_at <= ? AND segment <= ?)
               ORDER BY taken_at DESC, id DESC LIMIT 200""",
            (*bounds, *bounds),
        ).fetchall()
        if not rows:
            return None
        kind, key, _, _, network, _, _, seen = rows[0]
        unit, site, address, platform = (next((row[i] for row in rows if row[i]), "") for i in (2, 3, 5, 6))
        name = key.partition(":")[2] or key
        return Asset(identifier, kind, key, name, unit, site, network, address, platform), seen

    def assets(self) -> dict[str, Asset]:
        """Read all assets by id, those that the last judgement derived among them."""
        return {row[0]: Asset(*row) for row in self.db.conn.execute(f"SELECT {_ASSET} FROM asset ORDER BY id")}

    def derived(self) -> dict[str, Asset]:
        """Read the assets that the last judgement derived, by id: they have no originals of their own."""
        found = self.db.conn.execute(f"SELECT {_ASSET} FROM asset WHERE derived = 1 ORDER BY id")
        return {row[0]: Asset(*row) for row in found}

    def assets_at(self, until: str, upto_segment: int) -> dict[str, Asset]:
        """Read all assets that have originals, by id, as they were known at a moment, from segments up to one."""
        segment = self.value("SELECT max(segment) FROM run") or 0
        heard = self.value("SELECT max(last_seen) FROM asset") or ""
        found = self.db.conn.execute(f"SELECT {_ASSET} FROM asset WHERE derived = 0 ORDER BY id")
        assets = {row[0]: Asset(*row) for row in found}
        if segment <= upto_segment and heard <= until:
            return assets
        then = ((identifier, self._asset_of(identifier, until, upto_segment)) for identifier in assets)
        return {identifier: one[0] for identifier, one in then if one is not None}


def capture_row(one: Capture, asset: str, place: Place) -> tuple[object, ...]:
    """Make the index row of a capture."""
    return (
        one.id, *_envelope_row(one.envelope, asset), one.exit, len(one.body), int(one.truncated),
        place.segment, place.offset, place.length,
    )  # fmt: skip


def gap_row(one: Gap, asset: str, segment: int) -> tuple[object, ...]:
    """Make the index row of a gap."""
    return (one.id, *_envelope_row(one.envelope, asset), one.reason.value, one.detail, segment)


def _envelope_row(envelope: Envelope, asset: str) -> tuple[str, ...]:
    return (
        asset, envelope.asset, envelope.kind, envelope.platform, envelope.unit, envelope.site, envelope.network,
        envelope.address, envelope.source, utc_text(envelope.taken_at),
    )  # fmt: skip


_PRIMARY = 0xFF  # the low byte of an extended result code


def damaged(path: Path, error: sqlite3.Error) -> XunyanError:
    """Say that the index cannot be used and why, and that nothing is lost by it."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError(
            Text("数据库正被另一个程序占用", "the database is held by another program"),
            where=str(path),
            advice=Text("稍后再试", "try again later"),
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL):
        return DataError(
            Text("索引数据库打不开或写不了", "the index database cannot be opened or written"),
            where=f"{path}: {error}",
            advice=Text(
                "检查该文件夹的写权限和磁盘空间，或把工作区复制到可写的地方",
                "check that the folder can be written and has room, or copy the workspace to where it can",
            ),
        )
    return DataError(
        Text("索引数据库损坏或不是本产品的文件", "the index database is damaged or not ours"),
        where=f"{path}: {error}",
        advice=Text(
            "原始采集不受影响；运行 xunyan rebuild 重新生成", "the captures are not touched; run xunyan rebuild"
        ),
    )
