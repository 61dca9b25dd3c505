"""The tables of the index, as migrations: each change of shape is one more function here, never an edit of an old one."""

from contextlib import closing

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("xunyan")


def newer(db: Database) -> list[str]:
    """List the migrations that a database went through and this version does not know."""
    with closing(Database(memory=True)) as nothing:
        own = {one.name for one in MIGRATIONS.pending(nothing)}
    return sorted(one.name for one in MIGRATIONS.applied(db) if one.name not in own)


_ENVELOPE = """
    asset TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, platform TEXT NOT NULL, unit TEXT NOT NULL,
    site TEXT NOT NULL, network TEXT NOT NULL, address TEXT NOT NULL, source TEXT NOT NULL, taken_at TEXT NOT NULL
"""


@MIGRATIONS(name="0001-captures-and-verdicts")
def captures_and_verdicts(db: Database) -> None:
    """The first shape."""
    for statement in (
        f"""CREATE TABLE capture (id TEXT PRIMARY KEY, {_ENVELOPE}, exit INTEGER, size INTEGER NOT NULL,
            truncated INTEGER NOT NULL, segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL)
            WITHOUT ROWID""",
        "CREATE INDEX capture_snapshot ON capture (asset, source, taken_at, id)",
        "CREATE INDEX capture_name ON capture (network, name, taken_at)",
        f"""CREATE TABLE gap (id TEXT PRIMARY KEY, {_ENVELOPE}, reason TEXT NOT NULL, detail TEXT NOT NULL,
            segment INTEGER NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX gap_snapshot ON gap (asset, source, taken_at, id)",
        "CREATE INDEX gap_name ON gap (network, name, taken_at)",
        """CREATE TABLE asset (id TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
            unit TEXT NOT NULL, site TEXT NOT NULL, network TEXT NOT NULL, address TEXT NOT NULL,
            platform TEXT NOT NULL, last_seen TEXT NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE run (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, started_at TEXT NOT NULL,
            finished_at TEXT NOT NULL, files TEXT NOT NULL, segment INTEGER NOT NULL, captures INTEGER NOT NULL,
            gaps INTEGER NOT NULL, known INTEGER NOT NULL)""",
        """CREATE TABLE judgement (number INTEGER PRIMARY KEY, judged_at TEXT NOT NULL, made_at TEXT NOT NULL,
            upto_segment INTEGER NOT NULL, profile TEXT NOT NULL, inputs TEXT NOT NULL, version TEXT NOT NULL,
            counts TEXT NOT NULL)""",
        """CREATE TABLE history (fingerprint TEXT PRIMARY KEY, control TEXT NOT NULL, asset TEXT NOT NULL,
            state TEXT NOT NULL, status TEXT NOT NULL, key TEXT NOT NULL, sight TEXT NOT NULL,
            first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, opened INTEGER NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE event (judgement INTEGER NOT NULL, fingerprint TEXT NOT NULL, control TEXT NOT NULL,
            asset TEXT NOT NULL, happened TEXT NOT NULL, before TEXT NOT NULL, sight TEXT NOT NULL,
            PRIMARY KEY (judgement, fingerprint)) WITHOUT ROWID""",
        # With rowid: without one SQLite moves most of a long row to a page of its own, at ten times the time to list.
        """CREATE TABLE verdict (fingerprint TEXT PRIMARY KEY, control TEXT NOT NULL, asset TEXT NOT NULL,
            status TEXT NOT NULL, severity TEXT NOT NULL, state TEXT NOT NULL, unit TEXT NOT NULL,
            body TEXT NOT NULL)""",
        "CREATE INDEX verdict_listing ON verdict (state, status, control, severity, unit, asset, fingerprint)",
        "CREATE INDEX verdict_asset ON verdict (asset)",
        """CREATE TABLE observation (asset TEXT NOT NULL, name TEXT NOT NULL, taken_at TEXT NOT NULL,
            facts TEXT NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY (asset, name))""",
        """CREATE TABLE blind (asset TEXT NOT NULL, source TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
            capture TEXT NOT NULL, PRIMARY KEY (asset, source)) WITHOUT ROWID""",
        """CREATE TABLE relation (kind TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
            evidence TEXT NOT NULL, confidence TEXT NOT NULL, PRIMARY KEY (source, kind, target)) WITHOUT ROWID""",
        "CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    ):
        db.execute(statement)


@MIGRATIONS(name="0002-derived-assets")
def derived_assets(db: Database) -> None:
    """Assets that only a judgement shows, such as a link between two devices, stand beside those with originals."""
    db.execute("ALTER TABLE asset ADD COLUMN derived INTEGER NOT NULL DEFAULT 0")
