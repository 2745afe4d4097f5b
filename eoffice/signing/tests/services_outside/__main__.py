"""Start one service by hand, with the people of the demonstration."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path
from typing import Final

from eoffice.signing.tests.services_outside.csc import CscService
from eoffice.signing.tests.services_outside.frame import Service
from eoffice.signing.tests.services_outside.mysign import MySignService
from eoffice.signing.tests.services_outside.smartca import SmartCaService

_KINDS: Final[dict[str, type[Service]]] = {"smartca": SmartCaService, "mysign": MySignService, "csc": CscService}


def main() -> None:
    """Serve until interrupted; writes the authority's root beside, to be trusted by hand."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=sorted(_KINDS))
    parser.add_argument("port", type=int)
    parser.add_argument("--person", action="append", default=[], help="account=Full Name")
    parser.add_argument("--root", type=Path, help="where to write the root certificate (DER)")
    chosen = parser.parse_args()
    service = _KINDS[chosen.kind](port=chosen.port)
    for pair in chosen.person or ["001085012345=Trần Quốc Khánh"]:
        account, _, name = pair.partition("=")
        service.add(account, name)
    if chosen.root:
        chosen.root.write_bytes(service.root.der)
    with service:
        sys.stdout.write(f"{service.url}/phone\n")
        sys.stdout.flush()
        threading.Event().wait()


main()
