"""Answers of network devices for tests: captures of them, and what is read out of one or of many."""

from collections.abc import Mapping
from datetime import UTC, datetime

from scanners.platforms.devices import PLATFORMS, VENDORS
from scanners.platforms.reading import Blind, lines_of, observe
from xunyan.device_facts import DeviceFact
from xunyan.facts import Fact
from xunyan.model import Capture, Envelope, Evidence, Observation

TAKEN = datetime(2026, 11, 26, 8, tzinfo=UTC)


def capture(platform: str, source: str, text: str | bytes, exit_code: int | None = 0) -> Capture:
    envelope = Envelope("device:r1", "device", platform, "", "", "", "", source, source, TAKEN, "")
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return Capture(f"c-{source}", envelope, exit_code, body, "", "")


def read(platform: str, source: str, text: str | bytes) -> list[DeviceFact] | str:
    """What one answer says, or why it cannot be read."""
    found = VENDORS[platform].read(capture(platform, source, text))
    if isinstance(found, str):
        return found
    again = VENDORS[platform].read(capture(platform, source, text))
    made = [one.fact for one in (*found, *again)]
    assert len({id(one) for one in made}) == len(made), (
        "where a fact stands is written into it: a parser makes each anew"
    )
    return made[: len(found)]


def facts(platform: str, source: str, text: str | bytes) -> list[DeviceFact]:
    found = read(platform, source, text)
    assert not isinstance(found, str), found
    return found


def unread(platform: str, source: str, text: str | bytes) -> str:
    found = read(platform, source, text)
    assert isinstance(found, str), found
    return found


def everything(platform: str, answers: Mapping[str, str | bytes]) -> tuple[dict[str, Observation], tuple[Blind, ...]]:
    """What a device's answers say together, by the name of the observation."""
    captures = {source: capture(platform, source, text) for source, text in answers.items()}
    observations, blind = observe(PLATFORMS[platform].readers, captures)
    return {one.name: one for one in observations}, blind


def table(observations: Mapping[str, Observation], name: str) -> tuple[Fact, ...]:
    return observations[name].facts


def cited(evidence: Evidence, text: str) -> list[str]:
    """The lines that a piece of evidence points at."""
    held = capture("", evidence.source, text)
    return list(lines_of(held)[evidence.first - 1 : evidence.last])
