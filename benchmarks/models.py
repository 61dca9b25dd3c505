"""The kinds of machine in the synthetic estate, with their shares, and the systems that they run."""

from dataclasses import dataclass

ARM_FLAGS = "fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid"
KUNPENG_FLAGS = (
    "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma dcpop asimddp asimdfhm"
)
LOONGARCH_FLAGS = "cpucfg lam ual fpu lsx lasx crc32 complex crypto lvz lbt_x86 lbt_arm lbt_mips"
X86_FLAGS = (
    "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall nx "
    "mmxext fxsr_opt pdpe1gb rdtscp lm constant_tsc rep_good nopl nonstop_tsc cpuid extd_apicid aperfmperf pni "
    "pclmulqdq monitor ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c rdrand lahf_lm cmp_legacy svm "
    "extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs skinit wdt tce topoext perfctr_core perfctr_nb "
    "bpext perfctr_llc mwaitx cpb hw_pstate ssbd ibpb vmmcall fsgsbase bmi1 avx2 smep bmi2 rdseed adx smap clflushopt "
    "sha_ni xsaveopt xsavec xgetbv1 xsaves clzero irperf xsaveerptr arat npt lbrv svm_lock nrip_save tsc_scale "
    "vmcb_clean flushbyasid decodeassists pausefilter pfthreshold avic v_vmsave_vmload vgif overflow_recov succor smca"
)


@dataclass(frozen=True, slots=True)
class System:
    """An operating system: what its release file and its package say."""

    name: str
    version: str
    identifier: str
    version_id: str
    pretty: str
    package: str


