"""What people hand in: files of captures and folders of answers, read line by line; what is wrong is named by file and line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evidence.captures import BODY_LIMIT, LINE_LIMIT, RejectedError, check_name, read_line, seal
from scanners.platforms import PLATFORMS
from xunyan.errors import InputError
from xunyan.model import Capture, Envelope, Gap
from xunyan.wording import Text

FUTURE_TOLERANCE = timedelta(minutes=10)
SHOWN_PROBLEMS = 20

PROBLEMS = {
    "json": Text("不是完整的一行JSON（可能被截断）：{}", "not one whole line of JSON (cut?): {}"),
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
    "future": Text(
        "采集时间 {} 在将来，请核对采集主机的时钟", "taken_at {} is in the future; check the clock of the host"
    ),
    "kind": Text("同一资产先后写成两种类型：{}", "one asset is given two kinds: {}"),
    "source": Text(
        "不认识的来源 {}；文件夹应为 <资产>/<来源>.txt，来源如 dmidecode、lscpu、os-release",
        "unknown source {}; the layout is <asset>/<source>.txt with sources such as dmidecode, lscpu, os-release",
    ),
    "read": Text("读不了：{}", "cannot be read: {}"),
}


@dataclass(frozen=True, slots=True)
class Handed:
    """One capture or gap and where it stood."""

    where: str
    one: Capture | Gap


@dataclass(frozen=True, slots=True)
class Defaults:
    """What fills in where the input is silent. `now` bounds the future; `taken_at` dates a folder's files."""

    network: str
    unit: str
    now: datetime
    taken_at: datetime | None = None
    kind: str = "endpoint"
    platform: str = "linux"


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
            shown = "".join(c if c.isprintable() else "?" for c in detail)[:200]
            self._shown.append((where, Text(text.zh.format(shown), text.en.format(shown))))

    def check(self) -> None:
        """Raise InputError with all that was noted; return where there was nothing."""
        if not self.count:
            return
        more = self.count - len(self._shown)
        zh = [f"输入有 {self.count} 处问题，什么都没有导入："] + [
            f"  {where}：{text.zh}" for where, text in self._shown
        ]
        en = [f"the input has {self.count} problems, nothing was taken:"] + [
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
        elif path.is_file():
            yield from _lines(path, defaults, problems)
        else:
            problems.add(str(path), "read", "no such file or folder")


def _folder(folder: Path, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    """A folder of `*.captures.jsonl`, or of `<asset>/<source>.txt`, or one asset's own folder of `<source>.txt`."""
    carried = sorted(path for path in folder.rglob("*.jsonl") if path.is_file())
    answers = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    for path in carried:
        yield from _lines(path, defaults, problems)
    for path in answers:
        yield from _answer(path, defaults, problems)
    if not carried and not answers:
        problems.add(str(folder), "read", "no *.captures.jsonl and no <asset>/<source>.txt in it")


def _lines(path: Path, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_LIMIT + 1):
                number += 1
                where = f"{path}:{number}"
                if len(line) > LINE_LIMIT:
                    problems.add(where, "line")
                    return  # the rest of such a file is not worth reading
                if not line.strip():
                    continue
                try:
                    one = read_line(line, network=defaults.network, unit=defaults.unit)
                except RejectedError as error:
                    problems.add(where, error.problem, error.detail)
                    continue
                yield from _not_future(Handed(where, one), defaults, problems)
    except OSError as error:
        problems.add(str(path), "read", error.strerror or "")


def _answer(path: Path, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    platform = PLATFORMS.get(defaults.platform)
    source, name = path.stem, path.resolve().parent.name
    if platform is not None and source not in platform.known:
        problems.add(str(path), "source", source)
        return
    asset = name if ":" in name else f"host:{name}"
    try:
        check_name("asset", asset)
        stat = path.stat()
        body = path.read_bytes() if stat.st_size <= BODY_LIMIT else None
    except RejectedError as error:
        problems.add(str(path), error.problem, error.detail)
        return
    except OSError as error:
        problems.add(str(path), "read", error.strerror or "")
        return
    if body is None:
        problems.add(str(path), "large", str(stat.st_size))
        return
    taken_at = defaults.taken_at or datetime.fromtimestamp(int(stat.st_mtime), UTC)
    envelope = Envelope(
        asset=asset, kind=defaults.kind, platform=defaults.platform, unit=defaults.unit, site="",
        network=defaults.network, address="", source=source, request=source, taken_at=taken_at, taken_by="",
    )  # fmt: skip
    yield from _not_future(Handed(str(path), seal(envelope, body, exit_code=None)), defaults, problems)


def _not_future(handed: Handed, defaults: Defaults, problems: Problems) -> Iterator[Handed]:
    taken = handed.one.envelope.taken_at
    if taken > defaults.now + FUTURE_TOLERANCE:
        problems.add(handed.where, "future", taken.isoformat())
    else:
        yield handed
