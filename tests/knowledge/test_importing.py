"""Taking articles in from files, and giving them back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from knowledge.importers.base import ArticleRow
from knowledge.models import Article, ArticleTranslation, ContentGap, Phrasing, Revision, Topic
from knowledge.search import maintenance
from knowledge.services.importing import import_articles
from knowledge.services.publishing import create_article
from tests.factories import TopicFactory

pytestmark = pytest.mark.django_db

REFUND = """---
title: "Refunds: when?"
topic: returns
slug: refunds-when
summary: Within five days.
phrasings:
  - where is my money
---
Five days. See [sending back](send-back.md#how) and [elsewhere](https://example.com/x.md).
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "refund.md").write_text(REFUND)
    (tmp_path / "send-back.md").write_text("# Send something back\n\nPack it.\n")
    return tmp_path


def run(*args: object) -> None:
    call_command("import_articles", *[str(arg) for arg in args], stdout=None)


def test_a_folder_of_markdown_becomes_published_articles(folder):
    TopicFactory(slug="returns")
    run(folder, "--lang", "en", "--publish")
    text = ArticleTranslation.objects.published().get(slug="refunds-when")
    assert text.title == "Refunds: when?"
    assert text.article.topic.slug == "returns"
    assert "article:send-back#how" in text.body
    assert "https://example.com/x.md" in text.body
    assert Phrasing.objects.get().text == "where is my money"
    other = ArticleTranslation.objects.get(article__key="send-back")
    assert (other.title, other.body) == ("Send something back", "Pack it.")


def test_without_publish_they_are_drafts(folder):
    run(folder, "--lang", "sv")
    assert {t.status for t in ArticleTranslation.objects.all()} == {"draft"}
    assert {t.language for t in ArticleTranslation.objects.all()} == {"sv"}


def test_importing_twice_changes_nothing(folder, capsys):
    run(folder, "--lang", "en", "--publish")
    before = list(Revision.objects.values_list("pk", flat=True))
    call_command("import_articles", str(folder), "--lang", "en", "--publish")
    assert "0 created, 0 updated, 2 unchanged, 0 not taken" in capsys.readouterr().out
    assert list(Revision.objects.values_list("pk", flat=True)) == before


def test_an_export_imports_without_a_change(folder, tmp_path, capsys):
    run(folder, "--lang", "en", "--publish")
    draft = tmp_path / "more"
    draft.mkdir()
    (draft / "draft.md").write_text("---\ntitle: Ännu inte\n---\nText å.")
    run(draft, "--lang", "sv")
    call_command("export_articles", str(tmp_path / "out"))
    capsys.readouterr()
    call_command("import_articles", str(tmp_path / "out"), "--lang", "en", "--publish")
    assert "0 created, 0 updated, 3 unchanged, 0 not taken" in capsys.readouterr().out


def test_a_dry_run_leaves_nothing(folder):
    run(folder, "--lang", "en", "--publish", "--dry-run")
    assert not Article.objects.exists()
    assert not Topic.objects.exists()


