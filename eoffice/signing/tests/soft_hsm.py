"""A SoftHSM2 token with real keys and certificates: stands for an HSM, and for a token on a desk."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization

from eoffice.signing.engine.signing import SoftwareKey

MODULE: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
TOKEN: Final = "Cơ quan"
TOKEN_PIN: Final = "73914628"
SO_PIN: Final = "10293847"


def is_installed() -> bool:
    """SoftHSM2 and OpenSC are here (`scripts/prepare test` installs them)."""
    return MODULE.exists() and shutil.which("softhsm2-util") is not None and shutil.which("pkcs11-tool") is not None


@dataclass(frozen=True)
class SoftToken:
    """One token in a directory of its own."""

    directory: Path
    label: str = TOKEN
    pin: str = TOKEN_PIN

    def put(self, key: SoftwareKey, *, key_id: str) -> None:
        """A private key and its certificate under one id (hex)."""
        pem, der = self.directory / f"{key_id}.pem", self.directory / f"{key_id}.der"
        pem.write_bytes(
            key.private_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        der.write_bytes(key.certificate)
        imported = ["--import", str(pem), "--token", self.label, "--pin", self.pin, "--id", key_id, "--label", key_id]
        _run("softhsm2-util", *imported, directory=self.directory)
        _run(
            "pkcs11-tool", "--module", str(MODULE), "--token-label", self.label, "--login", "--pin", self.pin,
            "--write-object", str(der), "--type", "cert", "--id", key_id, "--label", key_id, directory=self.directory,
        )  # fmt: skip

    def remove(self) -> None:
        """Pull the token out: its files are gone, as the device would be."""
        (self.directory / "pulled").mkdir()
        for each in (self.directory / "tokens").iterdir():
            each.rename(self.directory / "pulled" / each.name)

    def put_back(self) -> None:
        for each in (self.directory / "pulled").iterdir():
            each.rename(self.directory / "tokens" / each.name)


@contextmanager
def soft_token(directory: Path, *, label: str = TOKEN) -> Iterator[SoftToken]:
    """A fresh token; `SOFTHSM2_CONF` names it for this process and its children meanwhile."""
    (directory / "tokens").mkdir(parents=True, exist_ok=True)
    configuration = directory / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {directory / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    try:
        _run(
            "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", TOKEN_PIN,
            directory=directory,
        )  # fmt: skip
        yield SoftToken(directory, label)
    finally:
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


def _run(*words: str, directory: Path) -> None:
    environment = {**os.environ, "SOFTHSM2_CONF": str(directory / "softhsm2.conf")}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
