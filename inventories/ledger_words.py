"""What people write in cells that have few answers: the deployment words of the five documents, kinds, levels, yes and no.

A word that is not known is never guessed at: the cell is a problem that names what may stand there.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xunyan.names import shown
from xunyan.wording import Text


class UnfitError(ValueError):
    """A cell that cannot be taken, and why."""

    def __init__(self, what: Text) -> None:
        super().__init__(what.en)
        self.what = what


@dataclass(frozen=True, slots=True)
class Words:
    """The answers of a column: what is kept -> the words that mean it, the first of which the form offers."""

    meant: Mapping[str, tuple[str, ...]]

    @property
    def offered(self) -> tuple[str, ...]:
        """What the form's list offers."""
        return tuple(words[0] for words in self.meant.values())

    def read(self, text: str) -> str:
        """Give what a cell means. Raises UnfitError that names the answers."""
        word = plain(text)
        for kept, words in self.meant.items():
            if word == kept or word in map(plain, words):
                return kept
        raise UnfitError(
            Text(
                f"认不出“{shown(text)}”，应为：{'、'.join(self.offered)}",
                f"{shown(text)!r} is not known; write one of {', '.join(self.offered)}",
            )
        )


def plain(text: str) -> str:
    """Bring a word to the form that is compared: no blanks, letters, figures and brackets of one width and case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


YES = Words(MappingProxyType({"是": ("是", "有", "√", "yes", "y", "true", "1"), "否": ("否", "无", "×", "no", "n", "false", "0", "-")}))  # fmt: skip
NATURE = Words(
    MappingProxyType(
        {
            "new": ("新建", "新上", "新建项目"),
            "upgraded": ("升级改造", "升级", "改造", "改建", "扩建", "改扩建", "升级改造项目"),
            "existing": ("已建", "现有", "存量", "续用", "已建成", "在用"),
        }
    )
)
LEVEL = Words(
    MappingProxyType(
        {
            "national": ("国家", "国家级", "中央"),
            "corps": ("兵团", "兵团级", "兵团本级"),
            "city": ("师市", "师市级", "师", "师级", "市", "市级", "旗", "旗级", "县", "县级"),
        }
    )
)
RANGE_KIND = Words(
    MappingProxyType(
        {
            "government-cloud": ("政务云", "专有云", "云租户", "云"),
            "machine-room": ("自建机房", "机房", "自有机房"),
            "rented-room": ("租用机房", "托管机房"),
            "extranet": ("政务外网", "外网", "电子政务外网"),
            "internet": ("互联网", "公网"),
            "shared-platform": ("共享交换平台", "数据共享交换平台", "共享平台", "统一数据管理平台", "公共数据平台"),
        }
    )
)
ROOM_KIND = Words(
    MappingProxyType(
        {
            "own-room": ("自建机房", "自有机房", "自建"),
            "rented-room": ("租用机房", "租用"),
            "hosted-room": ("运营商托管", "托管机房", "托管"),
            "cloud-room": ("政务云机房",),
        }
    )
)
LINK_KIND = Words(
    MappingProxyType(
        {
            "internet": ("互联网出口", "互联网", "互联网专线"),
            "unified-egress": ("统一互联网出口", "统一出口"),
            "core": ("政务外网骨干", "骨干", "外网骨干", "骨干线路", "核心线路"),
            "extranet": ("政务外网接入", "政务外网", "外网接入"),
            "private-line": ("专线", "专网", "部门专网", "业务专网"),
        }
    )
)

DEPLOYED = ("国家政务云", "兵团政务云", "师市政务云", "自建机房", "租用机房")
"""What 附件5 offers, each in full; several may be joined."""

_PLACE = (
    r"第?[一二三四五六七八九十0-9]{1,3}师(?:可克达拉市|本级)?|可克达拉市?|石嘴山市?|准格尔旗?|师市|师级?|市级?|旗级?|全旗|县级?"
    r"|本师市?|本市|本旗|本级|我师市?|我市|我旗|地方"
)
_CLOUD = r"(?:电子)?政务(?:服务)?(?:专有)?云|专有云|云"
_OWN = r"本?单位|本?部门|本?局|内部|本地"
_END = r"(?:平台|服务平台|数据中心|资源池|环境|中心)?"
_READ: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("national-cloud", re.compile(rf"(?:国家(?:级|统一)?|中央)(?:{_CLOUD})?{_END}")),
    ("corps-cloud", re.compile(rf"(?:新疆)?(?:生产建设)?兵团(?:本级|级|统一)?(?:{_CLOUD})?{_END}")),
    ("city-cloud", re.compile(rf"(?:{_PLACE})(?:本级|统一|级)?(?:{_CLOUD}){_END}|师市|专有云{_END}")),
    (
        "own-room",
        re.compile(rf"(?:{_OWN})?(?:自建|自有|自用)(?:的?中心)?机房|(?:{_OWN})的?(?:中心)?机房|自建"),
    ),
    (
        "rented-room",
        re.compile(
            r"(?:租用|租赁|托管)(?:于|在|的)?(?:运营商|电信|移动|联通|第三方|公司)*的?(?:idc|数据中心|中心)*(?:机房|机柜)?"
            r"|(?:运营商|电信|移动|联通|第三方)+的?(?:idc|数据中心|中心)*(?:机房|机柜)(?:租用|托管)?|idc(?:机房)?(?:租用|托管)?"
        ),
    ),
    ("unclear", re.compile(r"不清楚|不详|待核实|待核查|未知|不明|说不清")),
)  # fmt: skip
_BETWEEN = re.compile(r"[、,;/+&|和及与]+")
_BEFORE = re.compile(r"^(?:(?:现|已|均|全部|统一|分别)*(?:部署|迁移|迁|运行|存放|放)(?:在|于|到|至)?|在|上)")
_ASIDE = re.compile(r"\([^()]*\)|\([^()]*$")
_LEVEL_ONLY = re.compile(rf"(?:{_PLACE}|国家|兵团)(?:本级|级)?")


def read_deployment(text: str) -> str:
    """Give where a system is filed to run: national-cloud, corps-cloud, city-cloud, own-room, rented-room, or `unclear`
    where the writer says so; several joined by a blank, in this order. Raises UnfitError on every other word.
    """
    bare = _ASIDE.sub("", unicodedata.normalize("NFKC", text).casefold())
    whole = _BETWEEN.split("".join(bare.split()))  # a line may break anywhere in a narrow column
    parts = [part for word in _BETWEEN.split(bare) for part in word.split()]
    found, unknown = _places(whole)
    if unknown and len(parts) > len(whole):
        found, unknown = _places(parts)
    if unknown or not found:
        given = shown(unknown or text.strip())
        raise UnfitError(
            Text(
                f"认不出“{given}”，应为：{'、'.join(DEPLOYED)}（可写几个，用顿号隔开；确实不知道的写“不清楚”）",
                f"{given!r} is not known; write one or several of {', '.join(DEPLOYED)}, or 不清楚 where nobody knows",
            )
        )
    return " ".join(kept for kept, _ in _READ if kept in found)


def _places(parts: list[str]) -> tuple[set[str], str]:
    """Give the places that words mean, and the first word that means none."""
    words = [word for part in parts if (word := _BEFORE.sub("", part))]
    found: set[str] = set()
    for place, word in enumerate(words):
        # 国家、兵团、师市政务云: the cloud at the end is meant by all of them
        after = next((other for other in words[place + 1 :] if not _LEVEL_ONLY.fullmatch(other)), "")
        whole = f"{word}政务云" if _LEVEL_ONLY.fullmatch(word) and after.endswith(("云", "云平台")) else word
        kept = next((kept for kept, form in _READ if form.fullmatch(whole)), "")
        if not kept:
            return found, word
        found.add(kept)
    return found, ""
