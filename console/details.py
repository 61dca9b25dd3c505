"""What was in the way of an answer, in words: the detail of a gap that a scan made."""

from collections.abc import Mapping

from console.language import Voice
from controls import back_ends
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
    "no-service-filed": Text("没有填报域名和地址", "neither a name nor an address is filed"),
    "no-resolver": Text("没有授权可用的域名服务器", "no letter grants a name server"),
    "needs-dns": Text("域名没有查到，没有往下查", "the name was not looked up, so nothing further was asked"),
    "needs-tcp": Text("端口没有敲，没有往下查", "no port was knocked at, so nothing further was asked"),
    "another-address-is-barred": Text("同名的另一个地址被禁止", "another address of the name is barred"),
    "timeout": Text("没有应答", "no answer"),
    "refused": Text("拒绝连接", "connection refused"),
    "unreachable": Text("不可达", "unreachable"),
    "no-route": Text("扫描机没有这一协议族的路由", "the scanner has no route of this family"),
    "failed": Text("没有查成", "it could not be asked"),
    back_ends.UNREAD: Text("没有读到过使用这个地址的主机", back_ends.UNREAD),
    back_ends.CROWDED: Text("后面的主机太多，没有查完", back_ends.CROWDED),
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
