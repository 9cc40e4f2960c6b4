"""Topic, article and search pages."""

from __future__ import annotations

import pytest

from knowledge.models import ArticleView, Feedback, SearchEvent
from knowledge.services.publishing import save_text, withdraw
from tests import people
from tests.factories import TopicFactory, publish_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def returns():
    return TopicFactory(slug="returns", names={"en": "Returns", "sv": "Returer"})


class TestArticle:
    def test_it_is_read_and_counted_once_a_visit(self, client, returns):
        text = publish_article(topic=returns)
        client.get("/en/search/?q=refund")
        for _ in range(2):
            response = client.get(f"/en/articles/{text.slug}/")
            assert response.status_code == 200
        assert "Returns" in response.content.decode()
        assert ArticleView.objects.count() == 1

    def test_what_is_not_published_does_not_exist(self, client):
        text = publish_article()
        withdraw(text)
        assert client.get(f"/en/articles/{text.slug}/").status_code == 404
        assert client.get("/en/articles/nothing/").status_code == 404

    def test_an_edit_is_not_public_before_it_is_published(self, client):
        text = publish_article(body="Old answer.")
        save_text(article=text.article, language="en", title=text.title, body="New answer.")
        assert "New answer." not in client.get(f"/en/articles/{text.slug}/").content.decode()

    def test_an_article_without_a_text_in_the_language_is_shown_in_the_nearest_and_marked(self, client):
        text = publish_article("Tvätta ull", "Trettio grader.", language="sv")
        page = client.get(f"/nb/articles/{text.slug}/").content.decode()
        assert '<html lang="nb"' in page
        assert 'lang="sv"' in page
        assert "Trettio grader." in page

    def test_an_address_of_another_language_leads_to_the_readers_text(self, client):
        english = publish_article("Wash wool", "Thirty.")
        publish_article("Tvätta ull", "Trettio.", language="sv", article=english.article)
        response = client.get("/sv/articles/wash-wool/")
        assert response.status_code == 302
        assert response.url == "/sv/articles/tvatta-ull/"

    def test_links_by_key_lead_to_the_article(self, client):
        text = publish_article("Wash wool", "Thirty.")
        response = client.get(f"/en/articles/{text.article.key}/?by=key", follow=True)
        assert response.status_code == 200

    def test_a_search_that_led_here_is_noted_in_its_own_visit_only(self, client, commit):
        with commit():
            text = publish_article()
        client.get("/en/search/?q=refund")
        event = SearchEvent.objects.get()
        from django.test import Client

        Client().get(f"/en/articles/{text.slug}/?search={event.pk}")
        event.refresh_from_db()
        assert event.opened is None
        client.get(f"/en/articles/{text.slug}/?search={event.pk}")
        event.refresh_from_db()
        assert event.opened == text.article
        assert client.get(f"/en/articles/{text.slug}/?search=nonsense").status_code == 200

    def test_an_article_chosen_while_typing_counts_as_a_search_that_opened_it(self, client, commit):
        with commit():
            text = publish_article()
        url = f"/en/articles/{text.slug}/"
        response = client.get(url, {"typed": "refu"})
        assert (response.status_code, response.url) == (302, url)
        event = SearchEvent.objects.get()
        assert (event.text, event.result_count, event.opened) == ("refu", 1, text.article)
        assert event.origin

    def test_it_costs_few_queries(self, client, returns, django_assert_max_num_queries):
        for number in range(8):
            text = publish_article(f"Article {number}", "Text.", topic=returns)
        with django_assert_max_num_queries(16):
            client.get(f"/en/articles/{text.slug}/")


class TestFeedback:
    def send(self, client, text, **fields):
        return client.post(f"/en/articles/{text.pk}/feedback/", fields)

    def test_yes_and_no_with_a_reason(self, client):
        text = publish_article()
        client.get("/en/contact/")
        assert self.send(client, text, helpful="yes").status_code == 302
        assert self.send(client, text, helpful="no", reason="unclear", comment="<b>\x00?").status_code == 302
        feedback = Feedback.objects.get()
        assert (feedback.is_helpful, feedback.reason) == (False, "unclear")
        assert feedback.revision is not None

    @pytest.mark.parametrize(
        "fields",
        [{}, {"helpful": "maybe"}, {"helpful": "no", "reason": "rude"}],
    )
    def test_nonsense_is_refused(self, client, fields):
        assert self.send(client, publish_article(), **fields).status_code == 422
        assert not Feedback.objects.exists()

    def test_a_very_long_comment_is_kept_in_its_beginning(self, client):
        assert self.send(client, publish_article(), helpful="no", comment="x" * 5000).status_code == 302
        assert Feedback.objects.get().comment == "x" * 2000

    def test_wrong_method_and_unknown_article(self, client):
        assert client.get(f"/en/articles/{publish_article().pk}/feedback/").status_code == 405
        assert client.post("/en/articles/99999/feedback/", {"helpful": "yes"}).status_code == 404


class TestTopic:
    def test_it_lists_each_article_once_in_the_readers_language(self, client, returns):
        english = publish_article("Send back", "Pack it.", topic=returns)
        publish_article("Skicka tillbaka", "Packa.", language="sv", article=english.article)
        publish_article("Only english", "Text.", topic=returns)
        page = client.get("/sv/topics/returns/").content.decode()
        assert "Skicka tillbaka" in page
        assert "Send back" not in page
        assert "Only english" in page
        assert "Returer" in page

    def test_a_hidden_or_unknown_topic_does_not_exist(self, client, returns):
        returns.is_visible = False
        returns.save()
        assert client.get("/en/topics/returns/").status_code == 404
        assert client.get("/en/topics/nothing/").status_code == 404

    def test_an_empty_one_still_helps(self, client, returns):
        assert client.get("/en/topics/returns/").status_code == 200


class TestSearchPage:
    @pytest.mark.parametrize("page", ["", "0", "-1", "x", "1000000000", "9" * 300, "²"])
    def test_odd_page_numbers(self, client, commit, page):
        with commit():
            publish_article()
        response = client.get("/en/search/", {"q": "refund", "page": page})
        assert response.status_code == 200
        assert "When do I get my <mark>refund</mark>?" in response.content.decode()

    @pytest.mark.parametrize(
        "query", ["", "*", '""', "AND OR NOT", "x" * 5000, "\x00", "<script>alert(1)</script>", "🧦", "مرحبا"]
    )
    def test_odd_queries(self, client, query):
        response = client.get("/en/search/", {"q": query, "topic": "nothing' --"})
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()

    def test_no_result_carries_the_query_to_the_form(self, client):
        page = client.get("/en/search/", {"q": "hem trousers"}).content.decode()
        assert "/en/contact/?q=hem%20trousers" in page or "/en/contact/?q=hem+trousers" in page

    def test_matches_are_marked_and_escaped(self, client, commit):
        with commit():
            publish_article("Wash", "Use <b>soap</b> & water for wool.")
        page = client.get("/en/search/", {"q": "soap"}).content.decode()
        assert "<mark>soap</mark>" in page


class TestPreview:
    def test_those_who_may_write_see_the_newest_state(self, client):
        text = publish_article(body="Old.")
        save_text(article=text.article, language="en", title=text.title, body="Newest.")
        client.force_login(people.ada())
        assert "Newest." in client.get(f"/preview/{text.pk}/").content.decode()

    def test_others_do_not(self, client):
        text = publish_article()
        assert client.get(f"/preview/{text.pk}/").status_code == 302
        client.force_login(people.sam())
        assert client.get(f"/preview/{text.pk}/").status_code == 403
