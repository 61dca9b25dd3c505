"""What the synthetic machines answer: texts in the shape and size of real tools' output, made by us, copied from nowhere."""

from dataclasses import dataclass
from random import Random

from benchmarks.models import ARM_FLAGS, KUNPENG_FLAGS, LOONGARCH_FLAGS, X86_FLAGS, Model, System


@dataclass(frozen=True, slots=True)
class Host:
    """One synthetic machine. `peers` are addresses of servers in its network that it talks to."""

    name: str
    unit: str
    network: str
    address: str
    model: Model
    system: System
    serial: str
    uuid: str
    machine_id: str
    mac: str
    peers: tuple[str, ...]


def cpuinfo(host: Host, rng: Random) -> str:
    """/proc/cpuinfo: a block for every logical CPU."""
    model = host.model
    if model.architecture == "x86_64":
        return "".join(_x86_block(model, cpu, rng.randrange(1200000, 3400000)) for cpu in range(model.cpus))
    if model.architecture == "aarch64":
        implementer, part = model.implementer
        flags = KUNPENG_FLAGS if model.vendor == "HiSilicon" else ARM_FLAGS
        block = (
            f"BogoMIPS\t: {200 if model.vendor == 'HiSilicon' else 96}.00\nFeatures\t: {flags}\n"
            f"CPU implementer\t: {implementer}\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: {part}\n"
            f"CPU revision\t: 0\n\n"
        )
        return "".join(f"processor\t: {cpu}\n{block}" for cpu in range(model.cpus))
    block = (
        f"core\t\t\t: 0\nCPU Family\t\t: Loongson-64bit\nModel Name\t\t: {model.processor}\nCPU Revision\t\t: 0x10\n"
        "FPU Revision\t\t: 0x00\nCPU MHz\t\t\t: 2500.00\nBogoMIPS\t\t: 5000.00\nTLB Entries\t\t: 2112\n"
        f"Address Sizes\t\t: 48 bits physical, 48 bits virtual\nISA\t\t\t: loongarch32 loongarch64\n"
        f"Features\t\t: {LOONGARCH_FLAGS}\nHardware Watchpoint\t: yes, iwatch count: 8, dwatch count: 8\n\n"
    )
    title = "system type\t\t: generic-loongson-machine\n"
    return title + "".join(f"processor\t\t: {cpu}\npackage\t\t\t: 0\n{block}" for cpu in range(model.cpus))


def _x86_block(model: Model, cpu: int, khz: int) -> str:
    flags = X86_FLAGS + (" hypervisor" if model.hypervisor else "")
    return (
        f"processor\t: {cpu}\nvendor_id\t: {model.vendor}\ncpu family\t: {model.family}\nmodel\t\t: 1\n"
        f"model name\t: {model.processor}\nstepping\t: 1\nmicrocode\t: 0x80901047\ncpu MHz\t\t: {khz / 1000:.3f}\n"
        f"cache size\t: 512 KB\nphysical id\t: {cpu // max(1, model.cores * model.threads)}\n"
        f"siblings\t: {model.cores * model.threads}\ncore id\t\t: {cpu // model.threads % model.cores}\n"
        f"cpu cores\t: {model.cores}\napicid\t\t: {cpu}\ninitial apicid\t: {cpu}\nfpu\t\t: yes\nfpu_exception\t: yes\n"
        f"cpuid level\t: 13\nwp\t\t: yes\nflags\t\t: {flags}\nbugs\t\t: sysret_ss_attrs spectre_v1 spectre_v2\n"
        "bogomips\t: 4990.54\nTLB size\t: 2560 4K pages\nclflush size\t: 64\ncache_alignment\t: 64\n"
        "address sizes\t: 43 bits physical, 48 bits virtual\npower management: ts ttp tm hwpstate cpb eff_freq_ro\n\n"
    )


