"""What people hand in: files of captures and folders of answers, read line by line; what is wrong is named by file and line."""

import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.language import shape_in_chinese
from console.output import one_line
from evidence.captures import BODY_LIMIT, LATEST, LINE_LIMIT, RejectedError, check_envelope, read_line, seal
from inventories.ledgers import is_filed
from scanners.platforms import PLATFORMS
from xunyan.errors import InputError
from xunyan.model import Capture, Envelope, Gap
from xunyan.wording import Text

FUTURE_TOLERANCE = timedelta(minutes=10)
SHOWN_PROBLEMS = 20
GIVE_UP = 1000
BLANK_LIMIT = 10_000
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
    "absent": Text("没有这个文件或文件夹{}", "no such file or folder{}"),
    "plain": Text(
        "不是普通文件，不读（管道、设备、文件夹内的链接）{}",
        "not a plain file (pipe, device, or link in a folder), not read{}",
    ),
    "read": Text("读不了：{}", "cannot be read: {}"),
}


@dataclass(frozen=True, slots=True)
class Handed:
    """One capture or gap and where it stood; `carried`: in a file of captures, as a collector writes it."""

    where: str
    one: Capture | Gap
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Defaults:
    """What fills in where the input is silent. `now` bounds the future; `taken_at` dates a folder's files.

    `with_ledger`: rows of a ledger are taken from carried files too, as when a workspace moves; else a host could file
    for itself when it was bought.
    """

    network: str
    unit: str
    now: datetime
    taken_at: datetime | None = None
    kind: str = "endpoint"
    platform: str = "linux"
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


def read(paths: list[Path], defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    """Read everything under the given paths in a fixed order; what cannot be taken goes to `problems`."""
    for path in paths:
        if path.is_dir():
            yield from _folder(path, defaults, problems)
        elif _regular(path, problems, follow=True):
            yield from _lines(path, defaults, problems)


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


def _folder(folder: Path, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    """A folder of `*.captures.jsonl`, or of `<asset>/<source>.txt`, or one asset's own folder of `<source>.txt`."""
    carried = sorted(path for path in folder.rglob("*.jsonl") if not path.is_dir())
    answers = sorted(path for path in folder.rglob("*.txt") if not path.is_dir())
    for path in carried:
        if _regular(path, problems, follow=False):
            yield from _lines(path, defaults, problems)
    for path in answers:
        if _regular(path, problems, follow=False):
            yield from _answer(path, defaults, problems)
    if not carried and not answers:
        problems.add(str(folder), "read", "no *.captures.jsonl and no <asset>/<source>.txt in it")


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
                yield from _admit(Handed(where, one, carried=True), defaults, problems)
            if not held and not problems.many:
                problems.add(str(path), "blank")
    except OSError as error:
        problems.add(str(path), "read", error.strerror or "")


def _answer(path: Path, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    platform = PLATFORMS.get(defaults.platform)
    source, name = path.stem, path.parent.resolve().name
    if platform is not None and source not in platform.known:
        problems.add(str(path), "source", source)
        return
    asset = name if ":" in name else f"host:{name}"
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
        asset=asset, kind=defaults.kind, platform=defaults.platform, unit=defaults.unit, site="",
        network=defaults.network, address="", source=source, request=source,
        taken_at=defaults.taken_at or file_moment(changed), taken_by="",
    )  # fmt: skip
    try:
        check_envelope(envelope)
    except RejectedError as error:
        problems.add(str(path), error.problem, error.detail)
        return
    yield from _admit(Handed(str(path), seal(envelope, body, exit_code=None)), defaults, problems)


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
