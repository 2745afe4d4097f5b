"""Founding, backup and restore of a real installation, and the proof that everything came back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.cli.tests.installation import Installation, installed

pytestmark = pytest.mark.slow

FOUNDING = [
    *["--name", "Tập đoàn Hạ tầng số Trường Xuân", "--symbol", "TXG", "--place", "Hà Nội"],
    *["--admin-name", "Nguyễn Thị Quản Trị", "--admin-email", "quantri@truongxuan.example", "--password-stdin"],
]


@pytest.fixture(scope="module")
def founded() -> Iterator[Installation]:
    with installed() as installation:
        early = installation.run("audit", "verify")
        assert (early.returncode, "Traceback" in early.stderr) == (1, False)
        assert "Chạy «eoffice migrate» trước" in early.stderr
        weak = installation.run("init", *FOUNDING, stdin="ngan\n")
        assert (weak.returncode, "mật khẩu" in weak.stderr.lower()) == (1, True)
        done = installation.run("init", *FOUNDING, stdin="mot-mat-khau-dai-2026\n")
        assert done.returncode == 0, done.stderr
        stored = installation.data / "files" / "2c" / "f2"
        stored.mkdir(parents=True)
        (stored / "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824").write_bytes(b"hello")
        (installation.data / "hold").mkdir(exist_ok=True)
        (installation.data / "hold" / "unchecked").write_bytes(b"not for a backup")
        yield installation


@pytest.fixture(scope="module")
def backup(founded: Installation) -> Path:
    directory = founded.root / "backup"
    done = founded.run("backup", str(directory))
    assert done.returncode == 0, done.stderr
    return directory


def test_second_founding_is_refused(founded: Installation) -> None:
    refused = founded.run("init", *FOUNDING, stdin="mot-mat-khau-dai-2026\n")

    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_backup_leaves_out_the_hold_and_database_passwords(backup: Path) -> None:
    paths = [part["path"] for part in json.loads((backup / "manifest.json").read_text())["parts"]]

    assert "database.dump" in paths
    assert "keys/django" in paths
    assert "files/2c/f2/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" in paths
    assert not [path for path in paths if "hold" in path or "keys/database-" in path]
    assert backup.stat().st_mode & 0o077 == 0


def test_backup_into_a_filled_directory_is_refused(founded: Installation, backup: Path) -> None:
    refused = founded.run("backup", str(backup))

    assert refused.returncode == 1
    assert "không trống" in refused.stderr


def test_restored_installation_is_whole(founded: Installation, backup: Path) -> None:
    with installed() as other:
        restored = other.run("restore", str(backup))

        assert restored.returncode == 0, restored.stdout + restored.stderr
        assert "Nhật ký nguyên vẹn" in restored.stdout
        assert (other.data / "keys" / "django").read_bytes() == (founded.data / "keys" / "django").read_bytes()
        check = other.run("check")
        assert check.returncode == 0, check.stdout
        assert "Đã khởi tạo cho «Tập đoàn Hạ tầng số Trường Xuân»" in check.stdout
        assert "không sửa, xóa được nhật ký" in check.stdout


def test_restore_over_something_is_refused(founded: Installation, backup: Path) -> None:
    refused = founded.run("restore", str(backup))

    assert refused.returncode == 1
    assert "không trống" in refused.stderr


def test_changed_backup_is_refused_before_anything_is_written(backup: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(backup, changed)
    (changed / "keys" / "django").write_text("another secret")

    with installed() as other:
        refused = other.run("restore", str(changed))

        assert refused.returncode == 1
        assert "keys/django" in refused.stderr
        assert not other.data.exists()