def lscpu(host: Host) -> str:
    """`lscpu` in English, columns aligned."""
    model = host.model
    flags = {"x86_64": X86_FLAGS, "loongarch64": LOONGARCH_FLAGS}.get(model.architecture, KUNPENG_FLAGS)
    rows = [
        ("Architecture", model.architecture),
        ("CPU op-mode(s)", "32-bit, 64-bit" if model.architecture == "x86_64" else "64-bit"),
        ("Byte Order", "Little Endian"),
        ("CPU(s)", str(model.cpus)),
        ("On-line CPU(s) list", f"0-{model.cpus - 1}"),
        ("Thread(s) per core", str(model.threads)),
        ("Core(s) per socket", str(model.cores)),
        ("Socket(s)", str(model.sockets)),
        ("NUMA node(s)", str(model.sockets)),
        ("Vendor ID", model.vendor),
        *([("CPU family", str(model.family))] if model.family else []),
        ("Model", "1"),
        ("Model name", model.processor),
        ("Stepping", "1"),
        ("CPU max MHz", "2600.0000"),
        ("CPU min MHz", "200.0000"),
        ("BogoMIPS", "4990.54"),
        *([("Hypervisor vendor", model.hypervisor.upper()), ("Virtualization type", "full")] if model.hypervisor else []),
        ("L1d cache", "512 KiB"),
        ("L1i cache", "512 KiB"),
        ("L2 cache", "4 MiB"),
        ("L3 cache", "32 MiB"),
        *((f"NUMA node{node} CPU(s)", f"{node * model.cores}-{(node + 1) * model.cores - 1}") for node in range(model.sockets)),
        *((f"Vulnerability {name}", "Not affected") for name in ("Itlb multihit", "L1tf", "Mds", "Meltdown", "Srbds")),
        ("Vulnerability Spectre v1", "Mitigation; __user pointer sanitization"),
        ("Flags", flags),
    ]  # fmt: skip
    return "".join(f"{label + ':':<32} {value}\n" for label, value in rows)


def dmidecode(host: Host) -> str:
    """`dmidecode -t 0 -t 1 -t 2 -t 3 -t 4 -t 38`: firmware, system, board, chassis, each processor, and a BMC on servers."""
    model = host.model
    physical = not model.hypervisor
    offers = ("PCI is supported", "BIOS is upgradeable", "BIOS shadowing is allowed", "Boot from CD is supported",
              "Selectable boot is supported", "EDD is supported", "ACPI is supported", "USB legacy is supported",
              "BIOS boot specification is supported", "Targeted content distribution is supported",
              "UEFI is supported") if physical else ("UEFI is supported", "System is a virtual machine")  # fmt: skip
    chassis = {"pc": "Desktop", "srv": "Rack Mount Chassis"}.get(model.role, "Other")
    parts = [
        "# dmidecode 3.3\nGetting SMBIOS data from sysfs.\nSMBIOS 3.2.0 present.\n",
        "Handle 0x0000, DMI type 0, 26 bytes\nBIOS Information\n\tVendor: Synthetic Firmware\n\tVersion: 2.11\n"
        "\tRelease Date: 07/26/2023\n\tAddress: 0xE0000\n\tRuntime Size: 128 kB\n\tROM Size: 16 MB\n\tCharacteristics:\n"
        + "".join(f"\t\t{offer}\n" for offer in offers) + "\tBIOS Revision: 5.17\n",
    ]  # fmt: skip
    parts.append(
        f"Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: {model.maker}\n"
        f"\tProduct Name: {model.product}\n\tVersion: 1.0\n\tSerial Number: {host.serial}\n\tUUID: {host.uuid}\n"
        "\tWake-up Type: Power Switch\n\tSKU Number: Not Specified\n\tFamily: Not Specified\n"
    )
    if physical:
        parts.append(
            f"Handle 0x0002, DMI type 2, 15 bytes\nBase Board Information\n\tManufacturer: {model.maker}\n"
            f"\tProduct Name: {model.product}-MB\n\tVersion: 1.0\n\tSerial Number: MB{host.serial}\n"
            "\tAsset Tag: To be filled by O.E.M.\n\tFeatures:\n\t\tBoard is a hosting board\n\t\tBoard is replaceable\n"
            "\tLocation In Chassis: Not Specified\n\tChassis Handle: 0x0003\n\tType: Motherboard\n"
            "\tContained Object Handles: 0\n"
        )
    parts.append(
        f"Handle 0x0003, DMI type 3, 22 bytes\nChassis Information\n\tManufacturer: {model.maker}\n\tType: {chassis}\n"
        "\tLock: Not Present\n\tVersion: Not Specified\n\tSerial Number: Not Specified\n\tAsset Tag: Not Specified\n"
        "\tBoot-up State: Safe\n\tPower Supply State: Safe\n\tThermal State: Safe\n\tSecurity Status: None\n"
        "\tOEM Information: 0x00000000\n\tHeight: Unspecified\n\tNumber Of Power Cords: 1\n\tContained Elements: 0\n"
    )
    parts += [_processor_structure(model, socket) for socket in range(model.sockets)]
    if model.role == "srv":
        parts.append(
            "Handle 0x0026, DMI type 38, 18 bytes\nIPMI Device Information\n\tInterface Type: KCS (Keyboard Control Style)\n"
            "\tSpecification Version: 2.0\n\tI2C Slave Address: 0x10\n\tNV Storage Device: Not Present\n"
            "\tBase Address: 0x0000000000000CA2 (I/O)\n\tRegister Spacing: Successive Byte Boundaries\n"
        )
    return "\n".join(parts) + "\n"


