"""Every main page, light and dark, desk and phone: accessible, Vietnamese, inside its edges, without errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.documents.models import IncomingDocument
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import SYSTEM, Cast
from eoffice.organization.models import Person
from eoffice.organization.services.fields_of_work import found_field
from tests.browser import stages
from tests.browser.conftest import SitDown

AXE: Final = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LOOKS: Final = [(phone, theme) for phone in (False, True) for theme in ("light", "dark")]
FOREIGN: Final = re.compile(
    r"\b(?:Submit|Loading|Error|None|True|False|null|undefined|NaN|Traceback|Save|Cancel|Close|Search|Page(?! Up)"
    r"|Delete|Edit|Warning|Success|Required|This field)\b"
)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def faults_of(page: Page, address: str) -> list[str]:
    """What is wrong with the page at an address, in words."""
    answer = page.goto(address)
    page.wait_for_load_state("load")
    expect(page.locator("[data-island]:not([data-ready])")).to_have_count(0)
    faults = [] if answer is not None and answer.ok else [f"{address}: {answer and answer.status}"]
    # Through the debugger, so the policy of the page stays as it is in production.
    page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations'],"
        " runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    for violation in found["violations"]:
        if violation["impact"] in {"serious", "critical"}:
            nodes = [node for node in violation["nodes"] if not is_branch_with_buttons(violation["id"], node["html"])]
            faults += [f"{address}: {violation['id']} {node['target']}" for node in nodes]
    faults += [f"{address}: {word}" for word in FOREIGN.findall(page.locator("body").inner_text())]
    wide, view = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if wide > view:
        faults.append(f"{address}: {wide} px wide in {view}")
    return faults


def is_branch_with_buttons(rule: str, html: str) -> bool:
    """A branch of the picker's tree holds buttons: axe counts their words as its own name, a screen reader does not."""
    return rule == "label-content-name-mismatch" and 'role="treeitem"' in html


def look_at(sit_down: SitDown, person: Person | None, addresses: list[str], *, phone: bool, theme: str) -> None:
    """Open each address in one look; all faults at once."""
    page = sit_down(person, phone=phone, theme=theme)
    faults = [fault for address in addresses for fault in faults_of(page, address)]
    assert faults == []


@pytest.mark.parametrize(("phone", "theme"), LOOKS)
def test_pages_of_the_clerk(cast: Cast, sit_down: SitDown, phone: bool, theme: str) -> None:
    waiting = letters.received(cast, text=stages.SUBJECT, now=clock.now())
    letter = letters.registered(cast, now=clock.now(), issued_on=stages.yesterday())
    addresses = [
        "/",
        "/documents/incoming/?box=to_register",
        f"/documents/incoming/{letter.pk}/?box=to_forward",
        "/documents/incoming/receive/",
        f"/documents/incoming/{waiting.pk}/register/",
        f"/documents/incoming/{letter.pk}/forward/",
        f"/documents/incoming/{letter.pk}/access/",
        "/documents/outgoing/?box=to_number",
        "/documents/registers/",
        f"/documents/registers/{cast.incoming_register.pk}/",
        "/reports/books/incoming/",
        "/reports/books/outgoing/",
        f"/signing/seals/{cast.group.pk}/",
        "/notifications/",
        "/notifications/sms/",
        "/documents/incoming/fields/?box=to_register",
        "/documents/search/?q=bao+cao",
    ]
    look_at(sit_down, cast.clerk, addresses, phone=phone, theme=theme)


@pytest.mark.parametrize(("phone", "theme"), LOOKS)
def test_pages_of_fields_of_work_and_what_they_bind(cast: Cast, sit_down: SitDown, phone: bool, theme: str) -> None:
    field = found_field(actor=SYSTEM, name="Công nghệ thông tin", now=clock.now())
    keeper = ["/organization/linh-vuc/", f"/organization/linh-vuc/{field.pk}/", "/notifications/sms-rules/"]
    look_at(sit_down, cast.administrator, keeper, phone=phone, theme=theme)
    capacities = ["/organization/tham-quyen-ky/", f"/organization/tham-quyen-ky/don-vi/{cast.group.pk}/them/"]
    look_at(sit_down, cast.chief, capacities, phone=phone, theme=theme)
    look_at(sit_down, cast.leader, ["/organization/uy-quyen/them/"], phone=phone, theme=theme)


@pytest.mark.parametrize(("phone", "theme"), LOOKS)
def test_pages_of_leader_and_officer(cast: Cast, sit_down: SitDown, phone: bool, theme: str) -> None:
    letter = letters.directed(cast, now=clock.now(), due_on=stages.working_day(3))
    waiting = letters.forwarded(cast, now=clock.now(), issued_on=stages.yesterday())
    own, to_sign = stages.draft_in_hand(cast, "Dự thảo đang soạn"), stages.draft_to_sign(cast)
    stages.with_leader_key(cast)
    leader = [
        "/",
        f"/documents/incoming/{waiting.pk}/?box=to_direct",
        f"/documents/incoming/{waiting.pk}/direct/",
        f"/documents/incoming/{letter.pk}/?box=given_open",
        "/documents/drafts/?box=to_sign",
        f"/documents/drafts/{to_sign.pk}/?box=to_sign",
        f"/documents/drafts/sign/?show={to_sign.pk}&ids={to_sign.pk}",
        "/signing/key/",
        "/signing/verify/",
        "/tai-khoan/",
        "/huong-dan/",
    ]
    look_at(sit_down, cast.leader, leader, phone=phone, theme=theme)
    officer = ["/", "/documents/drafts/?box=mine", "/documents/drafts/create/", f"/documents/drafts/{own.pk}/"]
    look_at(sit_down, cast.officer, officer, phone=phone, theme=theme)


@pytest.mark.parametrize(("phone", "theme"), LOOKS)
def test_pages_of_an_issued_letter_and_of_a_stranger(cast: Cast, sit_down: SitDown, phone: bool, theme: str) -> None:
    outgoing = stages.issued(cast)
    arrived = IncomingDocument.objects.get(registry=cast.company)
    look_at(sit_down, cast.clerk, [f"/documents/outgoing/{outgoing.pk}/"], phone=phone, theme=theme)
    look_at(sit_down, cast.company_clerk, [f"/documents/incoming/{arrived.pk}/"], phone=phone, theme=theme)
    look_at(sit_down, None, ["/tai-khoan/dang-nhap/", "/signing/verify/"], phone=phone, theme=theme)
