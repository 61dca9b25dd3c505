"""Opening credentials: each secret is got once, from where xunyan.toml says, and is kept in memory only."""

import getpass
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from console.scan_settings import CredentialSettings, written_down
from scanners.transports.carrying import Credential, CredentialKind
from scanners.transports.keys import agent_key, private_key
from xunyan.errors import InputError
from xunyan.wording import Text

TERMINAL = Path("/dev/tty")
Prompt = Callable[[str], str]
"""Asks a person for a secret; the question comes as it is to be shown."""


class Secrets:
    """Gets secrets: `env:NAME`, `prompt`, `vault:FILE#KEY`. A variable that was read leaves our environment."""

    def __init__(self, root: Path, vault_password: str, ask: Prompt) -> None:
        self._root = root
        self._vault_password = vault_password
        self._ask = ask
        self._opened: dict[str, str] = {}
        self._vaults: dict[Path, Mapping[str, object]] = {}

    def get(self, source: str, where: str, question: Text) -> str:
        """Get one secret. Raises InputError where it is not there."""
        if source not in self._opened or source == "prompt":
            value = self._get(source, where, question)
            if not value or "\n" in value or "\0" in value:
                raise _wrong(where, "是空的，或含换行", "is empty, or holds a new line")
            self._opened[source] = value
            return value
        return self._opened[source]

    def _get(self, source: str, where: str, question: Text) -> str:
        form, _, rest = source.partition(":")
        if source == "prompt":
            return self._ask(question.zh)
        if form == "env" and rest:
            value = os.environ.pop(rest, None)
            if value is None:
                raise _wrong(where, f"环境变量 {rest} 没有设置", f"the environment variable {rest} is not set")
            return value
        if form == "vault" and "#" in rest:
            name, _, key = rest.partition("#")
            found = self._vault(self._root / name, where).get(key)
            if not isinstance(found, str):
                raise _wrong(where, f"{name} 里没有 {key}（应是一段文字）", f"{name} holds no text under {key}")
            return found
        raise written_down(where)

    def _vault(self, path: Path, where: str) -> Mapping[str, object]:
        if path not in self._vaults:
            if not self._vault_password or self._vault_password.startswith("vault:"):
                raise _wrong(
                    "scan.vault_password", "没有写Vault口令的来处（env:变量名 或 prompt）",
                    "should say where the vault's password is (env:NAME or prompt)",
                )  # fmt: skip
            question = Text(f"Ansible Vault 口令（{path.name}）：", f"Ansible Vault password ({path.name}): ")
            password = self.get(self._vault_password, "scan.vault_password", question)
            self._vaults[path] = _open_vault(path, password, where)
        return self._vaults[path]


def _open_vault(path: Path, password: str, where: str) -> Mapping[str, object]:
    import yaml  # noqa: PLC0415  # takes a third of a second to load, and few need it
    from ansible.errors import AnsibleError  # noqa: PLC0415
    from ansible.parsing.vault import VaultLib, VaultSecret  # noqa: PLC0415

    try:
        plain = VaultLib([("default", VaultSecret(password.encode()))]).decrypt(path.read_bytes())
        found = yaml.safe_load(plain)
    except (AnsibleError, OSError, yaml.YAMLError) as error:
        raise _wrong(where, f"{path} 解不开（口令不对，或不是Vault文件）", f"{path} cannot be opened") from error
    return found if isinstance(found, dict) else {}


def open_credential(name: str, settings: CredentialSettings, secrets: Secrets, root: Path) -> Credential:
    """Open one credential, and see that its key can be used, before anything is sent. Raises InputError."""
    credential = _open_login(name, settings, secrets, root)
    if not settings.enable:
        return credential
    question = Text(f"提升权限的密码（凭据 {name}）：", f"password that raises the privilege ({name}): ")
    return replace(credential, enable=secrets.get(settings.enable, f"credentials.{name}.enable", question))


def _open_login(name: str, settings: CredentialSettings, secrets: Secrets, root: Path) -> Credential:
    where = f"credentials.{name}"
    if settings.kind is CredentialKind.PASSWORD:
        question = Text(f"{settings.user} 的密码（凭据 {name}）：", f"password of {settings.user} ({name}): ")
        password = secrets.get(settings.password or "prompt", f"{where}.password", question)
        return Credential(name, settings.user, settings.kind, password=password, one_time_code=settings.one_time_code)
    password = ""
    if settings.passphrase:
        question = Text(f"私钥口令（凭据 {name}）：", f"passphrase of the key ({name}): ")
        password = secrets.get(settings.passphrase, f"{where}.passphrase", question)
    if settings.kind is CredentialKind.AGENT:
        credential = Credential(
            name, settings.user, settings.kind, fingerprint=settings.fingerprint, one_time_code=settings.one_time_code
        )
        agent_key(credential)
        return credential
    path = root / Path(settings.key_file).expanduser()
    try:
        key = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"{where}.key_file", f"私钥文件读不了：{path}", f"the key file cannot be read: {path}") from error
    credential = Credential(
        name, settings.user, settings.kind, password=password, key=key, one_time_code=settings.one_time_code
    )
    private_key(credential)
    return credential


def ask_secret(question: str) -> str:
    """Ask on the terminal, without showing what is typed. Raises InputError where there is no terminal."""
    try:
        with TERMINAL.open("r+b", buffering=0):
            return getpass.getpass(question)
    except (OSError, EOFError) as error:
        raise _wrong("prompt", "没有终端，问不了密码", "there is no terminal to ask for a password on") from error


def ask_code(route: str, prompt: str) -> str:
    """Ask for a one-time code on the terminal; empty where there is none."""
    try:
        with TERMINAL.open("r+b", buffering=0) as terminal:
            terminal.write(f"\r\x1b[K[{route}] {prompt} ".encode())
            return terminal.readline(256).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _wrong(where: str, zh: str, en: str) -> InputError:
    return InputError(
        Text(zh, en),
        where=where,
        advice=Text(
            "改正 xunyan.toml 或按提示给出，再试", "mend xunyan.toml or give what is asked for, then try again"
        ),
    )