def _processor_structure(model: Model, socket: int) -> str:
    arm = model.architecture == "aarch64"
    features = (
        "64-bit capable",
        "Multi-Core",
        "Execute Protection",
        "Enhanced Virtualization",
        "Power/Performance Control",
    )
    flags = [] if model.architecture != "x86_64" or model.hypervisor else X86_FLAGS.split()[:26]
    return (
        f"Handle 0x{0x40 + socket:04X}, DMI type 4, 48 bytes\nProcessor Information\n\tSocket Designation: CPU{socket}\n"
        f"\tType: Central Processor\n\tFamily: {'ARMv8' if arm else 'Other'}\n"
        f"\tManufacturer: {model.vendor}\n\tID: 00 00 00 00 00 00 00 00\n"
        + ("\tFlags:\n" + "".join(f"\t\t{flag.upper()} ({flag} instructions or feature)\n" for flag in flags) if flags else "")
        + f"\tVersion: {model.processor}\n\tVoltage: 0.9 V\n\tExternal Clock: 100 MHz\n\tMax Speed: 2600 MHz\n"
        "\tCurrent Speed: 2500 MHz\n\tStatus: Populated, Enabled\n\tUpgrade: Unknown\n\tL1 Cache Handle: 0x0005\n"
        "\tL2 Cache Handle: 0x0006\n\tL3 Cache Handle: 0x0007\n\tSerial Number: Not Specified\n\tAsset Tag: Not Specified\n"
        f"\tPart Number: Not Specified\n\tCore Count: {model.cores}\n\tCore Enabled: {model.cores}\n"
        f"\tThread Count: {model.cores * model.threads}\n\tCharacteristics:\n"
        + "".join(f"\t\t{feature}\n" for feature in features)
    )  # fmt: skip


def os_release(host: Host) -> str:
    """/etc/os-release."""
    system = host.system
    return (
        f'NAME="{system.name}"\nVERSION="{system.version}"\nID={system.identifier}\nVERSION_ID="{system.version_id}"\n'
        f'PRETTY_NAME="{system.pretty}"\nHOME_URL="https://{system.identifier.lower()}.example/"\n'
        f'SUPPORT_URL="https://{system.identifier.lower()}.example/support"\nANSI_COLOR="0;31"\n'
    )


