"""Says in a few lines what the recorded packets prove."""

from datetime import UTC, datetime

from lab.packets.proof import Proof, Violation
from xunyan.wording import Text

SHOWN = 10


def say(proof: Proof) -> tuple[Text, ...]:
    """Give the lines to show a person: the sum, every gap, the first ten violations."""
    kinds, all_of_them = len(proof.violations), sum(one.count for one in proof.violations)
    lines = [
        Text(
            f"抓包核对：{proof.bridges} 个网桥上共 {proof.packets} 个包，违规 {kinds} 项（{all_of_them} 个包）",
            f"packets checked: {proof.packets} on {proof.bridges} bridges, {kinds} violations ({all_of_them} packets)",
        )
    ]
    if not proof.valid:
        lines.append(Text("抓包不完整，不能作为证明：", "the capture is not whole, so it proves nothing:"))
        lines += [Text(f"  {one.zh}", f"  {one.en}") for one in proof.gaps]
    lines += [_line(one) for one in proof.violations[:SHOWN]]
    left = kinds - SHOWN
    if left > 0:
        lines.append(Text(f"  另有 {left} 项", f"  and {left} more"))
    if proof.clean:
        lines.append(
            Text(
                "没有一个包发往授权范围之外、禁止或涉密的地址",
                "no packet went outside the letters, to a denied or classified address",
            )
        )
    return tuple(lines)


def _line(one: Violation) -> Text:
    at = datetime.fromtimestamp(one.time, UTC).strftime("%H:%M:%S.%f")[:-3]
    port = f":{one.port}" if one.port else ""
    where = f"{one.source} → {one.target} {one.protocol}{port}" if one.source else "?"
    start = f"  {at}Z {one.bridge} {where} ×{one.count}"
    return Text(f"{start}：{one.text.zh}", f"{start}: {one.text.en}")
