"""Front pages of management systems that can be recognised without a login, in words of our own around the known signals."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers: a text of a content type, or, with `location`, a redirect ("{origin}" is scheme and host)."""

    text: str = ""
    kind: str = "text/html"
    status: int = 200
    location: str = ""


@dataclass(frozen=True, slots=True)
class Front:
    """A product's front: path -> answer, the name in the Server header ("" for the server's own), its certificate's subject.

    The subject is a name as RFC 4514 writes it; "" where nothing is known of it. A POST is answered as a GET is.
    """

    answers: Mapping[str, Answer]
    server: str = ""
    subject: str = ""


def page(title: str, body: str, head: str = "", attributes: str = "") -> str:
    """Make a page; all parts are taken as markup."""
    opening = f'<!DOCTYPE html>\n<html lang="zh-CN"{attributes}>\n<head><meta charset="utf-8"><title>{title}</title>{head}</head>'
    return f"{opening}\n<body>\n{body}\n</body>\n</html>\n"


def _login(title: str, further: str = "", head: str = "", attributes: str = "") -> Answer:
    form = f"<h1>{title}</h1>\n<p>请登录后使用。</p>"
    return Answer(page(title, f"{form}\n{further}", head, attributes))


def _vsphere(name: str, version: str, build: str, product: str) -> Answer:
    """What a vSphere endpoint says of itself to anybody who asks for its content."""
    about = "".join(
        f"<{key}>{value}</{key}>"
        for key, value in {
            "name": name,
            "fullName": f"{name} {version} build-{build}",
            "vendor": "VMware, Inc.",
            "version": version,
            "build": build,
            "productLineId": product,
            "apiType": "HostAgent" if product == "embeddedEsx" else "VirtualCenter",
        }.items()
    )
    told = f'<RetrieveServiceContentResponse xmlns="urn:internalvim25"><returnval><about>{about}</about></returnval>'
    return Answer(
        '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soapenv:Body>{told}</RetrieveServiceContentResponse></soapenv:Body></soapenv:Envelope>\n",
        "text/xml",
    )


def _to(path: str, status: int = 302) -> Answer:
    return Answer(location="{origin}" + path, status=status)


HYPERVISORS: Mapping[str, Front] = {
    "vmware-esxi": Front(
        {
            "/": _login(
                "ESXi",
                "<script>document.write(ID_EESX_Welcome)</script>",
                '<meta name="description" content="VMware ESXi host">',
                ' ng-app="esxUiApp"',
            ),
            "/sdk": _vsphere("VMware ESXi", "7.0.3", "21930508", "embeddedEsx"),
        },
        subject="CN=localhost.localdomain,OU=VMware ESX Server Default Certificate,O=VMware\\, Inc,L=Palo Alto",
    ),
    "vmware-vcenter": Front(
        {
            "/": _login(
                "vSphere Web Client", head='<meta name="description" content="VMware vSphere is at this address">'
            ),
            "/sdk": _vsphere("VMware vCenter Server", "7.0.3", "22357613", "vpx"),
        }
    ),
    "proxmox": Front(
        {"/": _login("pve - Proxmox Virtual Environment", "<script>Ext.create('PVE.StdWorkspace');</script>")},
        server="pve-api-daemon/3.0",
    ),
    "xenserver": Front({"/": _login("XenServer 7.6.0", '<a href="XenCenterSetup.exe">XenCenter</a>')}),
    "nutanix": Front(
        {
            "/": _to("/console/"),
            "/console/": _login("Nutanix Web Console", head='<meta name="author" content="Prism Team">'),
            "/PrismGateway/services/rest/v1/utils/pre_login_details": Answer(
                '{"clusterName": "lab", "version": "el7.3-release-euphrates-5.20-stable"}\n', "application/json"
            ),
        }
    ),
    "h3c-cas": Front({"/": _to("/cas/"), "/cas/": _login("H3C CAS", head='<link rel="stylesheet" href="cas.css">')}),
    "sangfor-hci": Front(
        {
            "/": _to("/login"),
            "/login": _login(
                "HCI",
                '<div id="privacyTipWin">aCloud</div><script>var RSAModulus = "00c3";</script>',
                '<meta name="renderer" content="webkit|ie-stand">',
            ),
            "/vapi/json/public_key": Answer('{"success": 1, "data": "00c3"}\n', "application/json"),
        }
    ),
    "huawei-fusioncompute": Front({"/": _login("FusionCompute", '<script src="/OmsPortal/login.js"></script>')}),
}