def ip_address(host: Host, rng: Random) -> str:
    """`ip address show`: loopback, the wired interface, a second one on servers, and Docker's bridge now and then."""
    mac, name = host.mac, "eth0" if host.model.hypervisor else "enp1s0"
    eui = f"{int(mac[:2], 16) ^ 2:x}{mac[3:5]}:{mac[6:8]}ff:fe{mac[9:11]}:{mac[12:14]}{mac[15:17]}"
    text = (
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
        "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n"
        "       valid_lft forever preferred_lft forever\n    inet6 ::1/128 scope host \n"
        "       valid_lft forever preferred_lft forever\n"
        f"2: {name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
        f"    link/ether {mac} brd ff:ff:ff:ff:ff:ff\n"
        f"    inet {host.address}/24 brd {host.address.rpartition('.')[0]}.255 scope global noprefixroute {name}\n"
        "       valid_lft forever preferred_lft forever\n"
    )
    if rng.random() < 0.35:
        text += (
            f"    inet6 2001:db8:{rng.randrange(1, 65536):x}:1:{eui}/64 scope global dynamic noprefixroute \n"
            "       valid_lft 2591990sec preferred_lft 604790sec\n"
        )
    text += f"    inet6 fe80::{eui}/64 scope link noprefixroute \n       valid_lft forever preferred_lft forever\n"
    if host.model.role == "srv":
        text += (
            "3: enp2s0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc mq state DOWN group default qlen 1000\n"
            f"    link/ether {mac[:-2]}{int(mac[-2:], 16) ^ 1:02x} brd ff:ff:ff:ff:ff:ff\n"
        )
    if rng.random() < 0.1:
        text += (
            "9: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default \n"
            "    link/ether 02:42:0a:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
            "    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\n       valid_lft forever preferred_lft forever\n"
        )
    return text


def ip_route(host: Host) -> str:
    """`ip -4 route show table main`."""
    near, name = host.address.rpartition(".")[0], "eth0" if host.model.hypervisor else "enp1s0"
    return (
        f"default via {near}.254 dev {name} proto static metric 100 \n"
        f"{near}.0/24 dev {name} proto kernel scope link src {host.address} metric 100 \n"
    )


def listeners(host: Host, rng: Random) -> str:
    """`ss -H -tuln`."""
    ports = (
        [22, 111, 631, 5353, 68]
        if host.model.role == "pc"
        else [22, 25, 80, 111, 443, 3306, 6379, 8080, 8443, 9100, 10050]
    )
    ports += rng.sample(range(10000, 60000), rng.randrange(3, 10))
    rows = []
    for port in ports:
        kind, state = ("udp", "UNCONN") if port in (68, 5353) else ("tcp", "LISTEN")
        rows += [(kind, state, f"0.0.0.0:{port}", "0.0.0.0:*"), (kind, state, f"[::]:{port}", "[::]:*")]
    return "".join(f"{kind}   {state:<6} 0      128    {own:>24} {peer:>20}\n" for kind, state, own, peer in rows)


def connections(host: Host, rng: Random) -> str:
    """`ss -H -tn state established`: 20 to 60 lines, to servers of the same network and to addresses far away."""
    rows = []
    for _ in range(rng.randrange(20, 61)):
        far = f"100.64.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        peer = rng.choice(host.peers) if host.peers and rng.random() < 0.5 else far
        port = rng.choice((443, 8080, 3306, 1521, 80))
        rows.append((f"{host.address}:{rng.randrange(32768, 60999)}", f"{peer}:{port}"))
    return "".join(f"0      0      {own:>24} {peer:>24} \n" for own, peer in rows)


def virtualization(host: Host) -> str:
    """The collector's hints on a guest."""
    return (
        f"systemd-detect-virt={host.model.hypervisor}\nsystemd-detect-virt-container=none\n"
        f"sys_vendor={host.model.maker}\nproduct_name={host.model.product}\n"
    )
