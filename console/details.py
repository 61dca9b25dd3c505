"""What was in the way of an answer, in words: the detail of a gap that a scan made."""

from collections.abc import Mapping

from console.language import Voice
from scanners.transports.carrying import DETAILS
from scanners.transports.dialing import PAST
from xunyan.wording import Text

OWN: Mapping[str, Text] = {
    PAST: Text("授权时间已过", "the hours of the letter are over"),
    "not-authorised": Text("没有授权", "not authorised"),
    "name-unresolved": Text("名称解析不出", "the name leads nowhere"),
    "winrm-missing": Text("没有安装 pywinrm（xunyan[winrm]）", "pywinrm is not installed (xunyan[winrm])"),
    "not-in-answer": Text("采集结果里没有这一项", "the answer ended without it"),
    "credential-stopped": Text("凭据已停用", "the credential is stopped"),
    "refused-before": Text("这台主机拒绝过该凭据", "this host refused the credential before"),
    "unclear-before": Text("多次登录没有结果", "several logins had no outcome"),
    "sudo": Text("sudo", "sudo"),
}
WORDS: Mapping[str, Text] = {**DETAILS, **OWN}


def detail_text(detail: str, say: Voice) -> str:
    """Say a gap's detail; what a host or a tool said itself stays as it is."""
    parts = detail.split(": ")
    known = 0
    while known < len(parts) and parts[known] in WORDS:
        known += 1
    said = [say.text(WORDS[part]) for part in parts[:known]]
    rest = ": ".join(parts[known:])
    if not said:
        return rest
    return say("：", ": ").join(said) + (say(f"（{rest}）", f" ({rest})") if rest else "")
