"""The menu of the admin, in the words of the work, showing each person what they may open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.models import ContentGap, Organisation
from tickets.models import FetchPosition, InboundMail, Webhook


def site_name(request: HttpRequest) -> str:
    return Organisation.current().name


def style_sheet(request: HttpRequest) -> str:
    return static("css/admin.css")


def favicon(request: HttpRequest) -> str:
    return static("img/favicon.svg")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections with their links; a section in which the person may open nothing is left out."""
    sections = [
        (_("Answers"), _answers(request)),
        (_("Contact"), _contact(request)),
        (_("Cases"), _cases(request)),
        (_("Mail and customers"), _mail(request)),
        (_("Organisation"), _organisation(request)),
        (_("Elsewhere"), _elsewhere(request)),
    ]
    return [{"title": title, "items": items} for title, items in sections if items]


def _answers(request: HttpRequest) -> list[dict[str, Any]]:
    gaps = _model(request, "knowledge.contentgap", _("Content gaps"), "quiz")
    waiting = ContentGap.objects.waiting().count() if gaps else 0
    if waiting:
        gaps[0] |= {"badge": str(waiting), "badge_variant": "warning"}
    return [
        *_model(request, "knowledge.article", _("Articles"), "article", also="knowledge.articletranslation"),
        *_model(request, "knowledge.topic", _("Topics"), "category"),
        *gaps,
        *_model(request, "knowledge.feedback", _("Readers' feedback"), "thumbs_up_down"),
        *_model(request, "knowledge.searchevent", _("Searches"), "search"),
        *_model(request, "knowledge.synonym", _("Synonyms"), "join"),
        *_model(request, "knowledge.searchtuning", _("Search tuning"), "instant_mix"),
        *_model(request, "deflection.matchingsettings", _("When suggestions are shown"), "lightbulb"),
        *_model(request, "deflection.holdoutround", _("Hold-out"), "experiment"),
        *_model(request, "knowledge.phrasing", _("Phrasings"), "record_voice_over"),
        *_model(request, "deflection.rejection", _("Rejected suggestions"), "block"),
    ]


def _contact(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        *_model(request, "tickets.channel", _("Channels"), "forum"),
        *_model(request, "tickets.channelpolicy", _("Where channels are offered"), "tune"),
        *_model(request, "tickets.calendar", _("Opening hours"), "schedule"),
        *_model(request, "deflection.helpincontext", _("Help in context"), "contact_support"),
        *_model(request, "tickets.team", _("Teams"), "groups"),
        *_model(request, "tickets.agentavailability", _("Who takes chats"), "support_agent"),
    ]


def _cases(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        *_model(request, "tickets.macro", _("Macros"), "bolt"),
        *_model(request, "tickets.tag", _("Tags"), "sell"),
        *_model(request, "tickets.rootcause", _("Root causes"), "account_tree"),
        *_model(request, "tickets.customfield", _("Fields of cases"), "list_alt"),
        *_model(request, "tickets.rating", _("Ratings"), "star"),
        *_model(request, "tickets.callback", _("Call-backs"), "phone_callback"),
    ]


def _mail(request: HttpRequest) -> list[dict[str, Any]]:
    inbound = _model(request, "tickets.inboundmail", _("Inbound mail"), "inbox")
    unheard = InboundMail.objects.unheard().count() if inbound else 0
    if unheard:
        inbound[0] |= {"badge": str(unheard), "badge_variant": "danger"}
    return [
        *_model(request, "tickets.customer", _("Customers"), "person"),
        *_model(request, "tickets.company", _("Companies"), "domain"),
        *_model(request, "tickets.mailbox", _("Mailboxes"), "alternate_email"),
        *_model(request, "tickets.outboxmessage", _("Outbox"), "outbox"),
        *inbound,
        *_folders(request),
    ]


def _folders(request: HttpRequest) -> list[dict[str, Any]]:
    """Mail folders, where any are read over IMAP; those that fail are counted."""
    items = _model(request, "tickets.fetchposition", _("Mail folders"), "folder_open") if settings.IMAP_URLS else []
    if not items:
        return []
    failing = FetchPosition.objects.failing().count()
    if failing:
        items[0] |= {"badge": str(failing), "badge_variant": "danger"}
    return items


def _organisation(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        *_model(request, "knowledge.organisation", _("Name and look"), "palette"),
        *_model(request, "accounts.user", _("People"), "badge"),
        *_model(request, "auth.group", _("Roles"), "shield_person"),
        *_model(request, "tickets.apitoken", _("API tokens"), "key"),
        *_webhooks(request),
    ]


def _webhooks(request: HttpRequest) -> list[dict[str, Any]]:
    hooks = _model(request, "tickets.webhook", _("Webhooks"), "webhook", also="tickets.webhookdelivery")
    stopped = Webhook.objects.filter(stopped_at__isnull=False, is_active=False).count() if hooks else 0
    if stopped:
        hooks[0] |= {"badge": str(stopped), "badge_variant": "danger"}
    return hooks


def _elsewhere(request: HttpRequest) -> list[dict[str, Any]]:
    links = [
        (_("Desk"), "desk:list", "support_agent", "tickets.work_cases"),
        (_("Reports"), "reports:overview", "monitoring", "deflection.view_reports"),
        (_("Help center"), "front_door", "open_in_new", ""),
    ]
    return [
        {"title": title, "icon": icon, "link": reverse(name), "active": False}
        for title, name, icon, permission in links
        if not permission or request.user.has_perm(permission)
    ]


def _model(request: HttpRequest, label: str, title: str, icon: str, *, also: str = "") -> list[dict[str, Any]]:
    """A link to a model's list for those who may see it, lit up on its pages and on those of `also`."""
    app, name = label.split(".")
    if not any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change")):
        return []
    roots = [f"/{part.replace('.', '/')}/" for part in (label, also) if part]
    active = any(root in request.path for root in roots)
    return [{"title": title, "icon": icon, "link": reverse(f"admin:{app}_{name}_changelist"), "active": active}]
