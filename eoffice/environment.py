"""The one place that reads the process environment; everything else is given typed values."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path


class EnvironmentInvalid(Exception):
    """The environment cannot be used; the message lists every fault at once."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What the operator chose. Paths are absolute; ports are TCP ports on `host`."""

    data_dir: Path
    """Everything the installation keeps: files, keys, the embedded database (`EOFFICE_DATA`)."""
    database_url: str | None
    """PostgreSQL of the `app` role (`DATABASE_URL`); None starts the embedded server."""
    database_owner_url: str | None
    """The same database as the `owner` role that migrates (`DATABASE_OWNER_URL`)."""
    host: str
    port: int
    public_url: str | None
    """Address in mails and QR codes (`EOFFICE_URL`); None means http://host:port."""
    former_hosts: tuple[str, ...] = ()
    """Host names this installation had before (`EOFFICE_FORMER_HOSTS`, by commas): their links lead to `base_url`."""
    debug: bool
    demo: bool
    os_user: str | None
    """Account that runs the embedded database when we are root (`EOFFICE_OS_USER`)."""
    install_allowed: bool
    """System packages may be installed without being root's own wish (`EOFFICE_INSTALL=1`)."""
    postgres_bin: Path | None
    """Directory of the PostgreSQL programs to use (`EOFFICE_POSTGRES_BIN`); None looks for them."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies whose `X-Forwarded-For` is believed (`EOFFICE_TRUSTED_PROXIES`, addresses and networks by commas)."""
    hsm_module: Path | None = None
    """The PKCS#11 library of the HSM (`EOFFICE_HSM_MODULE`); None is an installation without one."""
    hsm_pin_file: Path | None = None
    """A file with a line `token label=PIN` for each token (`EOFFICE_HSM_PIN_FILE`), readable by this account alone."""
    acts_as_owner: bool
    """This process connects as the `owner` role (`EOFFICE_AS_OWNER=1`, set by `eoffice migrate` alone)."""

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def hold_dir(self) -> Path:
        return self.data_dir / "hold"

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"

    @property
    def base_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def events_port(self) -> int:
        """Where the process for server-sent events listens: the port after the web server's."""
        return self.port + 1


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Read and check the environment once. Raises EnvironmentInvalid with a full list."""
    source = os.environ if variables is None else variables
    faults: list[str] = []
    port_text = source.get("EOFFICE_PORT", "8000")
    if not port_text.isdigit() or not 0 < int(port_text) < 65535:
        faults.append(f"EOFFICE_PORT={port_text!r}: cổng phải là số từ 1 đến 65534")
        port_text = "8000"
    database_url = source.get("DATABASE_URL") or None
    if database_url and not database_url.startswith(("postgres://", "postgresql://")):
        faults.append("DATABASE_URL: chỉ dùng PostgreSQL (postgresql://…)")
    postgres_bin = Path(source["EOFFICE_POSTGRES_BIN"]) if source.get("EOFFICE_POSTGRES_BIN") else None
    if postgres_bin and not (postgres_bin / "postgres").is_file():
        faults.append(f"EOFFICE_POSTGRES_BIN={postgres_bin}: không có chương trình postgres trong thư mục này")
    trusted_proxies = _networks(source.get("EOFFICE_TRUSTED_PROXIES", ""), faults)
    former_hosts = _host_names(source.get("EOFFICE_FORMER_HOSTS", ""), faults)
    hsm_module, hsm_pin_file = _files(source, ("EOFFICE_HSM_MODULE", "EOFFICE_HSM_PIN_FILE"), faults)
    if faults:
        raise EnvironmentInvalid("\n".join(faults))
    return Environment(
        data_dir=Path(source.get("EOFFICE_DATA") or Path.cwd() / "data").resolve(),
        database_url=database_url,
        database_owner_url=source.get("DATABASE_OWNER_URL") or None,
        host=source.get("EOFFICE_HOST", "127.0.0.1"),
        port=int(port_text),
        public_url=(source.get("EOFFICE_URL") or "").rstrip("/") or None,
        former_hosts=former_hosts,
        debug=source.get("EOFFICE_DEBUG") == "1",
        demo=source.get("EOFFICE_DEMO") == "1",
        os_user=source.get("EOFFICE_OS_USER") or None,
        install_allowed=source.get("EOFFICE_INSTALL") == "1",
        postgres_bin=postgres_bin,
        trusted_proxies=trusted_proxies,
        hsm_module=hsm_module,
        hsm_pin_file=hsm_pin_file,
        acts_as_owner=source.get("EOFFICE_AS_OWNER") == "1",
    )


def _networks(text: str, faults: list[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        try:
            found.append(ip_network(part, strict=False))
        except ValueError:
            faults.append(f"EOFFICE_TRUSTED_PROXIES={part!r}: không phải địa chỉ hoặc dải địa chỉ IP")
    return tuple(found)


def _host_names(text: str, faults: list[str]) -> tuple[str, ...]:
    found = []
    for part in filter(None, (each.strip().lower() for each in text.split(","))):
        if re.fullmatch(r"[a-z0-9.-]+", part):
            found.append(part)
        else:
            faults.append(f"EOFFICE_FORMER_HOSTS={part!r}: chỉ ghi tên máy, ví dụ vanban.tapdoan.vn")
    return tuple(found)


def _files(source: Mapping[str, str], names: tuple[str, ...], faults: list[str]) -> list[Path | None]:
    found: list[Path | None] = []
    for name in names:
        path = Path(source[name]) if source.get(name) else None
        if path is not None and not path.is_file():
            faults.append(f"{name}={path}: không có tệp này")
        found.append(path.resolve() if path is not None else None)
    return found


def secret(environment: Environment, name: str, *, size_bytes: int = 48) -> str:
    """A secret of this installation, made at first use and kept 0600 in `<data>/keys`."""
    environment.data_dir.mkdir(parents=True, exist_ok=True)
    environment.keys_dir.mkdir(mode=0o700, exist_ok=True)
    path = environment.keys_dir / name
    if not path.exists():
        temporary = path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(size_bytes))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()
