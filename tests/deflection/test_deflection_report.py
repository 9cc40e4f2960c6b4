"""The report on deflection: who may see it, what it says and when it says nothing, and that every figure opens."""

from __future__ import annotations

import csv
import io
import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone, translation

from deflection.models import Assignment, HoldoutRound, Journey, Outcome
from deflection.reports.article_tables import articles_table
from deflection.reports.cells import ON_PAGE, Reader
from deflection.reports.charts import interval_chart
from deflection.reports.scope import Scope
from deflection.services import holdout_rounds
from deflection.services.statistics import Interval
from tests.factories import TopicFactory, UserFactory, make_ticket, publish_article
from tests.people import ada, max_, sam

pytestmark = pytest.mark.django_db
URL, PEOPLE, VISITS = "/reports/deflection/", "/reports/deflection/people/", "/reports/deflection/visits/"
SHARE = "/admin/deflection/holdoutround/"
Arm = Assignment.Arm
NOW = timezone.now()


@pytest.fixture
def manager(client):
    client.force_login(max_())
    return client


@pytest.fixture
def running() -> HoldoutRound:
    return holdout_rounds.start_round(share=50, effect=5, planned=1000, at=NOW - timedelta(days=30))


def people(running, arm: str, of: int, events: int = 0, **fields) -> list[Assignment]:
    values = {"language": "en", "is_complete": True, "opened_at": NOW - timedelta(days=10)} | fields
    return Assignment.objects.bulk_create(
        [
            Assignment(
                round=running, unit=uuid.uuid4().hex, unit_kind="visitor", arm=arm, share=50,
                contacted_at=values["opened_at"] if number < events else None, contacts=int(number < events), **values,
            )
            for number in range(of)
        ]
    )  # fmt: skip


def outcome(kind: str, **fields) -> Outcome:
    return Outcome.objects.create(**({"kind": kind, "started_at": NOW - timedelta(days=3), "language": "en"} | fields))


def text_of(page) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


class TestDoor:
    @pytest.mark.parametrize("url", [URL, PEOPLE, VISITS])
    def test_a_stranger_logs_in_first_and_others_are_refused(self, client, running, url):
        assert client.get(url).url.startswith(reverse("account_login"))
        for person in (sam, ada):
            client.force_login(person())
            assert client.get(url).status_code == 403

    @pytest.mark.parametrize("url", [URL, PEOPLE, VISITS])
    def test_a_manager_sees_it_and_changes_nothing_there(self, manager, running, url):
        assert manager.get(url).status_code == 200
        assert manager.post(url).status_code == 405

    def test_who_works_no_cases_sees_figures_that_open_nothing(self, client, running):
        people(running, Arm.CONTROL, 40, 20)
        people(running, Arm.TREATED, 40, 10)
        outcome("confirmed", article=publish_article().article)
        user = UserFactory()
        user.user_permissions.add(Permission.objects.get(codename="view_reports"))
        client.force_login(user)
        page = client.get(URL).content.decode()
        assert PEOPLE not in page
        assert VISITS not in page
        assert client.get(PEOPLE).status_code == client.get(VISITS).status_code == 403

    @pytest.mark.parametrize(
        "query", ["round=x", "round=99", "topic=x&language=xx", "days=3", "format=csv&table=x", "from=x"]
    )
    def test_no_address_breaks_it(self, manager, running, query):
        assert manager.get(f"{URL}?{query}").status_code in (200, 404)
        assert manager.get(f"{PEOPLE}?{query}&arm=x&guardrail=x&page=x").status_code == 200
        assert manager.get(f"{VISITS}?{query}&outcome=x&article=x&page=x").status_code == 200


