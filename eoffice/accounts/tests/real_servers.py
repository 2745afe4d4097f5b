"""Servers nobody here wrote, started as children on free ports of loopback and always stopped: slapd and Dovecot."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from eoffice.core import clock

PASSWORD = "Mat-khau-thu-dien-tu-2026"
READER_PASSWORD = "doc thoi"
SUFFIX = "dc=truongxuan,dc=example"


@dataclass(frozen=True)
class RunningServer:
    port: int
    tls_port: int
    ca_pem: str


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def program(name: str, package: str) -> str:
    """Where a server is; its tests are skipped, and say why, on a machine that cannot have it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/openldap")
    if found is None:
        pytest.skip(f"no {name} on this machine: `scripts/prepare test` installs {package} where it may")
    return found


def certificate(directory: Path) -> tuple[Path, Path]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = clock.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept, shown = directory / "key.pem", directory / "cert.pem"
    kept.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return kept, shown


@contextmanager
def child(command: list[str], *, port: int, log: Path, owner: str | None = None) -> Iterator[None]:
    with log.open("wb") as output:
        group = pwd.getpwnam(owner).pw_gid if owner else None
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, user=owner, group=group)
    try:
        wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


def lend(directory: Path, owner: str | None) -> None:
    """Give a directory to the unprivileged account the server runs as."""
    if owner is None:
        return
    account = pwd.getpwnam(owner)
    for path in [directory, *directory.rglob("*")]:
        os.chown(path, account.pw_uid, account.pw_gid)


@contextmanager
def place() -> Iterator[Path]:
    """A directory outside pytest's own, which other accounts may not pass through."""
    with tempfile.TemporaryDirectory(prefix="eo-server-") as made:
        yield Path(made)


def unprivileged() -> str | None:
    """The account servers run as when the tests run as root."""
    return "nobody" if os.geteuid() == 0 else None


@contextmanager
def slapd(more_ldif: str = "") -> Iterator[RunningServer]:
    """OpenLDAP with two people and a reading account, and what `more_ldif` adds."""
    with place() as directory, _slapd(directory, more_ldif) as running:
        yield running


@contextmanager
def _slapd(directory: Path, more_ldif: str) -> Iterator[RunningServer]:
    server, adder = program("slapd", "slapd"), program("slapadd", "slapd")
    key, shown = certificate(directory)
    (directory / "db").mkdir()
    config = directory / "slapd.conf"
    config.write_text(
        textwrap.dedent(f"""\
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        modulepath /usr/lib/ldap
        moduleload back_mdb
        pidfile {directory}/slapd.pid
        TLSCertificateFile {shown}
        TLSCertificateKeyFile {key}
        database mdb
        suffix "{SUFFIX}"
        directory {directory}/db
        access to attrs=userPassword by anonymous auth by * none
        access to * by dn.exact="cn=doc,{SUFFIX}" read by * none
        """)
    )
    people = directory / "people.ldif"
    people.write_text(
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: truongxuan\no: TXG\n\n"
        f"dn: cn=doc,{SUFFIX}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: doc\n"
        f"userPassword: {READER_PASSWORD}\n\n"
        + "".join(
            f"dn: uid={name},{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
            f"mail: {name}@truongxuan.example\nuserPassword: {PASSWORD}\n\n"
            for name in ("huong", "la")
        )
        + more_ldif
    )
    lend(directory, unprivileged())
    subprocess.run([adder, "-f", config, "-l", people], check=True, capture_output=True, user=unprivileged())
    port, tls_port = free_port(), free_port()
    urls = f"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tls_port}/"
    command = [server, "-d", "0", "-f", str(config), "-h", urls]
    with child(command, port=port, log=directory / "slapd.log", owner=unprivileged()):
        yield RunningServer(port, tls_port, shown.read_text())


@contextmanager
def dovecot() -> Iterator[RunningServer]:
    """Dovecot with two mailboxes; passwords cross its plain port only after STARTTLS."""
    with place() as directory, _dovecot(directory) as running:
        yield running


@contextmanager
def _dovecot(directory: Path) -> Iterator[RunningServer]:
    server = program("dovecot", "dovecot-imapd")
    key, shown = certificate(directory)
    owner = unprivileged() or pwd.getpwuid(os.geteuid()).pw_name
    account = pwd.getpwnam(owner)
    group = subprocess.run(["id", "-gn", owner], check=True, capture_output=True, text=True).stdout.strip()
    port, tls_port = free_port(), free_port()
    (directory / "users").write_text(
        "".join(f"{name}@truongxuan.example:{{PLAIN}}{PASSWORD}::::::\n" for name in ("huong", "la"))
    )
    config = directory / "dovecot.conf"
    config.write_text(
        textwrap.dedent(f"""\
        base_dir = {directory}/run
        state_dir = {directory}/state
        log_path = {directory}/log
        protocols = imap
        listen = 127.0.0.1
        default_internal_user = {owner}
        default_internal_group = {group}
        default_login_user = {owner}
        ssl = required
        ssl_cert = <{shown}
        ssl_key = <{key}
        disable_plaintext_auth = yes
        auth_mechanisms = plain login
        mail_location = maildir:{directory}/mail/%u
        mail_uid = {account.pw_uid}
        mail_gid = {account.pw_gid}
        first_valid_uid = 1
        auth_failure_delay = 0
        service anvil {{
          chroot =
          unix_listener anvil-auth-penalty {{
            mode = 0
          }}
        }}
        service imap-login {{
          chroot =
          inet_listener imap {{
            port = {port}
          }}
          inet_listener imaps {{
            port = {tls_port}
          }}
        }}
        passdb {{
          driver = passwd-file
          args = {directory}/users
        }}
        userdb {{
          driver = static
          args = uid={account.pw_uid} gid={account.pw_gid} home={directory}/mail/%u
        }}
        """)
    )
    lend(directory, unprivileged())
    command = [server, "-F", "-c", str(config)]
    with child(command, port=port, log=directory / "dovecot.log", owner=unprivileged()):
        yield RunningServer(port, tls_port, shown.read_text())


def other_certificate(directory: Path) -> str:
    """A certificate authority that has nothing to do with the server."""
    directory.mkdir()
    _, shown = certificate(directory)
    ssl.create_default_context(cadata=shown.read_text())
    return shown.read_text()
