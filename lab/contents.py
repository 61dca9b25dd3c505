"""What a host's folder holds: users, start files, keys, sshd's settings, tools that answer with given texts."""

import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.hosts import OPS, HostSpec
from lab.keys import Key

TOOLS = "/usr/local/bin"
FIRST_UID = 2000
_ELSEWHERE = "/usr/sbin:/usr/bin:/sbin:/bin"

_SETTINGS = """\
AuthorizedKeysFile {keys}
HostKey {host_key}
UsePAM {pam}
PasswordAuthentication {passwords}
KbdInteractiveAuthentication no
GSSAPIAuthentication no
PermitRootLogin yes
StrictModes no
UseDNS no
PrintMotd no
PrintLastLog no
PidFile none
LogLevel VERBOSE
LoginGraceTime 60
MaxStartups 1000
MaxSessions 1000
AllowTcpForwarding yes
AllowAgentForwarding no
X11Forwarding no
"""

_LATE = "while (sysread STDIN, $b, 8192) { select undef, undef, undef, 0.2; syswrite STDOUT, $b }"
FAULT_SETTINGS: Mapping[str, str] = {
    "hang": "ForceCommand exec sleep 86400",
    "flood": "ForceCommand exec yes 'lab: this line comes again and again, without end'",
    "binary": "ForceCommand exec head -c 65536 /dev/urandom",
    "drops": "ForceCommand echo 'lab: half of an answer'; sleep 0.1; kill -KILL $PPID",
    "slow": 'ForceCommand bash -o pipefail -c \'bash -c "${SSH_ORIGINAL_COMMAND:-sh}" | perl -e "$LATE"\'',
}
KNOWN_BY = (
    "/etc/", "/usr/lib/os-release", "/proc/cpuinfo", "/proc/device-tree", "/proc/sys/net/ipv6", "/sys/class/dmi",
    "/sys/firmware", "/sys/hypervisor", "/sys/devices/system/cpu", "/var/lib/dpkg", "/var/lib/apt", "/.dockerenv",
    "/run/.containerenv", "/proc/1/",
)  # fmt: skip
"""Paths by which a collector knows a host; without namespaces they are rewritten in what it asks, and back in the answers."""

_SESSION = """\
#!/bin/bash
# lab: runs what a client asks for as if the host's own texts lay where it looks for them
set -o pipefail
PATH={folder}/tools:$PATH
asked=$(printf '%s' "${{SSH_ORIGINAL_COMMAND:-sh}}" | sed -f {folder}/rewrite.sed)
sed -u -f {folder}/rewrite.sed | bash -c "$asked" | sed -u 's#{folder}/identity##g'
"""
COMMANDS = "commands.log"
"""Below a host's `log` folder: a line for every shell that a login was given, with its arguments as bash quotes them."""

WATCH = "lab-shell"
_WATCH = f"""\
#!/bin/bash
printf '%(%FT%T%z)T %s%s\\n' -1 "${{USER:-?}}" "$(printf ' %q' "$@")" >> /var/log/{COMMANDS}
exec -a bash /bin/bash "$@"
"""
_NOISE = """\
echo '*** 欢迎登录，本机操作均被记录 / lab: noise of a start file ***'
echo 'lab: noise on the other channel' >&2
trap 'echo "lab: noise of a logout"; echo "lab: logged out" >&2' EXIT
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file (or, without text, one folder) below the host's folder; `hides` marks the machine's own file as not there.

    `size` is what a file is lengthened to, by bytes of zero that take no room on the disk.
    """

    path: str
    text: str | None = None
    mode: int = 0o644
    owner: int = 0
    hides: bool = False
    size: int = 0


