"""Letters of authorisation for tests, from the text that a user would write."""

from datetime import datetime
from typing import Any

from inventories.letters import Letter, read_letter
from inventories.scope import Question
from xunyan.permits import Method

NETWORK = "外网"
HEAD = """\
number = "{number}"
units = {units}
approver = "王五"
valid_from = {valid_from}
valid_until = {valid_until}
methods = {methods}
{more}
"""
GROUNDS = """
[[networks]]
name = "{network}"
allow = {allow}
deny = {deny}
classified = {classified}
resolvers = {resolvers}
jump_hosts = {jump_hosts}
timestamps = {timestamps}
name_servers = {name_servers}
"""


def letter_text(number: str = "A-1", **fields: Any) -> str:
    """Write a letter. Lists are Python lists of texts; `more` are further lines of the head, `tail` further tables."""
    lists = {
        "units": ["教育局"],
        "methods": ["ssh"],
        "allow": ["10.1.0.0/16"],
        "deny": [],
        "classified": [],
        "resolvers": [],
        "jump_hosts": [],
        "timestamps": [],
        "name_servers": [],
    }
    plain = {"valid_from": "2026-11-01", "valid_until": "2026-11-30", "network": NETWORK, "more": "", "tail": ""}
    values = {key: str(list(fields.get(key, value))).replace("'", '"') for key, value in lists.items()}
    values |= {key: fields.get(key, value) for key, value in plain.items()}
    return HEAD.format(number=number, **values) + values["tail"] + GROUNDS.format(**values)


def letter(number: str = "A-1", **fields: Any) -> Letter:
    """Make a letter by reading its text."""
    return read_letter(letter_text(number, **fields).encode(), f"{number}.toml")


def at(text: str) -> datetime:
    """A moment in Beijing: `2026-11-21 22:00`."""
    return datetime.fromisoformat(f"{text}+08:00")


def asked(address: str = "10.1.2.3", port: int = 22, **fields: Any) -> Question:
    """A question about one address."""
    known = {"network": NETWORK, "method": Method.SSH} | fields
    return Question(address=address, port=port, **known)