KYLIN_SERVER = System(
    "Kylin Linux Advanced Server", "V10 (Lance)", "kylin", "V10", "Kylin Linux Advanced Server V10 (Lance)",
    "rpm: kylin-release|10-24.6.p113.ky10|KylinSoft|Kylin Linux|RSA/SHA256, Key ID 00000000bench001|",
)  # fmt: skip
KYLIN_DESKTOP = System(
    "Kylin", "V10 SP1", "kylin", "v10", "Kylin V10 SP1",
    "dpkg: base-files|10.3kylin2|Kylin|Kylin Developers <dev@kylinos.cn>|\napt-origin: Kylin",
)  # fmt: skip
UOS_DESKTOP = System(
    "UnionTech OS Desktop", "20 Pro", "uos", "20", "UnionTech OS Desktop 20 Pro",
    "dpkg: base-files|20.0.10|Uniontech|UnionTech <packages@uniontech.com>|\napt-origin: Uniontech",
)  # fmt: skip
UOS_SERVER = System(
    "UnionTech OS Server", "20", "uos", "20", "UnionTech OS Server 20",
    "rpm: uos-release|20-3.uelc20|UnionTech|UnionTech|RSA/SHA256, Key ID 00000000bench002|",
)  # fmt: skip
OPENEULER = System(
    "openEuler", "22.03 (LTS-SP3)", "openEuler", "22.03", "openEuler 22.03 (LTS-SP3)",
    "rpm: openEuler-release|22.03LTS_SP3-52.oe2203sp3|openEuler|openEuler|RSA/SHA1, Key ID 00000000bench003|",
)  # fmt: skip
CENTOS = System(
    "CentOS Linux", "7 (Core)", "centos", "7", "CentOS Linux 7 (Core)",
    "rpm: centos-release|7-9.2009.el7|CentOS|CentOS BuildSystem|RSA/SHA256, Key ID 00000000bench004|",
)  # fmt: skip
DEBIAN = System(
    "Debian GNU/Linux", "12 (bookworm)", "debian", "12", "Debian GNU/Linux 12 (bookworm)",
    "dpkg: base-files|12.4+deb12u8||Santiago Vila <sanvila@debian.org>|\napt-origin: Debian",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of machine. `share` is in percent; `implementer` is an Arm core's maker and part, empty on others."""

    share: int
    role: str
    architecture: str
    vendor: str
    processor: str
    sockets: int
    cores: int
    threads: int
    maker: str
    product: str
    systems: tuple[System, ...]
    implementer: tuple[str, str] = ("", "")
    family: int = 0
    hypervisor: str = ""

    @property
    def cpus(self) -> int:
        """How many logical CPUs the system shows."""
        return self.sockets * self.cores * self.threads


_DESKTOPS = (KYLIN_DESKTOP, UOS_DESKTOP)
MODELS = (
    Model(20, "pc", "aarch64", "Phytium", "Phytium,D2000/8", 1, 8, 1,
          "GreatWall", "GW-D20", _DESKTOPS, ("0x70", "0x663")),
    Model(8, "pc", "aarch64", "Phytium", "Phytium,FT-2000/4", 1, 4, 1,
          "Tongfang", "TN-F4", _DESKTOPS, ("0x70", "0x663")),
    Model(10, "pc", "loongarch64", "Loongson", "Loongson-3A5000", 1, 4, 1,
          "Loongson", "LM-A5", _DESKTOPS),
    Model(9, "pc", "x86_64", "CentaurHauls", "ZHAOXIN KaiXian KX-U6780A@2.7GHz", 1, 8, 1,
          "Lenovo", "KT-Z6", _DESKTOPS, family=7),
    Model(12, "pc", "x86_64", "HygonGenuine", "Hygon C86 3350  8-core Processor", 1, 8, 2,
          "Sugon", "W3-H", _DESKTOPS, family=24),
    Model(9, "pc", "x86_64", "GenuineIntel", "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz", 1, 6, 2,
          "Dell Inc.", "OP-5", (*_DESKTOPS, DEBIAN), family=6),
    Model(3, "pc", "x86_64", "AuthenticAMD", "AMD Ryzen 5 PRO 4650G with Radeon Graphics", 1, 6, 2,
          "HP", "ED-8", (*_DESKTOPS, DEBIAN), family=23),
    Model(5, "srv", "aarch64", "HiSilicon", "Kunpeng-920", 2, 48, 1,
          "Huawei", "TaiShan 200", (KYLIN_SERVER, OPENEULER), ("0x48", "0xd01")),
    Model(3, "srv", "x86_64", "HygonGenuine", "Hygon C86 7285 32-core Processor", 2, 32, 1,
          "Sugon", "R6-H", (KYLIN_SERVER, UOS_SERVER), family=24),
    Model(4, "srv", "x86_64", "GenuineIntel", "Intel(R) Xeon(R) Silver 4214 CPU @ 2.20GHz", 2, 12, 2,
          "Inspur", "NF-52", (CENTOS, KYLIN_SERVER), family=6),
    Model(1, "srv", "x86_64", "AuthenticAMD", "AMD EPYC 7302 16-Core Processor", 2, 16, 1,
          "Dell Inc.", "R7-25", (CENTOS,), family=23),
    Model(7, "vm", "aarch64", "HiSilicon", "Kunpeng-920", 8, 1, 1,
          "OpenStack Foundation", "OpenStack Nova", (KYLIN_SERVER, OPENEULER), ("0x48", "0xd01"), hypervisor="kvm"),
    Model(5, "vm", "x86_64", "GenuineIntel", "Intel Xeon Processor (Skylake, IBRS)", 8, 1, 1,
          "OpenStack Foundation", "OpenStack Nova", (CENTOS, KYLIN_SERVER, DEBIAN), family=6, hypervisor="kvm"),
    Model(4, "vm", "x86_64", "HygonGenuine", "Hygon C86 7285 32-core Processor", 1, 4, 1,
          "VMware, Inc.", "VMware Virtual Platform", (UOS_SERVER, KYLIN_SERVER), family=24, hypervisor="vmware"),
)  # fmt: skip
"""What a division's Linux estate is made of, in shares that sum to 100; Windows is left out."""
