"""One rule of an ACL as the vendors write it, in a configuration or in an answer."""

import re
from functools import lru_cache

from scanners.platforms.devices.notation import number_of
from xunyan.device_facts import UNSHOWN, AccessRule

KEPT = 2048
"""So many rules are not read twice: a device shows each in its configuration and in the answer about its ACLs."""

_RULE = re.compile(r"\s*(?:rule\s+)?(?:sequence\s+)?(?:(\d+)\s+)?(?:name \S+\s+)?(permit|deny)\b\s*(.*)", re.IGNORECASE)
_SEQUENCE = re.compile(r"\s*\bsequence\s+(\d+)\s*$")
_COUNTED = re.compile(
    r"\s*\((?:\d+ (?:times matched|match(?:es)?|estimate matches)|match-counter \S+)[^)]*\)\s*$", re.IGNORECASE
)
_PROTOCOL = re.compile(
    r"(?!source\b|any\b|host\b|destination\b|logging\b|time-range\b|\d+\.)([A-Za-z][\w-]*|\d{1,3}(?=\s|$))\s*(.*)"
)


def rule_of(text: str) -> AccessRule | None:
    """Read `rule 5 permit tcp source ...`, `10 deny ipv6 any any` or `deny any sequence 10`; None where it is no rule."""
    return _read(text.strip())


@lru_cache(maxsize=KEPT)
def _read(bare: str) -> AccessRule | None:
    found = _RULE.fullmatch(_COUNTED.sub("", bare) if bare.endswith(")") else bare)
    if not found:
        return None
    match, number = found[3], number_of(found[1]) if found[1] else UNSHOWN
    if "sequence" in match and (sequence := _SEQUENCE.search(match)):
        match, number = match[: sequence.start()], number_of(sequence[1])
    what = _PROTOCOL.fullmatch(match)
    protocol, rest = (what[1].lower(), what[2]) if what else ("", match)
    return AccessRule(number, found[2].lower(), protocol, " ".join(rest.split()))
