"""What a site's page sends to the agent, and waits for."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable
from typing import Any, Final

from eoffice.signing.engine.signing import SoftwareKey
from tests.token.desk import Desk

SITE: Final = "https://vanban.coquan.example"
DIGEST: Final = hashlib.sha256(b"thuoc tinh da ky").digest()


def order(key: SoftwareKey, *doc_ids: str) -> dict[str, object]:
    """A request to sign papers of these ids, whose titles hold marks of HTML."""
    papers = [
        {"doc_id": doc_id, "title": f"Công văn <b>{doc_id}</b>", "digest": base64.b64encode(DIGEST).decode()}
        for doc_id in doc_ids
    ]
    certificate = base64.b64encode(key.certificate).decode()
    return {"description": "Ký văn bản", "certificate": certificate, "papers": papers}


def asking(agent: Desk, asked: dict[str, object]) -> Callable[[], tuple[int, dict[str, Any]]]:
    """The page asks and waits; the function returned gives its answer."""
    answers: list[tuple[int, dict[str, Any]]] = []
    thread = threading.Thread(target=lambda: answers.append(agent.ask("/sign", asked)[:2]))
    thread.start()

    def answer() -> tuple[int, dict[str, Any]]:
        thread.join(120)
        return answers[0]

    return answer
