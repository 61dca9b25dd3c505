"""From what an inventory states of an endpoint to a target: the same checks whatever the file was.

A file is taken whole or not at all. What is classified is told apart first, and nothing of it is repeated in a message.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from inventories.addresses import Address, is_far, is_nothing, read_address, spellings, split
from inventories.classified import MARKED, RANGED, UNCLEAR, Classified, read_classified, refusal
from inventories.platforms import DEVICES, SKIPPED, read_platform
from xunyan.errors import InputError
from xunyan.names import flaw, shown
from xunyan.permits import Target
from xunyan.wording import Text

KEYS = (
    "asset", "unit", "site", "network", "address", "port", "platform", "user", "credential", "route", "carrier",
    "classified",
)  # fmt: skip
"""What an inventory can state of an endpoint."""
SHOWN = 40
Wrong = Callable[[str, Text], None]


@dataclass(frozen=True, slots=True)
class Record:
    """One endpoint as an inventory states it: its values as text by key, the heading of each key, and where it stood.

    `hidden` says where it stood without its name, for the case that it is classified. `left_out`: it is looked at for
    that alone.
    """

    values: Mapping[str, str]
    headings: Mapping[str, str]
    place: Text
    hidden: Text
    origin: str
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be taken: where, under which heading, and what is wrong."""

    place: Text
    heading: str
    what: Text


@dataclass(frozen=True, slots=True)
class Defaults:
    """What fills in where an inventory is silent."""

    network: str
    unit: str = ""


