"""What people hand in: files of captures and folders of answers, read line by line; what is wrong is named by file and line."""

import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from console.language import shape_in_chinese
from console.output import one_line
from console.redacting import of_device
from evidence.captures import BODY_LIMIT, LATEST, LINE_LIMIT, RejectedError, check_envelope, read_line, seal
from inventories.ledgers import is_filed
from scanners.platforms import PLATFORMS, devices
from scanners.platforms.devices.answers import refusal
from scanners.platforms.devices.vrf_tables import source_of
from xunyan.errors import InputError
from xunyan.model import Capture, Envelope, Gap
from xunyan.wording import Text

FUTURE_TOLERANCE = timedelta(minutes=10)
SHOWN_PROBLEMS = 20
GIVE_UP = 1000
BLANK_LIMIT = 10_000
_HEAD = 4096
_UTF16 = (BOM_UTF16_LE, BOM_UTF16_BE)

PROBLEMS = {
    "json": Text("不是完整的一行JSON（可能被截断）：{}", "not one whole line of JSON (cut?): {}"),
    "utf8": Text(
        "不是UTF-8编码（{}），请另存为UTF-8；不是文本的输出应放在 output_base64",
        "not UTF-8 ({}); save it as UTF-8, and put output that is not text into output_base64",
    ),
    "utf16": Text(
        "文件是UTF-16编码（PowerShell的 > 会这样），请另存为UTF-8{}",
        "the file is UTF-16, as PowerShell's > writes it; save it as UTF-8{}",
    ),
    "blank": Text(
        "文件里没有采集{}：采集可能没有运行起来，到原处重新采集",
        "there is no capture in the file{}: the collector may not have run; collect again",
    ),
    "blanks": Text(
        "连续空行过多（上限 {} 行），文件可能损坏", "too many blank lines on end ({} at most); is it damaged?"
    ),
    "schema": Text("不认识的 schema：{}", "unknown schema: {}"),
    "shape": Text("字段不对：{}", "a field is wrong: {}"),
    "empty": Text("{} 不能为空", "{} may not be empty"),
    "word": Text("{} 应是小写英文单词，如 endpoint、linux", "{} should be a lower-case word such as endpoint or linux"),
    "zone": Text("{} 没有时区，应如 2026-11-21T08:00:00+08:00", "{} has no time zone; write 2026-11-21T08:00:00+08:00"),
    "long": Text("{} 太长（上限256个字符）", "{} is too long (256 characters at most)"),
    "control": Text("{} 含不可见或控制字符", "{} holds an invisible or control character"),
    "output": Text("output 和 output_base64 应当且只应当有一个", "exactly one of output and output_base64 is needed"),
    "base64": Text("output_base64 不是有效的Base64{}", "output_base64 is not valid Base64{}"),
    "large": Text("输出过大（{} 字节，上限8 MiB）", "the output is too large ({} bytes, 8 MiB at most)"),
    "line": Text("这一行过长（上限24 MiB）{}", "this line is too long (24 MiB at most){}"),
    "digest": Text("{} 与内容不符，内容被改动过", "{} does not match: the content was changed"),
    "year": Text(
        "taken_at {} 不可能，应在1970年以后，请核对采集主机的时钟",
        "taken_at {} cannot be, it must be after 1970; check the clock of the host",
    ),
    "future": Text(
        "采集时间 {} 在将来，请核对采集主机的时钟", "taken_at {} is in the future; check the clock of the host"
    ),
    "kind": Text("同一资产先后写成两种类型：{}", "one asset is given two kinds: {}"),
    "ledger": Text(
        "采集文件里不应有台账行；台账用 xunyan ledger import 导入，迁移工作区时加 --with-ledger{}",
        "a file of captures holds no ledger row; use xunyan ledger import, or --with-ledger when a workspace moves{}",
    ),
    "machines": Text(
        "同一名称下有两台机器，分不清各条采集属于哪台：{}。采集时用 --asset 给每台取不同的名称",
        "two machines under one name, so nobody can tell whose each answer is: {}. Name each by --asset when collecting",
    ),
    "source": Text(
        "不认识的来源 {}；文件夹应为 <资产>/<来源>.txt，来源如 dmidecode、lscpu、os-release",
        "unknown source {}; the layout is <asset>/<source>.txt with sources such as dmidecode, lscpu, os-release",
    ),
    "sealed": Text(
        "这条采集已封存（带编号或摘要），却含有没有脱敏的内容（{}）；删去 id、sha256、sm3、size 后重新导入，导入时会脱敏",
        "this capture is sealed (it has its id or digests) and holds secrets that are not redacted ({}); take id, sha256, "
        "sm3 and size out and ingest again, then it will be redacted",
    ),
    "prompts": Text(
        "不像采集文件，也不像网络设备的终端日志：没有找到提示符后的 display 或 show 命令{}",
        "neither a file of captures nor a terminal log of network devices: no display or show command behind a prompt{}",
    ),
    "platform": Text(
        "认不出设备 {} 是哪家的：日志里没有它完整的 display version（或 show version）；用 --platform 写明，如 --platform huawei_vrp",
        "whose device {} is does not show: the log holds no whole display version (or show version) of it; give --platform",
    ),
    "prompt-style": Text(
        "设备 {} 的提示符不是这个平台的样子，请核对 --platform",
        "the prompts of {} are not those of the platform; check it",
    ),
    "clock": Text(
        "不知道设备 {} 的日志是什么时候记的：里面没有能读出时间和时区的 display clock（或 show clock）；"
        "用 --taken-at 写明，如 --taken-at 2026-11-20T09:00:00+08:00（文件的修改时间不作依据）",
        "when the log of {} was taken does not show: it holds no display clock (or show clock) with time and zone; "
        "give --taken-at (the file's own time proves nothing)",
    ),
    "namesakes": Text(
        "日志里有两台设备都叫 {}（从它登录到了同名的设备，或者前后的型号、序列号不同），分不清各条回答属于哪台；请把日志按设备分开",
        "two devices of the log call themselves {} (somebody logged in from one to the other, or model and serial number "
        "differ), so nobody can tell whose an answer is; part the log by devices",
    ),
    "factory": Text(
        "提示符 {} 是出厂名称，很多设备都叫这个，不能当资产名称；用 --asset 写明是哪台",
        "{} is what many devices call themselves when they leave the factory; say by --asset which one it is",
    ),
    "newer": Text(
        "设备时钟 {} 比文件的修改时间还晚，不可信；用 --taken-at 写明采集时间",
        "the device's clock, {}, is later than the file itself; give --taken-at",
    ),
    "commands": Text(
        "设备 {} 没有一条能用的回答；要有完整的、巡验认得的命令，见 docs/devices.md",
        "nothing that device {} answered is of use; whole answers to commands of docs/devices.md are needed",
    ),
    "devices": Text(
        "日志里有几台设备（{}），--asset 只能用于一台：去掉 --asset，或把日志分开",
        "the log is of several devices ({}), and --asset can name one: leave it out, or part the log",
    ),
    "absent": Text("没有这个文件或文件夹{}", "no such file or folder{}"),
    "plain": Text(
        "不是普通文件，不读（管道、设备、文件夹内的链接）{}",
        "not a plain file (pipe, device, or link in a folder), not read{}",
    ),
    "read": Text("读不了：{}", "cannot be read: {}"),
}