class TestFinding:
    def test_without_a_round_it_says_that_nobody_is_held_out(self, manager):
        page = text_of(manager.get(URL))
        assert "Nobody is held out" in page
        assert manager.get(PEOPLE).status_code == 404

    def test_too_little_is_called_that(self, manager, running):
        people(running, Arm.CONTROL, 20, 10)
        people(running, Arm.TREATED, 20, 4)
        answer = manager.get(URL)
        assert "Too little data to tell" in text_of(answer)
        assert 'data-verdict="too_little"' in answer.content.decode()

    def test_an_effect_is_told_in_people(self, manager, running):
        people(running, Arm.CONTROL, 400, 184)
        people(running, Arm.TREATED, 400, 144)
        people(running, Arm.TREATED, 3, is_complete=False)
        page = text_of(manager.get(URL))
        assert "Of 100 people who opened the form, about 10 fewer had to turn to a person" in page
        assert "from 3.2 fewer to 16.7 fewer of 100 (95 % interval)" in page
        assert "800 of 1,000 planned" in page
        assert "Seven days not over 3" in page

    def test_a_clear_result_before_the_planned_number_is_called_an_early_look(self, manager, running):
        people(running, Arm.CONTROL, 400, 184)
        people(running, Arm.TREATED, 400, 144)
        assert "This is an early look" in text_of(manager.get(URL))
        # The plan is for everybody: a part is neither early nor late.
        part = text_of(manager.get(URL, {"language": "en"}))
        assert "This is an early look" not in part
        assert "of 1,000 planned" not in part
        people(running, Arm.TREATED, 200, 70)
        assert "This is an early look" not in text_of(manager.get(URL))

    def test_harm_is_told_as_plainly(self, manager, running):
        people(running, Arm.CONTROL, 400, 100)
        people(running, Arm.TREATED, 400, 160)
        assert "about 15 more turned to a person" in text_of(manager.get(URL))

    def test_a_narrow_interval_around_zero_is_a_result_too(self, manager, running):
        people(running, Arm.CONTROL, 2500, 1000)
        people(running, Arm.TREATED, 2500, 1000)
        assert "No effect as large as 5 of 100" in text_of(manager.get(URL))

    def test_an_earlier_round_is_looked_at_by_itself(self, manager, running):
        people(running, Arm.CONTROL, 400, 184)
        people(running, Arm.TREATED, 400, 144)
        holdout_rounds.start_round(share=10, effect=5)
        assert "Too little data to tell" in text_of(manager.get(URL))
        assert "about 10 fewer" in text_of(manager.get(URL, {"round": 1}))
        first = manager.get(URL, {"language": "en"}).context["tables"]["rounds"].rows[1][0]
        assert "about 10 fewer" in text_of(manager.get(first.url))
        assert "language=en" in first.url

    def test_every_part_has_its_row_and_the_warning_stands_above(self, manager, running):
        topic = TopicFactory(names={"en": "Returns"})
        people(running, Arm.CONTROL, 40, 20, topic=topic)
        people(running, Arm.TREATED, 40, 20, language="sv")
        tables = manager.get(URL).context["tables"]
        assert [row[0].text for row in tables["topics"].rows] == ["Returns", "Read nothing before"]
        assert [row[0].text for row in tables["languages"].rows] == ["English", "Svenska"]
        assert "Many comparisons at once" in text_of(manager.get(URL))

    @pytest.mark.parametrize("language", ["sv", "nb", "da"])
    def test_it_reads_in_every_language(self, manager, running, language):
        people(running, Arm.CONTROL, 400, 184)
        people(running, Arm.TREATED, 400, 144)
        with translation.override(language):
            manager.cookies["django_language"] = language
            assert manager.get(URL).status_code == 200


