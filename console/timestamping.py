"""Getting a timestamp for a manifest, from the server that xunyan.toml names and a letter grants."""

import re
from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address

from console.timestamp_settings import TimestampSettings
from console.workspace import Workspace
from evidence import timestamps
from evidence.checked import State
from evidence.pem import CERTIFICATE, unpem
from evidence.signing import timestamp_files
from inventories import scope
from inventories.authorisations import FOLDER, load_letters
from inventories.letters import Letter
from inventories.scope import Service
from scanners.transports.dialing import DialError
from scanners.transports.timestamping import PostError, post
from xunyan.errors import InputError, UsageError
from xunyan.names import shown
from xunyan.permits import Permit
from xunyan.wording import Text

WHERE = "timestamp.url"
_URL = re.compile(
    r"http://(?P<place>(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:(?P<port>[0-9]{1,5}))?)(?P<path>/[!-~]*)?"
)


def take_files(workspace: Workspace, manifest: bytes, now: datetime) -> dict[str, bytes]:
    """Take a timestamp as the workspace is set up; gives the files for a package's `signatures/`, by their names in it.

    Raises as `take` does; and InputError where the reply is not by the authority whose certificate is set up.
    """
    settings = workspace.file.timestamp
    authorities = b""
    if settings.authority:
        path = workspace.root / settings.authority
        try:
            authorities = timestamps.read_authorities(path.read_bytes(), str(path))
        except OSError as error:
            raise InputError(
                Text("时间戳机构的证书文件读不了", "the authority's certificate cannot be read"),
                where=f"timestamp.authority: {path}",
                advice=Text("检查 xunyan.toml 里的路径", "check the path in xunyan.toml"),
            ) from error
    letters = load_letters(workspace.root / FOLDER, workspace.file.scope, workspace.root)
    asked, reply = take(settings, letters, workspace.settings.network, manifest, now)
    found = timestamps.check(manifest, asked, reply, authorities=authorities)
    if authorities and found.state is State.UNKNOWN_SIGNER:
        raise InputError(
            found.detail,
            where="timestamp.authority",
            advice=Text("向时间戳机构核对它的根证书", "ask the authority for its root certificate"),
        )
    own = authorities if unpem(authorities, CERTIFICATE) is not None else b""
    return timestamp_files(asked, reply, own)


def take(
    settings: TimestampSettings, letters: Iterable[Letter], network: str, manifest: bytes, now: datetime
) -> tuple[bytes, bytes]:
    """Take a timestamp over a manifest; gives request and reply. Only the manifest's digest leaves the machine.

    `network` is the address domain where the settings name none. Raises UsageError where nothing is set up, or no letter
    grants the server; InputError where it does not answer, or refuses.
    """
    host, address, port, path = _server(settings)
    decision = scope.decide_service(
        letters, settings.network or network, address, port, Service.TIMESTAMP, now
    )  # fmt: skip
    permit = decision.permit
    if permit is None:
        raise UsageError(
            Text(f"没有授权：{decision.why.zh}", f"not authorised: {decision.why.en}"),
            where=WHERE,
            advice=Text(
                f"在授权书该地址域的 timestamps 里写上 {address}:{port}",
                f"put {address}:{port} under timestamps of that network into a letter",
            ),
        )
    asked = timestamps.request(manifest)
    return asked, timestamps.take(asked, lambda request: _post(permit, host, path, request, settings.seconds))


def _post(permit: Permit, host: str, path: str, request: bytes, seconds: float) -> bytes:
    try:
        return post(permit, host, path, request, seconds)
    except (PostError, DialError) as error:
        detail = error.detail if isinstance(error, PostError) else error.failure.detail
        raise InputError(
            Text(f"时间戳服务没有给出回执（{detail}）", f"the timestamp server gave no reply ({detail})"),
            where=f"{permit.address}:{permit.port}",
            advice=Text(
                "检查网络和地址后重试；没有时间戳也可以打包", "check network and address; a package can be made without"
            ),
        ) from error


def _server(settings: TimestampSettings) -> tuple[str, str, int, str]:
    """Read where the server is: what it is called, its address, port and path. Raises UsageError."""
    url = settings.url
    found = _URL.fullmatch(url)
    if found is None:
        raise _wrong(url)
    host, port = found["host"], int(found["port"] or 80)
    try:
        address = str(ip_address(settings.address or host.strip("[]")))
    except ValueError as error:
        raise _wrong(url) from error
    if not 0 < port < 65536:
        raise _wrong(url)
    return found["place"], address, port, found["path"] or "/"


def _wrong(url: str) -> UsageError:
    return UsageError(
        Text(
            f"“{shown(url)}”不是可用的时间戳服务地址" if url else "没有配置时间戳服务",
            f"{shown(url)!r} is no usable address" if url else "no timestamp server is set up",
        ),
        where=WHERE,
        advice=Text(
            '在 xunyan.toml 写 [timestamp] url = "http://10.0.0.54/tsr"；url 里是域名时另写 address = "IP地址"',
            'write [timestamp] url = "http://10.0.0.54/tsr" in xunyan.toml; for a name also address = "its IP address"',
        ),
    )