@dataclass(frozen=True, slots=True)
class Handed:
    """One capture or gap and where it stood; `carried`: in a file of captures, as a collector writes it.

    `sealed`: it came with its own id or digests, so that nothing of it may be changed.
    """

    where: str
    one: Capture | Gap
    carried: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Defaults:
    """What fills in where the input is silent. `now` bounds the future; `taken_at` dates a folder's files and a log.

    `platform` empty: a folder is of Linux hosts, and a terminal log says itself whose it is. `asset`: names the device of
    a terminal log in place of its prompt. `with_ledger`: rows of a ledger are taken from carried files too, as when a
    workspace moves; else a host could file for itself when it was bought.
    """

    network: str
    unit: str
    now: datetime
    taken_at: datetime | None = None
    platform: str = ""
    asset: str = ""
    with_ledger: bool = False


class Problems:
    """What is wrong in the input, gathered so that people can mend it in one go."""

    def __init__(self) -> None:
        self._shown: list[tuple[str, Text]] = []
        self.count = 0

    def add(self, where: str, problem: str, detail: str = "") -> None:
        """Note one problem."""
        self.count += 1
        if len(self._shown) < SHOWN_PROBLEMS:
            text = PROBLEMS[problem]
            shown = one_line(detail)[:200]
            chinese = shape_in_chinese(shown) if problem == "shape" else shown
            self._shown.append((one_line(where), Text(text.zh.format(chinese), text.en.format(shown))))

    @property
    def many(self) -> bool:
        """So many that reading on is of no use."""
        return self.count >= GIVE_UP

    def check(self) -> None:
        """Raise InputError with all that was noted; return where there was nothing."""
        if not self.count:
            return
        more = self.count - len(self._shown)
        least = ("至少", "at least ") if self.many else ("", "")
        zh = [f"输入{least[0]}有 {self.count} 处问题，本次未导入任何内容："] + [
            f"  {where}：{text.zh}" for where, text in self._shown
        ]
        en = [f"the input has {least[1]}{self.count} problems, nothing was taken:"] + [
            f"  {where}: {text.en}" for where, text in self._shown
        ]
        if more:
            zh.append(f"  ……另有 {more} 处")
            en.append(f"  ... and {more} more")
        raise InputError(
            Text("\n".join(zh), "\n".join(en)),
            advice=Text(
                "改正后重新导入；整行损坏的，到原处重新采集",
                "mend them and ingest again; collect again what is damaged",
            ),
        )


