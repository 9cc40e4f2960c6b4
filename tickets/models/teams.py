"""Teams, and the topics that they look after. Customers never see either."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from knowledge.models import Topic


class Team(models.Model):
    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="teams", blank=True, verbose_name=_("members")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class TopicTeam(models.Model):
    """Which team answers cases of a topic."""

    topic = models.OneToOneField(Topic, models.CASCADE, related_name="responsible", verbose_name=_("topic"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="topics", verbose_name=_("team"))

    class Meta:
        verbose_name = _("topic of a team")
        verbose_name_plural = _("topics of teams")

    def __str__(self) -> str:
        return f"{self.topic}: {self.team}"
