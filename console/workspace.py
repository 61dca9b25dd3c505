"""A workspace: the folder that holds one place's settings, inventory, captures, journal and index."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec

from console.language import shape_in_chinese
from console.scan_settings import AccessSettings, CredentialSettings, RouteSettings, ScanSettings, SystemSettings
from console.timestamp_settings import TimestampSettings
from controls.evaluated import EvaluatedProducts
from controls.loader import EVALUATED, Catalogue, load_catalogue, load_evaluated, load_profile, read_toml
from controls.model import Profile
from evidence.captures import RejectedError, check_name
from evidence.credentials import Credentials
from evidence.journal import Journal
from evidence.scans import Scans
from evidence.segments import Segments
from evidence.store import CACHE_KIB, Store
from inventories.authorisations import ScopeSettings
from xunyan.errors import BusyError, CatalogueError, InputError, UsageError
from xunyan.wording import Text

FILE = "xunyan.toml"
REBUILDING = ".xunyan.db.rebuild"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[workspace]` table of xunyan.toml."""

    profile: str = "general"
    network: str = "default"
    unit: str = ""
    evaluated_products: str = ""
    inventory_plugins: bool = False


class SettingsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of xunyan.toml."""

    workspace: Settings = Settings()
    scan: ScanSettings = ScanSettings()
    systems: SystemSettings = SystemSettings()
    scope: ScopeSettings = ScopeSettings()
    credentials: dict[str, CredentialSettings] = {}
    routes: dict[str, RouteSettings] = {}
    access: tuple[AccessSettings, ...] = ()
    timestamp: TimestampSettings = TimestampSettings()


TEMPLATE = """\
# 巡验工作区设置。改动后运行 xunyan judge 即生效。
[workspace]
# 评判依据：general（通用）、fourth-division 等，或自己的 .toml 文件（路径相对本文件夹）
profile = {profile}
# 采集中没有写明地址域（network）时归入哪个地址域；不同单位重复使用的内网地址靠它区分
network = "default"
# 采集中没有写明单位时填哪个单位，可留空
unit = ""
# 自己维护的安全可靠测评名录（.toml），留空用随产品的那份
evaluated_products = ""
# 是否允许Ansible资产清单插件；插件会执行代码，确信清单可信再打开
inventory_plugins = false

# 以下为联网扫描，按需去掉行首的“# ”。密码本身不要写在这里，只写来处：
# env:环境变量名、prompt（运行时询问）、vault:文件#键（Ansible Vault，口令的来处写在 scan.vault_password）
#
# [scan]
# concurrency = 20        # 同时查几台；另有 per_network、per_route
# per_second = 50.0       # 每秒最多新建几个连接
# answer_seconds = 120.0  # 登录后最多等多久
# silence = 20            # 原本有应答的网络连续这么多台无应答，就暂停
# sudo = false            # 用 sudo 采集固件信息；授权书也要写 sudo = true
#
# [systems]               # 信息系统：域名、端口、首页、内链
# ports = [80, 443]       # 台账没有写端口的，敲这些端口；授权书也要允许
# per_second = 100.0      # 每秒最多新建几个连接；同一地址同时最多 per_address 个
# second_links = 20       # 二级内链最多试几条，third_links 为三级
#
# [credentials.ops]
# user = "xunyan"
# kind = "key"            # key 私钥、password 密码、agent 密钥代理
# key_file = "~/.ssh/id_ed25519"
#
# [routes.bastion]        # 跳板机（jump）或堡垒机（bastion），地址须在授权书的 jump_hosts 里
# kind = "bastion"
# address = "10.0.0.5"
# port = 2222
# credential = "bastion-login"
# login = "{{user}}@{{account}}@{{target}}"
#
# [[access]]              # 哪些目标用哪个凭据、走哪条路；从上到下第一条匹配的生效
# network = "default"
# credential = "ops"
#
# [timestamp]             # 给证据包盖时间戳的服务器（RFC 3161），地址须在授权书的 timestamps 里
# url = "http://10.0.0.54/tsr"
# authority = "keys/tsa-ca.pem"    # 时间戳机构的根证书
"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What judging rests on beside the captures."""

    catalogue: Catalogue
    profile: Profile
    products: EvaluatedProducts


