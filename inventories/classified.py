"""Classified endpoints (涉密): how a form says so, and the refusal of whatever names one. They never enter a workspace."""

from collections.abc import Callable, Sequence

from xunyan.errors import InputError
from xunyan.wording import Text

Classified = Callable[[str, str], bool]
"""(network, address) -> whether the address lies in a range that the scope names as classified."""

_YES = frozenset({"是", "涉密", "秘密", "机密", "绝密", "秘密级", "机密级", "绝密级", "true", "yes", "y", "1", "√"})
_NO = frozenset({"", "否", "非涉密", "不涉密", "非密", "无", "公开", "内部", "false", "no", "n", "0", "-"})
SHOWN = 40

UNCLEAR = Text(
    "看不出是否涉密：填“是”或“否”（留空为否）",
    "it cannot be told whether it is classified: write 是 or 否 (blank is 否)",
)
MARKED = Text("标明涉密", "marked as classified")
RANGED = Text("地址在涉密网段内", "its address is in a classified range")


def nowhere(network: str, address: str) -> bool:
    """Say of every address that it lies in no classified range: where no scope is at hand."""
    del network, address
    return False


def read_classified(text: str) -> bool | None:
    """Read a cell: classified or not; None where it says neither, which nobody may take for a no."""
    word = text.strip().casefold()
    return True if word in _YES else False if word in _NO else None


def refusal(places: Sequence[tuple[Text, Text]], where: str) -> InputError:
    """Make the refusal of a whole file: each (place, reason); what stands there is not repeated."""
    zh = [f"  {place.zh}：{why.zh}" for place, why in places[:SHOWN]]
    en = [f"  {place.en}: {why.en}" for place, why in places[:SHOWN]]
    if len(places) > SHOWN:
        zh.append(f"  ……另有 {len(places) - SHOWN} 处")
        en.append(f"  ... and {len(places) - SHOWN} more")
    return InputError(
        Text(
            "\n".join([f"有 {len(places)} 处涉密，涉密资产不得进入工作区，本次未导入任何内容：", *zh]),
            "\n".join([f"{len(places)} classified, which must not enter a workspace; nothing was taken:", *en]),
        ),
        where=where,
        advice=Text(
            "由有权处理涉密信息的人员在原文件中删去这些内容，再导入",
            "have someone cleared for it remove them from the original file, then import again",
        ),
    )