@dataclass(slots=True)
class Taken:
    """What a file came to: its targets, what is wrong with it, what is classified in it, and what a person should know."""

    targets: list[Target] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    classified: list[tuple[Text, Text]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    def check(self, where: str) -> None:
        """Raise InputError where the file cannot be taken, naming every place up to a screenful."""
        if self.classified:
            raise refusal(self.classified, where)
        if not self.problems:
            return
        zh, en = [], []
        for one in self.problems[:SHOWN]:
            heading = shown(one.heading)
            zh.append(f"  {one.place.zh}{f' {heading}' if heading else ''}：{one.what.zh}")
            en.append(f"  {one.place.en}{f', {heading}' if heading else ''}: {one.what.en}")
        more = len(self.problems) - SHOWN
        if more > 0:
            zh.append(f"  ……另有 {more} 处")
            en.append(f"  ... and {more} more")
        raise InputError(
            Text(
                "\n".join([f"有 {len(self.problems)} 处问题，本次未导入任何内容：", *zh]),
                "\n".join([f"{len(self.problems)} problems, nothing was taken:", *en]),
            ),
            where=where,
            advice=Text(
                "改正后重新导入；空白表：xunyan endpoints template",
                "mend and import again; blank form: xunyan endpoints template",
            ),
        )


def take(records: Iterable[Record], defaults: Defaults, classified: Classified, *, export: bool = False) -> Taken:
    """Turn records into targets. In an `export` of another product rows without an address are left out and counted."""
    taken = Taken()
    seen: dict[tuple[str, str], tuple[Target, Text]] = {}
    counts: Counter[str] = Counter()
    for record in records:
        secret = _secret(record, defaults, classified)
        if secret is not None:
            taken.classified.append((record.hidden, secret))
            continue
        if read_classified(record.values.get("classified", "")) is None:
            taken.problems.append(Problem(record.hidden, record.headings.get("classified", ""), UNCLEAR))
            continue
        if record.left_out:
            continue
        if export and (skip := _left_out(record)):
            counts[skip] += 1
            continue
        target, problems = _target(record, defaults, counts)
        taken.problems += problems
        if target is None or problems:
            continue
        before, place = seen.setdefault((target.network, target.asset), (target, record.place))
        if before is target:
            taken.targets.append(target)
        elif replace(before, origin="") == replace(target, origin=""):
            counts["repeated"] += 1
        else:
            taken.problems.append(Problem(record.place, record.headings.get("asset", ""), _again(target.asset, place)))
    places = Counter((one.network, one.address, one.port) for one in taken.targets)
    counts["shared"] = sum(1 for count in places.values() if count > 1)
    taken.notes += [text for name, texts in _NOTES.items() if (text := _counted(texts, counts[name])) is not None]
    return taken


def asset_key(name: str, platform: str = "") -> str:
    """Write an asset's name with its kind: `web01` is `host:web01`, or `device:web01` on the platform of a network device.

    A kind of letters that is there stays.
    """
    kind, colon, rest = name.partition(":")
    has_kind = (
        colon and rest and len(kind) > 2 and kind.isascii() and kind.replace("-", "").isalpha() and kind.islower()
    )
    return name if has_kind and read_address(name) is None else f"{'device' if platform in DEVICES else 'host'}:{name}"


def _secret(record: Record, defaults: Defaults, classified: Classified) -> Text | None:
    if read_classified(record.values.get("classified", "")):
        return MARKED
    network = record.values.get("network", "") or defaults.network
    return RANGED if any(classified(network, one) for one in spellings(record.values.get("address", ""))) else None


def _left_out(record: Record) -> str:
    if record.values.get("platform", "").casefold() in SKIPPED:
        return "skipped"
    return "" if _parts(record.values.get("address", "")) else "nowhere"


def _parts(cell: str) -> list[str]:
    return [part for part in split(cell) if not is_nothing(part)]


def _target(record: Record, defaults: Defaults, counts: Counter[str]) -> tuple[Target | None, list[Problem]]:
    values = record.values
    problems: list[Problem] = []

    def wrong(key: str, what: Text) -> None:
        problems.append(Problem(record.place, record.headings.get(key, key), what))

    _check_texts(values, wrong)
    if problems:
        return None, problems
    address = _address(values.get("address", ""), wrong, counts)
    port = _port(values.get("port", ""), wrong)
    platform = read_platform(values.get("platform", ""))
    if platform is None:
        given = shown(values["platform"])
        wrong(
            "platform",
            Text(
                f"认不出的系统类型“{given}”，应为 linux、windows，或网络设备的 {'、'.join(DEVICES)}",
                f"{given!r} is neither linux nor windows nor a device's {', '.join(DEVICES)}",
            ),
        )
    if address is not None and port and address.port and port != address.port:
        wrong("port", Text("与地址里写的端口不同", "is another port than the one in the address"))
    if values.get("user", "").startswith("-"):
        wrong("user", Text("不能以“-”开头", "may not begin with a dash"))
    name = values.get("asset", "") or (address.host if address is not None and "asset" not in record.headings else "")
    if not name and address is not None:
        wrong("asset", _BLANK)
    if flaw(asset_key(name, platform or "")):
        wrong("asset", _LONG)
    if problems or address is None or platform is None:
        return None, problems
    return Target(
        asset=asset_key(name, platform),
        network=values.get("network", "") or defaults.network,
        address=address.host,
        port=port or address.port,
        platform=platform,
        unit=values.get("unit", "") or defaults.unit,
        site=values.get("site", ""),
        user=values.get("user", ""),
        credential=values.get("credential", ""),
        route=values.get("route", ""),
        carrier=values.get("carrier", ""),
        origin=record.origin,
    ), []


def _check_texts(values: Mapping[str, str], wrong: Wrong) -> None:
    for key, value in values.items():
        if key != "address" and (unfit := flaw(value)):
            wrong(key, _LONG if unfit == "long" else _control(unfit))
        elif value in _ERRORS:
            wrong(key, Text(f"单元格是公式错误 {value}", f"the cell is the formula error {value}"))
        elif "{{" in value or "{%" in value or "{#" in value:
            wrong(key, _TEMPLATE)


def _address(cell: str, wrong: Wrong, counts: Counter[str]) -> Address | None:
    parts = _parts(cell)
    if not parts:
        wrong("address", _BLANK)
        return None
    if len(parts) == 1:
        only = read_address(parts[0])
        if only is None:
            wrong("address", _no_address(parts[0]))
        return only
    usable = [one for part in parts if (one := read_address(part)) is not None and is_far(one.host)]
    odd = [part for part in parts if read_address(part) is None and not _is_bound_to_link(part)]
    if odd or not usable:
        wrong("address", _no_address((odd or parts)[0]))
        return None
    counts["several"] += 1
    return usable[0]


def _is_bound_to_link(part: str) -> bool:
    """Tell whether an address of a list is one that a machine gives itself: passed over, where another stands beside it."""
    return part.casefold().startswith(("169.254.", "fe80:"))


def _port(cell: str, wrong: Wrong) -> int:
    if not cell:
        return 0
    if cell.isascii() and cell.isdigit() and len(cell) < 6 and 0 < int(cell) < 65536:
        return int(cell)
    wrong("port", Text(f"“{shown(cell)}”不是端口（1到65535）", f"{shown(cell)!r} is no port (1 to 65535)"))
    return 0


_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_BLANK = Text("没有填写", "not filled in")
_LONG = Text("过长（上限256个字符）", "too long (256 characters at most)")
_TEMPLATE = Text(
    "是模板（{{ }}），巡验不展开模板；请写成确定的值",
    "is a template ({{ }}), which is not expanded here; write its value",
)
_NOTES: Mapping[str, Text] = {
    "nowhere": Text("{} 行没有地址，略过", "{} rows without an address, left out"),
    "skipped": Text("{} 行按列对应设置略过", "{} rows left out as the mapping says"),
    "several": Text(
        "{} 个终端写了几个地址，取第一个可用的", "{} endpoints with several addresses; the first usable one is taken"
    ),
    "repeated": Text("{} 行重复，略过", "{} rows repeated, passed over"),
    "shared": Text(
        "{} 个地址各有两个以上的终端在用，请核对", "{} addresses belong to two endpoints or more each; check them"
    ),
}


def _counted(texts: Text, count: int) -> Text | None:
    return Text(texts.zh.format(count), texts.en.format(count)) if count else None


def _control(character: str) -> Text:
    return Text(f"含不可见或控制字符（{character}）", f"holds an invisible or control character ({character})")


def _no_address(given: str) -> Text:
    return Text(
        f"“{shown(given)}”不是可用的地址，应如 10.1.2.3、2001:db8::1、pc01.example.cn",
        f"{shown(given)!r} is no usable address; write 10.1.2.3, 2001:db8::1 or pc01.example.cn",
    )


def _again(asset: str, place: Text) -> Text:
    return Text(
        f"“{shown(asset)}”与{place.zh}同名而内容不同；同一地址域内名称不能重复",
        f"{shown(asset)!r} stands at {place.en} with other contents; a name is used once in a network",
    )
