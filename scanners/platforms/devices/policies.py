"""Policies of a configuration that limit all that passes where they are applied, of Cisco, Huawei and H3C."""

from collections.abc import Iterable, Sequence

from scanners.platforms.devices.notation import number_of
from scanners.platforms.devices.sections import Section
from xunyan.device_facts import UNSHOWN


def limits_of(parts: Sequence[Section]) -> dict[str, int]:
    """Give the kbit/s by policy. One that limits only some of the traffic is no limit of the line, and is left out."""
    found: dict[str, int] = {}
    every, rates = _classifiers(parts), _behaviors(parts)
    for section in parts:
        head = section.head.text.split()
        if head[0] == "policy-map" and len(head) > 1:
            rate = _policed(line.text.split() for line in section.body)
        elif head[:2] in (["traffic", "policy"], ["qos", "policy"]) and len(head) > 2:
            head = head[:3]
            rate = _bound((line.text.split() for line in section.body), every, rates)
        else:
            continue
        if rate != UNSHOWN:
            found[head[-1]] = rate
    return found


def _policed(statements: Iterable[list[str]]) -> int:
    """Give what Cisco polices in the class that holds everything, there in bit/s."""
    everything = False
    for words in statements:
        if words[0] == "class":
            everything = words[-1] == "class-default"
        elif words[0] == "police" and everything and "percent" not in words:
            bits = next((number for word in words[1:] if (number := number_of(word)) != UNSHOWN), UNSHOWN)
            return bits // 1000 if bits != UNSHOWN else UNSHOWN
    return UNSHOWN


def _bound(statements: Iterable[list[str]], every: frozenset[str], rates: dict[str, int]) -> int:
    for words in statements:
        if words[0] == "classifier" and len(words) >= 4 and words[2] == "behavior" and words[1] in every:
            return rates.get(words[3], UNSHOWN)
    return UNSHOWN


def _classifiers(parts: Sequence[Section]) -> frozenset[str]:
    """Name the classifiers that match everything."""
    return frozenset(
        head[2]
        for section in parts
        if (head := section.head.text.split())[:2] == ["traffic", "classifier"] and len(head) > 2
        if [line.text.split() for line in section.body] == [["if-match", "any"]]
    )


def _behaviors(parts: Sequence[Section]) -> dict[str, int]:
    found: dict[str, int] = {}
    for section in parts:
        head = section.head.text.split()
        if head[:2] != ["traffic", "behavior"] or len(head) < 3:
            continue
        for line in section.body:
            words = line.text.split()
            if words[:2] == ["car", "cir"] and len(words) > 2 and (rate := number_of(words[2])) != UNSHOWN:
                found[head[2]] = rate
    return found
