from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from threading import Thread

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid, NotFound, NotPermitted
from eoffice.core.geometry import Box
from eoffice.notifications.models import Notification
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.signing import queries, services
from eoffice.signing.engine.pictures import seal_picture, signature_picture
from eoffice.signing.errors import ImageDecided, ImageInvalid, SealSizeInvalid
from eoffice.signing.models import MarkImage, MarkImageState
from eoffice.signing.tests.factories import GROUP, NOW, Cast, make_cast
from eoffice.signing.tests.pictures import BLACK, BLUE, WHITE, bomb_png, png, seal_png, signature_png
from eoffice.signing.tests.powers import with_powers
from eoffice.signing.tests.test_signing_pages import sign_in


def with_role(actor: Actor, role: Role, unit_id: int) -> Actor:
    """The same person with one more role, as the rules see it."""
    return replace(actor, roles=actor.roles | {(str(role), unit_id)})


@pytest.fixture
def administrator(cast: Cast) -> Actor:
    return cast.administrator


def propose(cast: Cast, content: bytes | None = None, mm: str = "38") -> MarkImage:
    return services.propose_seal_image(
        actor=cast.clerk, unit_id=cast.group.pk, content=content or seal_png(), diameter_mm=Decimal(mm), now=NOW
    )


def test_blue_signature_on_nothing_keeps_its_colour_and_loses_its_margins():
    picture = signature_picture(signature_png(), from_paper=False)

    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.getpixel((image.width // 2, 0)) is not None
        assert image.width < 360
        assert image.height < 130
        seen = {pixel for _, pixel in image.getcolors() or [] if pixel[3] == 255}
    assert seen == {BLUE}
    assert (picture.colour_percent, picture.clear_percent > 50) == (100, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (signature_png(BLACK), "đo được 0% điểm nét màu xanh, cần từ 85%"),
        (signature_png(BLUE, WHITE), "đo được 0% điểm ảnh trong suốt, cần từ 30%"),
        (signature_png(WHITE, (0, 0, 0, 0)), "chưa phải mực xanh"),
        (png(Image.new("RGBA", (300, 100))), "không có nét nào"),
        (b"<svg/>", "tệp PNG"),
        (signature_png()[:200], "tệp PNG"),
        (bomb_png(4000, 4001), "4000 điểm ảnh"),
        (bomb_png(60000, 60000), "4000 điểm ảnh"),
        (bomb_png(4000, 4000), "tệp PNG"),
        (signature_png() + b"\0" * 2 * 1024 * 1024, "2 MB"),
    ],
)
def test_unfit_signature_is_refused_with_what_was_measured(content: bytes, words: str):
    with pytest.raises(ImageInvalid, match=words):
        signature_picture(content, from_paper=False)


def test_scan_on_white_paper_becomes_blue_on_nothing_when_asked():
    picture = signature_picture(signature_png(BLACK, WHITE), from_paper=True)

    assert (picture.colour_percent, picture.clear_percent > 50) == (100, True)


def test_what_else_the_file_carries_is_left_behind():
    carried = PngImagePlugin.PngInfo()
    carried.add_text("Author", "bí mật")
    content = io.BytesIO()
    with Image.open(io.BytesIO(signature_png())) as image:
        image.save(content, "PNG", pnginfo=carried, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")

    with Image.open(io.BytesIO(signature_picture(content.getvalue(), from_paper=False).png)) as image:
        assert image.info == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (seal_png(BLUE), "chưa phải màu đỏ"),
        (seal_png(paper=WHITE), "không trong suốt"),
        (seal_png(side=280), "cần từ 300 điểm mỗi chiều"),
        (seal_png(wide=200), "không tròn"),
    ],
)
def test_unfit_seal_is_refused_with_what_was_measured(content: bytes, words: str):
    with pytest.raises(ImageInvalid, match=words):
        seal_picture(content)


