"""Files on their way in from a browser: bounded in size and number, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budget.core.guards import Refused
from budget.imports.recognition import LARGEST

#: The form's last field: where it is missing, the upload broke off. A parser takes what is cut
#: between two files for the end.
WHOLE = "whole"
MEGABYTE = 1024 * 1024
#: How many files one upload may bring, and how many bytes all of them together.
MOST_FILES = 20
MOST_TOGETHER = 150 * MEGABYTE
#: So much of a larger upload is read and forgotten: a browser hears an answer only when it has
#: been listened to. Beyond that, the connection ends.
LISTENED_TO = 4 * MOST_TOGETHER


class UploadRefused(Refused):
    """Nothing of the upload is looked at."""


class BoundedUpload(TemporaryFileUploadHandler):
    """Keeps files up to their largest size on disk; what is larger or one too many is passed over.

    `too_large` and `too_many` are the names of those.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.seen = 0
        self.too_large: list[str] = []
        self.too_many: list[str] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen += 1
        if self.seen > MOST_FILES:
            self.too_many.append(self.file_name or "")
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > LARGEST:
            self.too_large.append(self.file_name or "")
            raise SkipFile
        super().receive_data_chunk(raw_data, start)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an upload may be, in bytes and files, and the words for what is more."""

    megabytes: int
    largest: int
    together: int
    files: int
    too_large: str
    too_much: str
    too_many: str


def upload_limits() -> Limits:
    """The bounds of an upload, in the reader's language."""
    many = ngettext(
        "Only %d file is taken at a time.", "Only %d files are taken at a time.", MOST_FILES
    )
    return Limits(
        megabytes=LARGEST // MEGABYTE,
        largest=LARGEST,
        together=MOST_TOGETHER,
        files=MOST_FILES,
        too_large=_("The file is larger than %d MB.") % (LARGEST // MEGABYTE),
        too_much=_("Together the files have more than %d MB. Send them one after the other.")
        % (MOST_TOGETHER // MEGABYTE),
        too_many=many % MOST_FILES,
    )


def files_received(request: HttpRequest) -> tuple[list[Any], list[tuple[str, str]]]:
    """The whole files of an upload, and the names of those passed over, each with the reason.

    To be called before anything else reads the request's body. Raises UploadRefused where nothing
    of it is taken.
    """
    limits = upload_limits()
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_TOGETHER:
        _listen(request)
        raise UploadRefused(limits.too_much)
    bounds = BoundedUpload(request)
    request.upload_handlers = [bounds]
    try:
        files, whole = request.FILES.getlist("files"), WHOLE in request.POST
    except (MultiPartParserError, SuspiciousOperation, OSError):
        files, whole = [], False
    if not whole:
        raise UploadRefused(_("The upload broke off half-way. Nothing was kept: try again."))
    return files, [
        *((name, limits.too_large) for name in bounds.too_large),
        *((name, limits.too_many) for name in bounds.too_many),
    ]


def _listen(request: HttpRequest) -> None:
    """Read what is sent, and forget it."""
    left = LISTENED_TO
    try:
        while left > 0 and (chunk := request.read(min(left, MEGABYTE))):
            left -= len(chunk)
    except OSError:
        return