def test_an_unknown_topic_is_made_under_its_name(folder, capsys):
    run(folder, "--lang", "en")
    assert Topic.objects.get(slug="returns").name_in("en") == "Returns"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bad.md", b"---\ntitle: [\n---\ntext", "front matter"),
        ("bad.md", b"---\ntitle: X\n---\n", "no text"),
        ("bad.md", b"just text", "no title"),
        ("bad.md", b"---\ntitle: X\nlanguage: fi\n---\ntext", "language"),
        ("bad.md", b"---\ntitle: X\n---\n\xff\xfe", "UTF-8"),
        ("bad.md", b"---\ntitle: " + b"x" * 200 + b"\n---\ntext", "longer"),
        ("bad.md", b"---\ntitle: X\nphrasings: one\n---\ntext", "list"),
        ("bad.md", b"---\ntitle: X\nid: refund\n---\ntext", "same id"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_with_its_reason_and_the_rest_is_imported(
    folder, capsys, name, content, reason
):
    (folder / "zz").mkdir()
    (folder / "zz" / name).write_bytes(content)
    with pytest.raises(CommandError):
        run(folder, "--lang", "en")
    error = capsys.readouterr().err
    assert f"zz/{name}" in error
    assert reason in error
    assert Article.objects.count() == 2


def test_json_lines(tmp_path, capsys):
    rows = [
        {"id": "a1", "title": "One", "body": "Text", "language": "da", "phrasings": ["hvad"]},
        {"id": "", "title": "No id", "body": "Text", "language": "da"},
    ]
    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join([*(json.dumps(row) for row in rows), "not json", "[]", ""]))
    with pytest.raises(CommandError):
        run(file, "--lang", "en", "--publish")
    assert [text.language for text in ArticleTranslation.objects.published()] == ["da"]
    error = capsys.readouterr().err
    assert all(f"articles.jsonl:{line}" in error for line in (2, 3, 4))


def test_a_path_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(CommandError, match="does not exist"):
        run(tmp_path / "nothing", "--lang", "en")


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_taken(folder, capsys):
    (folder / "broken.md").symlink_to(folder / "nowhere.md")
    with pytest.raises(CommandError):
        run(folder, "--lang", "en")
    assert "broken.md: the file cannot be read" in "".join(capsys.readouterr())
    assert Article.objects.count() == 2


def rows(count, **fields):
    values = {"title": "Same title", "body": "Text.", "language": "en", "topic": "Returns"} | fields
    return [ArticleRow(f"row {n}", f"a{n}", **values) for n in range(count)]


def test_an_import_costs_no_query_a_row(django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        import_articles(rows(40, phrasings=["how", "why"]), should_publish=True)
    assert ArticleTranslation.objects.published().count() == 40
    assert Article.objects.first().phrasings.count() == 2
    with django_assert_max_num_queries(10):
        assert import_articles(rows(40, phrasings=["how", "why"]), should_publish=True).unchanged == 40


def test_what_is_imported_is_as_if_it_had_been_written_and_published_by_hand():
    import_articles(rows(3), should_publish=True)
    texts = list(ArticleTranslation.objects.order_by("pk"))
    assert [text.slug for text in texts] == ["same-title", "same-title-2", "same-title-3"]
    assert all(text.is_public() and text.edited_at and not text.has_unpublished_changes for text in texts)
    assert [(r.number, r.published_at is not None) for r in Revision.objects.all()] == [(1, True)] * 3
    assert {text.article.topic.slug for text in texts} == {"returns"}


def test_another_language_of_articles_that_are_there():
    import_articles(rows(2, phrasings=["how"]), should_publish=True)
    maintenance.rebuild()
    report = import_articles(rows(2, language="sv", topic="Delivery", phrasings=["hur", "HUR"]), should_publish=True)
    assert report.created == ["row 0", "row 1"]
    assert {(p.language, p.text) for p in Phrasing.objects.all()} == {("en", "how"), ("sv", "HUR")}
    assert {article.topic.slug for article in Article.objects.all()} == {"delivery"}
    # The texts that were there carry the topic in the index.
    assert ArticleTranslation.objects.needs_indexing().count() == 4


def test_an_article_written_for_a_gap_answers_it_when_it_is_imported():
    article = create_article(key="a0")
    gap = ContentGap.objects.create(language="en", title="gap", article=article, status=ContentGap.Status.DRAFTED)
    import_articles(rows(1), should_publish=False)
    gap.refresh_from_db()
    assert gap.status == ContentGap.Status.DRAFTED
    import_articles(rows(1), should_publish=True)
    gap.refresh_from_db()
    assert gap.status == ContentGap.Status.ANSWERED


def test_ids_that_become_the_same_key_are_the_same():
    first, second = rows(2)
    report = import_articles([replace(first, key="A b"), replace(second, key="a-b")], should_publish=True)
    assert [refused.reason for refused in report.refused] == ["row 0 has the same id and language"]
    assert Article.objects.get().key == "a-b"
