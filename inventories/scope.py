"""What may be touched at a moment, and why not: the letters' one judge, and the only place where a permit is made.

Pure: the letters and the moment come in. In order of force: classified (of any letter that is there, expired and revoked
ones too), denied (likewise: a denial is lifted by editing its letter), allowed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address

from inventories.letters import ALL_UNITS, Grounds, Letter, Limits
from inventories.names import Name, is_under, labels
from inventories.ranges import Endpoint, IPAddress, embedded, never, read_address
from xunyan.canonical import BEIJING
from xunyan.errors import InputError
from xunyan.permits import Method, Permit, ports_text
from xunyan.wording import Text


class Ground(StrEnum):
    """Why a letter allows or does not allow."""

    ALLOWED = "allowed"
    CLASSIFIED = "classified"
    DENIED = "denied"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNIT = "unit"
    METHOD = "method"
    PORT = "port"
    NOT_YET = "not-yet"
    WINDOW = "window"


class State(StrEnum):
    """How a letter stands at a moment."""

    IN_FORCE = "in-force"
    NOT_YET = "not-yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OUTSIDE_WINDOW = "outside-window"


class Service(StrEnum):
    """What a letter can let us use beside targets: on the way to them, or for the evidence."""

    RESOLVER = "resolver"
    NAME_SERVER = "name_server"
    JUMP_HOST = "jump_host"
    TIMESTAMP = "timestamp"


_SERVICE_METHOD = {
    Service.RESOLVER: Method.DNS, Service.NAME_SERVER: Method.DNS, Service.JUMP_HOST: Method.SSH,
    Service.TIMESTAMP: Method.TIMESTAMP,
}  # fmt: skip
_SERVICE_WORD = {
    Service.RESOLVER: Text("域名服务器", "a resolver"),
    Service.NAME_SERVER: Text("权威域名服务器", "an authoritative name server"),
    Service.JUMP_HOST: Text("跳板机", "a jump host"),
    Service.TIMESTAMP: Text("时间戳服务器", "a timestamp server"),
}
_BARRING = (Ground.CLASSIFIED, Ground.DENIED)
_STATE = {State.NOT_YET: Ground.NOT_YET, State.EXPIRED: Ground.EXPIRED, State.REVOKED: Ground.REVOKED}


@dataclass(frozen=True, slots=True)
class Question:
    """May this port at this address be touched by this method? `port` is a real port, never 0.

    `unit` empty means that nobody knows whose it is, and the units of the letters are not looked at. `names` are all
    names that led to the address: the target's and every CNAME's.
    """

    network: str
    address: str
    port: int
    method: Method
    unit: str = ""
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """What one letter says to a question. `allows` is its own word: another letter's denial is stronger."""

    letter: str
    allows: bool
    ground: Ground
    text: Text


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: a permit or none, `why` in one sentence, and what every letter that speaks of it says, by number."""

    permit: Permit | None
    reasons: tuple[Reason, ...]
    why: Text


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A letter's reason, and until when it would allow."""

    reason: Reason
    expires: datetime


_Speak = Callable[[Letter, Grounds, IPAddress], _Spoken | None]
Judge = Callable[[Iterable[Letter], Question, datetime], Decision]
"""`decide`, or `decide_name_server`."""


def decide(letters: Iterable[Letter], question: Question, moment: datetime) -> Decision:
    """Judge a question at an aware moment. An address that cannot be read, or can be no target, gets no permit.

    Of several letters that allow, the one that allows longest counts; of equal ones, the first by number.
    """

    return _judge(letters, question, moment, _as_target(question, moment))


def decide_service(
    letters: Iterable[Letter], network: str, address: str, port: int, kind: Service, moment: datetime
) -> Decision:
    """Judge whether such a server may be used: by its own grant; `methods` and `ports` do not count."""
    question = Question(network, address, port, _SERVICE_METHOD[kind])
    return _judge(letters, question, moment, _as_service(kind, port, moment))


