"""Addresses that mail providers call."""

from __future__ import annotations

import logging
from typing import Any

from anymail.utils import get_request_basic_auth
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from tickets.channels.email import providers

logger = logging.getLogger(__name__)


@csrf_exempt
@never_cache
def provider_mail(request: HttpRequest, provider: str) -> HttpResponse:
    """2xx only once the mail is in the database; anything else makes the provider send it again."""
    if not providers.is_open(provider):
        raise Http404
    if not _knows_the_secret(request):
        response = HttpResponse(status=401)
        # Amazon sends user and password only when it is asked for them.
        response["WWW-Authenticate"] = 'Basic realm="mail"'
        return response
    try:
        providers.read_whole(request)
    except providers.TooLarge:
        logger.warning("A mail that %s wanted to hand over is too large.", provider)
        return HttpResponse(status=413)
    return providers.view_of(provider)(request)


def _knows_the_secret(request: HttpRequest) -> bool:
    secrets: Any = settings.ANYMAIL["WEBHOOK_SECRET"]
    return not secrets or constant_time_compare(get_request_basic_auth(request) or "", secrets[0])