class Workspace:
    """One workspace on disk."""

    def __init__(self, root: Path, file: SettingsFile) -> None:
        self.root = root
        self.file = file
        self.settings = file.workspace
        self.scans = Scans(root / "scans")
        self.credentials = Credentials(root / "credentials.jsonl")
        self.segments = Segments(root / "captures")
        self.journal = Journal(root / "journal.jsonl")
        self.identities = root / "inventory" / "identities.jsonl"
        self.database = root / "xunyan.db"

    def store(self, *, reading: bool = False, cache_kib: int = CACHE_KIB) -> Store:
        """Open the index; for `reading` it may stand where nothing can be written."""
        return Store(self.database, reading=reading, cache_kib=cache_kib)

    def inputs(self) -> Inputs:
        """Load catalogue, profile and the list of evaluated products. Raises CatalogueError where they do not fit."""
        catalogue = load_catalogue()
        name = self.settings.profile
        with _users(self.root / name) if name.endswith(".toml") else nullcontext():
            profile = load_profile(str(self.root / name) if name.endswith(".toml") else name)
            for duty in profile.requirements.values():
                for control in duty.controls:
                    if catalogue.control(control) is None:
                        raise CatalogueError(
                            Text(
                                f"要求 {duty.id} 指向不存在的检查项 {control}",
                                f"requirement {duty.id} names the unknown control {control}",
                            ),
                            where=name,
                            advice=Text("用 xunyan controls list 查看检查项", "see xunyan controls list"),
                        )
        own = self.settings.evaluated_products
        path = self.root / own if own else EVALUATED
        if not path.is_file():
            raise InputError(
                Text("找不到安全可靠测评名录文件", "the list of evaluated products is not there"),
                where=str(path),
                advice=Text(
                    f"改正 {FILE} 中的 evaluated_products，或留空",
                    f"mend evaluated_products in {FILE}, or leave it empty",
                ),
            )
        with _users(path) if own else nullcontext():
            products = load_evaluated(path)
        return Inputs(catalogue, profile, products)

    def sweep(self) -> None:
        """Remove the unfinished files that a killed writer left behind. Only the one writer may."""
        self.segments.sweep()
        for path in self.root.glob(f"{REBUILDING}*"):
            path.unlink(missing_ok=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer. Raises BusyError at once where another is."""
        descriptor = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(
                    Text("另一个巡验进程正在写这个工作区", "another process is writing to this workspace"),
                    where=str(self.root),
                    advice=Text(
                        "等它结束后重试；读取类命令不受影响", "try again when it has ended; reading commands still work"
                    ),
                ) from error
            yield
        finally:
            os.close(descriptor)


@contextmanager
def _users(path: Path) -> Iterator[None]:
    """Whatever is wrong with a file that the user keeps is bad input, and the file is named."""
    try:
        yield
    except CatalogueError as error:
        what = Text(shape_in_chinese(error.what.zh), error.what.en)
        raise InputError(what, where=str(path), advice=error.advice) from error


def create(root: Path, profile: str) -> Workspace:
    """Make a workspace. An existing one is left alone and refused."""
    if (root / FILE).exists():
        raise UsageError(
            Text("这里已经是工作区", "this is a workspace already"),
            where=str(root),
            advice=Text("直接使用它，或换一个文件夹", "use it, or choose another folder"),
        )
    given = Path(profile)
    own = given.suffix == ".toml" and given.is_file()  # as the user sees it from here; it goes into the workspace
    if own:
        with _users(given):
            load_profile(str(given.resolve()))
        root.mkdir(parents=True, exist_ok=True)
        profile = given.name
        if given.resolve() != (root / profile).resolve():
            shutil.copyfile(given, root / profile)
    with _users(root / profile) if profile.endswith(".toml") else nullcontext():
        load_profile(str(root / profile) if profile.endswith(".toml") else profile)
    if root.exists() and not root.is_dir():
        raise UsageError(
            Text("不是文件夹", "not a folder"), where=str(root), advice=Text("换一个名字", "choose another name")
        )
    root.mkdir(mode=0o700, parents=True, exist_ok=True)  # weaknesses of a whole city are nobody else's business
    for folder in ("captures", "inventory", "inventory/authorisations"):
        (root / folder).mkdir(exist_ok=True)
    Store(root / "xunyan.db", create=True).close()
    (root / FILE).write_text(TEMPLATE.format(profile=json.dumps(profile, ensure_ascii=False)), encoding="utf-8")
    return find(root)


def find(start: Path) -> Workspace:
    """Find the workspace that a folder is in. Raises UsageError where there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE).is_file():
            with _users(folder / FILE):
                file = read_toml(folder / FILE, SettingsFile)
            for key in ("network", "unit"):
                try:
                    check_name(key, getattr(file.workspace, key))
                except RejectedError as error:
                    raise InputError(
                        Text(f"{key} 过长，或含不可见字符", f"{key} is too long or holds an invisible character"),
                        where=str(folder / FILE),
                        advice=Text("改正该处后重试", "mend it there and try again"),
                    ) from error
            return Workspace(folder, file)
    raise UsageError(
        Text("这里没有巡验工作区", "there is no workspace here"),
        where=str(start.resolve()),
        advice=Text(
            "先运行 xunyan init 建一个，或用 -C 指定它的文件夹", "make one with xunyan init, or name its folder with -C"
        ),
    )
