"""No secret of the five vendors' forms stays in a redacted answer, and all other words do."""

import hashlib
import re

import pytest

from scanners.platforms.devices.redaction import redact

CONFIGURATION = {
    "huawei_vrp": "display current-configuration",
    "hp_comware": "display current-configuration",
    "ruijie_os": "show running-config",
    "zte_zxros": "show running-config",
    "cisco_ios": "show running-config",
}


def tag(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def hidden(platform: str, text: str, source: str = "") -> str:
    """The redacted text with each mark shortened to its form in angle brackets."""
    found = redact(platform, source or CONFIGURATION[platform], text, tag)
    assert redact(platform, source or CONFIGURATION[platform], found.text, tag) == (found.text, ())
    assert set(re.findall(r"<redacted:([a-z-]+):", found.text)) >= set(found.forms)
    return re.sub(r"<redacted:([a-z-]+):[0-9a-f]{8}>", r"<\1>", found.text)


# `{form|secret}` is what must go; everything else must stay.
HUAWEI = r"""
 local-user admin password irreversible-cipher {password|$1c$aXy%2"kk$P;d'Kq>zZ%9aTg(~$}
 local-user admin password irreversible-cipher {password|$1a$+abc"def$ghijk_;l.m/$} access-limit 3
 local-user ops password cipher {password|%^%#3]ZpU.JhU&Lw{%Q:d!7L3wGq"%^%#}
 local-user ops password cipher {password|%$%$Q2<h1V%,:6o`B_0!}X@%$%$} level 3
 local-user ops password cipher {password|@%@%Y'4jh:"R4.x@@%@%}
 local-user ops password simple {password|admin@123}
 local-user ops password {password|Huawei12#$}
 local-user ops password cipher {password|local}
 local-user ops password simple {password|simple}
 local-user ops password cipher {password|"a quoted secret"}
local-aaa-user service
super password level 15 cipher {password|%^%#abc"d'e%^%#}
super password level 3 simple {password|topsecret}
 set authentication password cipher {password|%^%#xyzXYZ123%^%#}
 set authentication password simple {password|Console1}
 authentication-mode aaa
 authentication-mode password
snmp-agent community read {snmp-community|public}
snmp-agent community read cipher {snmp-community|%^%#,f'Uz:.^!Jh%^%#} mib-view ViewDefault acl 2001
snmp-agent community write simple {snmp-community|priv@te} alias __CommunityAliasName_01
snmp-agent community read {snmp-community|read}
snmp-agent community complexity-check disable
snmp-agent target-host trap address udp-domain 10.1.1.9 params securityname {snmp-community|public} v2c
snmp-agent target-host trap address udp-domain 10.1.1.9 params securityname cipher {snmp-community|%^%#aZ09%^%#} v2c
snmp-agent target-host inform address udp-domain 10.1.1.9 vpn-instance MGT params securityname {snmp-community|lab} v3 privacy
snmp-agent usm-user v3 ops group1 authentication-mode md5 {snmp-user-key|A1B2C3D4E5} privacy-mode des56 {snmp-user-key|F6A7B8}
snmp-agent usm-user v3 ops authentication-mode sha2-256 cipher {snmp-user-key|%^%#1a2b%^%#}
snmp-agent usm-user v3 ops privacy-mode aes128 cipher {snmp-user-key|%^%#3c4d%^%#}
snmp-agent usm-user v2c {snmp-community|nms2} group1
 radius-server shared-key cipher {key|%^%#rad"ius%^%#}
 radius-server shared-key simple {key|radius123}
 radius-server authentication 10.1.1.1 1812 weight 80
radius-server authorization 10.1.1.1 shared-key cipher {key|%^%#r4d%^%#} server-group lab
 hwtacacs-server shared-key cipher {key|%^%#tac:acs%^%#}
ntp-service authentication-keyid 1 authentication-mode md5 cipher {routing-key|%^%#ntp,key%^%#}
ntp-service authentication-keyid 10 authentication-mode hmac-sha256 {routing-key|ntpkey}
ntp-service reliable authentication-keyid 1
ntp-service unicast-server 192.0.2.1 authentication-keyid 1 vpn-instance MGT
 ospf authentication-mode md5 1 cipher {routing-key|%^%#o5pf%^%#}
 ospf authentication-mode hmac-sha256 4294967295 cipher {routing-key|%^%#o5pf%^%#}
 ospf authentication-mode simple {routing-key|ospfkey}
 ospf authentication-mode md5 1 {routing-key|ospfkey}
 ospf authentication-mode keychain OSPF-KC
  authentication-mode md5 1 plain {routing-key|areakey}
 isis authentication-mode md5 cipher {routing-key|%^%#i5is%^%#} level-2 ip
 area-authentication-mode md5 {routing-key|areapass}
 domain-authentication-mode simple cipher {routing-key|%^%#dom%^%#} send-only
 rip authentication-mode md5 usual cipher {routing-key|%^%#rip%^%#}
 rip authentication-mode simple {routing-key|ripkey}
 peer 10.0.0.2 password cipher {password|%^%#bgp!%^%#}
 peer RR-CLIENTS password simple {password|bgppass}
 peer 10.0.0.2 keychain BGP-KC
keychain BGP-KC mode absolute
 key-id 1
  key-string cipher {key-string|%^%#kc%^%#}
  key-string plain {key-string|kcplain}
 md5-password cipher 10.0.0.3 {routing-key|%^%#ldp%^%#}
 md5-password plain 10.0.0.3 {routing-key|ldppass}
 vrrp vrid 1 authentication-mode md5 cipher {routing-key|%^%#vrrp%^%#}
 vrrp vrid 1 authentication-mode simple {routing-key|vrrpkey}
 pre-shared-key cipher {pre-shared-key|%^%#ike%^%#}
 pre-shared-key simple {pre-shared-key|ikekey}
 sa string-key inbound esp cipher {ipsec-key|%^%#sa%^%#}
 sa authentication-hex outbound ah simple {ipsec-key|112233445566}
 ppp chap password cipher {password|%^%#chap%^%#}
 ppp pap local-user dial password simple {password|pap123}
 tunnel password cipher {password|%^%#l2tp%^%#}
 security wpa2 psk pass-phrase {wlan-key|%^%#wlan%^%#} aes
 security wpa-wpa2 psk pass-phrase cipher {wlan-key|%^%#wlan%^%#} aes
 ldap-server authentication manager cn=admin password cipher {password|%^%#ldap%^%#}
 ftp client-source -i LoopBack0
set save-configuration backup-to-server server 10.1.1.1 transport-type sftp user u password cipher {password|%^%#bak%^%#} path /x
 web-auth-server portal shared-key cipher {key|%^%#portal%^%#} url http://10.1.1.1/portal
 gre key cipher {key|%^%#gre%^%#}
 user-group admin password {password|abc def ghi}
ssh user admin authentication-type password
ssh server cipher aes256_ctr aes128_ctr
ssl policy p type server
 ciphersuite rsa_aes_128_cbc_sha
mka psk ckn 0011 cak cipher {wlan-key|%^%#cak%^%#}
 certificate challenge-password cipher {password|%^%#pki%^%#}
license active {license|LIC-1234-5678}
test-aaa u {password|Abc123} radius-template t
 ldap-server authentication manager cn=admin,cn=users {password|Abc123 Abc123}
  vlink-peer 10.0.0.1 hello 10 md5 1 plain {routing-key|vl1}
  vlink-peer 10.0.0.1 simple {routing-key|vl2}
  sham-link 10.0.0.1 10.0.0.2 cost 5 hmac-sha256 1 plain {routing-key|sh1}
 mpls rsvp-te authentication plain {group-key|rsvp1}
 bfd authentication-mode met-md5 1 {routing-key|bfd1}
 isis authentication-mode md5 {routing-key|12345678} ip
 rip authentication-mode md5 rfc2082 {routing-key|12345678 255}
 certificate load pem-cert a.pem key-pair rsa key-file b.pem auth-code {key|Abc123}
 certificate load pfx-cert a.pfx key-pair rsa mac {key|Abc123} key-file b.pfx auth-code cipher {key|Abc123}
pki export rsa-key-pair k pem f.pem 3des {key|Abc123}
 api-token {token|Abc123}
 car cir 1024 cbs 192512 green pass yellow pass red discard
ssh user u assign rsa-key k1
rsa peer-public-key k1 encoding-type der
"""
H3C = r"""
 password hash {password|$h$6$T0r5GqG0Vb3r$sM3bT1==}
 password cipher {password|$c$3$abcDEF123+/==}
 password simple {password|admin}
local-user admin class manage
 super password role network-admin hash {password|$h$6$abcdef$ghijkl==}
 super password level 3 cipher {password|$c$3$zzzzzzzz}
 set authentication password hash {password|$h$6$consoleconsole}
 set authentication password simple {password|con123}
 authentication-mode scheme
 snmp-agent community read {snmp-community|public}
 snmp-agent community write cipher {snmp-community|$c$3$write1234==} acl 2000
 snmp-agent community read simple {snmp-community|readme} mib-view SystemView
 snmp-agent target-host trap address udp-domain 192.0.2.9 params securityname {snmp-community|public} v2c
 snmp-agent usm-user v3 ops group1 cipher authentication-mode sha {snmp-user-key|$c$3$auth12==} privacy-mode aes128 {snmp-user-key|$c$3$priv12==}
 snmp-agent usm-user v3 ops group1 simple authentication-mode md5 {snmp-user-key|plainauth} privacy-mode des56 {snmp-user-key|plainpriv}
 snmp-agent usm-user v2c {snmp-community|nms2} group1 acl 2000
 primary authentication 192.0.2.5 key cipher {key|$c$3$rad12345==}
 secondary accounting 192.0.2.6 1813 key simple {key|radkey} vpn-instance MGT
 key authentication cipher {key|$c$3$key12345==}
 key accounting simple {key|acctkey}
 key authentication {key|oldkey}
 ntp-service authentication-keyid 1 authentication-mode md5 cipher {routing-key|$c$3$ntp12345==}
 ntp-service authentication-keyid 1 authentication-mode hmac-sha-256 simple {routing-key|ntpk} acl 2000
  authentication-mode md5 1 cipher {routing-key|$c$3$ospf1234==}
 ospf authentication-mode md5 1 plain {routing-key|ospfk}
 isis authentication-mode md5 cipher {routing-key|$c$3$isis1234==}
 area-authentication-mode simple plain {routing-key|areak}
 rip authentication-mode md5 rfc2453 cipher {routing-key|$c$3$rip12345==}
 peer 10.0.0.2 password cipher {password|$c$3$bgp12345==}
 peer 10.0.0.2 password simple {password|bgpk}
 key 1
  key-string cipher {key-string|$c$3$kc123456==}
  key-string plain {key-string|kck}
 md5-authentication 10.0.0.3 cipher {routing-key|$c$3$ldp12345==}
 vrrp vrid 1 authentication-mode md5 cipher {routing-key|$c$3$vrrp1234==}
 pre-shared-key address 203.0.113.9 255.255.255.255 key cipher {pre-shared-key|$c$3$ike12345==}
 pre-shared-key hostname peer1 key simple {pre-shared-key|ikek}
 sa hex-key authentication inbound ah cipher {ipsec-key|$c$3$sa123456==}
 sa string-key outbound esp simple {ipsec-key|sak}
 ppp chap password cipher {password|$c$3$chap1234==}
 ppp pap local-user u password simple {password|papk}
 tunnel password cipher {password|$c$3$l2tp1234==}
 preshared-key pass-phrase cipher {pre-shared-key|$c$3$wlan1234==}
 preshared-key raw-key simple {pre-shared-key|00112233}
 login-password cipher {password|$c$3$ldap1234==}
 bims-server ip 192.0.2.7 sharekey simple {key|bimsk}
 mka psk ckn 01 cak simple {wlan-key|a1b2c3}
 ftp server enable
 certificate domain lab password cipher {password|$c$3$pki12345==}
 url ftp://backup:{url|p@ss/w0rd}@192.0.2.8/cfg
 wep default-key 1 {key|wep104} raw-key simple {key|00112233}
snmp-agent community-map {snmp-community|comm1 context c}
 sso auto-build custom-login-parameter name pw value {password|Abc123}
test-aaa user u {password|Abc123} radius-scheme r
 secret-key {key|Abc123}
 pin-code simple {pin|1234}
 pin verification enable
 rsvp authentication key plain {key|rsvp1}
"""
RUIJIE = r"""
username admin password 7 {password|09361c1c3b0c2f}
username admin privilege 15 password 0 {password|plain one}
username admin secret 5 {password|$1$abcd$efghijklmnop}
enable secret 5 {password|$1$yLhr$Cqx7dEo/fhVbFH0eU6bsC1}
enable password 7 {password|0822455D0A16}
enable password level 14 0 {password|lvl}
enable secret {password|naked}
 password 7 {password|110b1c5a}
 password {password|vty}
snmp-server community 7 {snmp-community|1b2c3d} rw 10
snmp-server community {snmp-community|public} view v1 ro ipv6 ACL6
snmp-server community {snmp-community|12} ro
snmp-server host 10.1.1.1 traps version 2c {snmp-community|public}
snmp-server host 10.1.1.1 version 3 priv {snmp-community|ops} udp-port 162
snmp-server user ops g1 v3 auth md5 {snmp-user-key|authpass} priv des56 {snmp-user-key|privpass}
snmp-server user ops g1 v3 encrypted auth sha {snmp-user-key|a1b2} priv aes128 {snmp-user-key|c3d4} access 10
snmp-server group g1 v3 auth read v1
radius-server host 10.1.1.1 key 7 {key|011f2a}
radius-server host 10.1.1.1 auth-port 1812 acct-port 1813 key {key|plainkey}
radius-server key 7 {key|022f}
tacacs-server host 10.1.1.1 key 0 {key|tackey}
ntp authentication-key 1 md5 {routing-key|0f1e2d} 7
ntp server 10.1.1.1 key 1 prefer
 ip ospf message-digest-key 1 md5 7 {routing-key|0d0c}
 ip ospf authentication-key 7 {routing-key|0e0d}
 ip rip authentication text-password 7 {password|0b0a}
 ip rip authentication key-chain KC
 neighbor 10.0.0.2 password 7 {password|0a09}
 neighbor 10.0.0.2 password 0 {password|bgp pass}
 area 1 virtual-link 10.0.0.1 message-digest-key 1 md5 {routing-key|vlink}
 area-password {password|isisarea}
 isis password {password|isispw} level-2
key chain KC
 key 1
  key-string 7 {key-string|0f0e}
  key-string {key-string|two words}
 vrrp 1 authentication {group-key|vrrppw}
 security rsn psk set-key ascii {wlan-key|wifi12345}
 security rsn psk enable
 ppp chap password 7 {password|0c0b}
 ppp pap sent-username u password 0 {password|papp}
webmaster level 0 username admin password 7 {password|0e1f}
ftp-server username u password 7 {password|1e2f}
crypto isakmp key 7 {key|aa11} address 203.0.113.9
 set pre-shared-key simple {pre-shared-key|x1}
snmp-server user {snmp-community|comm1} g1 v2c access 5
snmp-server host oob 10.1.1.1 via mgmt 0 traps version 2c {snmp-community|comm1}
 set session-key outbound ah 256 {ipsec-key|0011aabb}
 set session-key inbound esp 300 cipher {ipsec-key|0011aabb} authenticator {ipsec-key|ccdd}
 security static-wep-key encryption 40 {wlan-key|ascii 1 wep12}
ntp authentication-key 1 md5 {routing-key|12345678} 7
line vty 0 4
"""
ZTE = r"""
enable secret level 15 5 encrypted {password|*sd8f7sdf*}
  password encrypted {password|*Kj28sLdk*}
username who password {password|who}
username ops password encrypted {password|abc==} privilege 15
snmp-server community {snmp-community|public} view AllView ro
snmp-server community encrypted {snmp-community|6d82e9==} view AllView rw
snmp-server host 10.40.2.1 trap version 2c {snmp-community|public} enable NOTIFICATION target-addr-name x isnmsserver udp-port 162
snmp-server host vrf mng 10.40.2.1 trap version 2c encrypted {snmp-community|9a8b==} enable TRAP
snmp-server user ops lab v3 auth md5 encrypted {snmp-user-key|aa==} priv des56 encrypted {snmp-user-key|bb==}
snmp-server user ops lab v3 encrypted auth md5 {snmp-user-key|aa==} priv des56 {snmp-user-key|bb==}
radius-server key encrypted {key|cc==}
  server 1 10.1.1.1 master key encrypted {key|dd==} port 1812
  server 1 10.1.1.1 master key {key|zkey} port 1812
tacacs-server host 10.1.1.1 key encrypted {key|ee==}
  authentication-key encrypted {routing-key|ff==}
  message-digest-key 1 md5 encrypted {routing-key|gg==}
  area 0 authentication message-digest encrypted {routing-key|hh==}
  neighbor 10.0.0.2 password encrypted {password|ii==}
ntp authentication-key 1 md5 encrypted {routing-key|jj==}
ntp server 10.1.1.1 priority 1 key 1
router isis
  authentication {group-key|zisis} level-1
  authentication encrypted {group-key|kk==}
ssh server enable
logging ftp notificational mng 10.40.2.1 who {password|Abc123} file
  copy ftp vrf mng //10.0.0.1/x@who:{url|Abc123} root: /y
    authentication md5 1 {routing-key|bfd1}
  lsp authentication {group-key|isis1}
"""
CISCO = r"""
service password-encryption
password encryption aes
enable secret 9 {password|$9$abc$defghijkl}
enable password {password|cisco}
username admin privilege 15 secret 5 {password|$1$lab$AAAAAAAAAAAA}
username bob password 0 {password|my long pass phrase}
 password 7 {password|094F471A1A0A}
key config-key password-encrypt {key|MasterKey1}
snmp-server community {snmp-community|public} RO
snmp-server community {snmp-community|s3cr3t} view ALL RW SNMP-ACL
snmp-server host 10.1.1.1 {snmp-community|public}
snmp-server host 10.1.1.1 vrf MGMT version 2c {snmp-community|public}  config entity
snmp-server host 10.1.1.1 informs version 2c {snmp-community|comm1} udp-port 1162 bgp
snmp-server user ops grp v3 auth sha {snmp-user-key|authp} priv aes 128 {snmp-user-key|privp}
radius-server host 10.1.1.1 auth-port 1645 acct-port 1646 key 7 {key|0822}
radius server R1
 address ipv4 10.1.1.1 auth-port 1812 acct-port 1813
 key 7 {key|13061E010803}
 key {key|12}
tacacs-server key {key|words and spaces}
 server-private 10.1.1.1 auth-port 1812 acct-port 1813 key 7 {key|0a0b}
 ip ospf authentication message-digest
 ip ospf message-digest-key 10 md5 7 {routing-key|0f0f}
 ip ospf authentication-key {routing-key|ospfk}
 area 0 virtual-link 10.0.0.9 message-digest-key 1 md5 {routing-key|vl}
 area 0 authentication message-digest
 neighbor 10.0.0.2 password 7 {password|1e1e}
ip msdp password peer 10.0.0.7 7 {password|2f2f}
mpls ldp neighbor 10.0.0.8 password 7 {password|3a3a}
 authentication mode hmac-sha-256 {group-key|eigrpk}
key chain OSPF
 key 1
  key-string 7 {key-string|0c0c}
  cryptographic-algorithm hmac-sha-256
 standby 1 authentication md5 key-string 7 {key-string|4b4b}
 standby 1 authentication {group-key|hsrppw}
 vrrp 1 authentication text {group-key|vrrppw}
 glbp 1 authentication md5 key-chain GLBP
crypto isakmp key {key|ikek} address 0.0.0.0 0.0.0.0 no-xauth
crypto isakmp key 6 {key|GfHd} hostname peer.lab
 pre-shared-key address 203.0.113.1 key {pre-shared-key|kring}
 pre-shared-key local 6 {pre-shared-key|loc}
 authentication pre-share
 ppp chap password 0 {password|chapk}
 ppp pap sent-username me password 7 {password|5c5c}
 ipv6 ospf authentication ipsec spi 500 md5 {ipsec-key|1234567890ABCDEF}
ip ftp password 7 {password|6d6d}
 wpa-psk ascii 0 {wlan-key|wifi pass}
 l2tp tunnel password 7 {password|7e7e}
 ip nhrp authentication {group-key|nhrpkey}
 client 10.1.1.1 server-key 7 {key|7f7f}
ntp authentication-key 1 md5 {routing-key|094F} 7
ntp server 192.0.2.1 key 1 version 4
ntp trusted-key 1
username eve password 0 {password|mode local}
enable password {password|level}
enable secret {password|text}
username eve password {password|key}
snmp-server community {snmp-community|text} RO
snmp-server community {snmp-community|view} RW
no snmp-server community {snmp-community|old1}
 path ftp://backup:{url|hunter2}@192.0.2.8/$h-config
 bind authenticate root-dn cn=admin,dc=lab password 7 {password|8f8f}
 set community 65000:100 additive
 match community COMM
 description key to the password of the secret community public
ip access-group password in
ip access-list extended secret
interface Tunnel0
 ospfv3 encryption ipsec spi 1001 esp null md5 0 {ipsec-key|0011aabb}
 ipv6 nhrp authentication {group-key|nhrp1}
mpls ldp password option 1 for ACL {password|ldp1}
  sap pmk {macsec-key|0011aabb mode-list gcm-encrypt}
crypto pki token default user-pin {pin|1234}
crypto pki export X pem terminal 3des {key|Abc123}
crypto pki import X pkcs12 flash:x {key|Abc123}
license smart register idtoken {token|Abc123} force
  mail-server who:{url|Ab@c1:2/3}@mail.example.com priority 1
event manager environment _email_pw {password|Abc123}
 action 1.0 cli command "username x password 0 {password|Abc123"}
 action 2.0 cli command "snmp-server community {snmp-community|comm1 ro"}
alias exec sec enable secret {password|Abc123}
  key-octet-string 7 {key-string|075E731F cryptographic-algorithm AES_128_CMAC}
copy ftp://who@corp.example:{url|Ab/c1}@192.0.2.1/f flash:
do snmp-server community {snmp-community|comm1} RO
 lte sim authenticate 0 {pin|1234} slot 0
   run-opts 2 "-e API_KEY={label|Abc123"}
   Authorization: Basic {label|QWJjMTIz}
snmp-server contact password: {label|"two words"}
"""
TABLES = {"huawei_vrp": HUAWEI, "hp_comware": H3C, "ruijie_os": RUIJIE, "zte_zxros": ZTE, "cisco_ios": CISCO}
_HELD = re.compile(r"\{([a-z-]+)\|(.*?)\}(?=[ @]|$)")
LINES = [(platform, line) for platform, text in TABLES.items() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("platform", sorted(TABLES))
def test_lines_of_configurations(platform: str) -> None:
    wrong = []
    text = TABLES[platform].strip("\n")
    before = [_HELD.sub(r"\2", line) for line in text.splitlines()]
    after = [_HELD.sub(lambda m: f"<{m[1]}>" if m[2] else "", line) for line in text.splitlines()]
    shown = hidden(platform, "\n".join(before)).splitlines()
    wrong = [(line, told, meant) for line, told, meant in zip(before, shown, after, strict=True) if told != meant]
    assert not wrong, "\n".join(f"{line}\n  is    {told}\n  meant {meant}" for line, told, meant in wrong)