def test_each_new_signature_is_a_version_and_the_newest_is_drawn(cast: Cast):
    services.set_signature_image(actor=cast.leader, content=signature_png(), now=NOW)
    services.set_signature_image(actor=cast.leader, content=signature_png(BLACK, WHITE), from_paper=True, now=NOW)

    images = queries.images_of_person(cast.leader.person_id)
    assert [(image.number, image.state) for image in images] == [
        (2, MarkImageState.IN_USE),
        (1, MarkImageState.REPLACED),
    ]
    mark = queries.person_mark(person_id=cast.leader.person_id, name=cast.leader.name, box=Box(0, 0, 0, 140, 68))
    assert b"/SMask" in mark
    assert AuditEntry.objects.filter(action="signing.image.set").count() == 2


def test_signature_waits_for_an_administrator_where_the_rules_say_so(cast: Cast, administrator: Actor):
    services.set_image_rules(
        actor=administrator, signatures_wait=True, smallest_seal_mm=Decimal(30), largest_seal_mm=Decimal(42), now=NOW
    )
    image = services.set_signature_image(actor=cast.leader, content=signature_png(), now=NOW)
    assert image.state == MarkImageState.WAITING
    with pytest.raises(NotPermitted):
        services.confirm_mark_image(actor=with_role(cast.leader, Role.ADMINISTRATOR, 1), image_id=image.pk, now=NOW)
    with pytest.raises(NotFound):
        services.confirm_mark_image(actor=cast.clerk, image_id=image.pk, now=NOW)

    services.confirm_mark_image(actor=administrator, image_id=image.pk, now=NOW)

    assert queries.images_of_person(cast.leader.person_id)[0].state == MarkImageState.IN_USE
    assert Notification.objects.get().person_id == cast.leader.person_id
    with pytest.raises(ImageDecided):
        services.refuse_mark_image(actor=administrator, image_id=image.pk, reason="Muộn", now=NOW)


def test_seal_counts_once_another_confirms_it_and_is_drawn_at_true_size(cast: Cast, administrator: Actor):
    image = propose(cast)
    before = queries.seal_diameter_mm(cast.group.pk)
    with pytest.raises(NotPermitted, match="không tự xác nhận"):
        services.confirm_mark_image(
            actor=with_role(cast.clerk, Role.ADMINISTRATOR, cast.group.pk), image_id=image.pk, now=NOW
        )

    services.confirm_mark_image(actor=administrator, image_id=image.pk, now=NOW)

    assert (before, queries.seal_diameter_mm(cast.group.pk)) == (36.0, 38.0)
    with pikepdf.open(io.BytesIO(queries.seal_mark(unit_id=cast.group.pk, organization=GROUP))) as pdf:
        assert float(pdf.pages[0].mediabox[2]) == pytest.approx(38 * 72 / 25.4, abs=0.1)
    roomy = queries.seal_mark(unit_id=cast.group.pk, organization=GROUP, box=Box(0, 0, 0, 200, 200))
    with pikepdf.open(io.BytesIO(roomy)) as pdf:
        drawn = float(pdf.pages[0].Contents.read_bytes().split()[1])
    assert drawn == pytest.approx(38 * 72 / 25.4, abs=0.1)


def test_refused_seal_leaves_the_one_in_use_and_tells_the_clerk_why(cast: Cast, administrator: Actor):
    services.confirm_mark_image(actor=administrator, image_id=propose(cast).pk, now=NOW)
    image = propose(cast, mm="30")
    with pytest.raises(Invalid):
        services.refuse_mark_image(actor=administrator, image_id=image.pk, reason=" ", now=NOW)

    services.refuse_mark_image(actor=administrator, image_id=image.pk, reason="Không phải dấu của Tập đoàn", now=NOW)

    assert queries.seal_diameter_mm(cast.group.pk) == 38.0
    told = Notification.objects.filter(person_id=cast.clerk.person_id).order_by("pk").last()
    assert told is not None
    assert (told.kind, told.text) == ("signing.image.refused", "Không phải dấu của Tập đoàn")


def test_only_the_clerk_of_the_registry_proposes_its_seal(cast: Cast):
    for actor in (cast.leader, cast.outsider):
        with pytest.raises(NotFound):
            services.propose_seal_image(
                actor=actor, unit_id=cast.group.pk, content=seal_png(), diameter_mm=Decimal(36), now=NOW
            )
    assert not MarkImage.objects.exists()


