"""The blank letter of authorisation, to be filled in: left as it is, it is refused, so that nobody allows by accident."""

TEMPLATE = """\
# 授权书。一份授权书一个文件，放在工作区的 inventory/authorisations/ 下，文件名以 .toml 结尾。
# 行首为“# ”的是可选项，去掉“# ”即可使用。没有写明允许的，一律不触碰。

number = ""                 # 授权书编号，不能与别的授权书相同
# title = "2026年终端国产化核查"
units = []                  # 授权的单位，如 ["教育局", "卫健委"]；["*"] 为所有单位
approver = ""               # 批准人
# approved_on = 2026-11-01

# 有效期。只写日期的，按北京时间计，起止当天都算；精确到时刻的，写成 2026-11-01T08:00:00+08:00
valid_from = 2026-11-01
valid_until = 2026-11-01

# 时间窗（北京时间），可跨零点；不写则有效期内随时可以
# windows = ["22:00-06:00"]
# windows = [{ days = ["周六", "周日"], from = "00:00", to = "24:00" }, { days = ["周一"], from = "22:00", to = "06:00" }]

methods = []                # 允许的方式：ssh、winrm、dns、web；telnet 是明文，只在设备没有SSH时写
# ports = [22]              # 允许的端口，各方式共用；不写则用默认端口：ssh 22，telnet 23，winrm 5985、5986，dns 53，web 80、443
# sudo = false              # 是否允许用sudo读取固件信息

# [limits]                  # 同时连接数、每秒新建连接数的上限
# concurrency = 20
# per_second = 5

# 每个地址域一张表。地址可以写 10.1.2.3、10.1.2.0/24、10.1.2.3-10.1.2.9、10.1.2.3-9，IPv6同样
[[networks]]
name = "default"
allow = []                  # 允许触碰的地址，不收域名
deny = []                   # 禁止触碰的地址或域名（含其下所有名称），优先于任何一份授权书的允许
classified = []             # 涉密地址，绝不触碰，也不收进台账
# resolvers = ["10.0.0.53"]         # 可以查询的域名服务器（递归）
# name_servers = ["10.0.0.54"]      # 可以查询的权威域名服务器，查IPv6是否贯通时用
# jump_hosts = ["10.0.0.9:22"]      # 可以经过的跳板机、堡垒机
# timestamps = ["10.0.0.54:80"]     # 可以请求时间戳的服务器

# 过期或撤销的授权书，禁止和涉密范围仍然有效；要解除，请修改本文件。
# [revoked]                 # 撤销；已签名的授权书请用 xunyan scope revoke，不破坏签名
# on = 2026-11-20
# by = ""
# reason = ""
"""
