"""From a stored file to its PDF and text, whatever happens to the worker on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from eoffice.audit.models import AuditEntry
from eoffice.core import clock, files
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import NotFound
from eoffice.core.models import OutboxEvent, StoredFile
from eoffice.renditions import checking, jobs, office, queries, services
from eoffice.renditions.errors import PageNotFound
from eoffice.renditions.models import LEASE, Rendition, RenditionKind, RenditionState
from eoffice.renditions.sniffing import FileKind
from eoffice.renditions.tests import making

needs_office = pytest.mark.skipif(office.installation() is None, reason="LibreOffice is not installed on this machine")
CLERK = ActorRef(person_id=7)


def stored(content: bytes, kind: FileKind) -> str:
    return files.store(content, media_type=kind.media_type).sha256


def render_jobs(sha256: str) -> int:
    return ProcrastinateJob.objects.filter(task_name="renditions.render", args__sha256=sha256).count()


@pytest.mark.django_db
class TestRequest:
    def test_a_stored_pdf_is_its_own_pdf_at_once_and_its_text_waits_for_a_job(self):
        sha256 = stored(making.letter(), FileKind.PDF)

        services.request(sha256=sha256, now=clock.now())

        assert queries.pdf_of(sha256) == sha256
        assert queries.text_of(sha256) == ""
        assert render_jobs(sha256) == 1

    def test_asking_twice_is_asking_once(self):
        sha256 = stored(making.word("x"), FileKind.DOCX)

        services.request(sha256=sha256, now=clock.now())
        services.request(sha256=sha256, now=clock.now())

        assert Rendition.objects.filter(source_id=sha256).count() == 2
        assert render_jobs(sha256) == 1
        assert queries.states_of([sha256]) == {sha256: RenditionState.WAITING}
        assert queries.pdf_of(sha256) is None

    def test_a_request_rolled_back_leaves_no_job(self):
        sha256 = stored(making.word("x"), FileKind.DOCX)

        with transaction.atomic():
            services.request(sha256=sha256, now=clock.now())
            transaction.set_rollback(True)

        assert render_jobs(sha256) == 0
        assert queries.rendition_of(sha256) is None

    def test_a_file_that_is_not_stored_is_not_found(self):
        with pytest.raises(NotFound):
            services.request(sha256="0" * 64, now=clock.now())


@pytest.mark.django_db
class TestRender:
    def test_a_letter_gets_its_text_page_by_page(self):
        sha256 = stored(making.letter(pages=2), FileKind.PDF)
        services.request(sha256=sha256, now=clock.now())

        jobs.render(sha256=sha256)

        rendition = queries.rendition_of(sha256)
        assert rendition is not None
        assert (rendition.state, rendition.page_count, rendition.result_id) == (RenditionState.DONE, 2, sha256)
        assert "Kính gửi: Ban Công nghệ" in queries.page_text(sha256, 1)
        assert queries.text_of(sha256).count("\f") == 1
        with pytest.raises(PageNotFound):
            queries.page_text(sha256, 2)
        event = OutboxEvent.objects.get(name="renditions.rendered")
        assert event.payload == {"source_sha256": sha256, "pdf_sha256": sha256, "page_count": 2}

    @needs_office
    def test_a_word_file_gets_a_pdf_of_its_own_and_is_kept_as_it_came(self):
        content = making.word("Kính gửi: Ban Công nghệ")
        sha256 = stored(content, FileKind.DOCX)
        services.request(sha256=sha256, now=clock.now())

        jobs.render(sha256=sha256)

        pdf = queries.pdf_of(sha256)
        assert pdf is not None
        assert pdf != sha256
        assert files.read(pdf).startswith(b"%PDF")
        assert StoredFile.objects.get(pk=pdf).media_type == "application/pdf"
        assert "Kính gửi: Ban Công nghệ" in queries.text_of(sha256)
        assert files.read(sha256) == content
        assert queries.pdfs_of([sha256]) == {sha256: pdf}

    def test_a_scan_gets_a_pdf_and_an_empty_text(self):
        sha256 = stored(making.picture("JPEG"), FileKind.JPEG)
        services.request(sha256=sha256, now=clock.now())

        jobs.render(sha256=sha256)

        assert queries.pdf_of(sha256) is not None
        assert queries.page_text(sha256, 0) == ""

    def test_rendering_twice_changes_nothing(self):
        sha256 = stored(making.letter(), FileKind.PDF)
        services.request(sha256=sha256, now=clock.now())
        jobs.render(sha256=sha256)
        before = list(Rendition.objects.filter(source_id=sha256).order_by("pk").values())

        jobs.render(sha256=sha256)

        assert list(Rendition.objects.filter(source_id=sha256).order_by("pk").values()) == before
        assert OutboxEvent.objects.filter(name="renditions.rendered").count() == 1

    @needs_office
    def test_a_broken_file_is_reported_and_the_original_kept(self):
        content = making.replaced(making.word("x"), "word/document.xml", "<w:body>", "<w:body><w:broken")
        sha256 = stored(content, FileKind.DOCX)
        services.request(sha256=sha256, now=clock.now())

        jobs.render(sha256=sha256)

        rendition = queries.rendition_of(sha256)
        assert rendition is not None
        assert (rendition.state, rendition.error_code) == (RenditionState.FAILED, "rendition_failed")
        assert "Tệp gốc vẫn được giữ nguyên" in rendition.error_message
        assert files.read(sha256) == content
        event = OutboxEvent.objects.get(name="renditions.failed")
        assert event.payload["source_sha256"] == sha256

    def test_a_failed_file_is_tried_again_when_somebody_asks_and_that_is_on_record(self, monkeypatch):
        sha256 = stored(making.word("Kính gửi"), FileKind.DOCX)
        services.request(sha256=sha256, now=clock.now())
        monkeypatch.setattr(office, "_office", None)
        monkeypatch.setattr(office, "_BINARIES", ("/nowhere/soffice",))
        jobs.render(sha256=sha256)
        assert queries.states_of([sha256]) == {sha256: RenditionState.FAILED}
        services.request(sha256=sha256, now=clock.now())
        assert render_jobs(sha256) == 1

        services.again(actor=CLERK, sha256=sha256, now=clock.now())
        services.again(actor=CLERK, sha256=sha256, now=clock.now())

        rendition = queries.rendition_of(sha256)
        assert rendition is not None
        assert (rendition.state, rendition.error_message, rendition.attempts) == (RenditionState.WAITING, "", 0)
        assert render_jobs(sha256) == 2
        assert AuditEntry.objects.filter(action="renditions.file.rendered_again").count() == 1

    def test_a_file_whose_bytes_are_missing_fails_with_a_message(self):
        sha256 = stored(making.letter(), FileKind.PDF)
        services.request(sha256=sha256, now=clock.now())
        path = files.path_of(sha256)
        content = path.read_bytes()
        path.unlink()
        try:
            jobs.render(sha256=sha256)
        finally:
            path.write_bytes(content)

        row = Rendition.objects.get(source_id=sha256, kind=RenditionKind.TEXT)
        assert row.state == RenditionState.FAILED

    def test_a_file_that_kills_every_worker_is_given_up(self):
        sha256 = stored(making.letter(), FileKind.PDF)
        now = clock.now()
        services.request(sha256=sha256, now=now)
        Rendition.objects.filter(source_id=sha256, kind=RenditionKind.TEXT).update(
            state=RenditionState.RUNNING, started_at=now - LEASE * 2, attempts=services.MAX_ATTEMPTS
        )

        services.render(sha256=sha256, now=now)

        row = Rendition.objects.get(source_id=sha256, kind=RenditionKind.TEXT)
        assert (row.state, row.error_code) == (RenditionState.FAILED, "conversion_timed_out")

    def test_lists_cost_one_query(self, django_assert_num_queries):
        made = [stored(making.blank(number), FileKind.PDF) for number in range(1, 6)]
        for sha256 in made:
            services.request(sha256=sha256, now=clock.now())

        with django_assert_num_queries(2):
            assert len(queries.states_of(made)) == 5
            assert len(queries.pdfs_of(made)) == 5


@pytest.mark.django_db(transaction=True)
class TestKilledWorker:
    @needs_office
    def test_a_rendition_left_running_is_taken_up_by_the_next_worker(self):
        sha256 = stored(making.word(*["Đoạn văn dài " * 40] * 4000), FileKind.DOCX)
        now = clock.now()
        services.request(sha256=sha256, now=now)

        worker = start_worker(sha256)
        wait_until(lambda: Rendition.objects.filter(source_id=sha256, state="running").count() == 2)
        wait_until(lambda: any(homes_of(worker.pid)))
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)

        assert queries.pdf_of(sha256) is None
        services.render(sha256=sha256, now=now)
        assert queries.states_of([sha256]) == {sha256: RenditionState.RUNNING}
        assert services.take_up_abandoned(now=now) == 0

        later = now + LEASE + timedelta(minutes=1)
        assert services.take_up_abandoned(now=later) == 1
        assert render_jobs(sha256) == 2
        services.render(sha256=sha256, now=later)

        rendition = queries.rendition_of(sha256)
        assert rendition is not None
        assert (rendition.state, rendition.attempts) == (RenditionState.DONE, 2)
        assert list(homes_of(worker.pid)) == []
        assert OutboxEvent.objects.filter(name="renditions.rendered").count() == 1

    @needs_office
    def test_libreoffice_does_not_outlive_a_killed_worker(self):
        sha256 = stored(making.word(*["Đoạn văn dài " * 40] * 4000), FileKind.DOCX)
        services.request(sha256=sha256, now=clock.now())
        worker = start_worker(sha256)
        wait_until(lambda: any(homes_of(worker.pid)))
        (home,) = homes_of(worker.pid)
        wait_until(lambda: any(processes_of(home)))

        worker.send_signal(signal.SIGKILL)
        worker.wait(10)

        wait_until(lambda: not processes_of(home), seconds=5)

    @needs_office
    @pytest.mark.parametrize(("crashes", "makes"), [(1, True), (2, False)])
    def test_a_crash_of_libreoffice_is_tried_once_more(self, monkeypatch, tmp_path, crashes, makes):
        """A crash says nothing of the document; two in a row say that the document makes it crash."""
        left = tmp_path / "left"
        left.write_text("x" * crashes)
        bridge = tmp_path / "bridge.py"
        bridge.write_text(
            "import os, runpy, sys\n"
            f"left = open({str(left)!r}).read()\n"
            f"open({str(left)!r}, 'w').write(left[1:])\n"
            "if left: os.kill(os.getpid(), 11)\n"
            f"runpy.run_path({str(office._BRIDGE)!r}, run_name='__main__')\n"
        )
        monkeypatch.setattr(office, "_BRIDGE", bridge)
        sha256 = stored(making.word("Về việc kiểm tra"), FileKind.DOCX)
        services.request(sha256=sha256, now=clock.now())
        services.render(sha256=sha256, now=clock.now())

        rendition = queries.rendition_of(sha256)
        assert rendition is not None
        assert (rendition.state == RenditionState.DONE) is makes
        assert left.read_text() == ""

    def test_two_workers_on_one_file_make_it_once(self):
        sha256 = stored(making.letter(pages=30), FileKind.PDF)
        now = clock.now()
        services.request(sha256=sha256, now=now)
        gate = threading.Barrier(4)

        def work() -> None:
            gate.wait()
            try:
                services.render(sha256=sha256, now=now)
            finally:
                connection.close()

        workers = [threading.Thread(target=work) for _ in range(4)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()

        row = Rendition.objects.get(source_id=sha256, kind=RenditionKind.TEXT)
        assert (row.state, row.attempts) == (RenditionState.DONE, 1)
        assert OutboxEvent.objects.filter(name="renditions.rendered").count() == 1

    def test_requests_at_the_same_moment_lay_each_row_once(self):
        sha256 = stored(making.letter(), FileKind.PDF)
        gate = threading.Barrier(4)
        failures: list[BaseException] = []

        def ask() -> None:
            gate.wait()
            try:
                services.request(sha256=sha256, now=clock.now())
            except BaseException as error:  # noqa: BLE001 - handed to the test
                failures.append(error)
            finally:
                connection.close()

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for one in askers:
            one.start()
        for one in askers:
            one.join()

        assert failures == []
        assert Rendition.objects.filter(source_id=sha256).count() == 2


def start_worker(sha256: str) -> subprocess.Popen[bytes]:
    """A worker process of its own on the test's database and data directory."""
    database = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    code = (
        "import django; django.setup();"
        "from eoffice.core import clock; from eoffice.renditions import services;"
        f"services.render(sha256='{sha256}', now=clock.now())"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(django_settings.PACKAGE_DIR).parent,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "eoffice.settings",
            "DATABASE_URL": address,
            "EOFFICE_DATA": str(django_settings.ENVIRONMENT.data_dir),
        },
    )


