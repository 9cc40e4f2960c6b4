"""Files sent ahead of a message: a small server of the tus protocol 1.0 (https://tus.io/protocols/resumable-upload).

Core, and the extensions Creation and Termination. POST makes an upload, HEAD tells how much has arrived, PATCH brings
more, DELETE takes it away. All of it is for the visit alone that made the upload; for anybody else there is nothing.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django_ratelimit.decorators import ratelimit

from deflection.middleware import JourneyOrigin
from deflection.models import Upload
from deflection.services import uploads
from tickets.errors import TicketError

VERSION = "1.0.0"
_EXTENSIONS = "creation,termination"
_CONTENT_TYPE = "application/offset+octet-stream"
_View = Callable[..., HttpResponse]


def _speaks_tus(view: _View) -> _View:
    """What holds for every request: the version that it speaks, the method that it means, and our version in return."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        method = str(request.method)
        if method == "POST":
            # Only in place of one that is counted as a change.
            method = request.headers.get("X-HTTP-Method-Override", method).upper()
        if method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = HttpResponse(status=412)
            response["Tus-Version"] = VERSION
        else:
            response = view(request, method, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        return response

    return answer


# Anonymous like the form; a page of another site cannot send these headers without asking us first.
@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="120/m", method="POST", block=True)
@_speaks_tus
def all_uploads(request: HttpRequest, method: str) -> HttpResponse:
    """OPTIONS: what this server can do. POST: a new upload; the answer's `token` is what the form says to send it."""
    if method == "OPTIONS":
        response = HttpResponse(status=204)
        response["Tus-Version"] = VERSION
        response["Tus-Extension"] = _EXTENSIONS
        response["Tus-Max-Size"] = str(settings.ATTACHMENT_MAX_BYTES)
        return response
    if method != "POST":
        return HttpResponse(status=405, headers={"Allow": "OPTIONS, POST"})
    size = _number(request.headers.get("Upload-Length", ""))
    if size is None:
        return HttpResponse(status=400)
    name = _metadata(request.headers.get("Upload-Metadata", "")).get("filename", "")
    try:
        uploads.count_towards_allowance(request.META.get("REMOTE_ADDR", ""), size)
        upload = uploads.begin(_origin(request).begin(), name=name, size=size)
    except TicketError as error:
        return _refused(error, 413 if size > settings.ATTACHMENT_MAX_BYTES else 422)
    response = JsonResponse({"token": uploads.token_of(upload)}, status=201)
    response["Location"] = reverse("contact_upload", args=[upload.pk])
    response["Upload-Offset"] = "0"
    return response


@csrf_exempt
@never_cache
@ratelimit(key="ip", rate="1200/m", block=True)
@_speaks_tus
def one_upload(request: HttpRequest, method: str, pk: uuid.UUID) -> HttpResponse:
    journey = _origin(request).journey
    upload = uploads.find(journey, pk) if journey else None
    if upload is None:
        raise Http404
    match method:
        case "HEAD":
            return _told(upload)
        case "PATCH":
            return _appended(request, upload)
        case "DELETE":
            uploads.remove(upload)
            return HttpResponse(status=204)
        case _:
            return HttpResponse(status=405, headers={"Allow": "HEAD, PATCH, DELETE"})


def _told(upload: Upload) -> HttpResponse:
    try:
        # A crash may have come between the last byte and the putting together.
        upload = uploads.finish(upload)
    except TicketError as error:
        return _refused(error, 422)
    response = HttpResponse(status=200)
    response["Upload-Offset"] = str(upload.offset)
    response["Upload-Length"] = str(upload.size)
    response["Cache-Control"] = "no-store"
    return response


def _appended(request: HttpRequest, upload: Upload) -> HttpResponse:
    offset = _number(request.headers.get("Upload-Offset", ""))
    if request.content_type != _CONTENT_TYPE:
        return HttpResponse(status=415)
    if offset is None:
        return HttpResponse(status=400)
    try:
        upload = uploads.append(upload, offset=offset, content=request)
    except uploads.WrongOffset:
        return HttpResponse(status=409)
    except uploads.TooManyBytes:
        return HttpResponse(status=413)
    except TicketError as error:
        return _refused(error, 422)
    response = HttpResponse(status=204)
    response["Upload-Offset"] = str(upload.offset)
    return response


def _origin(request: HttpRequest) -> JourneyOrigin:
    return request.origin  # type: ignore[attr-defined,no-any-return]


def _refused(error: TicketError, status: int) -> HttpResponse:
    return JsonResponse({"detail": str(error)}, status=status)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: names, each with its value in Base64, between commas. What cannot be read is left out."""
    found = {}
    for pair in header.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found
