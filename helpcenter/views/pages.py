"""The home page, the way in, and switching language."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import override
from django.views.decorators.http import require_safe

from helpcenter.accounts.roles import EDITOR, MANAGER
from helpcenter.languages import negotiated_language
from knowledge.models import Topic
from knowledge.services.searches import often_asked, popular_texts

_WEEK = timedelta(days=7)


@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """`/` leads to the home page in the visitor's language."""
    with override(negotiated_language(request)):
        response = redirect("home")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search on top, then topics by what customers want to do, then what others read."""
    language = request.LANGUAGE_CODE
    topics = Topic.objects.visible().filter(parent__isnull=True).with_names()
    since = timezone.now() - _WEEK
    return render(
        request,
        "home.html",
        {
            "topics": [(topic, topic.name_in(language), topic.description_in(language)) for topic in topics],
            "popular": popular_texts(language, since=since),
            "often_asked": often_asked(language, since=since - 3 * _WEEK),
        },
    )


@require_safe
def switch_language(request: HttpRequest, language: str) -> HttpResponse:
    """Remembers a language that was chosen by hand, and goes to the page that was being read."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None) or not target.startswith("/"):
        with override(language):
            target = reverse("home")
    response = redirect(target)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


@require_safe
def after_login(request: HttpRequest) -> HttpResponse:
    """Everybody lands where their work is."""
    user = request.user
    roles = set(user.groups.values_list("name", flat=True)) if user.is_authenticated else set()
    if user.is_superuser or (EDITOR in roles and user.is_staff):
        return redirect("admin:index")
    if MANAGER in roles and user.has_perm("deflection.view_reports"):
        return redirect("reports:overview")
    if user.has_perm("tickets.work_cases"):
        return redirect("desk:list")
    if user.is_authenticated:
        with override(negotiated_language(request)):
            return redirect("my_cases")
    return redirect("front_door")
