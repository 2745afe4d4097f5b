"""A token that counts wrong PINs and locks, and that can be pulled out between two signatures."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eoffice.signing.tests import soft_hsm

TRIES: Final = 3
_SOURCE: Final = Path(__file__).with_name("stubborn_token.c")


def can_be_built() -> bool:
    """SoftHSM2 and a compiler are here (`scripts/prepare test` installs them)."""
    return soft_hsm.is_installed() and shutil.which("cc") is not None


def build(directory: Path) -> Path:
    """The library, compiled."""
    library = directory / "libstubborn.so"
    done = subprocess.run(
        ["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return library


@dataclass(frozen=True)
class Stubborn:
    """The files by which a test steers the library; what they say holds for every process that loads it."""

    directory: Path

    def environment(self) -> dict[str, str]:
        """What the agent's processes inherit."""
        return {
            "STUBBORN_TOKEN_OVER": str(soft_hsm.MODULE),
            "STUBBORN_TOKEN_STATE": str(self._wrong),
            "STUBBORN_TOKEN_TRIES": str(TRIES),
            "STUBBORN_TOKEN_LEAVES": str(self._leaves),
        }

    def leave_after(self, signatures: int) -> None:
        """The device is gone after so many signatures of one session."""
        self._leaves.write_text(str(signatures))

    def stay(self) -> None:
        self._leaves.unlink()

    def wrong_pins(self) -> int:
        """Wrong PINs in a row, as the device counts them."""
        return int(self._wrong.read_text()) if self._wrong.exists() else 0

    @property
    def _wrong(self) -> Path:
        return self.directory / "wrong-pins"

    @property
    def _leaves(self) -> Path:
        return self.directory / "leaves-after"