def settings(spec: HostSpec, port: int, folder: Path, *, full: bool) -> str:
    """Write sshd's settings; without namespaces they name the folder's own files."""
    base = Path("/etc/ssh") if full else folder
    text = f"Port {port}\n" + "".join(f"ListenAddress {one}\n" for one in spec.listen or (spec.address,))
    text += _SETTINGS.format(
        keys="none"
        if spec.fault == "refused"
        else base / "authorized_keys" / "%u"
        if full
        else base / "authorized_keys",
        host_key=base / "ssh_host_ed25519_key",
        passwords="yes" if full else "no",
        pam="no",  # whose account check asks for the shadow file, which an ordinary user's sshd cannot read everywhere
    )
    if spec.banner:
        text += f"Banner {base / 'lab-banner'}\n"
    fault = FAULT_SETTINGS.get(spec.fault, "" if full or not spec.identity else f"ForceCommand {folder}/session")
    if spec.fault == "slow":
        text += f'SetEnv "LATE={_LATE}"\n'
    return text + (fault + "\n" if fault else "")


def bare(spec: HostSpec, port: int, folder: Path, host_key: Key, client: str) -> Iterator[Entry]:
    """Yield what a host needs without namespaces: sshd's settings, its key, and who may log in."""
    yield Entry("sshd_config", settings(spec, port, folder, full=False))
    yield Entry("ssh_host_ed25519_key", host_key.private, 0o600)
    yield Entry("ssh_host_ed25519_key.pub", host_key.line + "\n")
    yield Entry("authorized_keys", _lines([client, *spec.keys]))
    if spec.banner:
        yield Entry("lab-banner", spec.banner)
    if spec.identity:
        yield from _tools(spec)
        yield from _texts(spec, bare=True)
        yield Entry("rewrite.sed", _rewriting(folder))
        yield Entry("session", _SESSION.format(folder=folder), 0o755)


def _rewriting(folder: Path) -> str:
    """What turns the paths by which a host is known into those of its own texts, where nothing can lie over the machine's."""
    return "".join(f"s#{path}#{folder}/identity{path}#g\n" for path in KNOWN_BY)


def whole(
    spec: HostSpec,
    port: int,
    folder: Path,
    host_key: Key,
    client: str,
    hashes: Mapping[str, str],
    *,
    single: bool = False,
) -> Iterator[Entry]:
    """Yield all that a host with namespaces holds; `hashes` maps a password to its shadow form.

    `single`: there is but one user here, under whose number all logins stand; nobody can be root.
    """
    yield Entry("etc/ssh/sshd_config", settings(spec, port, folder, full=True))
    yield Entry("etc/ssh/ssh_host_ed25519_key", host_key.private, 0o600)
    yield Entry("etc/ssh/ssh_host_ed25519_key.pub", host_key.line + "\n")
    yield Entry(f"etc/ssh/authorized_keys/{OPS}", _lines([client, *spec.keys]))
    yield Entry("etc/ssh/authorized_keys/root", _lines([client]))
    yield Entry("etc/hostname", spec.name + "\n")
    yield Entry("etc/hosts", f"127.0.0.1\tlocalhost\n{spec.address}\t{spec.name}\n")
    yield Entry("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n")
    for place in ("home", "run", "run/sshd", "log"):
        yield Entry(place, None, 0o755)
    if spec.banner:
        yield Entry("etc/ssh/lab-banner", spec.banner)
    if spec.watched:
        yield Entry(f"log/{COMMANDS}", "", 0o666)
    if "rpm" in spec.identity:  # such a system is not the Debian that the machine may be
        yield Entry("etc/debian_version", hides=True)
    yield from _users(spec, hashes, single=single)
    yield from _tools(spec)
    yield from _texts(spec)


def _texts(spec: HostSpec, *, bare: bool = False) -> Iterator[Entry]:
    for path, text in spec.identity.items():
        place = "identity" + path if bare else place_of(path)
        if path.endswith("/"):
            yield Entry(place, None, 0o755)
        elif path.startswith("/"):
            yield Entry(place, text)


