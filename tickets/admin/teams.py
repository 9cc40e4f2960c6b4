"""Teams: who is in them, and which topics' cases they answer. Customers see neither."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, ManyToManyField, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import ModelAdmin, TabularInline, TopicMixin
from tickets.models import Team, TopicTeam


class TopicTeamInline(TopicMixin, TabularInline):
    model = TopicTeam
    fields = ("topic",)
    extra = 1
    hide_title = True
    verbose_name_plural = _("topics whose cases the team answers")


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    list_display = ("name", "key", "member_total", "topic_total")
    search_fields = ("name", "key")
    filter_horizontal = ("members",)
    inlines = (TopicTeamInline,)
    actions = None
    fieldsets = ((None, {"fields": ("name", "key", "members")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.annotate(member_total=Count("members", distinct=True), topic_total=Count("topics", distinct=True))

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "members":
            kwargs["queryset"] = get_user_model().objects.filter(is_active=True).order_by("name", "email")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("members"), ordering="member_total")
    def member_total(self, team: Any) -> int:
        return int(team.member_total)

    @admin.display(description=_("topics"), ordering="topic_total")
    def topic_total(self, team: Any) -> int:
        return int(team.topic_total)
