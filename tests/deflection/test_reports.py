"""The managers' report: who may see it, what it counts, and that no address breaks it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deflection.models import Journey, JourneyEvent
from deflection.reports import queries
from deflection.reports.charts import line_chart
from deflection.reports.scope import Scope, read_scope
from deflection.reports.tables import BUILDERS
from deflection.services import journeys
from knowledge.models import ArticleView, ContentGap, Feedback, SearchEvent, Topic
from tests.factories import TopicFactory, UserFactory, make_ticket, publish_article
from tests.people import ada, max_, sam
from tickets.models import Ticket
from tickets.services import lifecycle

pytestmark = pytest.mark.django_db
URL = "/reports/"
Kind = JourneyEvent.Kind
PAGES = [URL, "/reports/cases/", "/reports/searches/"]


@pytest.fixture
def manager(client):
    client.force_login(max_())
    return client


def visit(*kinds: str, language: str = "en", at: datetime | None = None, article=None, **fields) -> Journey:
    at = at or timezone.now()
    journey = journeys.begin(language=language, at=at, **fields)
    for kind in kinds:
        journeys.note(journey, kind, at=at, article=article)
    return journey


def search(text: str, *, results: int = 3, matched: str = "all", opened=None, language: str = "en", at=None):
    return SearchEvent.objects.create(
        text=text,
        normalised=text,
        language=language,
        result_count=results,
        matched=matched,
        opened=opened,
        created_at=at or timezone.now(),
    )


def scope(**fields) -> Scope:
    return Scope(Scope.today() - timedelta(days=27), Scope.today(), preset=28, **fields)


def total(**fields) -> queries.Day:
    return queries.total(queries.by_day(scope(**fields)))


class TestDoor:
    @pytest.mark.parametrize("url", PAGES)
    def test_a_stranger_logs_in_first(self, client, url):
        response = client.get(url)
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))

    @pytest.mark.parametrize("url", PAGES)
    @pytest.mark.parametrize("person", [sam, ada])
    def test_who_has_no_right_to_reports_is_refused(self, client, url, person):
        client.force_login(person())
        assert client.get(url).status_code == 403

    @pytest.mark.parametrize("url", PAGES)
    def test_a_manager_sees_them_and_changes_nothing_there(self, manager, url):
        assert manager.get(url).status_code == 200
        assert manager.post(url).status_code == 405

    def test_figures_do_not_open_cases_to_who_works_none(self, client):
        from django.contrib.auth.models import Permission

        user = UserFactory()
        user.user_permissions.add(Permission.objects.get(codename="view_reports"))
        client.force_login(user)
        make_ticket()
        assert "/reports/cases/" not in client.get(URL).content.decode()
        assert client.get("/reports/cases/").status_code == 403


class TestVisits:
    def test_each_step_counts_visits_not_events(self):
        visit()
        visit(Kind.CONTACT_OPENED, Kind.SUGGESTIONS_SHOWN, Kind.SUGGESTIONS_SHOWN, Kind.SUGGESTION_OPENED)
        visit(Kind.CONTACT_OPENED, Kind.SUGGESTIONS_SHOWN, Kind.SUGGESTION_OPENED, Kind.ANSWERED)
        counted = total()
        assert (counted.visits, counted.contact_opened, counted.suggestions_shown) == (3, 2, 2)
        assert (counted.suggestion_opened, counted.answered, counted.case_sent) == (2, 1, 0)

    def test_who_wrote_to_us_after_all_was_not_answered(self):
        visit(Kind.ANSWERED, Kind.CASE_SENT)
        assert (total().answered, total().case_sent) == (0, 1)

    def test_who_asked_not_to_be_counted_is_not(self):
        visit(Kind.CONTACT_OPENED, is_measured=False)
        assert total().visits == 0

    def test_spam_is_no_visit_and_no_case(self):
        ticket = make_ticket(is_suspected_spam=True)
        journey = visit(Kind.CONTACT_OPENED)
        journeys.note(journey, Kind.CASE_SENT, ticket=ticket.reference)
        other = visit()
        journeys.note(other, Kind.CASE_SENT, ticket=make_ticket().reference)
        assert (total().visits, total().case_sent, total().cases) == (1, 1, 1)

    def test_days_begin_at_midnight_of_the_organisation(self, settings):
        settings.TIME_ZONE = "Europe/Stockholm"
        late = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
        visit(at=late)
        make_ticket(at=late)
        days = queries.by_day(Scope(date(2026, 3, 9), date(2026, 3, 10)))
        assert [(day.day.day, day.visits, day.cases) for day in days] == [(9, 0, 0), (10, 1, 1)]
        assert queries.total(queries.by_day(Scope(date(2026, 3, 9), date(2026, 3, 9)))).visits == 0

    def test_a_language_leaves_out_the_others(self):
        visit(language="sv")
        visit(language="nb")
        assert total(language="sv").visits == 1

    def test_a_topic_counts_those_who_read_opened_or_wrote_in_it(self):
        returns = TopicFactory()
        text = publish_article(topic=returns)
        other = publish_article("How do I track my parcel?", topic=TopicFactory())
        opened = visit(Kind.SUGGESTION_OPENED, article=text.article)
        read, wrote = visit(), visit()
        ArticleView.objects.create(translation=text, origin=str(read.pk))
        ArticleView.objects.create(translation=other, origin=str(visit().pk))
        Ticket.objects.filter(pk=make_ticket(topic=returns).pk).update(origin=str(wrote.pk))
        found = queries.journeys(scope(topic=returns))
        assert {journey.pk for journey in found} == {opened.pk, read.pk, wrote.pk}


class TestSearches:
    def test_top_searches_say_how_often_something_was_opened(self, manager):
        article = publish_article().article
        for opened in (article, article, article, None):
            search("refund", opened=opened)
        search("parcel")
        (first, second) = queries.grouped(queries.searches(scope()), 10)
        assert (first.text, first.times, first.opened) == ("refund", 4, 3)
        assert second.text == "parcel"
        assert "75 %" in manager.get(URL).content.decode()

    def test_in_vain_are_those_that_found_nothing_or_little_that_nobody_opened(self):
        article = publish_article().article
        search("gift card abroad", results=0, matched="none")
        search("hem trousers", matched="some")
        search("wash wool", matched="some", opened=article)
        assert [row.text for row in queries.grouped(queries.searches_without_result(scope()), 10)] == [
            "gift card abroad"
        ]
        assert [row.text for row in queries.grouped(queries.weak_searches(scope()), 10)] == ["hem trousers"]

    def test_a_topic_narrows_searches_by_what_they_opened_and_keeps_those_in_vain(self):
        topic = TopicFactory()
        search("refund", opened=publish_article(topic=topic).article)
        search("parcel")
        search("gift card abroad", results=0, matched="none")
        assert [row.text for row in queries.grouped(queries.searches(scope(topic=topic)), 10)] == ["refund"]
        assert queries.searches_without_result(scope(topic=topic)).count() == 1

    def test_every_text_leads_to_its_searches(self, manager):
        search("50 % & <b>more</b>?", results=0, matched="none", language="sv")
        search("refund")
        page = manager.get(URL).content.decode()
        assert "<b>more</b>" not in page
        answer = manager.get("/reports/searches/", {"q": "50 % & <b>more</b>?", "language": "sv", "kind": "no-result"})
        assert len(answer.context["listing"].table.rows) == 1
        assert "refund" not in answer.content.decode()


class TestArticlesAndGaps:
    def test_articles_by_reading_with_what_readers_said_in_the_period(self):
        text, other = publish_article(), publish_article("How do I track my parcel?")
        long_ago = timezone.now() - timedelta(days=60)
        ArticleView.objects.create(translation=other)
        for _ in range(3):
            ArticleView.objects.create(translation=text)
        ArticleView.objects.create(translation=other, created_at=long_ago)
        for is_helpful in (True, True, False):
            Feedback.objects.create(translation=text, is_helpful=is_helpful)
        Feedback.objects.create(translation=text, is_helpful=False, created_at=long_ago)
        first, second = queries.most_read(scope(), 10)
        assert (first.text, first.views, first.helpful, first.verdicts) == (text, 3, 2, 3)
        assert (second.text, second.views, second.verdicts) == (other, 1, 0)

    def test_gaps_that_wait_lead_to_where_they_are_turned_into_articles(self, manager):
        waiting = ContentGap.objects.create(title="Gift card in another country?", language="en", case_count=2)
        ContentGap.objects.create(title="Not for us", language="en", status=ContentGap.Status.DISMISSED)
        page = manager.get(URL).content.decode()
        assert reverse("admin:knowledge_contentgap_change", args=[waiting.pk]) in page
        assert "Not for us" not in page


class TestCases:
    @pytest.fixture
    def topic(self) -> Topic:
        """Three cases: one answered by an article, one by none, one new; and one of spam."""
        agent, topic = ada(), TopicFactory(names={"en": "Returns"})
        article = publish_article().article
        lifecycle.solve(make_ticket(topic=topic), agent=agent, article=article)
        lifecycle.solve(make_ticket(topic=topic), agent=agent, article=None)
        make_ticket()
        make_ticket(topic=topic, is_suspected_spam=True)
        return topic

    def test_they_are_counted_by_topic_and_status_and_by_what_answered_them(self, topic):
        by_topic = {row.key: row for row in queries.count_cases(scope(), "topic")}
        row = by_topic[topic.pk]
        assert (row.cases, row.by_article, row.no_article, row.undecided) == (2, 1, 1, 0)
        assert by_topic[None].undecided == 1
        assert {row.key: row.cases for row in queries.count_cases(scope(), "status")} == {"solved": 2, "new": 1}

    @pytest.mark.parametrize("table", ["topics", "statuses"])
    def test_every_figure_opens_as_many_cases_as_it_says(self, manager, topic, table):
        answer = manager.get(URL)
        shown = next(one for one in answer.context["case_tables"] if one.key == table)
        links = [cell for row in shown.rows for cell in row if cell.url]
        assert links
        for cell in links:
            rows = manager.get(cell.url).context["listing"].table.rows
            assert len(rows) == cell.value, cell.url

    def test_the_list_leads_to_the_desk(self, manager, topic):
        ticket = Ticket.objects.trusted().first()
        assert reverse("desk:case", args=[ticket.reference]) in manager.get("/reports/cases/").content.decode()

    def test_the_list_comes_in_pages_that_keep_what_was_asked_for(self, manager):
        for _ in range(51):
            make_ticket()
        answer = manager.get("/reports/cases/", {"status": "new"})
        assert "status=new&amp;page=2" in answer.content.decode()
        assert len(manager.get("/reports/cases/", {"status": "new", "page": "2"}).context["listing"].table.rows) == 1
        assert manager.get("/reports/cases/", {"page": str(10**9)}).status_code == 200


class TestExport:
    @pytest.mark.parametrize("key", BUILDERS)
    def test_every_table_is_a_file(self, manager, key):
        visit(Kind.CONTACT_OPENED)
        answer = manager.get(URL, {"format": "csv", "table": key})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert f"svar-{key}-" in answer["Content-Disposition"]
        assert answer.content.startswith(b"\xef\xbb\xbf")

    def test_an_unknown_table_is_not_found(self, manager):
        assert manager.get(URL, {"format": "csv", "table": "secrets"}).status_code == 404

    @pytest.mark.parametrize(
        "evil", ["=1+1", "+46", "-2", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "＝1"]
    )  # fmt: skip
    def test_nothing_that_customers_wrote_is_run_as_a_formula(self, manager, evil):
        search(evil)
        rows = self._rows(manager, "searches")
        assert rows[1][0] == f"'{evil}"

    def test_numbers_stay_numbers_and_commas_and_letters_whole(self, manager):
        search("kött, färs & ägg", language="sv")
        assert self._rows(manager, "searches")[1] == ["kött, färs & ägg", "1", "0.0"]

    def test_it_holds_more_than_the_page(self, manager):
        for number in range(25):
            search(f"search {number}")
        assert len(manager.get(URL).context["search_tables"][0].rows) == 10
        assert len(self._rows(manager, "searches")) == 26

    @staticmethod
    def _rows(client, key: str) -> list[list[str]]:
        text = client.get(URL, {"format": "csv", "table": key}).content.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))


class TestAddress:
    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({"from": "yesterday"}, "A date is written as"),
            ({"from": "2026-02-30"}, "A date is written as"),
            ({"to": "20260101"}, "A date is written as"),
            ({"from": "2026-W01-1"}, "A date is written as"),
            ({"from": "2026-03-02", "to": "2026-03-01"}, "comes after"),
            ({"from": "9999-12-31"}, "nothing to show for that year"),
            ({"from": "0001-01-01"}, "nothing to show for that year"),
            ({"from": "2001-01-01", "to": "2010-01-01"}, "longer than two years"),
            ({"days": "29"}, "no such period"),
            ({"days": "²"}, "no such period"),
            ({"days": "-1"}, "no such period"),
            ({"language": "xx"}, "no such language"),
            ({"topic": "'; DROP TABLE"}, "no such topic"),
        ],
    )
    @pytest.mark.parametrize("url", PAGES)
    def test_what_cannot_be_used_is_said_and_the_rest_is_shown(self, manager, url, parameters, words):
        answer = manager.get(url, parameters)
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
        assert words in answer.content.decode()
        assert answer.context["scope"].preset == 28

    def test_a_first_day_to_come_is_said(self):
        tomorrow = Scope.today() + timedelta(days=1)
        found, problems = read_scope({"from": tomorrow.isoformat()}, [])
        assert "future" in problems[0]
        assert found.preset == 28

    def test_one_date_is_enough_and_the_last_day_is_today_at_most(self):
        today = Scope.today()
        first = today - timedelta(days=3)
        assert read_scope({"from": str(first)}, [])[0].days == [first + timedelta(days=n) for n in range(4)]
        assert read_scope({"to": str(today + timedelta(days=5))}, [])[0].last == today

    @pytest.mark.parametrize("days", [7, 28, 90])
    def test_presets_end_today(self, manager, days):
        found = manager.get(URL, {"days": days}).context["scope"]
        assert (found.last, len(found.days)) == (Scope.today(), days)

    def test_the_scope_survives_its_own_address(self, manager):
        topic = TopicFactory()
        asked = Scope(date(2026, 1, 5), date(2026, 1, 9), language="sv", topic=topic)
        assert manager.get(f"{URL}?{asked.query()}").context["scope"] == asked

    def test_nul_bytes_and_long_texts_break_nothing(self, manager):
        for value in ("\x00", "x" * 5000, "🎉", "%"):
            for name in ("from", "days", "language", "topic", "q", "kind", "status", "answer", "page", "format"):
                for url in PAGES:
                    assert manager.get(url, {name: value}).status_code in (200, 400), (url, name, value)


class TestPage:
    def test_with_nothing_to_show_it_says_so(self, manager):
        page = manager.get(URL).content.decode()
        assert "Nothing has happened yet" in page
        assert "data-figure" not in page

    def test_every_figure_has_its_definition_and_none_is_called_deflection(self, manager):
        visit(Kind.CONTACT_OPENED)
        make_ticket()
        answer = manager.get(URL)
        page = answer.content.decode()
        shown = [*answer.context["figures"], answer.context["cases"], answer.context["score"]]
        assert len(shown) == 8
        for figure in shown:
            assert figure.definition
            assert f'data-figure="{figure.key}"' in page
        assert "deflect" not in page.lower().replace("/reports/deflection/", "")
        assert page.index('data-figure="score"') > page.index('data-figure="cases"')

    def test_it_asks_the_database_the_same_number_of_times_however_much_there_is(
        self, manager, django_assert_max_num_queries
    ):
        def more() -> None:
            topic = TopicFactory()
            text = publish_article(f"Article {topic.pk}", topic=topic)
            make_ticket(topic=topic)
            search(f"search {topic.pk}", opened=text.article)
            search(f"in vain {topic.pk}", results=0)
            ArticleView.objects.create(translation=text)
            Feedback.objects.create(translation=text, is_helpful=True)
            ContentGap.objects.create(title=f"Gap {topic.pk}", language="en")
            visit(Kind.CONTACT_OPENED)

        more()
        for url in PAGES:
            manager.get(url)
            with django_assert_max_num_queries(100) as few:
                manager.get(url)
            for _ in range(4):
                more()
            with django_assert_max_num_queries(100) as many:
                manager.get(url)
            assert len(many) == len(few), url
            assert len(many) <= 25, url


class TestChart:
    def test_lines_span_the_drawing_and_the_highest_tick_is_above_them(self):
        chart = line_chart([("A", [0, 5, 10]), ("B", [1, 1, 1])], ["one", "two", "three"])
        assert chart.lines[0].points == "0.00,100.00 50.00,50.00 100.00,0.00"
        assert [tick.value for tick in chart.ticks] == [10, 5, 0]
        assert chart.labels == ["one", "two", "three"]

    @pytest.mark.parametrize(("highest", "top"), [(0, 2), (1, 2), (3, 4), (9, 10), (11, 20), (95, 100), (101, 200)])
    def test_the_scale_ends_at_a_number_that_reads_well(self, highest, top):
        assert line_chart([("A", [highest])], ["today"]).ticks[0].value == top

    def test_one_day_is_a_dot_in_the_middle(self):
        (line,) = line_chart([("A", [4])], ["today"]).lines
        assert [(dot.x, dot.y) for dot in line.dots] == [("50.00", "0.00")]