def place_of(path: str) -> str:
    """Where in the host's folder the text of a path of its identity lies."""
    return path[1:] if path.startswith("/etc/") else "identity" + path


def _users(spec: HostSpec, hashes: Mapping[str, str], *, single: bool) -> Iterator[Entry]:
    names = sorted({OPS, *spec.users} - {"root"})
    logins = {login: FIRST_UID + (0 if single else number) for number, login in enumerate(names)}
    system = [line.split(":") for line in Path("/etc/passwd").read_text(encoding="utf-8").splitlines()]
    kept = [row for row in system if len(row) == 7 and (0 < int(row[2]) < 1000 or row[0] == "nobody")]
    kept = [row for row in kept if row[0] not in logins]
    if not any(row[0] == "sshd" for row in kept):
        kept.append(["sshd", "x", "999", "65534", "", "/run/sshd", "/usr/sbin/nologin"])
    shell = "/usr/sbin/nologin" if spec.fault == "no-shell" else f"{TOOLS}/{WATCH}" if spec.watched else "/bin/bash"
    rows = [["root", "x", "0", "0", "root", "/root", shell], *kept]
    rows += [[login, "x", str(uid), str(uid), "", f"/home/{login}", shell] for login, uid in logins.items()]
    yield Entry("etc/passwd", _lines(":".join(row) for row in rows))
    accepted = (
        {} if spec.fault == "refused" else spec.users
    )  # a valid login that never succeeds, so sshd logs every try
    secrets = {login: hashes[password] for login, password in accepted.items()}
    yield Entry("etc/shadow", _lines(f"{row[0]}:{secrets.get(row[0], '*')}:20000:0:99999:7:::" for row in rows), 0o600)
    groups = ["root:x:0:", "tty:x:5:", "nogroup:x:65534:", *(f"{login}:x:{uid}:" for login, uid in logins.items())]
    yield Entry("etc/group", _lines(groups))
    start = _NOISE if spec.fault == "noisy" else "# lab: a start file that says nothing\n"
    for home, uid in [("root", 0), *((f"home/{login}", uid) for login, uid in logins.items())]:
        owner = 0 if single else uid
        yield Entry(home, None, 0o700, owner)
        yield Entry(f"{home}/.bashrc", start, 0o644, owner)
        yield Entry(f"{home}/.profile", ". ~/.bashrc\n", 0o644, owner)


def _tools(spec: HostSpec) -> Iterator[Entry]:
    yield Entry("tools", None, 0o755)
    if spec.watched:
        yield Entry(f"tools/{WATCH}", _WATCH, 0o755)
    answers: dict[str, dict[str, str]] = {}
    for key, text in spec.identity.items():
        if not key.startswith("/"):
            tool, _, arguments = key.partition(" ")
            answers.setdefault(tool, {})[arguments] = text
    for tool, by_arguments in answers.items():
        yield Entry(f"tools/{tool}", _script(tool, by_arguments), 0o755)


def _script(tool: str, answers: Mapping[str, str]) -> str:
    """A tool that prints the text for the beginning of its arguments, and is the machine's own tool for any others."""
    lines = ["#!/bin/sh", "# lab: prints a text invented by us"]
    if tool == "dmidecode":  # the real one needs root; whose home this is is root, which costs no further process
        lines.append("[ \"${HOME:-}\" = /root ] || { echo '/dev/mem: Permission denied' >&2; exit 1; }")
    lines.append('case "$*" in')
    for arguments in sorted(answers, key=len, reverse=True):
        pattern = f"{shlex.quote(arguments)}*" if arguments else "*"
        lines.append(f"{pattern}) printf %s {shlex.quote(answers[arguments])}; exit ;;")
    own = shutil.which(tool, path=_ELSEWHERE)
    if "" not in answers:
        lines.append(f'*) exec {own} "$@" ;;' if own else "*) exit 1 ;;")
    return "\n".join([*lines, "esac", ""])


def _lines(lines: Iterator[str] | Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)
