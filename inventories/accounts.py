"""Accounts: the named persons who may decide about findings, from `inventory/accounts.toml`. They hold no password."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from xunyan.errors import InputError, UsageError
from xunyan.names import flaw, shown
from xunyan.wording import Text

FILE = "inventory/accounts.toml"
EXAMPLE = '[accounts.zhangsan]\nname = "张三"\nunit = "大数据局"\nroles = ["officer"]'
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

Role: TypeAlias = Literal["officer", "approver"]


class AccountForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[accounts.NAME]` table."""

    name: str
    unit: str
    roles: tuple[Role, ...]


class AccountsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    accounts: dict[str, AccountForm] = {}


@dataclass(frozen=True, slots=True)
class Account:
    """One person: `officer` decides about findings and asks for exemptions, `approver` answers those that others ask."""

    id: str
    name: str
    unit: str
    roles: frozenset[str]


def load(path: Path) -> dict[str, Account]:
    """Read all accounts by id; an absent file has none. Raises InputError naming the account that is wrong.

    No two accounts may be of one name in one unit: whoever asks could else approve under the other.
    """
    if not path.exists():
        return {}
    try:
        file = msgspec.convert(tomllib.loads(path.read_text("utf-8-sig")), AccountsFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise _wrong(path, Text(f"读不懂（{error}）", f"cannot be read ({error})")) from error
    found: dict[str, Account] = {}
    persons: dict[tuple[str, str], str] = {}
    for key, form in file.accounts.items():
        name, unit = form.name.strip(), form.unit.strip()
        if not _ACCOUNT.fullmatch(key):
            what = Text(
                f"账号名“{shown(key)}”只能用小写字母、数字和 . _ -", f"{shown(key)!r} may hold a-z, 0-9, . _ - only"
            )
            raise _wrong(path, what)
        if not name or not unit or flaw(name) or flaw(unit):
            what = Text(f"账号 {key} 的姓名或单位为空、过长或含不可见字符", f"{key}: name or unit is empty or unfit")
            raise _wrong(path, what)
        if (name, unit) in persons:
            other = persons[name, unit]
            what = Text(
                f"账号 {other} 和 {key} 是同一姓名、同一单位；同名的人请写成“张三（信息科）”这样",
                f"{other} and {key} have one name and unit; tell persons of one name apart, as in 'Zhang San (IT)'",
            )
            raise _wrong(path, what)
        persons[name, unit] = key
        found[key] = Account(key, name, unit, frozenset(form.roles))
    return found


def acting(accounts: Mapping[str, Account], by: str, role: Role, path: Path) -> Account:
    """Give the account that acts in a role. Raises UsageError where it is not named, not there or lacks the role."""
    if not by:
        raise UsageError(
            Text("没有写明是谁", "it is not said who acts"),
            where="--by",
            advice=Text(
                f"用 --by 写账号，或设环境变量 XUNYAN_ACCOUNT；已有：{_list(accounts)}",
                f"give an account with --by, or set XUNYAN_ACCOUNT; there are: {_list(accounts)}",
            ),
        )
    account = accounts.get(by)
    if account is None:
        raise UsageError(
            Text(f"没有账号“{shown(by)}”", f"there is no account {shown(by)!r}"),
            where="--by",
            advice=Text(
                f"已有：{_list(accounts)}；新账号写进 {path}，如\n{EXAMPLE}",
                f"there are: {_list(accounts)}; write a new one into {path}, such as\n{EXAMPLE}",
            ),
        )
    if role not in account.roles:
        zh = "处置" if role == "officer" else "批复例外"
        raise UsageError(
            Text(f"{account.name}（{by}）没有{zh}的角色", f"{account.name} ({by}) lacks the role {role}"),
            where="--by",
            advice=Text(
                f"换有 {role} 角色的账号，或在 {path} 的 roles 里加上",
                f"let an account with the role {role} do it, or add it to roles in {path}",
            ),
        )
    return account


def _list(accounts: Mapping[str, Account]) -> str:
    return "、".join(f"{one.id}（{one.name}）" for one in list(accounts.values())[:30]) or "-"


def _wrong(path: Path, what: Text) -> InputError:
    return InputError(what, where=str(path), advice=Text("改正该处后重试", "mend it there and try again"))