class TestFiguresOpen:
    def test_each_figure_opens_as_many_people_as_it_says(self, manager, running):
        people(running, Arm.CONTROL, 7, 3, matched_at=NOW)
        people(running, Arm.CONTROL, 2, 0, has_read=True)
        people(running, Arm.TREATED, 11, 4, language="sv")
        people(running, Arm.TREATED, 1, is_complete=False)
        tables = manager.get(URL).context["tables"]
        opened = 0
        for key in ("groups", "rounds", "languages", "topics"):
            for row in tables[key].rows:
                for cell in row:
                    if cell.is_number and cell.url:
                        listing = manager.get(cell.url).context["listing"]
                        assert listing.page.paginator.count == cell.value
                        opened += 1
        assert opened == 15

    def test_a_guardrail_opens_those_of_whom_it_is_true(self, manager, running):
        people(running, Arm.CONTROL, 7, 3)
        people(running, Arm.TREATED, 5, 5, satisfaction=5)
        rows = {row[0].text: row for row in manager.get(URL).context["tables"]["guardrails"].rows}
        gave_up = rows["Left without writing and without reading anything"]
        assert manager.get(gave_up[1].url).context["listing"].page.paginator.count == 4
        satisfied = rows["Satisfied (4 or 5 of 5), of those who said"]
        assert manager.get(satisfied[3].url).context["listing"].page.paginator.count == 5

    def test_the_list_leads_to_the_case_and_names_nobody(self, manager, running):
        ticket = make_ticket()
        (row,) = people(running, Arm.TREATED, 1, 1, ticket=ticket)
        page = manager.get(PEOPLE).content.decode()
        assert reverse("desk:case", args=[ticket.reference]) in page
        assert row.unit not in page

    def test_outcomes_open_their_visits(self, manager):
        article = publish_article().article
        ticket = make_ticket()
        outcome("confirmed", article=article)
        outcome("bounced", article=article, counted_as="confirmed", matter="topic", ticket=ticket)
        outcome("nothing")
        for figure in manager.get(URL).context["outcomes"]:
            assert figure.definition
            if figure.value != "0":
                assert manager.get(figure.url).context["listing"].page.paginator.count == int(figure.value)
        page = manager.get(VISITS, {"outcome": "bounced", "article": article.pk}).content.decode()
        assert "the same topic" in page
        assert ticket.reference in page

    def test_articles_are_credited_and_charged(self, manager):
        text = publish_article()
        text.views.create()
        outcome("confirmed", article=text.article)
        outcome("assumed", article=text.article)
        outcome("bounced", article=text.article)
        scope = Scope(Scope.today() - timedelta(days=27), Scope.today(), preset=28)
        (row,) = articles_table(scope, Reader("en", may_see_cases=True), 10).rows
        assert [cell.value for cell in row[-2:]] == [2, 1]
        assert manager.get(row[-2].url).context["listing"].page.paginator.count == 2

    def test_tables_are_files_too(self, manager, running):
        people(running, Arm.CONTROL, 70, 56)
        people(running, Arm.TREATED, 80, 48)
        outcome("confirmed")
        for key in ("groups", "rounds", "languages", "topics", "guardrails", "outcomes", "articles"):
            answer = manager.get(URL, {"format": "csv", "table": key})
            assert answer["Content-Type"].startswith("text/csv")
        rows = list(
            csv.reader(io.StringIO(manager.get(URL, {"format": "csv", "table": "rounds"}).content.decode("utf-8-sig")))
        )
        assert rows[1][1:8] == ["70", "80.0", "80", "60.0", "20.0", "5.24", "33.39"]

    def test_the_file_of_articles_holds_more_than_the_page(self, manager, running):
        for _ in range(ON_PAGE + 1):
            publish_article().views.create()
        assert len(manager.get(URL).context["tables"]["articles"].rows) == ON_PAGE
        file = manager.get(URL, {"format": "csv", "table": "articles"}).content.decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(file)))) == 1 + ON_PAGE + 1

    def test_it_asks_the_database_as_often_however_much_there_is(self, manager, running, django_assert_max_num_queries):
        people(running, Arm.CONTROL, 3)
        with django_assert_max_num_queries(40):
            manager.get(URL)
        for _ in range(5):
            people(running, Arm.CONTROL, 30, 9, topic=TopicFactory(), ticket=make_ticket())
            people(running, Arm.TREATED, 30, 9, topic=TopicFactory())
            outcome("confirmed", article=publish_article().article)
        with django_assert_max_num_queries(40):
            manager.get(URL)
        with django_assert_max_num_queries(16):
            manager.get(PEOPLE)


