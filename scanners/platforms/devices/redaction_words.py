"""The words around which network devices write secrets: which announce one, which stand between, which follow it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

ALGORITHMS = frozenset(
    {
        *("md5", "sha", "sha1", "sha2", "sha-1", "sha2-224", "sha2-256", "sha2-384", "sha2-512", "sha256", "sha384"),
        *("sha512", "sm3", "keyed-md5", "keyed-sha1", "meticulous-md5", "meticulous-sha1", "hmac-md5", "hmac-sha1"),
        *("hmac-sha", "hmac-sha1-12", "hmac-sha1-20", "hmac-sha-1", "hmac-sha-256", "hmac-sha-384", "hmac-sha-512"),
        *("hmac-sha256", "hmac-sha2-256", "hmac-sha384", "hmac-sha512", "hmac-sm3", "cmac-aes-128", "cmac-aes-256"),
        *(
            "aes",
            "aes128",
            "aes192",
            "aes256",
            "aes-cbc",
            "3des",
            "3des168",
            "des",
            "des56",
            "des56-cbc",
            "sm4",
            "null",
        ),
        *("met-md5", "met-sha1", "m-md5", "m-sha1", "hmac-mmd5", "hmac-msha1", "sha224"),
        *("message-digest", "message-digest-key", "rfc2082", "rfc2453", "rfc4822", "usual", "nonstandard"),
    }
)
FORMS_OF_TEXT = frozenset(
    {
        *(
            "cipher",
            "simple",
            "plain",
            "plaintext",
            "plain-text",
            "clear",
            "clear-text",
            "cleartext",
            "hash",
            "encrypted",
        ),
        *(
            "irreversible-cipher",
            "reversible-cipher",
            "encrypt",
            "encryption",
            "text",
            "string",
            "ascii",
            "hex",
            "unicode",
        ),
        *("ciphertext", "cipher-text", "pass-phrase", "passphrase", "pass-phase", "rsa", "sha-512", "pbkdf2", "scrypt"),
        *("set-key", "raw-key", "shared-key", "key", "value", "new", "old", ":", "="),
    }
)
"""What tells how a secret is written, and stands before it."""

LAST_FORMS = frozenset(
    {
        *("cipher", "simple", "plain", "plaintext", "clear", "hash", "encrypted", "irreversible-cipher"),
        *("reversible-cipher", "ciphertext"),
    }
)
"""Behind these the secret itself stands, whatever it looks like."""

PLACES = frozenset(
    {
        *("inbound", "outbound", "in", "out", "ah", "esp", "authentication", "accounting", "authorization", "local"),
        *("remote", "input", "output", "both", "session-key", "isakmp", "wireless"),
    }
)
BEFORE_SECRETS = (
    FORMS_OF_TEXT
    | ALGORITHMS
    | PLACES
    | {"read", "write", "2c", "v2c", "all", "password-encrypt", "password-encryption"}
)
"""What a line that a terminal parted may end in while the secret stands in the next."""

TAKING = {
    "level": 1,
    "role": 1,
    "peer": 1,
    "address": 1,
    "hostname": 1,
    "ckn": 1,
    "priority": 1,
    "option": 1,
    "mode": 1,
}
"""What stands before a secret with an argument of its own."""

TAKING_LOGIN = frozenset({"level", "role", "peer", "option", "for"})
"""Those of them that stand before a password."""

TAIL: Mapping[str, int] = {
    **dict.fromkeys(
        ("view", "mib-view", "acl", "alias", "access", "level", "privilege", "vrf", "vpn-instance", "udp-port", "port"),
        1,
    ),
    **dict.fromkeys(
        ("auth-port", "acct-port", "timeout", "retransmit", "weight", "hostname", "group", "ipv6", "path", "url"), 1
    ),
    **dict.fromkeys(
        ("ro", "rw", "address", "ip-address", "access-limit", "server-group", "user-group", "service-type"), 1
    ),
    **dict.fromkeys(
        ("level-1", "level-2", "level-1-2", "tkip", "ccmp", "ip", "osi", "send-only", "no-xauth", "nonstandard", "v1"),
        0,
    ),
    **dict.fromkeys(
        ("v2c", "v3", "aes", "prefer", "authenticate", "snp", "validate", "master", "standby", "enable"), 0
    ),
}
"""What may follow a secret, with how many arguments. Whatever else follows is taken for a part of it."""

NOT_A_SECRET = frozenset(
    {
        *(
            "aaa",
            "scheme",
            "none",
            "keychain",
            "key-chain",
            "radius",
            "hwtacacs",
            "tacacs",
            "public-key",
            "any",
            "chain",
        ),
        *("pre-share", "rsa-sig", "ecdsa-sig", "default", "password-publickey", "disable", "check", "policy", "alert"),
        *(
            "expire",
            "history",
            "min-length",
            "complexity",
            "complexity-check",
            "recover",
            "expiration",
            "aging",
            "length",
        ),
        *(
            "generate",
            "zeroize",
            "pubkey-chain",
            "id",
            "exchange",
            "usage",
            "all",
            "mutual",
            "strong",
            "change",
            "modify",
        ),
    }
)
"""What makes of an announcing word another statement: `authentication-mode aaa`, `key chain OSPF`, `password policy`."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word that announces a secret.

    `form` names what is hidden. `narrow`: before the secret stands at most how it is written, so that a secret that is
    some word of these tables is one all the same. `between`: further words that may stand before the secret. `keeps`: what follows is known
    to be no part of it. `numbers`: identifiers of any length may stand before it. `addresses`: so may addresses.
    `stops`: words that make another statement of it.
    """

    form: str
    between: frozenset[str] = frozenset()
    narrow: bool = False
    keeps: bool = False
    numbers: bool = False
    addresses: bool = False
    stops: frozenset[str] = NOT_A_SECRET


_LOGIN = Trigger("password", frozenset({":", "="}), narrow=True)
_KEY = Trigger("key")
_ROUTING = Trigger(
    "routing-key", numbers=True, between=frozenset({"keyid", "key-id"}), stops=NOT_A_SECRET | {"password", "local"}
)
_PSK = Trigger("pre-shared-key", addresses=True)
_WLAN = Trigger("wlan-key", between=frozenset({"cak"}), stops=NOT_A_SECRET | {"enable"})
IPSEC = Trigger("ipsec-key", numbers=True)

TRIGGERS: Mapping[str, Trigger] = {
    "password": _LOGIN,
    "passwd": _LOGIN,
    "secret": _LOGIN,
    "irreversible-cipher": _LOGIN,
    "reversible-cipher": _LOGIN,
    "encrypted": Trigger("cipher-text", stops=frozenset({"auth", "authentication-mode", "key"})),
    "cipher": Trigger("cipher-text", stops=frozenset({"auth", "authentication-mode", "key"})),
    "pass-phrase": _WLAN,
    "passphrase": _WLAN,
    "psk": _WLAN,
    "wpa-psk": _WLAN,
    "wep-key": _WLAN,
    "set-key": _WLAN,
    "cak": Trigger("macsec-key"),
    "pre-shared-key": _PSK,
    "preshared-key": _PSK,
    "pre-share-key": _PSK,
    "key": _KEY,
    "shared-key": _KEY,
    "server-key": _KEY,
    "shared-secret": _KEY,
    "config-key": Trigger("key", between=frozenset({"password-encrypt", "password-encryption"})),
    "key-string": Trigger("key-string", narrow=True),
    "key-octet-string": Trigger("key-string", narrow=True),
    "authentication-key": _ROUTING,
    "message-digest-key": _ROUTING,
    "md5-authentication": Trigger("routing-key", addresses=True),
    "md5-password": Trigger("routing-key", addresses=True),
    "string-key": IPSEC,
    "hex-key": IPSEC,
    "session-key": IPSEC,
    "authenticator": IPSEC,
    "static-wep-key": Trigger("wlan-key", between=frozenset({"encryption", "40", "104", "128"})),
    "pmk": Trigger("macsec-key"),
    "auth-code": Trigger("key"),
    "pwd": _LOGIN,
    "authentication-hex": IPSEC,
    "encryption-hex": IPSEC,
    "authentication-mode": _ROUTING,
    "area-authentication-mode": _ROUTING,
    "domain-authentication-mode": _ROUTING,
    "securityname": Trigger("snmp-community", keeps=True, stops=frozenset()),
}
"""Word -> what it announces, in whatever statement it stands."""

ENDINGS: tuple[tuple[str, Trigger], ...] = (
    ("password", _LOGIN),
    ("passwd", _LOGIN),
    ("-secret", _LOGIN),
    ("-psk", _WLAN),
    ("-passphrase", _WLAN),
    ("shared-key", _KEY),
    ("sharekey", _KEY),
    ("-key", _KEY),
    ("-pw", _LOGIN),
)
"""Ends of words -> what the words announce: `area-password`, `manager-password`, `bind-password`, `api-key`."""

NO_KEYS = frozenset(
    {
        *("public-key", "peer-public-key", "rsa-key", "dsa-key", "ecc-key", "sm2-key", "host-key", "trusted-key"),
        *("hash-key", "port-key", "system-key", "aggregation-key", "operational-key", "admin-key", "gtk-rekey"),
    }
)
"""Words that end so and announce no secret: names of keys that everybody may see, and numbers of ports."""

COMMUNITY = Trigger("snmp-community", narrow=True, stops=frozenset({"complexity-check"}))
COMMUNITY_OF_VRP = Trigger(
    "snmp-community", frozenset({"read", "write"}), narrow=True, stops=frozenset({"complexity-check"})
)
NOTIFIED = Trigger(
    "snmp-community",
    between=frozenset({"trap", "traps", "inform", "informs", "auth", "noauth", "priv", "host"}),
    keeps=True,
    stops=frozenset(),
)
USER_KEY = Trigger("snmp-user-key", between=frozenset({"128", "192", "256"}))
NAMED_USER = Trigger("snmp-community", keeps=True, stops=frozenset())
"""A user of SNMP version 1 or 2c, whose name is a community."""

GROUP_KEY = Trigger("group-key")
ROUTING_KEY = _ROUTING
LICENSE = Trigger("license")

SAFE = re.compile(
    r"""(?:no\ |undo\ )?(?:
        interface | description | remark | name | sysname | hostname
      | ip\ (?:address|access-group|access-list|route(?:-static)?|binding|vpn-instance|vrf|nat|prefix-list|community-list)
      | ipv6\ (?:address|access-list|traffic-filter|route(?:-static)?|prefix-list|nd)
      | vrf | vlan | acl | access-list | ipv[46]-access-list | ipv[46]-access-group | rule | \d+\ (?:permit|deny) | permit | deny
      | traffic-filter | packet-filter | traffic | service-policy | traffic-policy | policy-map | class-map | class(?:ifier)? | behavior | qos
      | nat | rd | route-distinguisher | port | switchport | speed | duplex | rate-limit | police
      | ntp(?:-service)?\ (?:ipv6\ )?(?:server|unicast-server|peer|unicast-peer|trusted-key|reliable)
      | bgp | isis | ospf(?:v3)? | router | route-policy | route-map | import-route | redistribute
      | banner | header | send-community | aaa | authentication-scheme | accounting-scheme | authorization-scheme
      | password-control | password\ encryption | service\ password-encryption | ssh\ (?:user|server|client) | ssh2 | ssl
    )(?![^\s])""",
    re.VERBOSE | re.IGNORECASE,
)
"""Statements that hold no secret, whatever their names are: they are what the readers read."""

NOT_SAFE = re.compile(
    r"(?:isis|ospf|ospfv3|bgp|nat|router|aaa)\ .*(?:password|secret|cipher|authentication|encryption|key)"
    r"|ssh2?\ .*password",
    re.IGNORECASE,
)
"""What begins as those do and holds one all the same: `isis password`, `ospf authentication-mode`."""

OPENERS = frozenset(
    {
        *(
            "local-user",
            "username",
            "user-name",
            "enable",
            "super",
            "snmp-agent",
            "snmp-server",
            "radius-server",
            "set",
        ),
        *(
            "radius",
            "tacacs-server",
            "tacacs",
            "hwtacacs-server",
            "hwtacacs",
            "ntp-service",
            "ntp",
            "crypto",
            "neighbor",
        ),
        *("peer", "key-string", "password", "secret", "webmaster", "ftp-server", "ppp", "pre-shared-key", "key"),
    }
)
"""How statements with secrets begin, by which one is known in an answer that is no configuration."""

CIPHERS = re.compile(r"(?:aes|3?des|blowfish|arcfour|chacha|sm4|rc4|gcm|all\b|any\b|null\b)[\w-]*")
"""Names of ciphers, which are no secrets: `ssh cipher aes256_ctr`."""

CIPHER_TEXT = re.compile(
    r"""(?:
        (?P<mark>%\^%\#|%\$%\$|%@%@|@%@%|%\+%\#|%\#%\#)\S{1,1024}?(?P=mark)
      | \$(?:c\$\d|h\$\d|1a|1c|14|10|[156789]|2[aby]|sm3|y|argon2id?)\$[^\s"',;]{6,512}
    )""",
    re.VERBOSE,
)
"""What is enciphered or hashed, known by its own marks, wherever it stands."""

CLOSED_CIPHER = re.compile(r"(%\^%\#|%\$%\$|%@%@|@%@%|%\+%\#|%\#%\#)\S{1,1024}?\1\"?\Z")
OPEN_CIPHER = re.compile(r"(%\^%\#|%\$%\$|%@%@|@%@%|%\+%\#|%\#%\#)(\S+)\Z")

_QUOTED = r'"?(?P<secret>(?<=")[^"]{1,256}|[^\s"]{1,256})'
_TYPED = r"(?:(?:[0678]|simple|cipher|plain|encrypted)[ ])?"
POSITIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (form, re.compile(pattern, re.IGNORECASE))
    for form, pattern in (
        ("password", r"\btest-aaa (?!user )\S+ (?P<secret>\S+)"),
        ("password", r"\btest-aaa user \S+ (?!password )(?P<secret>\S+)"),
        (
            "password",
            r"\b(?:ldap|ad)-server authentication manager (?:\"[^\"]{1,256}\"|\S+) (?!password )(?P<secret>.+)",
        ),
        ("password", r"\blogging ftp (?:[a-z]+ )?(?:mng |vrf \S+ )?\d+\.\S+ \S+ (?P<secret>\S+)"),
        ("password", r"\bprofile create \d+ \S+ (?:chap|pap) \S+ (?P<secret>\S+)"),
        ("password", r"\bauthentication (?:chap|pap) (?!username |user )\S+ (?P<secret>\S+)"),
        ("password", rf"\bevent manager environment \S*(?:pw|pass|secret|key|token)\S* {_QUOTED}"),
        ("password", rf"\baction \S+ set \S*(?:pw|pass|secret|key|token)\S* {_QUOTED}"),
        ("password", r"\b(?:name|parameter) (?:pw|pwd|pass|password|passwd) value (?P<secret>\S+)"),
        ("password", r"\burl-parameter (?:pw|pwd|pass|password|passwd) value (?P<secret>\S+)"),
        (
            "key",
            r"\b(?:pki|ca|key) (?:import|export) .*\b(?:3?des(?:-cbc)?|aes[\w-]*|pem terminal)(?: password)? (?P<secret>\S+)",
        ),
        ("key", r"\b(?:pki|ca) (?:import|export) \S+ pkcs12 \S+(?: password)? (?P<secret>\S+)"),
        ("key", rf"\bcertificate load pfx-cert .*\bmac {_TYPED}(?P<secret>\S+)"),
        ("pin", rf"\b(?:user-pin|change-pin|pki token \S+ login) {_TYPED}(?P<secret>\S+)"),
        (
            "pin",
            rf"\bpin(?:-code)? (?:verify |verification enable )?{_TYPED}(?!verif|enable|disable|auto)(?P<secret>\S+)",
        ),
        ("pin", rf"\b(?:gsm|lte) (?:sim )?(?:chv1|authenticate) {_TYPED}(?P<secret>\S+)"),
        ("token", rf"(?<!pki )(?<![a-z])(?:--)?(?:api-|access-|auth-|id)?token (?!bucket){_TYPED}(?P<secret>\S+)"),
        ("snmp-community", r"\bsnmp-server user (?P<secret>\S+) \S+ (?:remote \S+ (?:udp-port \d+ )?)?v(?:1|2c)(?!\S)"),
        ("url", r"(?<![^\s\"])[^\s:@/\"]{1,64}:(?P<secret>[^\s\"]{1,256})@(?=[A-Za-z0-9.-]{1,253}(?:[\s\"]|\Z))"),
        ("url", r"(?:\bftp |(?<!:)//)\S{0,256} ?\S{0,256}@[^\s:@/]{1,64}:(?P<secret>\S+)"),
    )
)
"""Statements of a configuration or a history in which a secret stands behind no word of its own."""

OPENING = re.compile(
    r"""(?:(?<!:[0-9a-f]{8})[\]>\#|'"=;:]|\bcommand\ is|\balias\ \S{1,64}\ \S{1,64})\s{0,4}
        (?=(?:(?:do|no|undo|default)\s+)?
           (?:snmp(?:-server|-agent)?|username|local-user|enable|super|password|secret|test-aaa|(?:hw)?tacacs(?:-server)?
             |radius(?:-server)?|ntp(?:-service)?|neighbor|peer|crypto|vlink-peer|set|key|pre-shared-key)\s)""",
    re.VERBOSE | re.IGNORECASE,
)
"""Where a statement begins within a line: behind a prompt, in a log of what was typed, in what a script types."""

URL = re.compile(r"(?P<before>[A-Za-z][A-Za-z0-9+.-]{0,15}://[^\s:/]{0,128}:)(?P<secret>\S{1,256})@")

_LABELS = (
    r"pass(?:word|wd|[ -]?phrase)|pwd|(?:pre-?)?shared?[ _-]?key|shared[ _-]secret(?:[ _-]key)?|secret|key[ -]string"
    r"|community (?:name|index|securityname|string)|(?:auth(?:entication)?|priv(?:acy|ate)?|server|encryption|secret)[ _-]key"
    r"|activation[ -]key|license key|(?:api|access)[ _-]?key|wep[ _-]key|\bpsk|\bsim pin|\b(?:\w{1,20}[ _-])?token"
    r"|口令|密码|密碼|团体名称?|团体字|社区名|共享密钥|预共享密钥|密钥|令牌"
)
LABEL = re.compile(
    rf"(?:{_LABELS})[ \t]{{0,40}}(?:[(（][^\s()（）]{{1,20}}[)）][ \t]{{0,40}})?(?:[:：=]|是|为)[ \t]{{0,40}}"
    r'(?P<secret>"[^"]{1,256}"|\S+)'
    r"|\bauthorization[ \t]{0,8}:[ \t]{0,8}(?:basic|bearer)[ \t]{1,8}(?P<credential>\S+)",
    re.IGNORECASE,
)

SOURCE_LABELS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"snmp", re.IGNORECASE),
        re.compile(r"\s*(?:snmp )?community[\w ]{0,20}:\s*(?P<secret>\S.*?)\s*", re.IGNORECASE),
    ),
    (
        re.compile(r"snmp.*community", re.IGNORECASE),
        re.compile(r"\s*(?P<secret>\S+)\s+(?:\S+\s+){0,4}(?:ro|rw|read-only|read-write)(?:\s.*)?", re.IGNORECASE),
    ),
    (
        re.compile(r"radius|tacacs", re.IGNORECASE),
        re.compile(r"\s*(?:[\w-]+ ){0,4}key\s*[:=]\s*(?P<secret>\S.*?)\s*", re.IGNORECASE),
    ),
    (
        re.compile(r"snmp.*community", re.IGNORECASE),
        re.compile(r"\s*(?:group|security) ?name\s*:\s*(?P<secret>\S.*?)\s*", re.IGNORECASE),
    ),
    (
        re.compile(r"snmp.*(?:target|host|trap)", re.IGNORECASE),
        re.compile(r"\s*security ?name\s*:\s*(?P<secret>\S.*?)\s*", re.IGNORECASE),
    ),
    (
        re.compile(r"snmp.*(?:group|host)", re.IGNORECASE),
        re.compile(r"\s*(?:group ?name|user)\s*:\s*(?P<secret>\S+)\s.*security model\s*:\s*v[12]c?\b.*", re.IGNORECASE),
    ),
    (
        re.compile(r"\bkey ?chain", re.IGNORECASE),
        re.compile(r'.{0,80}\btext "(?P<secret>[^"]+)".*', re.IGNORECASE),
    ),
    (
        re.compile(r"isakmp key|ike .*key", re.IGNORECASE),
        re.compile(r"(?!keyring)\S+\s+\S.*?\s(?P<secret>\S+)\s*", re.IGNORECASE),
    ),
)
"""Which answer (by its command), and how a whole line of it shows a secret under a name that elsewhere means no secret."""

HINTS = (
    *(
        "pass",
        "pwd",
        "secret",
        "key",
        "cipher",
        "community",
        "encrypt",
        "securityname",
        "security",
        "psk",
        "cak",
        "://",
    ),
    *("-----begin", "md5", "auth", "priv", "snmp", "hash", "hex", "spi ", "license", "certificate", "group"),
    *("vlink-", "sham-", "pin", "token", "chap", "pap", "chv1", "pmk", "-aaa", "logging ftp", "@", "value", "-code"),
    *("environment", "pw", "令牌", "社区", "pki ", "export", "import", "ldap", "rsvp", "user-"),
    *("%^%#", "%$%$", "%@%@", "@%@%", "%+%#", "%#%#", "$", "口令", "密码", "密碼", "团体", "密钥", "user"),
)
"""A line without any of these, in lower case, holds nothing that is known to be a secret."""

STATEMENTS_OF_ONE_WORD = frozenset(
    {
        *(
            "return",
            "end",
            "quit",
            "exit",
            "aaa",
            "ipv6",
            "snmp-agent",
            "bgp",
            "isis",
            "ospf",
            "mpls",
            "stp",
            "lldp",
            "dhcp",
        ),
        *("ntdp", "ndp", "shutdown", "exit-address-family", "ftp", "telnet", "ssh", "undo", "no"),
    }
)
"""What may stand alone in a line without being the rest of the line before."""
