"""The hold-out: a share of those who begin to write sees no suggestions, so that the effect of showing them is known.

A round is a time in which the share stood still. Rounds are never added up: a share that changed with the season
would look like an effect.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deflection.models.journeys import Journey
from knowledge.models import Article, Topic
from tickets.models import ChannelKind, Ticket

HIGHEST_SHARE = 50
DEFAULT_EFFECT = 5.0
# A contact within this time of the first opening counts, on whatever channel.
WINDOW = timedelta(days=7)


class HoldoutRound(models.Model):
    """What managers set, from one moment to the next. Never edited: another share is another round."""

    number = models.PositiveIntegerField(_("round"), unique=True)
    share = models.PositiveSmallIntegerField(
        _("share without suggestions"),
        validators=[MaxValueValidator(HIGHEST_SHARE)],
        help_text=_("Per cent, from 0 to 50. With 0 everybody sees suggestions, and no effect can be measured."),
    )
    # In percentage points: said beforehand, so that nobody calls a round finished when its figure pleases.
    effect = models.FloatField(
        _("effect looked for"),
        default=DEFAULT_EFFECT,
        validators=[MinValueValidator(0.5), MaxValueValidator(50)],
        help_text=_("In percentage points: the smallest difference in contacts that you want to be able to see."),
    )
    # How many people it takes to see that, as worked out when the round began; empty where nothing was known yet.
    planned = models.PositiveIntegerField(_("people planned"), null=True, blank=True)
    # Tells whether the secret key is still the one under which people were assigned; says nothing of the key.
    key_check = models.CharField(max_length=16, editable=False)
    started_at = models.DateTimeField(_("begun"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = _("hold-out round")
        verbose_name_plural = _("hold-out")
        constraints = [models.CheckConstraint(condition=Q(share__lte=HIGHEST_SHARE), name="holdout_at_most_half")]

    def __str__(self) -> str:
        return _("Round %(number)s") % {"number": self.number}


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def units(self) -> AssignmentQuerySet:
        """Those who are analysed: whoever follows an earlier assignment is part of that one."""
        return self.filter(follows__isnull=True)

    def complete(self) -> AssignmentQuerySet:
        """Those whose seven days are over, and whose contacts have been looked up since."""
        return self.filter(is_complete=True)

    def pending(self) -> AssignmentQuerySet:
        return self.filter(is_complete=False)


class Assignment(models.Model):
    """Who sees suggestions in a round, and what came of it within seven days.

    The unit is a keyed hash: whoever reads the table does not learn who it is. What came of it is worked out from the
    cases by `services/effect.py`, and stays when the journey is forgotten.
    """

    class Arm(models.TextChoices):
        TREATED = "treated", _("Sees suggestions")
        CONTROL = "control", _("Sees none")

    class UnitKind(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        VISITOR = "visitor", _("Visitor")

    round = models.ForeignKey(HoldoutRound, models.PROTECT, related_name="assignments", verbose_name=_("round"))
    unit = models.CharField(max_length=64, editable=False)
    unit_kind = models.CharField(_("assigned as"), max_length=8, choices=UnitKind.choices)
    arm = models.CharField(_("group"), max_length=8, choices=Arm.choices)
    share = models.PositiveSmallIntegerField(_("share at the time"))
    # A customer who was assigned as a visitor, or a visitor who turned out to be one: the first assignment holds.
    follows = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="followed_by")
    opened_at = models.DateTimeField(_("first opened"))
    journey = models.ForeignKey(
        Journey, models.SET_NULL, null=True, blank=True, related_name="assignments", verbose_name=_("journey")
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    # Of what was read before the form was opened: known in both groups alike, which the topic of a case is not.
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("came from topic")
    )
    # When there was first something to suggest for what was written, whether it was shown or held back.
    matched_at = models.DateTimeField(_("first match"), null=True, blank=True)
    # When a visitor turned out to be a customer of the other group, whose suggestions held from then on.
    crossed_at = models.DateTimeField(_("changed group"), null=True, blank=True)

    # What came of it within seven days; only complete ones are counted.
    is_complete = models.BooleanField(_("seven days over"), default=False)
    contacts = models.PositiveSmallIntegerField(_("contacts"), default=0)
    contacted_at = models.DateTimeField(_("first contact"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=ChannelKind.choices, blank=True)
    ticket = models.ForeignKey(
        Ticket, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("first case")
    )
    has_read = models.BooleanField(_("read an article"), default=False)
    has_tapped_phone = models.BooleanField(_("chose the phone"), default=False)
    is_known = models.BooleanField(_("known customer"), default=False)
    answer_seconds = models.PositiveIntegerField(_("seconds to a person"), null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        verbose_name = _("hold-out assignment")
        verbose_name_plural = _("hold-out assignments")
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="assigned_once_a_round")]
        indexes = [models.Index(fields=["round", "arm", "opened_at"], name="assignment_by_arm")]

    def __str__(self) -> str:
        return f"{self.round} {self.get_arm_display()} {self.opened_at:%Y-%m-%d %H:%M}"

    @property
    def is_control(self) -> bool:
        return self.arm == self.Arm.CONTROL


class Outcome(models.Model):
    """What was observed of a visit. It says nothing of what caused it, and is never called deflection.

    Worked out by `services/outcomes.py`, again and again until nothing can change any more. It outlives the journey,
    so that the figures of a past month stay what they were.
    """

    class Kind(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        ASSUMED = "assumed", _("Assumed")
        CONTACTED = "contacted", _("Contacted")
        BOUNCED = "bounced", _("Came back")
        NOTHING = "nothing", _("Read nothing, wrote nothing")
        PENDING = "pending", _("Not over yet")

    class Matter(models.TextChoices):
        VISIT = "visit", _("sent from the same visit")
        TOPIC = "topic", _("the same topic")
        ARTICLE = "article", _("the same article answers it")
        WORDS = "words", _("the same words")

    ANSWERED = (Kind.CONFIRMED, Kind.ASSUMED)

    journey = models.OneToOneField(
        Journey, models.SET_NULL, null=True, blank=True, related_name="outcome", verbose_name=_("journey")
    )
    kind = models.CharField(_("outcome"), max_length=10, choices=Kind.choices)
    # Which article is credited for it; or, where the customer came back, charged.
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="outcomes", verbose_name=_("article")
    )
    # What it had counted as before the customer came back, and how we know that it is the same matter.
    counted_as = models.CharField(_("had counted as"), max_length=10, choices=Kind.choices, blank=True)
    matter = models.CharField(_("the same matter because of"), max_length=8, choices=Matter.choices, blank=True)
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("case"))
    started_at = models.DateTimeField(_("begun"), db_index=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("topic"))
    is_final = models.BooleanField(_("final"), default=False)

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("outcome of a visit")
        verbose_name_plural = _("outcomes of visits")
        indexes = [models.Index(fields=["started_at", "kind"], name="outcome_by_kind")]

    def __str__(self) -> str:
        return str(self.get_kind_display())