def test_diameter_outside_the_rules_is_refused(cast: Cast):
    with pytest.raises(SealSizeInvalid, match="từ 20 đến 42 mm"):
        propose(cast, mm="55")


def test_the_database_refuses_a_seal_in_use_that_one_person_made_alone(cast: Cast):
    image = propose(cast)

    with pytest.raises(IntegrityError), transaction.atomic():
        MarkImage.objects.filter(pk=image.pk).update(state="in_use", decided_by_id=cast.clerk.person_id)


@pytest.mark.django_db(transaction=True)
def test_uploads_at_once_become_versions_one_after_the_other():
    cast = make_cast()

    def put_up() -> None:
        services.set_signature_image(actor=cast.leader, content=signature_png(), now=NOW)
        connection.close()

    threads = [Thread(target=put_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    states = list(MarkImage.objects.order_by("number").values_list("number", "state"))
    assert states == [(1, "replaced"), (2, "replaced"), (3, "replaced"), (4, "in_use")]


def test_page_shows_the_picture_at_true_size_and_says_what_was_wrong(cast: Cast, client: Client):
    sign_in(client, cast.leader)

    bad = client.post("/signing/key/image/", {"image": SimpleUploadedFile("ky.png", signature_png(BLACK))})
    good = client.post("/signing/key/image/", {"image": SimpleUploadedFile("ky.png", signature_png())})

    assert (bad.status_code, good.status_code) == (422, 303)
    assert "đo được 0% điểm nét màu xanh" in bad.content.decode()
    image = MarkImage.objects.get()
    assert f"/signing/images/{image.pk}/" in client.get("/signing/key/").content.decode()
    assert client.get(f"/signing/images/{image.pk}/").headers["Content-Type"] == "image/png"
    sign_in(client, cast.outsider)
    assert client.get(f"/signing/images/{image.pk}/").status_code == 404


def test_seal_is_proposed_on_its_page_and_confirmed_by_the_leader(cast: Cast, client: Client):
    sign_in(client, cast.clerk)
    answer = client.post(
        f"/signing/seals/{cast.group.pk}/image/",
        {"seal": SimpleUploadedFile("dau.png", seal_png()), "diameter_mm": "36,5"},
    )
    assert answer.status_code == 303
    assert "chờ xác nhận" in client.get(f"/signing/seals/{cast.group.pk}/").content.decode()
    assert client.get("/signing/images/").status_code == 404

    sign_in(client, cast.leader)
    assert "36,5 mm" in client.get("/signing/images/").content.decode()
    client.post(f"/signing/images/{MarkImage.objects.get().pk}/confirm/")

    assert queries.seal_diameter_mm(cast.group.pk) == 36.5


def test_administrator_decides_and_sets_rules_with_powers_alone(cast: Cast, client: Client):
    image = propose(cast)
    rules = {"smallest_seal_mm": "30", "largest_seal_mm": "40"}
    sign_in(client, cast.administrator)
    page = client.get("/signing/images/").content.decode()
    assert "Bật quyền quản trị" in page
    assert 'name="smallest_seal_mm"' not in page
    assert "Không xác nhận" not in page
    powers = reverse("organization:powers")
    for address, sent in ((f"/signing/images/{image.pk}/confirm/", {}), ("/signing/images/rules/", rules)):
        assert client.post(address, sent)["Location"].startswith(powers)
    image.refresh_from_db()
    assert (image.state, queries.image_rules().smallest_seal_mm) == (MarkImageState.WAITING, Decimal(20))

    client = with_powers(cast.administrator)
    assert 'name="smallest_seal_mm"' in client.get("/signing/images/").content.decode()
    client.post(f"/signing/images/{image.pk}/confirm/")
    client.post("/signing/images/rules/", rules)

    assert (queries.seal_diameter_mm(cast.group.pk), queries.image_rules().smallest_seal_mm) == (38, Decimal(30))
