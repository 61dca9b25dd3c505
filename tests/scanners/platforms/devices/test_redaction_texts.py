"""Redaction of whole answers: parted lines, blocks, banners, other commands; what is read stays, and nothing makes it slow."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.devices.secret import secrets_of
from scanners.platforms.devices import PLATFORMS, VENDORS
from scanners.platforms.devices import redaction_words as table
from scanners.platforms.devices.redaction import redact
from tests.scanners.platforms.devices.answering import everything, read
from tests.scanners.platforms.devices.simulating import answers, device
from tests.scanners.platforms.devices.test_redaction import CONFIGURATION, LINES, hidden, tag
from tests.scanners.platforms.devices.test_samples import SAMPLES

EVERY = pytest.mark.parametrize("platform", sorted(VENDORS))
HUAWEI, CISCO = "huawei_vrp", "cisco_ios"


@EVERY
def test_the_lab_keeps_its_facts_and_loses_its_secrets(platform: str) -> None:
    told = answers(platform)
    kept = {source: redact(platform, source, text, tag).text for source, text in told.items()}
    held = secrets_of(device(platform))
    assert any(secret in text for secret in held for text in told.values())
    assert not [secret for secret in held for text in kept.values() if secret in text]
    known = {source for source in told if source in PLATFORMS[platform].known}
    before, blind = everything(platform, {source: told[source] for source in known})
    after, still = everything(platform, {source: kept[source] for source in known})
    assert {name: one.facts for name, one in before.items()} == {name: one.facts for name, one in after.items()}
    assert [(one.source, one.detail) for one in blind] == [(one.source, one.detail) for one in still]
    for source, text in told.items():
        assert len(kept[source].splitlines()) == len(text.splitlines()), source


@EVERY
def test_equal_secrets_have_equal_tags_and_nothing_else_of_them(platform: str) -> None:
    source = CONFIGURATION[platform]
    one = redact(
        platform, source, " password cipher Abc123456\n password cipher Abc123456\n password cipher Xyz\n", tag
    )
    tags = re.findall(r"<redacted:password:([0-9a-f]{8})>", one.text)
    assert len(tags) == 3
    assert tags[0] == tags[1] != tags[2]
    assert one.forms == ("password",)
    other = redact(platform, source, " password cipher Abc123456\n", lambda secret: tag("key" + secret))
    assert tags[0] not in other.text


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs the folder `shared/samples/cli` beside the project folder")
def test_real_answers_keep_their_facts() -> None:
    changed = []
    for path in sorted(SAMPLES.glob("*.txt")):
        platform, command = path.stem.split(".")
        source, text = command.replace("_", " "), path.read_bytes().decode()
        kept = redact(platform, source, text, tag)
        assert read(platform, source, text) == read(platform, source, kept.text), path.name
        changed += [path.name] if kept.forms else []
    assert changed == ["huawei_vrp.display_snmp-agent_community_read.txt"]


PARTED = (
    (HUAWEI, " local-user operator-of-the-night password irreversible-cipher $1c$aaaaaaaaaaa", "bbbbbbbbb$"),
    (HUAWEI, "snmp-agent community read cipher %^%#abc'def", "ghi%^%# mib-view V"),
    (HUAWEI, "snmp-agent usm-user v3 monitor-of-the-whole-city authentication-mode sha cipher", "Sh4SecretWord"),
    (HUAWEI, "snmp-agent trap source LoopBack0 and something to fill the line of a local-user pass", "word S3cret"),
    (CISCO, "username a-very-long-name-for-an-operator privilege 15 password 7 0822455D0A16544541", "0D0A16"),
    (HUAWEI, "snmp-agent target-host trap address udp-domain 192.0.2.99 params securityname", " S3cret v2c"),
    (
        HUAWEI,
        " ".join(["snmp-agent usm-user v3", "o" * 30, "group1", "authentication-mode md5"]),
        " S3cret privacy-mode des56 S3cret",
    ),
    (HUAWEI, " " * 50 + "snmp-agent community read", " S3cret"),
    (HUAWEI, " " * 60 + "ospf authentication-mode md5 1", " S3cret"),
    (HUAWEI, " ldap-server authentication manager cn=administrator,cn=users,dc=example,dc=com", "S3cret S3cret"),
    (CISCO, "snmp-server host 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff vrf MANAGEMENT version 2c", " S3cret"),
    ("zte_zxros", " " * 55 + "password encrypted", "*S3cret*"),
    (CISCO, "snmp-server community 0123456789012345678901234567890123456789012345678901234567", "abcdef view V RO"),
)


@pytest.mark.parametrize(("platform", "first", "second"), PARTED)
@pytest.mark.parametrize("more", ["", "  ---- More ----\x1b[42D                                          \x1b[42D"])
def test_a_secret_that_the_width_of_a_terminal_parts(platform: str, first: str, second: str, more: str) -> None:
    text = hidden(platform, f"{first}\r\n{more}{second}\r\nend\r\n")
    if platform == CISCO and second.startswith("abcdef"):  # a lower-case word may as well begin a statement
        assert "0123456789" not in text
        return
    for piece in ("bbbbbbbbb$", "ghi%", "Sh4SecretWord", "S3cret", "0D0A16", "aaaaaaaaaaa", "abc'def", "0822"):
        assert piece not in text
    assert text.endswith("end\r\n")
    assert len(text.splitlines()) == 3


def test_a_secret_parted_twice_and_one_whose_pager_ends_a_line() -> None:
    long = "username " + "a" * 30 + " privilege 15 password 7 " + "0822455D0A16" * 4
    text = hidden(CISCO, f"{long}\n{'1B0C' * 19}\n0D0E\nend\n")
    assert "0822" not in text
    assert "1B0C" not in text
    assert "0D0E" not in text
    assert text.endswith("\nend\n")
    zte = "username " + "b" * 50 + " password encrypted\r\n --More--\r         \rSecretWord==\r\n"
    assert "SecretWord" not in hidden("zte_zxros", zte)


def test_a_keyword_that_is_parted_or_typed_over_where_no_other_tells_of_it() -> None:
    assert "S3cret" not in hidden(HUAWEI, "local-user " + "x" * 60 + " pas\nsword cipher S3cret\n")
    assert "S3cret" not in hidden(HUAWEI, "local-user x pasX\bsword cipheX\br S3cret\n")


def test_what_follows_a_long_statement_is_not_taken_for_its_rest() -> None:
    long = "snmp-agent community read cipher %^%#" + "a" * 60 + "%^%#\n"
    for after in ("ntp-service unicast-server 192.0.2.1\n", "aaa\n", "#\n", "return\n", "interface Vlanif1\n"):
        assert hidden(HUAWEI, long + after).splitlines()[1] == after.rstrip()
    long = "username " + "a" * 50 + " secret 5 $1$abcd$efghijklmnop\n"
    for after in ("ntp server 192.0.2.1\n", "!\n", "end\n", "ip route 0.0.0.0 0.0.0.0 192.0.2.1\n"):
        assert hidden(CISCO, long + after).splitlines()[1] == after.rstrip()


@pytest.mark.parametrize(
    "line",
    [
        "  ---- More ----\x1b[42D                                          \x1b[42D password cipher S3cretWord",
        " --More-- \b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b password cipher S3cretWord",
        " password cipher \x1b[1mS3cret\x1b[0mWord",
        " pass\x00word cip\x07her S3cretWord",
        " password cipher S3cretWordX\b \b",
        " password cipher S3cretWord\b\b\b\b\b\b\b\b\b\b          ",
        "\x1b[0m password cipher S3cret\x00Word",
    ],
)
def test_what_a_screen_hides_or_shows_otherwise(line: str) -> None:
    shown = redact(HUAWEI, "display current-configuration", line, tag).text
    bare = re.sub(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x1f]", "", shown)
    assert "S3cret" not in bare
    assert "password cipher" in re.sub(r"[\x00-\x07]", "", shown)


def test_keys_and_certificates_in_blocks() -> None:
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabcd+/==\n-----END RSA PRIVATE KEY-----\nsysname r1\n"
    assert hidden(HUAWEI, pem).splitlines() == [
        "-----BEGIN RSA PRIVATE KEY-----", "<key-block>", "<key-block>", "-----END RSA PRIVATE KEY-----", "sysname r1",
    ]  # fmt: skip
    chain = "crypto pki certificate chain TP\n certificate self-signed 01\n  30820229 30820192 A0030201\n  02020101\n  \tquit\nend\n"
    assert hidden(CISCO, chain).splitlines()[2:] == ["  <key-block>", "  <key-block>", "  \tquit", "end"]
    cut = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n local-user a password cipher Abc123\nsysname r1\n"
    assert hidden(HUAWEI, cut).splitlines()[2:] == [" local-user a password cipher <password>", "sysname r1"]
    one = "x -----BEGIN PRIVATE KEY-----MIIEow-----END PRIVATE KEY----- y"
    assert hidden(HUAWEI, one) == "x -----BEGIN PRIVATE KEY-----<key-block>-----END PRIVATE KEY----- y"


@pytest.mark.parametrize("delimiter", ["^C", "@", "%", "c", ":", "e", "<"])
def test_a_banner_ends_where_it_ended(delimiter: str) -> None:
    text = f"banner login {delimiter}\nPassword: Abc123\nhostname no\n{delimiter}\nhostname yes\nenable secret Abc123\nend\n"
    kept = redact(CISCO, "show running-config", text, tag).text
    assert "Abc123" not in kept
    assert "hostname no\n" in kept
    assert read(CISCO, "show running-config", kept) == read(CISCO, "show running-config", text)


def test_text_for_people_is_hidden_behind_labels_only() -> None:
    text = 'header login information "口令：Abc123 请勿外传 the secret is out"\n description password: Abc123 for the key\n'
    assert hidden(HUAWEI, text) == (
        'header login information "口令：<label> 请勿外传 the secret is out"\n description password: <label> for the key\n'
    )


OTHERS = (
    (HUAWEI, "display snmp-agent community read", "   Community name:public\n   Storage type: nonVolatile\n",
     "   Community name:<label>\n   Storage type: nonVolatile\n"),
    ("hp_comware", "display snmp-agent community", "   Community name: aa\n       Group name: aa\n       ACL:2001\n",
     "   Community name: <label>\n       Group name: <label>\n       ACL:2001\n"),
    (CISCO, "show snmp community", "Community name: public\nCommunity Index: public\nCommunity SecurityName: public\n",
     "Community name: <label>\nCommunity Index: <label>\nCommunity SecurityName: <label>\n"),
    (CISCO, "show snmp group", "groupname: public              security model:v1\ngroupname: ops  security model:v3 priv\n",
     "groupname: <label>              security model:v1\ngroupname: ops  security model:v3 priv\n"),
    (CISCO, "show snmp host", "user: public\tsecurity model: v2c\n", "user: <label>\tsecurity model: v2c\n"),
    (CISCO, "show key chain", 'Key-chain OSPF:\n    key 1 -- text "cisco123"\n', 'Key-chain OSPF:\n    key 1 -- text "<label>"\n'),
    (CISCO, "show crypto isakmp key", "Keyring      Hostname/Address   Preshared Key\n\ndefault      10.0.0.1     cisco\n",
     "Keyring      Hostname/Address   Preshared Key\n\ndefault      10.0.0.1     <label>\n"),
    (HUAWEI, "display radius-server configuration", "  Shared secret key : %^%#abc%^%#\n  Shared-key: abc\n",
     "  Shared secret key : <label>\n  Shared-key: <label>\n"),
    (HUAWEI, "display interface", "Description: the password of the secret key\n", "Description: the password of the secret key\n"),
    (HUAWEI, "display version", "[R1]snmp-agent community read public\n<R1>test-aaa u Abc123 radius-template t\n",
     "[R1]snmp-agent community read <snmp-community>\n<R1>test-aaa u <password> radius-template t\n"),
    (HUAWEI, "display logbuffer", 'CMDRECORD(l): (User=a, Command=snmp-agent community read public)\n',
     'CMDRECORD(l): (User=a, Command=snmp-agent community read <snmp-community>\n'),
    ("hp_comware", "display logbuffer", "-User=a; Command is snmp-agent community write simple priv1\n",
     "-User=a; Command is snmp-agent community write simple <snmp-community>\n"),
    (CISCO, "show history all", "CMD: 'snmp-server community public ro' 10:00:00\n",
     "CMD: 'snmp-server community <snmp-community>\n"),
    (CISCO, "show tacacs", "Server key: cisco123\n", "Server key: <label>\n"),
    (CISCO, "show snmp", "SNMP community: public\n", "SNMP community: <label>\n"),
    ("hp_comware", "display mac-authentication", "口令（密文）：Abc123\nPassword(cipher): Abc123\nPSK : Abc123\n团体名称：public\n",
     "口令（密文）：<label>\nPassword(cipher): <label>\nPSK : <wlan-key>\n团体名称：<label>\n"),
    (HUAWEI, "display ip routing-table", " local-user a password cipher Abc123\n", " local-user a password cipher <password>\n"),
)  # fmt: skip


@pytest.mark.parametrize(("platform", "source", "text", "meant"), OTHERS)
def test_other_answers(platform: str, source: str, text: str, meant: str) -> None:
    assert hidden(platform, text, source) == meant


def test_a_mark_that_the_device_prints_hides_nothing_behind_it() -> None:
    for line in (
        " password cipher <redacted:password:00000000>Abc123",
        " password <redacted:password:00000000> Abc123",
    ):
        assert "Abc123" not in redact(HUAWEI, "display current-configuration", line, tag).text


VOCABULARY = sorted({
    *table.TRIGGERS, *table.TAIL, *table.TAKING, *table.LAST_FORMS, *table.PLACES, "snmp-server", "snmp-agent", "usm-user",
    "host", "user", "auth", "community", "1", "7", "10.0.0.1", "x", '"', "spi", "ipv6", "ipsec", "no", "<redacted:key:01234567>",
    "license", "standby", "ip", "nhrp", "isis", "authentication", "v2c", "hmac-md5", "\n", "\n ", "key-chain", "aes256",
})  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(VOCABULARY), max_size=14).map(" ".join),
    st.lists(
        st.sampled_from([
            *(line for _, line in LINES), *(word for _, line in LINES for word in line.split()), "\n", "\r\n", "\r", "\b",
            "\x1b[42D", "  ---- More ----", '"', "<redacted:key:01234567>", "banner login %", "header login x", "\x85",
            "-----BEGIN KEY-----", "x" * 80, "://a:b@c", "口令：", "%^%#", "\ud800",
        ]),
        max_size=30,
    ).map(" ".join),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=400)
@given(
    st.sampled_from(sorted(CONFIGURATION)), st.sampled_from(["show running-config", "display interface", "x"]), TEXTS
)
def test_any_text(platform: str, source: str, text: str) -> None:
    kept = redact(platform, source, text, tag)
    assert len(kept.text.splitlines()) == len(text.splitlines())
    breaks = [re.findall(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", one) for one in (kept.text, text)]
    assert breaks[0] == breaks[1]
    assert redact(platform, source, kept.text, tag).text == kept.text


FLOODS = (
    *("password ", 'password "', '"', "a" * 100, "key 1 ", "%^%#", "%^%#a ", "$1$", "://a:", "\x1b[1D", "\b", " -", "--",
      "password:", "密码：", "spi ipsec ", "snmp-server host ", "authentication-mode md5 1 ", "AAAAbbbb11", "00112233 "),
    *("password x\n", "-----BEGIN KEY-----\n", "banner login %\n", "snmp-agent community read " + "y" * 60 + "\n", "\n",
      "Aa1" * 20 + "\n", " key\n", "%^%#" + "z" * 90 + "\n"),
)  # fmt: skip


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_takes_bounded_time(flood: str) -> None:
    def spent(size: int) -> float:
        text = (flood * (size // len(flood) + 1))[:size]
        began = time.process_time()
        redact(HUAWEI, "display current-configuration", text, tag)
        return time.process_time() - began

    assert spent(524_288) < 6
    line = (flood.strip("\n") * 16_384)[:16_000]
    began = time.process_time()
    redact(HUAWEI, "display current-configuration", line, tag)
    assert time.process_time() - began < 1


def test_eight_megabytes_of_configuration_take_bounded_time() -> None:
    text = answers(HUAWEI)["display current-configuration"]
    many = (text.removesuffix("return\n") * (8 * 1024 * 1024 // len(text)))[: 8 * 1024 * 1024]
    began = time.process_time()
    kept = redact(HUAWEI, "display current-configuration", many, tag)
    assert time.process_time() - began < 30
    assert not [secret for secret in secrets_of(device(HUAWEI)) if secret in kept.text.rpartition("\n")[0]]
