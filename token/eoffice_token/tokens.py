"""The tokens of this computer: listed, and asked to sign, each time in a process that can be ended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LIST_S: Final = 20.0
SIGN_S: Final = 60.0
_USUAL: Final = {
    "win32": ("C:/Windows/System32", ("vnpt*p11*.dll", "vnptca_p11_v*.dll", "viettel-ca_v*.dll", "fptca_v*.dll",
              "BkavCA*.dll", "nca_v*.dll", "ncca_csp11_v*.dll", "CA2_csp11.dll", "eps2003csp11.dll", "eTPKCS11.dll",
              "st3csp11.dll", "gclib.dll")),
    "darwin": ("/usr/local/lib", ("*pkcs11*.dylib", "libcastle*.dylib", "libeTPkcs11.dylib")),
    "linux": ("/usr/lib", ("libeToken.so", "libcastle*.so", "libvnpt*pkcs11*.so", "opensc-pkcs11.so")),
}  # fmt: skip


@dataclass(frozen=True)
class TokenKey:
    """A certificate on a token, and where its key is."""

    module: str
    label: str
    serial: str
    id: str
    certificate: str
    """Base64 DER."""
    last_try: bool = False
    """One more wrong PIN locks the token."""
    locked: bool = False


@dataclass(frozen=True)
class Signed:
    """What came of one try: values by document id, and the fault that ended it, if any."""

    values: dict[str, str]
    fault: str = ""
    last_try: bool = False


@dataclass
class Tokens:
    """Every token seen through some libraries."""

    modules: Sequence[str] = field(default_factory=list)

    def keys(self) -> tuple[list[TokenKey], list[str]]:
        """The certificates of all tokens, and the libraries that could not be asked."""
        found, silent = [], []
        for module in self.modules:
            lines = _work({"do": "list", "module": module}, LIST_S)
            tokens = next((line["tokens"] for line in lines if "tokens" in line), None)
            if tokens is None:
                silent.append(Path(module).name)
                continue
            found += [
                TokenKey(
                    module,
                    token["label"],
                    token["serial"],
                    each["id"],
                    each["certificate"],
                    bool(token.get("last_try")),
                    bool(token.get("locked")),
                )
                for token in tokens
                for each in token["certificates"]
            ]
        return found, silent

    def sign(self, key: TokenKey, *, pin: str, papers: Sequence[dict[str, str]]) -> Signed:
        """One try with one PIN: never repeated here, since a few wrong ones lock the token."""
        asked = {
            "do": "sign", "module": key.module, "label": key.label, "serial": key.serial, "id": key.id,
            "pin": pin, "papers": list(papers),
        }  # fmt: skip
        lines = _work(asked, SIGN_S)
        values = {line["doc_id"]: line["value"] for line in lines if "doc_id" in line}
        fault = next((line["fault"] for line in lines if "fault" in line), "")
        if not fault and not any(line.get("done") for line in lines):
            fault = "gone"  # the driver died or hung on the way
        return Signed(values, fault, any(line.get("last_try") for line in lines))


def usual_modules() -> list[str]:
    """Libraries of known makers found on this computer."""
    directory, patterns = _USUAL.get(sys.platform, ("", ()))
    if not directory:
        return []
    found = {path for pattern in patterns for path in Path(directory).glob(pattern)}
    return sorted(str(path) for path in found if not path.stem.endswith("_s"))  # the twin `*_s` is the CSP's shell


def _work(asked: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """What the driver's process said until it ended, or was ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "eoffice_token.driver"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        output, _ = process.communicate(json.dumps(asked).encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    lines = []
    for line in output.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue  # something a driver printed
    return lines
