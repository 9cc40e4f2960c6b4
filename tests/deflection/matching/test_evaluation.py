"""The figures of the evaluation, reckoned by hand, and the command that prints them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from deflection.matching.evaluation import Outcome, Query, figures, reliability
from deflection.matching.model import Ranked

ARTICLES = (
    {"id": "refund", "title": "When do I get my refund?", "body": "Within five days.", "language": "en"},
    {"id": "parcel", "title": "Where is my parcel?", "body": "Follow the link.", "language": "en"},
    {"id": "lösen", "title": "Glömt lösenordet", "body": "## Länk\n\nBegär en ny länk.", "language": "sv"},
)
QUERIES = (
    {"text": "When do I get my refund?", "language": "en", "article": "refund"},
    {"text": "my parcel", "language": "en", "article": "parcel"},
    {"text": "jag har glömt lösenordet", "language": "sv", "article": "lösen"},
    {"text": "qwx zzrt plomf", "language": "en", "article": None},
)


def outcome(right: int | None, *ranked: tuple[int, float], seconds: float = 0.002) -> Outcome:
    found = [Ranked(article, article, "en", probability, None, ()) for article, probability in ranked]
    return Outcome(Query("a question", "en", right), found, seconds)


OUTCOMES = (
    outcome(1, (1, 0.9), (2, 0.05), seconds=0.001),  # right, shown
    outcome(2, (1, 0.8), (2, 0.1), seconds=0.002),  # second, a wrong one shown
    outcome(3, (1, 0.3), (2, 0.2), (4, 0.1), (3, 0.05), seconds=0.003),  # fourth, silent
    outcome(4, (4, 0.35), (1, 0.1), seconds=0.004),  # right, silent
    outcome(5, (1, 0.1), seconds=0.005),  # never, silent
    outcome(None, (1, 0.7), seconds=0.006),  # nothing answers, shown
    outcome(None, (1, 0.05), seconds=0.007),  # nothing answers, silent
    outcome(None, seconds=0.008),  # nothing answers, nothing ranked
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "set")


def written(folder: Path, articles=ARTICLES, queries=QUERIES) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in (("articles", articles), ("queries", queries)):
        lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def printed(*arguments: object, **options: object) -> dict[str, object]:
    out = StringIO()
    call_command("evaluate_matching", *map(str, arguments), stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("acc@1", 2 / 5),
        ("hit@3", 3 / 5),
        ("mrr@10", (1 + 1 / 2 + 1 / 4 + 1 + 0) / 5),
        ("silent_on_null", 2 / 3),
        ("shown_on_answerable", 2 / 5),
        ("precision_shown@1", 1 / 3),
        ("right_shown", 1 / 5),
        ("p50_ms", 4.5),
        ("p95_ms", 7.65),
    ],
)
def test_figures(figure, value):
    assert figures(OUTCOMES, 0.4)[figure] == pytest.approx(value, abs=0.0001)


def test_the_threshold_itself_is_shown():
    assert figures([outcome(1, (1, 0.4))], 0.4)["right_shown"] == 1
    assert figures([outcome(None, (1, 0.4))], 0.4)["silent_on_null"] == 0


def test_ranks_do_not_depend_on_the_threshold():
    low, high = figures(OUTCOMES, 0.0), figures(OUTCOMES, 0.95)
    assert [low[name] for name in ("acc@1", "hit@3", "mrr@10")] == [high[name] for name in ("acc@1", "hit@3", "mrr@10")]
    assert (low["silent_on_null"], high["silent_on_null"]) == (0, 1)


def test_a_share_of_nothing_is_not_a_number():
    answerable, unanswerable = figures(OUTCOMES[:5], 0.99), figures(OUTCOMES[5:], 0.4)
    assert (answerable["silent_on_null"], answerable["precision_shown@1"]) == (None, None)
    assert (unanswerable["acc@1"], unanswerable["right_shown"]) == (None, None)


def test_the_calibration_error():
    """Three of four at 0.9 are right, none of one at 0.35: 4/5 of 0.15 and 1/5 of 0.35."""
    sure = [outcome(1, (1, 0.9))] * 3 + [outcome(2, (1, 0.9))]
    found = reliability([*sure, outcome(2, (1, 0.35))])
    assert found["ece"] == pytest.approx(0.8 * 0.15 + 0.2 * 0.35)
    assert found["reliability"] == [[0.3, 1, 0.35, 0.0], [0.9, 4, 0.9, 0.75]]


def test_perfect_calibration_has_no_error():
    assert reliability([outcome(1, (1, 1.0)), outcome(None)]) == {
        "ece": 0.0,
        "reliability": [[0.0, 1, 0.0, 0.0], [0.9, 1, 1.0, 1.0]],
    }


def test_what_nothing_answers_counts_as_wrong_in_calibration():
    assert reliability([outcome(None, (1, 0.8))])["ece"] == pytest.approx(0.8)


@pytest.mark.django_db
def test_the_command_prints_one_object_with_the_figures_of_the_contract(folder):
    found = printed(folder)
    assert {
        "articles",
        "queries",
        "acc@1",
        "hit@3",
        "mrr@10",
        "silent_on_null",
        "shown_on_answerable",
        "precision_shown@1",
        "right_shown",
        "p50_ms",
        "p95_ms",
        "index_s",
    } <= found.keys()
    assert (found["articles"], found["queries"], found["encoder"], found["threshold"]) == (3, 4, None, 0.4)
    assert (found["acc@1"], found["hit@3"], found["silent_on_null"]) == (1.0, 1.0, 1.0)


@pytest.mark.django_db
def test_the_limit_takes_the_first_queries(folder):
    found = printed(folder, limit=3)
    assert (found["queries"], found["silent_on_null"]) == (3, None)
    assert printed(folder, "--limit", 100)["queries"] == 4


@pytest.mark.django_db
def test_the_threshold_may_be_given(folder):
    assert printed(folder, threshold=0.0)["silent_on_null"] == 0
    assert printed(folder, "--threshold", 1.0)["right_shown"] == 0


@pytest.mark.django_db
def test_the_sites_own_threshold(folder):
    from deflection.models import MatchingSettings

    MatchingSettings.objects.create(show_from=0.95)
    assert printed(folder)["threshold"] == 0.95


def test_it_runs_without_a_database(folder):
    """Nothing but the threshold is asked of it, and that was given."""
    assert printed(folder, threshold=0.4)["articles"] == 3


@pytest.mark.django_db
def test_it_leaves_the_site_alone(folder):
    from deflection.matching import artefact
    from knowledge.models import Article

    printed(folder)
    assert not Article.objects.exists()
    assert artefact.store().current() is None


def test_articles_of_one_name_in_two_languages_are_one(tmp_path):
    article = {"id": "refund", "title": "Återbetalning", "body": "Inom fem dagar.", "language": "sv"}
    query = {"text": "återbetalning", "language": "sv", "article": "refund"}
    found = printed(written(tmp_path / "two", [*ARTICLES, article], [query]), threshold=0.4)
    assert found["acc@1"] == 1


def test_blank_lines_and_numbers_for_names(tmp_path):
    articles = [{**ARTICLES[0], "id": 7}, "", {**ARTICLES[1], "id": 8}]
    queries = ["", {**QUERIES[0], "article": 7}, "   "]
    assert printed(written(tmp_path / "numbers", articles, queries), threshold=0.4)["acc@1"] == 1


BAD = {
    "broken JSON among articles": (["{"], QUERIES, "articles.jsonl:1"),
    "broken JSON among queries": (ARTICLES, [QUERIES[0], "{"], "queries.jsonl:2"),
    "not an object": (ARTICLES, ["[1]"], "queries.jsonl:1"),
    "an article that is not there": (ARTICLES, [{**QUERIES[0], "article": "nowhere"}], "nowhere"),
    "no article named": (ARTICLES, [{"text": "hello", "language": "en"}], "queries.jsonl:1"),
    "no text": (ARTICLES, [{"language": "en", "article": None}], "queries.jsonl:1"),
    "an article in an unknown language": ([{**ARTICLES[0], "language": "tlh"}], QUERIES, "tlh"),
    "a query in an unknown language": (ARTICLES, [{**QUERIES[0], "language": "tlh"}], "tlh"),
    "phrasings that are no list": ([{**ARTICLES[0], "phrasings": "one"}], QUERIES, "phrasings"),
    "no articles": ([], [QUERIES[3]], "no articles"),
    "no queries": (ARTICLES, [], "no queries"),
}


@pytest.mark.parametrize(("articles", "queries", "says"), BAD.values(), ids=BAD.keys())
def test_a_bad_set_is_refused_with_what_is_wrong(tmp_path, articles, queries, says):
    with pytest.raises(CommandError, match=says):
        printed(written(tmp_path / "bad", articles, queries), threshold=0.4)


@pytest.mark.parametrize("missing", ["articles.jsonl", "queries.jsonl"])
def test_a_missing_file_is_named(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(CommandError, match=missing):
        printed(folder, threshold=0.4)


@pytest.mark.parametrize("name", ["articles.jsonl", "queries.jsonl"])
def test_a_file_that_is_not_text(folder, name):
    (folder / name).write_bytes(b'{"text": "\xff\xfe"}')
    with pytest.raises(CommandError, match=name):
        printed(folder, threshold=0.4)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="missing"):
        printed(tmp_path / "nowhere", threshold=0.4)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_no_queries(folder, limit):
    with pytest.raises(CommandError):
        printed(folder, limit=limit, threshold=0.4)