def read(
    paths: list[Path],
    defaults: Defaults,
    problems: Problems,
    redact: Callable[[Capture | Gap], Capture | Gap],
    read_log: Callable[[Path], Iterable[Handed]],
) -> Iterator[Handed]:
    """Read everything under the given paths in a fixed order; what cannot be taken goes to `problems`.

    `redact` gives each capture as it may be kept; one that was sealed with a secret in it is not taken. `read_log` reads
    what is a saved terminal session.
    """
    for handed in _every(paths, defaults, problems, read_log):
        one = redact(handed.one)
        if one is handed.one:
            yield handed
        elif handed.sealed:
            forms = ("detail",) if isinstance(one, Gap) else one.redactions or ("request",)
            problems.add(handed.where, "sealed", ", ".join(forms))
        else:
            yield replace(handed, one=one)


def _every(
    paths: list[Path], defaults: Defaults, problems: Problems, read_log: Callable[[Path], Iterable[Handed]]
) -> Iterator[Handed]:
    for path in paths:
        if path.is_dir():
            yield from _folder(path, defaults, problems, read_log)
        elif _regular(path, problems, follow=True):
            yield from _file(path, defaults, problems, read_log)


def _file(
    path: Path, defaults: Defaults, problems: Problems, read_log: Callable[[Path], Iterable[Handed]]
) -> Iterator[Handed]:
    if not _is_log(path):
        yield from _lines(path, defaults, problems)
        return
    for handed in read_log(path):
        yield from _admit(handed, defaults, problems)


def _is_log(path: Path) -> bool:
    """Tell whether a file is no file of captures: those are called `*.jsonl`, or begin as JSON does."""
    if path.suffix == ".jsonl":
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False  # who reads it says what is wrong
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    return head.removeprefix(BOM_UTF8).lstrip()[:1] not in (b"", b"{")


def _regular(path: Path, problems: Problems, *, follow: bool) -> bool:
    """Tell whether a path is a plain file: a pipe or a device could hang us, and is not what people carry.

    Links are followed where a person named them; one inside a carried folder could point at a secret of this machine.
    """
    try:
        plain = stat.S_ISREG((path.stat() if follow else path.lstat()).st_mode)
    except FileNotFoundError:
        problems.add(str(path), "absent")
        return False
    except OSError as error:
        problems.add(str(path), "read", error.strerror or "")
        return False
    if not plain:
        problems.add(str(path), "plain")
    return plain


