"""A verdict in words: its message, its notices and the duties it rests on."""

from collections.abc import Mapping
from typing import Any

from console.details import detail_text
from console.language import FACT, FORCE, GAP, Voice
from controls.engine import MESSAGES
from controls.loader import Catalogue
from controls.model import Profile
from xunyan.wording import Text

_FALLBACK = Text("{key}", "{key}")


def because(verdict: Mapping[str, Any], catalogue: Catalogue, say: Voice) -> str:
    """Say why: the message of the control with its values, then its notices."""
    parts = [_said(verdict["control"], verdict["message"], catalogue, say)]
    parts += [_said(verdict["control"], notice, catalogue, say) for notice in verdict["notices"]]
    return say("；", "; ").join(parts)


def _said(identifier: str, message: Mapping[str, Any], catalogue: Catalogue, say: Voice) -> str:
    control = catalogue.control(identifier)
    key = message["key"]
    text = MESSAGES.get(key) or (control.messages.get(key) if control else None) or _FALLBACK
    args = dict(message["args"])
    if key.startswith("engine."):
        args |= {"need": say.word(FACT, args.get("need", "")), "why": _why(args.get("why", ""), say)}
    return say.text(text).format(**{"key": key, **args})


def _why(why: str, say: Voice) -> str:
    """Say what each source answered: `source: reason detail; ...`; sources with one and the same reason together."""
    said: dict[str, list[str]] = {}
    for part in why.split("; "):
        source, colon, rest = part.partition(": ")
        reason, _, detail = rest.partition(" ")
        if not colon:
            said.setdefault(say.word(GAP, part), [])
        else:
            words = say.word(GAP, reason) + (f"［{detail_text(detail, say)}］" if detail else "")
            said.setdefault(words, []).append(source)
    told = (f"{say('、', ', ').join(sources)} {words}" if sources else words for words, sources in said.items())
    return say("；", "; ").join(told)


def duties(basis: list[str], profile: Profile, say: Voice) -> list[str]:
    """Say each duty: document, clause, force and what it asks."""
    lines = []
    for identifier in basis:
        duty = profile.requirements.get(identifier)
        if duty is None:
            lines.append(identifier)
            continue
        document = profile.documents[duty.document]
        name = f"《{document.title}》" + (f"（{document.number}）" if document.number else "")
        lines.append(f"{identifier} {name}{duty.clause}［{say.word(FORCE, duty.force)}］{say(duty.zh, duty.en)}")
    return lines