def homes_of(pid: int) -> list[Path]:
    directory = Path(django_settings.ENVIRONMENT.run_dir) / "office"
    return [home for home in directory.glob(f"{pid}-*") if (home / "pid").exists()]


def processes_of(home: Path) -> list[str]:
    """Processes that name the profile on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if home.as_uri().encode() in path.read_bytes():
                found.append(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def wait_until(holds, *, seconds: float = 60.0) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.django_db
@pytest.mark.skipif(not making.SAMPLES.is_dir(), reason="real letters are not beside the project")
@needs_office
def test_every_real_letter_is_accepted_and_gets_pdf_and_text():
    letters = making.real_letters()
    for path in letters:
        checked = checking.check(path)
        sha256 = files.store_path(path, media_type=checked.media_type).sha256
        services.request(sha256=sha256, now=clock.now())
        services.render(sha256=sha256, now=clock.now())

        rendition = queries.rendition_of(sha256)
        assert rendition is not None
        assert rendition.state == RenditionState.DONE, (path.name, rendition.error_message)
        if checked.kind.is_office:
            assert "CỘNG H" in queries.text_of(sha256).upper() or "PHỤ LỤC" in queries.text_of(sha256).upper()
        if checked.facts is not None:
            assert rendition.page_count == checked.facts.pages

    assert len(letters) == 16