def _folder(
    folder: Path, defaults: Defaults, problems: Problems, read_log: Callable[[Path], Iterable[Handed]]
) -> Iterator[Handed]:
    """A folder of `*.captures.jsonl`, `*.log`, or of `<asset>/<source>.txt`, or one asset's own of `<source>.txt`."""
    carried = sorted(path for path in folder.rglob("*.jsonl") if not path.is_dir())
    answers = sorted(path for path in folder.rglob("*.txt") if not path.is_dir())
    logs = sorted(path for path in folder.rglob("*.log") if not path.is_dir())
    for path in carried:
        if _regular(path, problems, follow=False):
            yield from _lines(path, defaults, problems)
    for path in answers:
        if _regular(path, problems, follow=False):
            yield from _answer(path, defaults, problems)
    for path in logs:
        if _regular(path, problems, follow=False):
            yield from _file(path, defaults, problems, read_log)
    if not carried and not answers and not logs:
        problems.add(str(folder), "read", "no *.captures.jsonl, no *.log and no <asset>/<source>.txt in it")


def _lines(path: Path, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    try:
        with path.open("rb") as file:
            number = blanks = held = 0
            while not problems.many and (line := file.readline(LINE_LIMIT + 1)):
                number += 1
                where = f"{path}:{number}"
                if number == 1 and line.startswith(_UTF16):
                    problems.add(where, "utf16")
                    return
                line = line.removeprefix(BOM_UTF8)  # at every line, since files are also put together by hand
                if len(line) > LINE_LIMIT:
                    problems.add(where, "line")
                    return  # the rest of such a file is not worth reading
                if not line.strip():
                    blanks += 1
                    if blanks > BLANK_LIMIT:
                        problems.add(where, "blanks", str(BLANK_LIMIT))
                        return
                    continue
                blanks, held = 0, held + 1
                try:
                    one = read_line(line, network=defaults.network, unit=defaults.unit)
                except RejectedError as error:
                    problems.add(where, error.problem, error.detail)
                    continue
                sealed = of_device(one.envelope) and _is_sealed(line)
                yield from _admit(Handed(where, one, carried=True, sealed=sealed), defaults, problems)
            if not held and not problems.many:
                problems.add(str(path), "blank")
    except OSError as error:
        problems.add(str(path), "read", error.strerror or "")


class _Seals(msgspec.Struct):
    """What a line of the stored form carries besides its capture."""

    id: str = ""
    sha256: str = ""
    sm3: str = ""
    size: int | None = None


_seals = msgspec.json.Decoder(_Seals)


def _is_sealed(line: bytes) -> bool:
    return _seals.decode(line) != _Seals()


def _answer(path: Path, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    own = defaults.platform or "linux"
    platform, kind = PLATFORMS.get(own), "device" if own in devices.PLATFORMS else "endpoint"
    source, name = path.stem, path.parent.resolve().name
    if kind == "device":
        source = source_of(devices.VENDORS[own], source)
    if platform is not None and not platform.knows(source):
        problems.add(str(path), "source", source)
        return
    asset = name if ":" in name else f"{'device' if kind == 'device' else 'host'}:{name}"
    try:
        with path.open("rb") as file:
            body = file.read(BODY_LIMIT + 1)
        changed = path.stat().st_mtime
    except OSError as error:
        problems.add(str(path), "read", error.strerror or "")
        return
    if len(body) > BODY_LIMIT:
        problems.add(str(path), "large", f"> {BODY_LIMIT}")
        return
    envelope = Envelope(
        asset=asset, kind=kind, platform=own, unit=defaults.unit, site="", network=defaults.network, address="",
        source=source, request=source, taken_at=defaults.taken_at or file_moment(changed), taken_by="",
    )  # fmt: skip
    try:
        check_envelope(envelope)
    except RejectedError as error:
        problems.add(str(path), error.problem, error.detail)
        return
    refused = kind == "device" and refusal(body[:_HEAD].decode("utf-8", "replace"))
    sealed = seal(envelope, body, exit_code=1 if refused else None)
    yield from _admit(Handed(str(path), sealed), defaults, problems)


def file_moment(changed: float) -> datetime:
    """Turn a file's time into a moment; one that no calendar has becomes the nearest that can be written."""
    return datetime.fromtimestamp(min(max(int(changed), 0), int(LATEST.timestamp()) - 1), UTC)


def _admit(handed: Handed, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    taken = handed.one.envelope.taken_at
    if is_filed(handed.one.envelope.source) and not defaults.with_ledger:
        problems.add(handed.where, "ledger")
    elif taken > defaults.now + FUTURE_TOLERANCE:
        problems.add(handed.where, "future", taken.isoformat())
    else:
        yield handed