def decide_name_server(letters: Iterable[Letter], question: Question, moment: datetime) -> Decision:
    """Judge whether an authoritative name server may be asked: by its grant, or as a target that DNS may be used on.

    `question.names` are the server's own, so that a denied name bars it.
    """
    granted = _as_service(Service.NAME_SERVER, question.port, moment)
    target = _as_target(question, moment)

    def speak(letter: Letter, grounds: Grounds, address: IPAddress) -> _Spoken | None:
        said = [one for one in (granted(letter, grounds, address), target(letter, grounds, address)) if one is not None]
        return next((one for one in said if one.reason.allows), said[0] if said else None)

    return _judge(letters, question, moment, speak)


def resolvers(letters: Iterable[Letter], network: str, moment: datetime) -> tuple[Permit, ...]:
    """List the name servers of a network that may be asked now, by letter and as written there."""
    return _granted(letters, network, Service.RESOLVER, moment)


def jump_hosts(letters: Iterable[Letter], network: str, moment: datetime) -> tuple[Permit, ...]:
    """List the jump hosts of a network that may be used now, by letter and as written there."""
    return _granted(letters, network, Service.JUMP_HOST, moment)


def opening(letters: Iterable[Letter], question: Question, after: datetime, judge: Judge = decide) -> datetime | None:
    """Say when, from `after` on, the question would next get a permit; None for never as the letters stand."""
    kept = tuple(letters)
    found: list[datetime] = []
    for letter in kept:
        opens = letter.hours.opens(max(after, letter.valid_from))
        if opens < letter.ends() and judge((letter,), question, opens).permit is not None:
            found.append(opens)
    first = min(found, default=None)
    return first if first is not None and judge(kept, question, first).permit is not None else None


def state(letter: Letter, moment: datetime) -> State:
    """Say how a letter stands at a moment."""
    if letter.revoked is not None and letter.revoked.at <= moment:
        return State.REVOKED
    if letter.valid_until <= moment:
        return State.EXPIRED
    if moment < letter.valid_from:
        return State.NOT_YET
    return State.IN_FORCE if letter.hours.until(moment) is not None else State.OUTSIDE_WINDOW


def next_opening(letter: Letter, after: datetime) -> datetime | None:
    """Say when a letter is next in force: `after` itself where it is; None where it never will be."""
    opens = letter.hours.opens(max(after, letter.valid_from))
    return opens if opens < letter.ends() else None


def in_force(letters: Iterable[Letter], moment: datetime) -> tuple[Letter, ...]:
    """Give the letters that are valid, not revoked and inside a window at a moment, by number."""
    found = (one for one in letters if state(one, moment) is State.IN_FORCE)
    return tuple(sorted(found, key=lambda one: one.number))


def limits(letters: Iterable[Letter]) -> Limits:
    """Give the strictest of what these letters say: the smallest of each figure, None where none says anything."""
    kept = [one.limits for one in letters]
    return Limits(
        min((one.concurrency for one in kept if one.concurrency is not None), default=None),
        min((one.per_second for one in kept if one.per_second is not None), default=None),
    )


