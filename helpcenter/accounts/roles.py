"""Roles are groups. What each may do is written here, and put in place after every migration."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

_READ_KNOWLEDGE = [
    "knowledge.view_article", "knowledge.view_articletranslation", "knowledge.view_revision",
    "knowledge.view_topic", "knowledge.view_topictranslation", "knowledge.view_phrasing",
    "knowledge.view_contentgap", "knowledge.view_gapevidence", "knowledge.view_feedback",
]  # fmt: skip
_WRITE_ARTICLES = [
    "knowledge.add_article", "knowledge.change_article", "knowledge.add_articletranslation",
    "knowledge.change_articletranslation", "knowledge.add_phrasing", "knowledge.change_phrasing",
    "knowledge.delete_phrasing", "knowledge.change_contentgap", "knowledge.publish_article",
]  # fmt: skip
_OWN_CONTENT = [
    "knowledge.delete_article", "knowledge.delete_articletranslation", "knowledge.add_topic",
    "knowledge.change_topic", "knowledge.delete_topic", "knowledge.add_topictranslation",
    "knowledge.change_topictranslation", "knowledge.delete_topictranslation", "knowledge.delete_feedback",
    "knowledge.delete_contentgap", "knowledge.view_searchevent", "knowledge.view_synonym", "knowledge.add_synonym",
    "knowledge.change_synonym", "knowledge.delete_synonym", "deflection.view_rejection", "deflection.change_rejection",
]  # fmt: skip
_STEER = [
    f"tickets.{verb}_{model}"
    for verb in ("view", "add", "change", "delete")
    for model in (
        "channel", "channeltext", "channelpolicy", "calendar", "openingperiod", "calendarexception", "team",
        "topicteam", "mailbox", "tag", "rootcause", "customfield", "customfieldtext", "macro", "macrotext", "company",
        "agentavailability",
    )
]  # fmt: skip
# Changing an outbound message means no more than sending a failed one again.
_SEE_MAIL = [
    "tickets.view_outboxmessage", "tickets.change_outboxmessage", "tickets.view_inboundmail",
    "tickets.change_inboundmail", "tickets.view_fetchposition",
]  # fmt: skip
_KNOW_CUSTOMERS = [
    "tickets.view_customer",
    "tickets.view_customermerge",
    "tickets.view_rating",
    "tickets.view_callback",
]

AGENT, EDITOR, MANAGER, ADMINISTRATOR = "agent", "editor", "manager", "administrator"
ROLE_NAMES = {AGENT: _("Agent"), EDITOR: _("Editor"), MANAGER: _("Manager"), ADMINISTRATOR: _("Administrator")}

ROLE_PERMISSIONS: dict[str, list[str]] = {
    AGENT: ["tickets.work_cases", *_READ_KNOWLEDGE, *_WRITE_ARTICLES],
    EDITOR: ["tickets.work_cases", *_READ_KNOWLEDGE, *_WRITE_ARTICLES, *_OWN_CONTENT],
    MANAGER: [
        "tickets.work_cases", "deflection.view_reports", "deflection.handle_personal_data",
        *_READ_KNOWLEDGE, *_STEER, *_SEE_MAIL,
        "knowledge.view_searchevent", "knowledge.view_searchtuning", "knowledge.change_searchtuning",
        "deflection.view_matchingsettings", "deflection.change_matchingsettings", "deflection.view_rejection",
        "deflection.view_helpincontext", "deflection.change_helpincontext", "deflection.view_helprule",
        "deflection.add_helprule", "deflection.change_helprule", "deflection.delete_helprule",
        "deflection.view_holdoutround", "deflection.change_holdoutround",
        *_KNOW_CUSTOMERS,
    ],
}  # fmt: skip


def sync_roles() -> None:
    """Makes the groups, and gives each exactly the permissions written above (administrators: all)."""
    by_name = {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}
    for role, names in ROLE_PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=role)
        group.permissions.set([by_name[name] for name in names if name in by_name])
    group, _created = Group.objects.get_or_create(name=ADMINISTRATOR)
    group.permissions.set(by_name.values())
