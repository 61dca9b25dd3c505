"""Which language the product speaks in this run, and how errors are said in it."""

import re
from collections.abc import Mapping

from console.output import one_line, printable
from xunyan.errors import XunyanError
from xunyan.model import GapReason, Severity, Status
from xunyan.wording import Text

STATUS: Mapping[str, Text] = {
    Status.SATISFIED: Text("符合", "satisfied"),
    Status.NOT_SATISFIED: Text("不符合", "not satisfied"),
    Status.NEEDS_PERSON: Text("需人工核实", "needs a person"),
    Status.NOT_OBSERVED: Text("未检测", "not observed"),
    Status.NOT_APPLICABLE: Text("不适用", "not applicable"),
}
STATE: Mapping[str, Text] = {
    "open": Text("未关闭", "open"),
    "closed": Text("已关闭", "closed"),
    "clear": Text("无问题", "clear"),
    "unobserved": Text("未检测", "unobserved"),
}
SEVERITY: Mapping[str, Text] = {
    Severity.HIGH: Text("高", "high"),
    Severity.MEDIUM: Text("中", "medium"),
    Severity.LOW: Text("低", "low"),
}
HAPPENED: Mapping[str, Text] = {
    "opened": Text("新发现", "opened"),
    "changed": Text("有变化", "changed"),
    "closed": Text("已关闭", "closed"),
    "reopened": Text("再次出现", "reopened"),
    "cleared": Text("首次符合", "cleared"),
    "lost": Text("本次未检测到", "lost"),
    "withdrawn": Text("不再判定", "judged no more"),
    "pending": Text("待关闭（最近一次未采到）", "pending (last attempt failed)"),
}
GAP: Mapping[str, Text] = {
    GapReason.UNREACHABLE: Text("不可达", "unreachable"),
    GapReason.TIMEOUT: Text("超时", "timeout"),
    GapReason.DENIED: Text("没有权限", "denied"),
    GapReason.UNSUPPORTED: Text("主机不支持或不存在", "unsupported"),
    GapReason.UNPARSABLE: Text("无法解析", "unparsable"),
    GapReason.TOO_LARGE: Text("过大被截断", "too large"),
    GapReason.STALE: Text("已过期", "stale"),
    GapReason.IDENTITY_CHANGED: Text("标识变化", "identity changed"),
    GapReason.INTERRUPTED: Text("被中断", "interrupted"),
    GapReason.NOT_ASKED: Text("没有采集", "not asked"),
    GapReason.OUT_OF_SCOPE: Text("不在范围", "out of scope"),
}
FACT: Mapping[str, Text] = {
    "processor": Text("CPU信息", "the processor"),
    "operating-system": Text("操作系统信息", "the operating system"),
    "addresses": Text("IP地址", "the addresses"),
    "routes": Text("路由", "the routes"),
    "listeners": Text("监听端口", "the listeners"),
    "connections": Text("网络连接", "the connections"),
    "ledger": Text("台账", "the ledger"),
    "names": Text("域名解析", "the names"),
    "name-servers": Text("域名服务器", "the name servers"),
    "service-ports": Text("服务端口", "the service ports"),
    "certificates": Text("证书", "the certificates"),
    "pages": Text("首页", "the first pages"),
    "page-parity": Text("两栈首页比对", "the first pages over both families"),
    "inner-links": Text("内链", "the inner links"),
    "places": Text("实测位置", "the places"),
    "back-ends": Text("后端连接", "the back ends"),
    "declared-as": Text("与申报系统的对应", "what it is declared as"),
}
FORCE: Mapping[str, Text] = {
    "must": Text("应当", "must"),
    "in-principle": Text("原则上", "in principle"),
    "gradual": Text("逐步推进", "gradual"),
    "target": Text("目标值", "target"),
    "description": Text("说明性条款", "description"),
}


CLASH: Mapping[str, Text] = {
    "one key alone agrees": Text("只有一类标识相同", "one key alone agrees"),
    "both names are heard": Text("两个名称同时都在", "both names are heard"),
    "several assets hold these keys": Text("有几个资产都有这些标识", "several assets hold these keys"),
    "another machine under the same name": Text("同一名称下换了机器", "another machine under the same name"),
    "many assets hold this key": Text("许多资产都有这个标识", "many assets hold this key"),
    "other keys differ": Text("别的标识不同", "other keys differ"),
}


def clash_reason(reason: str, say: "Voice") -> str:
    """Say why two assets that share a key were not joined; what a person wrote is said as it is."""
    known, colon, rest = reason.partition(": ")
    return say.word(CLASH, known) + (say("：", ": ") + rest if colon else "")


class Voice:
    """Says a text in the language of this run: `zh` or `en`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, zh: str, en: str) -> str:
        """Choose one of two twins."""
        return en if self.language == "en" else zh

    def text(self, text: Text) -> str:
        """Say a text."""
        return text.in_language(self.language)

    def word(self, words: Mapping[str, Text], key: str) -> str:
        """Say a key by a table of words; a key that the table lacks is said as it is."""
        return self.text(words[key]) if key in words else key

    def error(self, error: XunyanError) -> str:
        """Say an error: what, where, what to do."""
        where = f"{one_line(error.where)}: " if error.where else ""
        lines = [self("错误：", "error: ") + where + self.text(error.what)]
        if error.advice is not None:
            lines.append(self("怎么办：", "what to do: ") + self.text(error.advice))
        return printable("\n".join(lines))


def choose(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Choose the language: `--lang` on the command line, else XUNYAN_LANG, else Chinese."""
    chosen = environment.get("XUNYAN_LANG", "zh")
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            chosen = arguments[position + 1]
        elif argument.startswith("--lang="):
            chosen = argument.partition("=")[2]
    return "en" if chosen.lower().startswith("en") else "zh"


_SHAPES = (
    (re.compile(r"Object contains unknown field `(.*?)`"), r"多出不认识的字段 \1"),
    (re.compile(r"Object missing required field `(.*?)`"), r"缺少必填字段 `\1`"),
    (re.compile(r"Expected `(.*?)`, got `(.*?)`"), r"应为 `\1`，而这里是 `\2`"),
    (re.compile(r"Invalid enum value"), "不是可用的值："),
    (re.compile(r"Invalid RFC3339 encoded datetime"), "不是时间，应如 2026-11-21T08:00:00+08:00"),
    (re.compile(r" - at `\$\.?(.*?)`"), r"（位置 \1）"),
)


def shape_in_chinese(detail: str) -> str:
    """Say in Chinese what the reader of JSON and TOML says of a field that does not fit."""
    for pattern, chinese in _SHAPES:
        detail = pattern.sub(chinese, detail)
    return detail
