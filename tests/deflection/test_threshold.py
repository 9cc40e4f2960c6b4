"""From which probability suggestions are shown: who may set it, and what the preview says before they do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from deflection.matching.matcher import Match
from deflection.models import DEFAULT_THRESHOLD, MatchingSettings, current_threshold
from deflection.services.suggestions import suggest
from deflection.services.threshold_preview import RECENT, Verdict, neighbours, preview
from tests.factories import UserFactory, make_ticket, publish_article
from tests.people import ada, ed, max_, sam
from tickets.services.lifecycle import solve

pytestmark = pytest.mark.django_db
PAGE = "/admin/deflection/matchingsettings/"


@pytest.fixture
def manager(client):
    client.force_login(max_())
    return client


@pytest.fixture
def text():
    return publish_article("When do I get my refund?", "Within five working days.")


@pytest.fixture
def other():
    return publish_article("How do I return a jacket?", "Print the label.")


@pytest.fixture
def found(monkeypatch, text, other):
    """The matcher finds both texts for whatever is asked, with these probabilities."""

    def say(first=0.62, second=0.3):
        ranked = [
            Match(text.pk, text.article_id, "en", first, None, ("refund",)),
            Match(other.pk, other.article_id, "en", second, None, ("jacket",)),
        ]
        for module in ("suggestions", "threshold_preview"):
            monkeypatch.setattr(f"deflection.services.{module}.match", lambda *args, **kwargs: ranked)

    say()
    return say


def test_the_recommended_threshold_holds_until_somebody_sets_another(found):
    found(first=0.9, second=0.02)
    assert current_threshold() == DEFAULT_THRESHOLD
    assert len(suggest("Where is my refund?", "en")) == 1
    MatchingSettings.objects.create(show_from=0.95)
    assert current_threshold() == 0.95
    assert suggest("Where is my refund?", "en") == []
    MatchingSettings.objects.all().delete()
    assert current_threshold() == DEFAULT_THRESHOLD


def test_the_threshold_costs_no_query_for_some_seconds(django_assert_num_queries):
    current_threshold()
    with django_assert_num_queries(0):
        current_threshold()


@pytest.mark.parametrize(
    ("threshold", "around"),
    [(0.4, [0.3, 0.4, 0.5]), (0.05, [0.05, 0.15]), (0.95, [0.85, 0.95]), (0.1, [0.05, 0.1, 0.2])],
)
def test_a_threshold_is_compared_with_its_neighbours(threshold, around):
    assert neighbours(threshold) == around


class TestPreview:
    def test_each_question_has_what_would_be_shown_and_whether_it_was_right(self, found, text, other):
        agent = ada()
        for article in (text.article, other.article, None):
            solve(make_ticket(), agent=agent, article=article)
        make_ticket()
        asked, totals = preview(0.6, user=agent, reads="en")
        verdicts = [[outcome.verdict for outcome in one.outcomes] for one in asked]
        right, wrong, missed, silent = Verdict.RIGHT, Verdict.WRONG, Verdict.MISSED, Verdict.RIGHTLY_SILENT
        # Newest first: not over; solved without an article, with the other, with the right one. From 0.5, 0.6, 0.7.
        assert verdicts == [
            [Verdict.UNKNOWN] * 3,
            [wrong, wrong, silent],
            [wrong, wrong, missed],
            [right, right, missed],
        ]
        assert [(one.threshold, one.shown, one.known, one.right, one.missed) for one in totals] == [
            (0.5, 4, 3, 1, 0),
            (0.6, 4, 3, 1, 0),
            (0.7, 0, 0, 0, 2),
        ]
        assert [one.is_chosen for one in totals] == [False, True, False]
        assert (totals[0].shown_percent, totals[0].right_percent, totals[2].right_percent) == (100, 33, None)
        assert asked[0].candidates[0].title == "When do I get my refund?"

    def test_only_recent_cases_that_are_no_spam_and_of_the_language(self, found):
        now = timezone.now()
        make_ticket(at=now - RECENT - timedelta(days=1))
        make_ticket(is_suspected_spam=True)
        make_ticket(language="sv", body="Var är mina pengar?")
        make_ticket(body="Where is my parcel?")
        user = ada()
        assert [one.text for one in preview(0.4, user=user, reads="en")[0]] == [
            "Where is my parcel?",
            "Var är mina pengar?",
        ]
        assert [one.language for one in preview(0.4, user=user, reads="en", language="sv")[0]] == ["sv"]

    def test_whoever_may_not_see_cases_sees_neither_them_nor_whose_they_are(self, found):
        make_ticket(body="My name is Cleo Lind, call +46 70 123 45 67 about the lamp", name="Cleo Lind")
        seen = preview(0.4, user=ada(), reads="en")[0][0]
        assert "Cleo" in seen.text
        assert seen.case is not None
        hidden = preview(0.4, user=sam(), reads="en")[0][0]
        assert "about the lamp" in hidden.text
        assert "Cleo" not in hidden.text
        assert "70" not in hidden.text
        assert hidden.case is None

    def test_it_costs_a_fixed_number_of_queries(self, found, django_assert_max_num_queries):
        user = ada()
        for _ in range(8):
            make_ticket()
        user.has_perm("tickets.work_cases")
        with django_assert_max_num_queries(8):
            preview(0.4, user=user, reads="en")


class TestPage:
    @pytest.mark.parametrize("person", [sam, ada, ed])
    def test_only_managers_and_administrators_set_it(self, client, person):
        client.force_login(person())
        assert client.get(PAGE).status_code in (302, 403)
        assert client.post(PAGE, {"show_from": "0.9"}).status_code in (302, 403)
        assert not MatchingSettings.objects.exists()

    def test_a_stranger_is_sent_to_log_in(self, client):
        assert client.get(PAGE).status_code == 302
        assert client.post(PAGE, {"show_from": "0.9"}).status_code == 302
        assert not MatchingSettings.objects.exists()

    def test_trying_saves_nothing_and_saving_is_logged(self, manager, found):
        make_ticket(body="Where is <b>my</b> refund?")
        page = manager.get(PAGE, {"show_from": "0.5", "language": "en"}).content.decode()
        assert "Where is &lt;b&gt;my&lt;/b&gt; refund?" in page
        assert 'value="0.5"' in page
        assert '<option value="en" selected>' in page
        assert not MatchingSettings.objects.exists()
        assert manager.post(PAGE, {"show_from": "0.5", "language": "en"}).status_code == 302
        assert current_threshold() == 0.5
        assert LogEntry.objects.get().change_message == "0.5"

    def test_the_recommended_value_is_followed_not_copied(self, manager, found):
        manager.post(PAGE, {"show_from": "0.7"})
        manager.post(PAGE, {"show_from": str(DEFAULT_THRESHOLD)})
        assert MatchingSettings.objects.get().show_from is None
        assert current_threshold() == DEFAULT_THRESHOLD

    @pytest.mark.parametrize("value", ["", "x", "0", "1", "-1", "nan", "inf", "1e400", "9" * 300])
    def test_what_is_no_threshold_is_said_and_changes_nothing(self, manager, found, value):
        for answer in (manager.get(PAGE, {"show_from": value}), manager.post(PAGE, {"show_from": value})):
            assert answer.status_code == 200
            assert "Write a number from 0.05 to 0.95." in answer.content.decode()
        assert not MatchingSettings.objects.exists()

    def test_an_unknown_language_is_all_of_them(self, manager, found):
        make_ticket(body="Where is my parcel?")
        assert "Where is my parcel?" in manager.get(PAGE, {"language": "xx"}).content.decode()

    def test_without_cases_it_says_so(self, manager, found):
        assert "Nobody has written" in manager.get(PAGE).content.decode()

    def test_one_who_may_set_it_but_sees_no_cases_sees_no_names(self, client, found):
        person = UserFactory(email="tuner@example.com", is_staff=True)
        person.user_permissions.add(*Permission.objects.filter(codename__endswith="_matchingsettings"))
        make_ticket(body="My name is Cleo Lind and my lamp broke", name="Cleo Lind")
        client.force_login(person)
        page = client.get(PAGE).content.decode()
        assert "my lamp broke" in page
        assert "Cleo" not in page
        assert "SV-1" not in page

    def test_the_menu_leads_there(self, manager):
        assert f'href="{PAGE}"' in manager.get("/admin/").content.decode()