def classified(letters: Iterable[Letter], network: str, address: str) -> bool:
    """Say whether any letter, in force or not, marks an address of a network as classified (涉密).

    IPv4 inside IPv6 is looked at as well, and a zone (`%eth0`) is no way around. A text that is no address is not.
    """
    try:
        meant = _meanings(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    grounds = [one for letter in letters if (one := letter.grounds(network)) is not None]
    return any(one.classified.holding_any(meant) is not None for one in grounds)


def sudo_allowed(letters: Iterable[Letter], number: str) -> bool:
    """Say whether the letter of this number lets its hosts be asked with administrator rights."""
    return any(one.sudo for one in letters if one.number == number)


def _judge(letters: Iterable[Letter], question: Question, moment: datetime, speak: _Speak) -> Decision:
    """Let every letter that knows the network speak: first of what it bars, then as `speak` says."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    names = tuple(labels(one) for one in question.names if one)
    try:
        address = read_address(question.address)
    except InputError as error:
        return _nowhere(letters, question, names, error.what)
    nowhere = never(address)
    if nowhere is not None:
        return _nowhere(letters, question, names, Text(f"{address}：{nowhere.zh}", f"{address}: {nowhere.en}"))
    spoken: list[_Spoken] = []
    meant = _meanings(address)
    for letter in letters:
        grounds = letter.grounds(question.network)
        if grounds is not None:
            said = _barred(letter, grounds, meant, names) or speak(letter, grounds, address)
            spoken += [said] if said is not None else []
    spoken.sort(key=lambda one: one.reason.letter)
    reasons = tuple(one.reason for one in spoken)
    barring = [one for ground in _BARRING for one in reasons if one.ground is ground]
    best = max((one for one in spoken if one.reason.allows), key=lambda one: one.expires, default=None)
    if best is None or barring:
        return Decision(None, reasons, _why(barring or reasons, question, address))
    permit = Permit(
        question.network, str(address), question.port, question.method, best.expires, best.reason.letter
    )  # fmt: skip
    return Decision(permit, reasons, _by(best.reason))


def _nowhere(letters: Iterable[Letter], question: Question, names: tuple[Name, ...], why: Text) -> Decision:
    """Refuse what can be no target; what a letter bars in it bars all the same, such as an IPv4 address inside IPv6."""
    try:
        meant = _meanings(ip_address(question.address.partition("%")[0]))
    except ValueError:
        return Decision(None, (), why)
    grounds = [(letter, own) for letter in letters if (own := letter.grounds(question.network)) is not None]
    barred = [said for letter, own in grounds if (said := _barred(letter, own, meant, names)) is not None]
    reasons = tuple(sorted((one.reason for one in barred), key=lambda one: one.letter))
    return Decision(None, reasons, _by(reasons[0]) if reasons else why)


def _as_target(question: Question, moment: datetime) -> _Speak:
    """Say of a letter what it says to a question about one of the addresses that it allows."""

    def speak(letter: Letter, grounds: Grounds, address: IPAddress) -> _Spoken | None:
        held = grounds.allow.holding(address)
        if held is None:
            return None
        place = Text(f"{address} 在允许的 {held.text} 内", f"{address} is in the allowed {held.text}")
        return _unfit(letter, question, place) or _timed(letter, place, moment)

    return speak


def _as_service(kind: Service, port: int, moment: datetime) -> _Speak:
    """Say of a letter whether it grants a server of this kind."""
    word = _SERVICE_WORD[kind]

    def speak(letter: Letter, grounds: Grounds, address: IPAddress) -> _Spoken | None:
        granted = [one.port for one in _services(grounds, kind) if one.address == address]
        if not granted:
            return None
        place = Text(f"{address} 列为{word.zh}", f"{address} is listed as {word.en}")
        if port not in granted:
            return _refused(letter, Ground.PORT, _port_text(place, port, granted))
        return _timed(letter, place, moment)

    return speak


def _why(reasons: Sequence[Reason], question: Question, address: IPAddress) -> Text:
    if reasons:
        return _by(reasons[0])
    network = question.network or "？"
    return Text(
        f"没有授权书允许触碰地址域“{network}”的 {address}", f"no letter allows {address} in the network {network!r}"
    )


def _by(reason: Reason) -> Text:
    return Text(f"授权书 {reason.letter}：{reason.text.zh}", f"letter {reason.letter}: {reason.text.en}")


def _barred(letter: Letter, grounds: Grounds, meant: tuple[IPAddress, ...], names: Iterable[Name]) -> _Spoken | None:
    """Say what the letter bars, whether it is in force or not: classified first, then denied ranges and names."""
    address = meant[0]
    held = grounds.classified.holding_any(meant)
    if held is not None:
        text = Text(f"{address} 在涉密范围 {held.text} 内", f"{address} is in the classified range {held.text}")
        return _refused(letter, Ground.CLASSIFIED, text)
    held = grounds.deny.holding_any(meant)
    if held is not None:
        text = Text(f"{address} 在禁止的 {held.text} 内", f"{address} is in the denied {held.text}")
        return _refused(letter, Ground.DENIED, text)
    for name in names:
        top = next((one for one in grounds.deny_names if is_under(name, one)), None)
        if top is not None:
            said, denied = ".".join(name), ".".join(top)
            text = Text(f"{said} 在禁止的域名 {denied} 之内", f"{said} is under the denied name {denied}")
            return _refused(letter, Ground.DENIED, text)
    return None


def _unfit(letter: Letter, question: Question, place: Text) -> _Spoken | None:
    """Say in what the letter does not fit the question, its times apart."""
    if question.unit and not {question.unit, ALL_UNITS} & set(letter.units):
        zh, en = f"不含单位“{question.unit}”", f"does not cover the unit {question.unit!r}"
        return _refused(letter, Ground.UNIT, Text(f"{place.zh}，但{zh}", f"{place.en}, but the letter {en}"))
    if question.method not in letter.methods:
        zh, en = f"不允许方式 {question.method}", f"does not allow the method {question.method}"
        return _refused(letter, Ground.METHOD, Text(f"{place.zh}，但{zh}", f"{place.en}, but the letter {en}"))
    ports = letter.ports_of(question.method)
    if question.port not in ports:
        return _refused(letter, Ground.PORT, _port_text(place, question.port, ports))
    return None


def _port_text(place: Text, port: int, ports: Iterable[int]) -> Text:
    known = ports_text(ports)
    return Text(
        f"{place.zh}，但端口 {port} 不在允许的 {known} 之中", f"{place.en}, but port {port} is not among {known}"
    )


def _timed(letter: Letter, place: Text, moment: datetime) -> _Spoken:
    """Say whether the letter, which fits otherwise, is in force, and until when."""
    stands = state(letter, moment)
    if stands is State.OUTSIDE_WINDOW:
        windows = Text("、".join(map(str, letter.hours.windows)), ", ".join(map(str, letter.hours.windows)))
        opens = next_opening(letter, moment)
        then = Text(
            f"下次开放 {_shown(opens)}" if opens is not None else "有效期内不再开放",
            f"next opens {_shown(opens)}" if opens is not None else "does not open again",
        )
        text = Text(
            f"{place.zh}，但不在时间窗 {windows.zh}，{then.zh}",
            f"{place.en}, but outside the window {windows.en}; {then.en}",
        )
        return _refused(letter, Ground.WINDOW, text)
    if stands is not State.IN_FORCE:
        said = _standing(letter, stands)
        return _refused(letter, _STATE[stands], Text(f"{place.zh}，但{said.zh}", f"{place.en}, but {said.en}"))
    expires = min(letter.hours.until(moment) or moment, letter.ends())
    text = Text(f"{place.zh}，至 {_shown(expires)}", f"{place.en}, until {_shown(expires)}")
    return _Spoken(Reason(letter.number, True, Ground.ALLOWED, text), expires)  # noqa: FBT003


def _standing(letter: Letter, stands: State) -> Text:
    if stands is State.REVOKED and letter.revoked is not None:
        at, by, reason = _shown(letter.revoked.at), letter.revoked.by, letter.revoked.reason
        return Text(
            f"授权书已于 {at} 由{by}撤销" + (f"（{reason}）" if reason else ""),
            f"the letter was revoked on {at} by {by}" + (f" ({reason})" if reason else ""),
        )
    if stands is State.NOT_YET:
        starts = _shown(letter.valid_from)
        return Text(f"授权书 {starts} 起才生效", f"the letter is valid only from {starts}")
    ended = _shown(letter.valid_until)
    return Text(f"授权书已于 {ended} 到期", f"the letter expired on {ended}")


def _refused(letter: Letter, ground: Ground, text: Text) -> _Spoken:
    return _Spoken(Reason(letter.number, False, ground, text), letter.ends())  # noqa: FBT003


def _shown(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def _meanings(address: IPAddress) -> tuple[IPAddress, ...]:
    return (address, *embedded(address))


def _services(grounds: Grounds, kind: Service) -> tuple[Endpoint, ...]:
    return {
        Service.RESOLVER: grounds.resolvers, Service.NAME_SERVER: grounds.name_servers,
        Service.JUMP_HOST: grounds.jump_hosts, Service.TIMESTAMP: grounds.timestamps,
    }[kind]  # fmt: skip


def _granted(letters: Iterable[Letter], network: str, kind: Service, moment: datetime) -> tuple[Permit, ...]:
    kept = sorted(letters, key=lambda one: one.number)
    written = [
        one for letter in kept if (grounds := letter.grounds(network)) is not None for one in _services(grounds, kind)
    ]
    permits = (
        decide_service(kept, network, str(one.address), one.port, kind, moment).permit for one in dict.fromkeys(written)
    )
    return tuple(one for one in permits if one is not None)
