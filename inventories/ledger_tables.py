"""The forms of the ledgers: every table, its columns in the order of the form, and what each cell may say.

`SYSTEMS` is 附件5 (现有政务信息系统清单) of the fourth division's rules, word for word and in its own order; `COMPANION` adds what
it lacks and what cannot be observed without.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inventories.ledger_words import DEPLOYED, LEVEL, LINK_KIND, NATURE, RANGE_KIND, ROOM_KIND, YES, Words
from inventories.ledgers import COMPANION as COMPANION_SOURCE
from inventories.ledgers import SOURCE
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a form.

    `heading` as the form prints it, `also` other headings that mean it. `reads` names how a cell is read (READERS of
    `inventories.ledger_cells`), `words` its answers where it has few, `offered` what the form's list offers. `hidden`
    columns are understood where a returned file has them, and are not on the form.
    """

    key: str
    heading: str
    reads: str = "line"
    also: tuple[str, ...] = ()
    words: Words | None = None
    offered: tuple[str, ...] = ()
    needed: bool = False
    hidden: bool = False
    width: int = 16
    sample: str = ""
    note: Text | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What the form's list offers; empty where anything may be written."""
        return self.offered or (self.words.offered if self.words is not None else ())


@dataclass(frozen=True, slots=True)
class Table:
    """One form. `name` is the key of the column that names a row; `marks` are the columns by which a sheet is known.

    `source` and `kind` are those of the sealed rows; `kind` is that of the asset. `headed`: head lines say whose it is.
    `replaces`: what a returned list no longer has is withdrawn, by unit where `headed`.
    """

    id: str
    title: Text
    sheet: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    marks: tuple[str, ...]
    source: str = SOURCE
    headed: bool = False
    replaces: bool = True
    numbered: bool = True
    remark: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        """Give a column by its key."""
        return next(one for one in self.columns if one.key == key)

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that are on the form."""
        return tuple(one for one in self.columns if not one.hidden)


_SECRET = Column(
    "classified", "涉密", "secret", also=("是否涉密", "密级"), width=8, offered=("是", "否"), sample="否",
    note=Text("涉密的不要填在这里；标了涉密的，整份文件退回", "never file what is classified: the whole file is refused"),
)  # fmt: skip
_REMARK = Column("remark", "备注", "text", width=24)
_UNIT = Column(
    "unit", "单位", also=("使用单位", "所属单位", "填报部门（单位）", "填报部门", "填报单位"), width=18, sample="教育局"
)
_NETWORK = Column(
    "network", "地址域", also=("网络",), width=12, sample="外网",
    note=Text("地址在哪个网里有效，如 外网、互联网；留空为工作区的设置", "where its addresses mean something; blank is the workspace's own"),
)  # fmt: skip

ENDPOINTS = Table(
    "endpoints", Text("终端台账", "the endpoint ledger"), "终端台账", "asset", "endpoint",
    (
        Column("asset", "资产标识", "asset", needed=True, width=20, sample="host:web01"),
        Column("unit", "单位", width=18, sample="教育局"),
        Column("site", "地点", sample="机关楼3层"),
        Column("network", "地址域", width=12, sample="外网"),
        Column("address", "地址", width=18, sample="192.0.2.10"),
        Column("procured_on", "采购日期", "day", width=12, sample="2025-03-01"),
        Column("purpose", "用途", sample="办公"),
        Column("keeper", "责任人", width=10, sample="张三"),
        Column("remark", "备注", width=24),
        Column("classified", "涉密", "secret", also=("是否涉密", "密级"), width=8, offered=("是", "否"), sample="否"),
    ),
    ("asset",), replaces=False, numbered=False,
)  # fmt: skip

SYSTEMS = Table(
    "systems", Text("现有政务信息系统清单（附件5）", "the list of existing systems (annex 5)"), "现有系统", "system", "system",
    (
        Column("implementer", "项目具体实施单位", width=18, sample="XX局/XX中心"),
        Column("system", "信息系统名称", "name", also=("系统名称",), needed=True, width=26, sample="XX一体化智慧XX综合管理平台",
               note=Text("一个系统一行；名称不换行，同一地方内不重名", "one system a row; the name on one line, used once")),
        Column("functions", "主要功能（300字以内）", "text", width=36, sample="根据实际填写"),
        Column("funding", "资金来源（国家、兵团拨款、师市本级、自筹）", also=("资金来源",), width=18, sample="师市本级财政资金"),
        Column("approver", "审批部门", width=16, sample="XX发展改革委"),
        Column("build_cost", "建设经费（万元）", width=10, sample="1200"),
        Column("operator", "运维（运营）单位", width=18, sample="根据实际填写"),
        Column("run_cost", "运维（运营）经费（万元）", width=12, sample="100"),
        Column("deployment", "系统部署路径（国家、兵团、师市政务云、自建机房、租用机房）", "deployment",
               also=("系统部署路径", "部署路径", "部署位置"),
               offered=DEPLOYED, width=22, sample="师市政务云",
               note=Text("从列表选；跨几处的用顿号隔开；租用公有云、运营商云的填“租用机房”；确实不知道的写“不清楚”",
                         "choose; join several with 、; a hired public cloud is 租用机房; write 不清楚 where nobody knows")),
        Column("audience", "系统使用范围（本部门、本系统、跨部门、社会公众、其他）", also=("系统使用范围", "使用范围"), width=20,
               sample="师市各级各部门、社会公众"),
        Column("data", "产生数据情况", "text", width=26, sample="该系统产生的全量数据名称"),
        Column("sharing", "数据共享共用情况", "text", also=("数据共享情况",), width=30,
               sample="与兵团、师市统一数据管理平台对接，完成数据资源编目、挂载工作"),
        Column("contact", "联系人及电话", also=("联系人", "联系电话"), width=20),
        _REMARK,
        Column("unit", "填报部门（单位）", also=("填报部门", "填报单位", "单位", "申报部门（单位）", "主管单位", "主管部门"), hidden=True),
        Column("classified", "涉密", "secret", also=("是否涉密", "密级"), hidden=True),
    ),
    ("system", "deployment"), headed=True,
    remark=(
        "备注： 1.该清单由师市政务服务和大数据局根据工作要求制定，提供给项目申报部门（单位），并将根据工作情况，动态更新。",
        "2.师市各部门（单位）对照清单，在项目申报前进行自查，填写完成并加盖公章后，于申报项目时一并报送至师市政务服务和大数据局。",
    ),
)  # fmt: skip

COMPANION = Table(
    "companion", Text("现有政务信息系统清单配套表", "the companion sheet of annex 5"), "配套表", "system", "system",
    (
        Column("system", "信息系统名称", "name", also=("系统名称",), needed=True, width=26, sample="XX一体化智慧XX综合管理平台",
               note=Text("与附件5所填的名称一致", "as it is named in annex 5")),
        Column("names", "域名", "hosts", also=("域名或网址", "访问域名", "系统域名", "网址", "访问网址"), width=30, sample="oa.example.cn",
               note=Text("几个用空格隔开；可写网址，如 https://oa.example.cn:8443/", "several with blanks between; URLs may be written")),
        Column("addresses", "访问地址", "hosts", also=("地址", "IP地址", "IP", "服务地址"), width=30, sample="192.0.2.10 [2001:db8::10]:8443",
               note=Text("IPv4或IPv6，可带端口，几个用空格隔开", "IPv4 or IPv6, with a port maybe, several with blanks between")),
        _NETWORK,
        Column("tenant", "云租户", also=("租户", "云租户名称"), width=16, sample="jyj-tenant"),
        Column("project", "云项目", also=("项目", "项目名称"), width=16, sample="jyj-portal"),
        Column("nature", "建设性质（新建、升级改造、已建）", "word", also=("建设性质",), words=NATURE, width=14, sample="已建"),
        Column("procured_on", "采购日期", "day", also=("采购时间",), width=12, sample="2024-06-01"),
        Column("live_on", "上线日期", "day", also=("上线时间",), width=12, sample="2025-03-01"),
        Column("out_of_scope", "不在上云范围的理由（写明依据的条款）", "clause", also=("不在上云范围的理由", "不上云理由", "不上云的理由"), width=30,
               sample="", note=Text("如“第九条（二）涉密项目除外”；在范围内的留空", "with the clause it rests on; blank where it is in scope")),
        Column("seasonal", "季节性系统（是、否）", "word", also=("季节性系统", "是否季节性"), words=YES, width=10, sample="否",
               note=Text("只在某些时候开的系统填“是”，没有应答时不算停用", "是 for one that runs at times only")),
        _SECRET,
        _REMARK,
        Column("unit", "填报部门（单位）", also=("填报部门", "填报单位", "单位", "申报部门（单位）"), hidden=True),
    ),
    ("system", "names|addresses"), source=COMPANION_SOURCE, headed=True,
)  # fmt: skip

RANGES = Table(
    "ranges", Text("地址段和租户", "address ranges and tenants"), "地址段", "range", "range",
    (
        _NETWORK,
        Column("range", "地址段", "range", also=("地址范围", "网段", "IP段", "地址"), needed=True, width=30, sample="192.0.2.0/24",
               note=Text("一格一段：网段、地址段（192.0.2.3-192.0.2.9）或一个地址", "one a cell: a network, a range or one address")),
        Column("kind", "类别", "word", words=RANGE_KIND, needed=True, width=14, sample="政务云"),
        Column("level", "级别", "word", words=LEVEL, width=8, sample="师市",
               note=Text("政务云是哪一级的", "of which level a government cloud is")),
        Column("holder", "使用方（租户、机房或平台）", also=("使用方", "租户", "机房", "平台"), width=20, sample="jyj-tenant"),
        Column("maps_to", "映射到的内网地址", "address", also=("映射地址", "内网地址"), width=20, sample="",
               note=Text("对外发布的地址，写它背后的内网地址（一个）", "the one inner address that a published one stands for")),
        _UNIT, _REMARK, Column("classified", "涉密", "secret", also=("是否涉密", "密级"), hidden=True),
    ),
    ("range", "kind"),
)  # fmt: skip

ROOMS = Table(
    "rooms", Text("机房", "machine rooms"), "机房", "room", "room",
    (
        Column("room", "机房名称", "name", also=("机房",), needed=True, width=22, sample="教育局机房"),
        _UNIT,
        Column("site", "地点", also=("位置", "地址"), width=20, sample="机关楼3层"),
        Column("kind", "类别", "word", words=ROOM_KIND, needed=True, width=14, sample="自建机房"),
        Column("registered", "是否登记", "word", words=YES, width=10, sample="是"),
        Column("leaves_on", "计划撤并日期", "day", also=("计划迁移日期", "撤并日期"), width=14, sample="2027-06-30"),
        Column("cabinets", "机柜数", width=10, sample="4"),
        Column("servers", "服务器数", width=10, sample="12"),
        _REMARK, Column("classified", "涉密", "secret", also=("是否涉密", "密级"), hidden=True),
    ),
    ("room", "kind"),
)  # fmt: skip

LINKS = Table(
    "links", Text("线路", "links"), "线路", "link", "link",
    (
        Column("link", "线路名称", "name", also=("线路",), needed=True, width=22, sample="教育局政务外网接入"),
        _UNIT,
        Column("kind", "类别", "word", words=LINK_KIND, needed=True, width=16, sample="政务外网接入"),
        Column("carrier", "运营商", width=12, sample="电信"),
        Column("bandwidth", "带宽（Mbps）", also=("带宽",), width=12, sample="100"),
        Column("from_end", "起点", also=("A端",), width=18, sample="教育局"),
        Column("to_end", "终点", also=("B端",), width=18, sample="政务外网汇聚点"),
        Column("device", "设备", also=("本端设备",), width=18, sample="jyj-r1",
               note=Text("线路接在哪台设备上：设备的主机名或资产名称", "the device it ends at: its host name or its asset's name")),
        Column("interface", "接口", also=("端口", "本端接口"), width=22, sample="GigabitEthernet0/0/1",
               note=Text("与设备上显示的一致，可用简称，如 GE0/0/1", "as the device shows it; short forms such as GE0/0/1 will do")),
        Column("far_device", "对端设备", width=18, sample=""),
        Column("far_interface", "对端接口", also=("对端端口",), width=22, sample=""),
        Column("approval", "批准文号", width=18, sample=""),
        _REMARK, Column("classified", "涉密", "secret", also=("是否涉密", "密级"), hidden=True),
    ),
    ("link", "kind"),
)  # fmt: skip

EXEMPTIONS = Table(
    "exemptions", Text("例外", "exemptions"), "例外", "asset", "",
    (
        Column("number", "批准文号", also=("文号",), needed=True, width=20, sample="X政办〔2026〕1号"),
        Column("approver", "批准机关", also=("批准单位",), needed=True, width=20, sample="XX市人民政府"),
        Column("approver_class", "批准机关类别", also=("批准机关级别",), needed=True, width=14, sample="市级"),
        Column("until", "有效期至", "day", also=("到期日期", "有效期"), needed=True, width=12, sample="2027-06-30"),
        Column("control", "检查项", also=("检查项编号",), needed=True, width=40, sample="systems/not-on-government-cloud"),
        Column("asset", "资产", also=("资产名称", "信息系统名称"), needed=True, width=26, sample="XX一体化智慧XX综合管理平台"),
        Column("reason", "理由", "text", also=("例外理由",), needed=True, width=36, sample="国家部委统一部署"),
        _REMARK, Column("classified", "涉密", "secret", also=("是否涉密", "密级"), hidden=True),
    ),
    ("number", "control", "asset"), replaces=False,
)  # fmt: skip

TABLES: Mapping[str, Table] = MappingProxyType(
    {one.id: one for one in (ENDPOINTS, SYSTEMS, COMPANION, RANGES, ROOMS, LINKS, EXEMPTIONS)}
)
"""Every table by its id, as `--of` names it."""


def table_of(source: str, kind: str) -> Table | None:
    """Give the table that a sealed row stood in, None for what is no row of a table."""
    return next((one for one in TABLES.values() if one.source == source and one.kind == kind), None)


def blank_csv(table: Table) -> str:
    """Write a blank form as CSV, with a byte order mark, as office programs expect it."""
    return "\ufeff" + ",".join(one.heading for one in table.shown) + "\r\n"
