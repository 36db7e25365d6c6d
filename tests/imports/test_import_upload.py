"""Files that a browser sends: read, refused one by one, or refused as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from budget.core.tenancy import household_scope
from budget.imports import uploading
from budget.imports.models import Import
from budget.users.models import Household, User
from tests.addresses import BANK_FILE
from tests.conftest import SignIn

URL = "/h/alice/import/upload/"


def sent(*files: tuple[str, bytes]) -> dict[str, Any]:
    """A form with these files, whole."""
    return {
        "files": [SimpleUploadedFile(name, content) for name, content in files],
        uploading.WHOLE: "1",
    }


def waiting(household: Household) -> list[str]:
    with household_scope(household):
        return [source.file_name for source in Import.objects.waiting()]


def test_one_file_alone_goes_straight_to_its_preview(
    as_alice: Client, household: Household
) -> None:
    response = as_alice.post(URL, sent(("releve.csv", BANK_FILE)))
    with household_scope(household):
        source = Import.objects.get()
    assert source.file_name == "releve.csv"
    assert source.created_by_id == household.memberships.get(role="owner").user_id
    assert response["Location"] == f"/h/alice/import/{source.pk}/"


def test_each_file_is_answered_for_by_itself(as_alice: Client, household: Household) -> None:
    picture = ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    response = as_alice.post(URL, sent(("releve.csv", BANK_FILE), picture, ("vide.csv", b"")))
    assert response.status_code == 422
    page = response.content.decode()
    assert "releve.csv" in page
    assert "photo.csv" in page
    assert [answer.file_name for answer in response.context["answers"] if answer.reason] == [
        "photo.csv",
        "vide.csv",
    ]
    assert waiting(household) == ["releve.csv"]


def test_the_same_file_sent_twice_waits_once(as_alice: Client, household: Household) -> None:
    for _ in range(2):
        response = as_alice.post(URL, sent(("releve.csv", BANK_FILE)))
        assert response.status_code == 302
    assert waiting(household) == ["releve.csv"]


def test_no_file_at_all_is_told_in_words(as_alice: Client) -> None:
    response = as_alice.post(URL, sent())
    assert response.status_code == 422
    assert "Choisissez d’abord un fichier." in response.content.decode()


def test_a_file_that_is_too_large_is_refused_and_the_others_are_taken(
    as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "LARGEST", 1000)
    large = ("enorme.csv", b"x" * 200_000)
    response = as_alice.post(URL, sent(large, ("releve.csv", BANK_FILE)))
    assert response.status_code == 422
    assert [(a.file_name, bool(a.source)) for a in response.context["answers"]] == [
        ("enorme.csv", False),
        ("releve.csv", True),
    ]
    assert waiting(household) == ["releve.csv"]


def test_more_files_than_are_taken_at_a_time_are_named(
    as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_FILES", 1)
    response = as_alice.post(URL, sent(("a.csv", BANK_FILE), ("b.csv", BANK_FILE)))
    assert response.status_code == 422
    assert waiting(household) == ["a.csv"]
    assert [a.file_name for a in response.context["answers"] if a.reason] == ["b.csv"]


def test_an_upload_larger_than_all_together_is_refused_unread(
    as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_TOGETHER", 1000)
    response = as_alice.post(URL, sent(("releve.csv", BANK_FILE * 10)))
    assert response.status_code == 422
    assert "Ensemble" in response.context["fault"]
    assert waiting(household) == []


@pytest.mark.parametrize("kept", [0.2, 0.42, 0.44, 0.46, 0.6, 0.9])
def test_an_upload_that_broke_off_leaves_nothing(
    as_alice: Client, household: Household, kept: float
) -> None:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        + BANK_FILE
        + b"\r\n"
        for name in ("a.csv", "b.csv")
    ]
    parts.append(b'--b\r\nContent-Disposition: form-data; name="whole"\r\n\r\n1\r\n--b--\r\n')
    body = b"".join(parts)
    response = as_alice.post(
        URL, body[: int(len(body) * kept)], content_type="multipart/form-data; boundary=b"
    )
    assert response.status_code == 422
    assert waiting(household) == []


def test_more_files_than_django_counts_are_no_server_error(
    as_alice: Client, household: Household
) -> None:
    files = [(f"{n}.csv", b"x") for n in range(150)]
    assert as_alice.post(URL, sent(*files)).status_code == 422
    assert waiting(household) == []


def test_without_the_token_nothing_is_read(alice: User, household: Household) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(URL, sent(("releve.csv", BANK_FILE))).status_code == 403
    assert waiting(household) == []


def test_a_viewer_brings_no_file(sign_in: SignIn, vera: User, household: Household) -> None:
    assert sign_in(vera).post(URL, sent(("releve.csv", BANK_FILE))).status_code == 403
    assert waiting(household) == []
