"""A letter of authorisation (授权书): what one says, and reading one from TOML so that every mistake in it is named."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any, TypeAlias

import msgspec

from inventories.names import Name, read_name, reads_as_address
from inventories.ranges import Endpoint, Range, Ranges, check_width, is_port, read_endpoint, read_range
from inventories.windows import ALWAYS, Hours, hours, read_window
from xunyan.canonical import BEIJING
from xunyan.errors import InputError
from xunyan.names import flaw, shown
from xunyan.permits import PORTS, Method
from xunyan.wording import Text

ALL_UNITS = "*"
TARGET_METHODS = (Method.SSH, Method.TELNET, Method.WINRM, Method.DNS, Method.WEB)
"""What `methods` can name; servers of timestamps are granted by address alone."""

_SERVICE_PORTS = {
    "resolvers": PORTS[Method.DNS][0], "name_servers": PORTS[Method.DNS][0], "jump_hosts": PORTS[Method.SSH][0],
    "timestamps": PORTS[Method.TIMESTAMP][0],
}  # fmt: skip
_SHOWN_PROBLEMS = 50


class LimitsForm(msgspec.Struct, frozen=True, kw_only=True):
    """The `[limits]` table of a letter."""

    concurrency: int | None = None
    per_second: float | None = None


class RevokedForm(msgspec.Struct, frozen=True, kw_only=True):
    """The `[revoked]` table of a letter."""

    on: Any
    by: str
    reason: str = ""


class NetworkForm(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[networks]]` table of a letter."""

    name: str
    allow: list[str] = []
    deny: list[str] = []
    classified: list[str] = []
    resolvers: list[str] = []
    name_servers: list[str] = []
    jump_hosts: list[str] = []
    timestamps: list[str] = []


