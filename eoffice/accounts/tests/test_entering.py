from __future__ import annotations

import pytest
from django.test import Client

from eoffice.accounts import services
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef

PASSWORD = "mot-mat-khau-du-dai"
pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    actor = ActorRef(person_id=None, source="cli")
    return services.create_user(actor=actor, email="huong@truongxuan.example", password=PASSWORD, now=clock.now())


def test_signing_in_takes_over_neither_the_key_nor_the_content_of_the_session_before(user):
    client = Client()
    planted = client.session
    planted["posting_id"] = 7
    planted.save()
    client.cookies["sessionid"] = planted.session_key

    client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})

    assert client.session.session_key != planted.session_key
    assert "posting_id" not in client.session
    assert not type(planted)().exists(planted.session_key)
    assert client.session["_auth_user_id"] == str(user.pk)
