from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client

from eoffice.accounts import services
from eoffice.accounts.doors import saml
from eoffice.accounts.models import Door, OpenSession
from eoffice.accounts.services.doors import DoorEntry, create_door
from eoffice.accounts.tests import saml_provider
from eoffice.accounts.tests.saml_provider import SamlIdp, asked_of, encoded, key_and_certificate, wrapped
from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef

SYSTEM = ActorRef(person_id=None, source="cli")
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def idp():
    return SamlIdp()


@pytest.fixture(autouse=True)
def people():
    return [
        services.create_user(actor=SYSTEM, email=f"{name}@truongxuan.example", password=None, now=clock.now())
        for name in ("huong", "khanh")
    ]


@pytest.fixture(autouse=True)
def door(idp):
    settings = {
        "idp_entity_id": saml_provider.ENTITY,
        "sso_url": saml_provider.SSO_URL,
        "certificates": [idp.pair[1]],
        "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    }
    entry = DoorEntry(code="tap-doan", kind="saml", name="Tài khoản Tập đoàn", is_on=True, settings=settings)
    return create_door(actor=SYSTEM, entry=entry, now=clock.now())


def go(client: Client, onward: str = "/documents/search/") -> dict[str, str]:
    page = client.post("/tai-khoan/cua/tap-doan/", {"next": onward}).content.decode()
    return asked_of(html.unescape(re.findall(r'content="0;url=([^"]+)"', page)[0]))


def post(answer) -> object:
    """The provider's form comes from another site: the browser sends it without our cookie."""
    return Client().post("/tai-khoan/cua/tap-doan/acs/", {"SAMLResponse": encoded(answer)})


def test_a_signed_answer_opens_the_session_of_the_browser_that_began(idp, people):
    client = Client()
    posted = post(idp.signed(go(client)))
    assert posted.status_code == 303

    entered = client.get(posted.headers["Location"])

    assert (entered.status_code, entered.headers["Location"]) == (303, "/documents/search/")
    assert client.session["_auth_user_id"] == str(people[0].pk)
    assert OpenSession.objects.get().provider_session == "s-1"


def test_the_ticket_opens_no_other_browser_and_works_once(idp):
    client, other = Client(), Client()
    place = post(idp.signed(go(client))).headers["Location"]
    go(other)

    assert other.get(place).status_code == 403
    assert client.get(place).status_code == 303
    client.cookies.pop("sessionid")
    assert client.get(place).status_code == 403


BENT = {
    "audience": {"audience": "https://phan-mem-khac.example"},
    "destination": {"destination": "https://khac.example/acs/"},
    "recipient": {"recipient": "https://khac.example/acs/"},
    "issuer": {"issuer": "https://khac.example"},
    "request": {"in_response_to": "ONELOGIN_la"},
    "confirmed for another request": {"confirmed_for": 'InResponseTo="ONELOGIN_la"'},
    "confirmed for no request": {"confirmed_for": ""},
    "late": {"now": clock.now() - timedelta(hours=2)},
    "early": {"now": clock.now() + timedelta(hours=2)},
    "nameless": {"name": ""},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT)
def test_a_bent_answer_lets_nobody_in(idp, bent):
    answer = post(idp.signed(go(Client()), **bent))

    assert answer.status_code == 403
    assert "Đăng nhập chung không thành" in answer.content.decode()
    assert AuditEntry.objects.filter(action="accounts.user.sign_in_refused").count() == 1


def test_an_unsigned_answer_lets_nobody_in(idp):
    assert post(idp.answer(go(Client()))).status_code == 403


def test_a_signature_of_the_response_alone_is_not_enough(idp):
    root = idp.answer(go(Client()))
    saml_provider.sign(root, idp.pair)

    assert post(root).status_code == 403


def test_an_answer_signed_by_somebody_else_lets_nobody_in(idp):
    assert post(SamlIdp(key_and_certificate()).signed(go(Client()))).status_code == 403


def test_a_signature_with_sha1_lets_nobody_in(idp):
    assert post(idp.signed(go(Client()), algorithm="sha1")).status_code == 403


def test_a_changed_name_breaks_the_signature(idp):
    root = idp.signed(go(Client()))
    root.find(".//saml:AttributeValue", saml_provider.NS).text = "khanh@truongxuan.example"

    assert post(root).status_code == 403


@pytest.mark.parametrize("way", ["before", "inside", "object", "same-id"])
def test_a_wrapped_signature_lets_nobody_in(idp, way):
    assert post(wrapped(idp.signed(go(Client())), way=way)).status_code == 403


def test_a_comment_inside_the_email_does_not_shorten_it(idp, people):
    """The way of CVE-2017-11427: a comment is not part of what is signed, and cut the text for careless readers."""
    client = Client()
    evil = "huong@truongxuan.example<!---->.khac.example"
    answer = post(idp.signed(go(client), email=evil, name="u-7"))

    assert client.get(answer.headers["Location"]).status_code == 403


def test_an_answer_counts_once(idp):
    asked = go(Client())
    answer = idp.signed(asked)
    assert post(answer).status_code == 303

    assert post(answer).status_code == 403


def test_an_assertion_of_one_sign_in_is_not_taken_for_another(idp):
    first, second = go(Client()), go(Client())
    stolen = idp.signed(first)
    stolen.set("InResponseTo", second["ID"])

    assert post(stolen).status_code == 403


def test_an_entity_in_the_answer_is_not_resolved(idp):
    root = encoded(idp.signed(go(Client())))
    bomb = b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + saml_provider.base64.b64decode(root)
    sent = saml_provider.base64.b64encode(bomb).decode()

    assert Client().post("/tai-khoan/cua/tap-doan/acs/", {"SAMLResponse": sent}).status_code == 403


@pytest.mark.parametrize("sent", ["", "khong phai", "PHg+", "PHgvPg=="])
def test_what_is_no_answer_at_all_is_refused(sent):
    assert Client().post("/tai-khoan/cua/tap-doan/acs/", {"SAMLResponse": sent}).status_code == 403


def test_a_context_with_a_second_factor_is_believed(idp, door):
    from eoffice.accounts.doors.settings import saml_provider_of

    asked = go(Client())
    provider = saml_provider_of(door, entity_id=asked["Issuer"], acs_url=asked["AssertionConsumerServiceURL"])
    strong = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"

    def identity(**bent):
        sent = encoded(idp.signed(asked, **bent))
        return saml.answer_of(provider, sent, request_id=asked["ID"], now=clock.now()).identity

    assert identity(context=strong).second_factor_done
    assert not identity().second_factor_done


def test_our_metadata_names_the_address_answers_go_to():
    Door.objects.update(is_on=False)
    answer = Client().get("/tai-khoan/cua/tap-doan/metadata/")

    assert answer.status_code == 200
    assert b"http://testserver/tai-khoan/cua/tap-doan/acs/" in answer.content


def test_the_providers_metadata_is_read(idp):
    bare = "".join(idp.pair[1].splitlines()[1:-1])
    content = (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sso.example/m">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor '
        'use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>'
        f"{bare}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService "
        'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://sso.example/sso"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )

    read = saml.read_metadata(content)

    assert read == saml.ReadMetadata("https://sso.example/m", "https://sso.example/sso", (bare,))