class LetterForm(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a letter's file; a key that is not here is refused."""

    number: str
    units: list[str]
    approver: str
    valid_from: Any
    valid_until: Any
    methods: list[str]
    networks: list[dict[str, Any]]
    title: str = ""
    approved_on: Any = None
    windows: list[Any] | None = None
    ports: list[int] | None = None
    sudo: bool = False
    limits: dict[str, Any] | None = None
    revoked: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much at once, and how many new connections a second; None where a letter says nothing."""

    concurrency: int | None = None
    per_second: float | None = None


NO_LIMITS = Limits()
NO_RANGES = Ranges()


@dataclass(frozen=True, slots=True)
class Revoked:
    """From when a letter is void, by whom, and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature over a letter's file that verifies. `trusted`: its key is one that the workspace trusts."""

    key: str
    by: str
    signed_at: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a letter says of one network."""

    network: str
    allow: Ranges = NO_RANGES
    deny: Ranges = NO_RANGES
    deny_names: tuple[Name, ...] = ()
    classified: Ranges = NO_RANGES
    resolvers: tuple[Endpoint, ...] = ()
    jump_hosts: tuple[Endpoint, ...] = ()
    timestamps: tuple[Endpoint, ...] = ()
    name_servers: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. Valid from `valid_from` until before `valid_until`; `ports` None means each method's own."""

    number: str
    units: tuple[str, ...]
    approver: str
    valid_from: datetime
    valid_until: datetime
    methods: tuple[Method, ...]
    networks: tuple[Grounds, ...]
    title: str = ""
    approved_on: date | None = None
    hours: Hours = ALWAYS
    ports: tuple[int, ...] | None = None
    sudo: bool = False
    limits: Limits = NO_LIMITS
    revoked: Revoked | None = None
    file: str = ""
    signature: Signature | None = None

    def grounds(self, network: str) -> Grounds | None:
        """Give what the letter says of a network, or None."""
        for one in self.networks:
            if one.network == network:
                return one
        return None

    def ports_of(self, method: Method) -> tuple[int, ...]:
        """Give the ports that the letter lets a method touch; none where it does not allow the method."""
        if method not in self.methods:
            return ()
        return PORTS[method] if self.ports is None else self.ports

    def ends(self) -> datetime:
        """Say from when on the letter allows nothing: its last day is over, or it is revoked."""
        return self.valid_until if self.revoked is None else min(self.valid_until, self.revoked.at)


Problems: TypeAlias = list[tuple[str, InputError]]
"""(key, what is wrong there), in the order found."""


def read_letter(data: bytes, file: str) -> Letter:
    """Read a letter from the bytes of its file. Raises one InputError that names every problem found, by key."""
    problems: Problems = []
    table = _toml(data, file)
    found = _shape(table, LetterForm, "", problems)
    values = _values(found, problems)
    if problems:
        raise _refused(file, problems)
    return Letter(**values, file=file)


def _toml(data: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            Text("不是UTF-8文字", "not UTF-8 text"), where=file, advice=Text("另存为UTF-8编码", "save it as UTF-8")
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            Text(f"TOML格式有误（{error}）", f"not well-formed TOML ({error})"),
            where=file,
            advice=Text(
                "改正该处；xunyan scope template 可看写法",
                "mend it there; xunyan scope template shows how to write one",
            ),
        ) from error


def _refused(file: str, problems: Problems) -> InputError:
    first = problems[:_SHOWN_PROBLEMS]
    left = len(problems) - len(first)

    def said(language: str) -> str:
        lines = []
        for key, error in first:
            advice = error.advice.in_language(language) if error.advice is not None else ""
            joint = "；" if language == "zh" else "; "
            lines.append(f"{key}: {error.what.in_language(language)}{joint if advice else ''}{advice}")
        return "\n  ".join(lines)

    advice = Text("改正后重试；改正之前什么也不会触碰", "mend it and try again; until then nothing is touched")
    if len(problems) == 1:
        key, error = problems[0]
        own = error.advice or Text("改正这一处", "mend it there")
        return InputError(
            error.what, where=f"{file}: {key}", advice=Text(f"{own.zh}；{advice.zh}", f"{own.en}; {advice.en}")
        )
    what = Text(
        f"有 {len(problems)} 处要改：\n  {said('zh')}" + (f"\n  还有 {left} 处" if left else ""),
        f"{len(problems)} problems:\n  {said('en')}" + (f"\n  and {left} more" if left else ""),
    )
    return InputError(what, where=file, advice=advice)


_EXPECTED: Mapping[object, Text] = {
    str: Text("应为带引号的文字", "should be text in quotes"),
    bool: Text("应为 true 或 false", "should be true or false"),
    list[str]: Text(
        '应为方括号里带引号的文字，如 ["甲", "乙"]', 'should be quoted texts in brackets, as in ["a", "b"]'
    ),
    list[int] | None: Text("应为方括号里的整数，如 [22]", "should be whole numbers in brackets, as in [22]"),
    list[Any] | None: Text(
        '应为方括号里的时间窗，如 ["22:00-06:00"]', 'should be windows in brackets, as in ["22:00-06:00"]'
    ),
    list[dict[str, Any]]: Text("应为 [[networks]] 表", "should be [[networks]] tables"),
    dict[str, Any] | None: Text("应为一张表", "should be a table"),
    int | None: Text("应为整数", "should be a whole number"),
    float | None: Text("应为数", "should be a number"),
}


def _shape(table: Mapping[str, Any], form: type[msgspec.Struct], at: str, problems: Problems) -> dict[str, Any]:
    """Take the keys of a table that fit its form, with defaults; note every key that does not fit or is missing."""
    fields = {one.name: one for one in msgspec.structs.fields(form)}
    for key in table:
        if key not in fields:
            alike = get_close_matches(key, fields, 1)
            problems.append((f"{at}{shown(key)}", _unknown(alike[0] if alike else "", sorted(fields))))
    found: dict[str, Any] = {}
    for name, one in fields.items():
        if name in table:
            try:
                found[name] = msgspec.convert(table[name], one.type)
            except msgspec.ValidationError:
                problems.append((f"{at}{name}", InputError(_EXPECTED[one.type])))
        elif one.required:
            problems.append((f"{at}{name}", InputError(Text("缺少这一项", "is missing"))))
        else:
            found[name] = one.default if one.default is not msgspec.NODEFAULT else one.default_factory()
    return found


def _unknown(alike: str, known: list[str]) -> InputError:
    advice = Text(
        f"是不是 {alike}？" if alike else f"可用：{'、'.join(known)}",
        f"did you mean {alike}?" if alike else f"there are: {', '.join(known)}",
    )
    return InputError(Text("没有这一项", "there is no such key"), advice=advice)


def _values(found: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Read what the keys say. Only where no problem was noted is the result whole."""
    values = dict(found)
    for key in ("number", "approver"):
        if key in found:
            _plain(found[key], key, problems)
    if found.get("title"):
        _plain(found["title"], "title", problems)
    if "units" in found:
        values["units"] = tuple(_plain(one, f"units[{n}]", problems) for n, one in enumerate(found["units"], 1))
        _filled(found["units"], "units", problems)
    values["approved_on"] = _day(found.get("approved_on"), problems)
    for key, end in (("valid_from", False), ("valid_until", True)):
        if key in found:
            values[key] = read_moment(found[key], key, problems, end=end)
    start, until = values.get("valid_from"), values.get("valid_until")
    if isinstance(start, datetime) and isinstance(until, datetime) and until <= start:
        problems.append(("valid_until", InputError(Text("早于 valid_from", "is before valid_from"))))
    values["hours"] = _hours(values.pop("windows", None), problems)
    if "methods" in found:
        values["methods"] = _methods(found["methods"], problems)
    values["ports"] = _ports(found.get("ports"), problems)
    values["limits"] = _limits(found.get("limits"), problems)
    values["revoked"] = _revoked(found.get("revoked"), problems)
    if "networks" in found:
        values["networks"] = _networks(found["networks"], problems)
    return values


def _plain(text: str, key: str, problems: Problems) -> str:
    """Note a text that is empty, too long, has blanks around it or holds what nobody can see: it is compared exactly."""
    if not text.strip() or text != text.strip() or flaw(text):
        problems.append(
            (
                key,
                InputError(
                    Text(
                        "为空、过长、首尾有空格或含不可见字符",
                        "is empty, too long, or has blanks around or invisible characters",
                    ),
                    advice=Text("写成一行文字", "write one line of text"),
                ),
            )
        )
    return text


def _filled(values: list[Any], key: str, problems: Problems) -> None:
    if not values:
        problems.append((key, InputError(Text("是空的", "is empty"), advice=Text("至少写一个", "write at least one"))))


def _day(value: object, problems: Problems) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    problems.append(("approved_on", InputError(_MOMENT, advice=Text("写成 2026-11-01", "write 2026-11-01"))))
    return None


_MOMENT = Text("不是可用的日期或时间", "is not a usable day or moment")
_MOMENT_ADVICE = Text(
    "写成 2026-11-01（北京时间全天）或 2026-11-01T08:00:00+08:00，不加引号",
    "write 2026-11-01 (the whole day in Beijing) or 2026-11-01T08:00:00+08:00, without quotes",
)


def read_moment(value: object, key: str, problems: Problems, *, end: bool = False) -> datetime:
    """Read a day, meaning its start in Beijing or with `end` the end of it, or a moment that has its zone."""
    try:
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                return value.astimezone(BEIJING)
        elif isinstance(value, date):
            return datetime.combine(value + timedelta(days=int(end)), time(), BEIJING)
    except OverflowError:
        pass
    problems.append((key, InputError(_MOMENT, advice=_MOMENT_ADVICE)))
    return datetime(9999 if end else 1, 1, 1, tzinfo=BEIJING)


def _hours(value: list[Any] | None, problems: Problems) -> Hours:
    if value is None:
        return ALWAYS
    _filled(value, "windows", problems)
    windows = []
    for number, one in enumerate(value, 1):
        try:
            windows.append(read_window(one))
        except InputError as error:
            problems.append((f"windows[{number}]", error))
    return hours(windows)


def _methods(value: list[str], problems: Problems) -> tuple[Method, ...]:
    _filled(value, "methods", problems)
    known = "、".join(TARGET_METHODS)
    for number, one in enumerate(value, 1):
        if one not in TARGET_METHODS:
            what = Text(f"没有方式“{shown(one)}”", f"there is no method {shown(one)!r}")
            advice = Text(f"可用：{known}", f"there are: {known}")
            problems.append((f"methods[{number}]", InputError(what, advice=advice)))
    return tuple(dict.fromkeys(Method(one) for one in value if one in TARGET_METHODS))


def _ports(value: list[int] | None, problems: Problems) -> tuple[int, ...] | None:
    if value is None:
        return None
    _filled(value, "ports", problems)
    for number, one in enumerate(value, 1):
        if not is_port(one):
            what = Text(f"{one} 不是端口，应在 1 到 65535", f"{one} is no port; it should be from 1 to 65535")
            problems.append((f"ports[{number}]", InputError(what)))
    return tuple(sorted(set(value)))


def _limits(value: dict[str, Any] | None, problems: Problems) -> Limits:
    if value is None:
        return Limits()
    found = _shape(value, LimitsForm, "limits.", problems)
    for key, one in found.items():
        if one is not None and not 0 < one < float("inf"):
            problems.append((f"limits.{key}", InputError(Text("应大于零", "should be above zero"))))
    return Limits(**found) if not problems else Limits()


def _revoked(value: dict[str, Any] | None, problems: Problems) -> Revoked | None:
    if value is None:
        return None
    found = _shape(value, RevokedForm, "revoked.", problems)
    at = read_moment(found["on"], "revoked.on", problems) if "on" in found else None
    by = _plain(found["by"], "revoked.by", problems) if "by" in found else ""
    if found.get("reason"):
        _plain(found["reason"], "revoked.reason", problems)
    return Revoked(at, by, found.get("reason", "")) if at is not None else None


def _networks(value: list[dict[str, Any]], problems: Problems) -> tuple[Grounds, ...]:
    _filled(value, "networks", problems)
    grounds: list[Grounds] = []
    for number, table in enumerate(value, 1):
        at = f"networks[{number}]."
        found = _shape(table, NetworkForm, at, problems)
        name = _plain(found["name"], f"{at}name", problems) if "name" in found else ""
        if name and name in [one.network for one in grounds]:
            what = Text(f"地址域“{shown(name)}”写了两次", f"the network {shown(name)!r} is there twice")
            advice = Text("并到一张表里", "put both into one table")
            problems.append((f"{at}name", InputError(what, advice=advice)))
        grounds.append(_grounds(name, found, at, problems))
    return tuple(grounds)


def _grounds(name: str, found: Mapping[str, Any], at: str, problems: Problems) -> Grounds:
    ranges: dict[str, list[Range]] = {"allow": [], "deny": [], "classified": []}
    names: list[Name] = []
    services: dict[str, list[Endpoint]] = {key: [] for key in _SERVICE_PORTS}
    for key, texts in found.items():
        for number, text in enumerate(texts if key != "name" else (), 1):
            try:
                if key in services:
                    services[key].append(read_endpoint(text, _SERVICE_PORTS[key]))
                elif reads_as_address(text):
                    ranges[key].append(read_range(text))
                    if key == "allow":
                        check_width(ranges[key][-1])
                elif key == "deny":
                    names.append(read_name(text))
                else:
                    raise _no_names(text, key)
            except InputError as error:
                problems.append((f"{at}{key}[{number}]", error))
    return Grounds(
        name, Ranges(tuple(ranges["allow"])), Ranges(tuple(ranges["deny"])), tuple(names),
        Ranges(tuple(ranges["classified"])), tuple(services["resolvers"]), tuple(services["jump_hosts"]),
        tuple(services["timestamps"]), tuple(services["name_servers"]),
    )  # fmt: skip


def _no_names(text: str, key: str) -> InputError:
    word = Text("允许", "allowed") if key == "allow" else Text("涉密", "classified")
    return InputError(
        Text(f"“{shown(text)}”是域名或不是地址，{word.zh}范围只收地址", f"{shown(text)!r} is a name or no address"),
        advice=Text("域名指向会变，写它现在的地址或网段", "names change what they mean; write addresses or networks"),
    )