class TestChart:
    def test_zero_stands_in_the_middle_and_the_scale_holds_all(self):
        chart = interval_chart([("a", Interval(0.06, 0.02, 0.11), ""), ("b", Interval(-0.01, -0.03, 0.01), "")])
        assert chart.ticks == [("−15", "0.00"), ("0", "50.00"), ("+15", "100.00")]
        first, second = chart.bars
        assert (first.low, first.point, first.high, first.is_clear) == ("56.67", "70.00", "86.67", True)
        assert second.is_clear is False


class TestSettingTheShare:
    def test_only_managers_may(self, client):
        assert client.get(SHARE).status_code == 302
        client.force_login(ada())
        assert client.get(SHARE).status_code == 403
        assert client.post(SHARE, {"share": 10}).status_code == 403
        assert not HoldoutRound.objects.exists()

    def test_what_it_takes_is_worked_out_by_get_and_changes_nothing(self, manager):
        answer = manager.get(SHARE, {"share": 20, "effect": 10, "rate": 50, "weekly": 100})
        by_share = {one.share: one for one in answer.context["plans"]}
        assert by_share[50].size.total == 776
        # Eight weeks of a hundred people, and the last ones' seven days.
        assert by_share[50].weeks == 9
        assert by_share[20].size.total > 776
        assert not HoldoutRound.objects.exists()

    def test_it_is_filled_in_from_the_last_weeks(self, manager, running):
        people(running, Arm.CONTROL, 40, 10)
        for _ in range(8):
            journey = Journey.objects.create(language="en")
            journey.events.create(kind="contact_opened")
        form = manager.get(SHARE).context["form"]
        assert (form["rate"].value(), form["weekly"].value(), form["share"].value()) == ("25", 2, 50)

    def test_saving_begins_a_round_with_its_plan(self, manager):
        manager.post(SHARE, {"share": 20, "effect": 10, "rate": 50, "weekly": 100})
        begun = HoldoutRound.objects.get()
        assert (begun.number, begun.share, begun.effect, begun.started_by.email) == (1, 20, 10, "max@example.com")
        assert begun.planned == manager.get(SHARE, {"rate": 50, "weekly": 100}).context["plans"][4].size.total

    def test_what_runs_already_is_not_offered_to_begin(self, manager, running):
        page = manager.get(SHARE).content.decode()
        assert "This runs now: round 1, 50 %" in page
        assert 'method="post" class="sv-panel-actions"' not in page
        other = manager.get(SHARE, {"share": 40}).content.decode()
        assert 'method="post" class="sv-panel-actions"' in other

    def test_none_may_be_held_out(self, manager, running):
        assert manager.post(SHARE, {"share": 0, "effect": 5, "rate": 50, "weekly": 100}).status_code == 302
        assert holdout_rounds.current_round().share == 0

    @pytest.mark.parametrize("wrong", [{"share": 51}, {"share": "x"}, {"effect": 0}, {"rate": 100}, {"weekly": 0}])
    def test_what_cannot_be_is_said_and_nothing_is_lost(self, manager, wrong):
        given = {"share": 20, "effect": 7, "rate": 50, "weekly": 100} | wrong
        answer = manager.post(SHARE, given)
        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert str(next(iter(wrong.values()))) in answer.content.decode()
        assert not HoldoutRound.objects.exists()

    def test_an_effect_larger_than_all_contacts_is_told(self, manager):
        page = text_of(manager.get(SHARE, {"share": 20, "effect": 10, "rate": 5, "weekly": 100}))
        assert "choose a smaller effect" in page

    def test_earlier_rounds_are_listed_and_their_own_page_leads_back(self, manager, running):
        assert "1000" in manager.get(SHARE).content.decode()
        assert manager.get(f"{SHARE}{running.pk}/change/").status_code == 302
