"""How requests meet the views: few threads that last, and nothing of one request in the next."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.core.signals import request_finished, request_started
from django.http import FileResponse, HttpResponse
from django.urls import path
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from helpcenter import handler as module
from helpcenter.handler import ThreadedHandler
from helpcenter.logs import request_id

seen: list[str] = []


def whose(request):
    """In which thread, and what an earlier request may have left there."""
    seen.append(f"{threading.get_ident()} {translation.get_language()} {request_id.get()}")
    translation.activate("da")
    return HttpResponse(request.body)


def broken(request):
    raise RuntimeError("broken")


def file(request):
    return FileResponse(open(__file__, "rb"))


@csrf_exempt
def form(request):
    """What arrived of a form: its words, and how much of its files."""
    return HttpResponse(f"{request.POST['message']} {[one.size for one in request.FILES.getlist('files')]}")


urlpatterns = [
    path("sv/form/", form),
    path("desk/form/", form),
    path("sv/whose/", whose),
    path("sv/broken/", broken),
    path("sv/file/", file),
]


@pytest.fixture
def handler(settings):
    settings.ROOT_URLCONF = __name__
    settings.WEB_THREADS = 1
    seen.clear()
    return ThreadedHandler()


async def ask(handler, address="/sv/whose/", parts=(b"",), kind=b"text/plain"):
    """The status and the body of an answer. `parts` of a request's body arrive one by one; None never arrives."""
    left = list(parts)
    sent = []

    async def receive():
        part = left.pop(0)
        if part is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"testserver"), (b"content-type", kind)]
    headers.append((b"content-length", str(sum(len(part or b"") for part in parts)).encode()))
    scope = {
        "type": "http",
        "method": "GET" if kind == b"text/plain" else "POST",
        "path": address,
        "query_string": b"",
        "headers": headers,
    }
    await handler(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_a_request_is_answered_with_all_of_its_body(handler):
    assert asyncio.run(ask(handler, parts=(b"where is ", b"my parcel"))) == (200, b"where is my parcel")


def test_requests_share_a_thread_and_nothing_else(handler):
    async def two():
        await ask(handler)
        await ask(handler)

    asyncio.run(two())
    (thread, language, first), (same, language_again, second) = (line.split() for line in seen)
    assert thread == same != str(threading.get_ident())
    assert language == language_again == "sv"
    assert first != second


def test_whoever_sends_slowly_keeps_no_thread_from_others(handler):
    async def both():
        slow = asyncio.create_task(ask(handler, parts=(b"wai", None)))
        await asyncio.sleep(0)
        answer = await ask(handler, parts=(b"quick",))
        slow.cancel()
        return answer

    assert asyncio.run(both()) == (200, b"quick")


def test_a_body_larger_than_anybody_needs_is_refused_before_it_has_filled_the_disk(handler, settings):
    settings.ATTACHMENT_MAX_BYTES = settings.MAIL_MAX_BYTES = 1000
    block = b"x" * 1024 * 1024
    # The sixth part is never asked for.
    assert asyncio.run(ask(handler, parts=(*[block] * 5, None))) == (413, b"")
    assert seen == []
    assert asyncio.run(ask(handler, parts=(block[:3000], b"end")))[0] == 200


def test_of_a_form_with_too_much_in_its_files_the_words_are_read_all_the_same(handler, settings):
    settings.ATTACHMENT_MAX_BYTES = settings.MAIL_MAX_BYTES = 1000
    begin = b'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nMy words\r\n'
    file = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n'
    block, kind = b"x" * 1024 * 1024, b"multipart/form-data; boundary=x"
    parts = (begin, file, *[block] * 9, b"\r\n--x--\r\n")
    # The limit here is of a little more than 4 MB.
    assert asyncio.run(ask(handler, "/sv/form/", parts, kind)) == (200, f"My words [{4 * len(block)}]".encode())
    assert asyncio.run(ask(handler, "/desk/form/", (begin, file, *[block] * 5, None), kind)) == (413, b"")
    assert asyncio.run(ask(handler, "/sv/form/", (begin, file, *[block] * 90, None), kind)) == (413, b"")


def test_an_error_in_a_view_is_an_answer(handler):
    status, _ = asyncio.run(ask(handler, "/sv/broken/"))
    assert status == 500


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
@pytest.mark.parametrize("address", ["/sv/whose/", "/sv/file/"])
def test_the_end_of_a_request_is_told_in_the_thread_that_began_it(handler, address):
    told = []

    def begins(**kwargs):
        told.append(threading.get_ident())

    request_started.connect(begins)
    request_finished.connect(begins)
    try:
        status, body = asyncio.run(ask(handler, address))
    finally:
        request_started.disconnect(begins)
        request_finished.disconnect(begins)
    assert status == 200
    assert (b"def file" in body) == (address == "/sv/file/")
    assert len(told) == 2
    assert len(set(told)) == 1


def test_memory_goes_back_now_and_then(handler, monkeypatch):
    given = []
    monkeypatch.setattr(module, "_give_back", given.append)
    monkeypatch.setattr(module, "_GIVE_BACK_EVERY", 3)

    async def seven():
        for _ in range(7):
            await ask(handler)

    asyncio.run(seven())
    assert len(given) == 2


def test_anything_but_http_is_refused(handler):
    with pytest.raises(ValueError, match="websocket"):
        asyncio.run(handler({"type": "websocket"}, None, None))