CLOUDS: Mapping[str, Front] = {
    "openstack-horizon": Front(
        {
            "/": _to("/dashboard"),
            "/dashboard": _to("/dashboard/auth/login/?next=/dashboard/"),
            "/dashboard/auth/login/": _login("Login - OpenStack Dashboard"),
        }
    ),
    "zstack": Front(
        {
            "/": _login("ZStack"),
            "/zstack/api": Answer('{"error": "a message is wanted"}\n', "application/json", 400),
        }
    ),
    "h3c-imc": Front({"/": _to("/imc/login.jsf"), "/imc/login.jsf": _login("iMC")}),
    "vmware-horizon": Front({"/": _login("VMware View Portal", '<img src="logo.png" alt="VMware Horizon">')}),
}

STORAGE: Mapping[str, Front] = {
    "huawei-oceanstor": Front(
        {
            "/": _login("OceanStor DeviceManager"),
            "/deviceManager/rest/": Answer(
                '{"data": {}, "error": {"code": -401, "description": "a login is wanted"}}\n', "application/json"
            ),
        }
    ),
    "netapp-ontap": Front({"/": _login("ONTAP System Manager")}, server="NetApp/9.11.1"),
    "dell-unity": Front({"/": _login("Unisphere", '<script src="oemMessage.js"></script>')}),
    "hitachi-vsp": Front({"/": _login("Storage", '<a href="/cgismryset/SmrySet.cgi/">…</a>')}),
    "synology-dsm": Front(
        {"/": _login("DiskStation", head='<meta name="application-name" content="Synology DiskStation">')},
        subject="CN=synology.com",
    ),
}

CONTROLLERS: Mapping[str, Front] = {
    "huawei-ibmc": Front({"/": _to("/UI/Static/"), "/UI/Static/": _login("iBMC")}),
    "h3c-hdm": Front(
        {
            "/": Answer(
                page(
                    "HDM",
                    '<iframe src="./page/blank.html" name="mainFrame"></iframe><a href="/video_record.jnlp">…</a>',
                )
            )
        }
    ),
    "inspur-bmc": Front({"/": _login("Management System", '<img src="img/inspur_logo.png" alt="">')}),
    "ami-megarac": Front(
        {"/": Answer("<root><modelName>AMI MegaRAC SP</modelName></root>\n", "text/xml")},
        subject="CN=AMI,OU=Service Processors,O=American Megatrends Inc.",
    ),
    "lenovo-xcc": Front(
        {"/": _login("XClarity Controller")}, subject="CN=XCC-7X06-J3000001,O=System X,L=RTP,ST=NC,C=US"
    ),
    "dell-idrac": Front(
        {"/": _to("/start.html"), "/start.html": _login("Dell Remote Management Controller")},
        subject="CN=idrac-LAB0001,OU=Remote Access Group,O=Dell Inc.,L=Round Rock,ST=Texas,C=US",
    ),
    "hpe-ilo": Front(
        {
            "/": _login("iLO", '<script src="js/iLO.js"></script>'),
            "/xmldata": Answer(
                '<?xml version="1.0"?>\n<RIMP><HSI><SPN>ProLiant DL380 Gen10</SPN><SBSN>LAB0000001</SBSN></HSI>'
                "<MP><PN>Integrated Lights-Out 5 (iLO 5)</PN><FWRI>2.72</FWRI></MP></RIMP>\n",
                "text/xml",
            ),
        },
        server="HPE-iLO-Server/1.30",
        subject="CN=ilo,OU=ISS,O=Hewlett-Packard Company,L=Houston",
    ),
    "supermicro": Front(
        {"/": _login("IPMI", head='<META NAME="ATEN International Co Ltd." CONTENT="lab">')},
        subject="CN=IPMI,OU=Software,O=Super Micro Computer",
    ),
    "oracle-ilom": Front({"/": _login("ILOM")}, subject="CN=Oracle Integrated Lights Out Manager"),
}

ROOMS: Mapping[str, Front] = {
    "riello-netman": Front({"/": _login("NetMan", "<p>UPS Network Management Card 4</p>")}),
    "apc": Front(
        {"/": _login("APC | Log On", "<p>This object on the APC Management Web Server is protected</p>")},
    ),
}

FRONTS: Mapping[str, Front] = {**HYPERVISORS, **CLOUDS, **STORAGE, **CONTROLLERS, **ROOMS}
"""Name in a scenario -> front."""
