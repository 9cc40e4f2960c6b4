"""What is set about searching in the admin: synonyms by editors, field weights by managers, tried before saved."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from knowledge.models import SearchEvent, SearchTuning, Synonym
from knowledge.search.tuning import DEFAULT_WEIGHTS
from knowledge.services.weight_preview import Move, popular_searches, preview, unanswered_searches
from tests.factories import UserFactory, publish_article
from tests.people import max_, sam

pytestmark = pytest.mark.django_db

SYNONYMS = "/admin/knowledge/synonym/"
TUNING = "/admin/knowledge/searchtuning/"


@pytest.fixture
def manager(client):
    client.force_login(max_())
    return client


# --- Synonyms -----------------------------------------------------------------------------------------


def synonym(**fields):
    return {
        "language": "en",
        "kind": "mutual",
        "words": "tv, television",
        "replacements": "",
        "is_active": "on",
        **fields,
    }


def test_an_editor_adds_words_that_mean_the_same(editor):
    assert "Customers rarely use our words" in editor.get(f"{SYNONYMS}add/").content.decode()
    assert editor.post(f"{SYNONYMS}add/", synonym()).status_code == 302
    assert Synonym.objects.get().entries == ["tv", "television"]


def test_one_way_needs_what_it_also_finds(editor):
    page = editor.post(f"{SYNONYMS}add/", synonym(kind="one_way", words="mms")).content.decode()
    assert "Write at least one word." in page
    fields = synonym(kind="one_way", words="mms", replacements="picture message")
    assert editor.post(f"{SYNONYMS}add/", fields).status_code == 302
    page = editor.get(SYNONYMS).content.decode()
    assert "mms → picture message" in page


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("tv", "Write at least two words that mean the same."),
        ("the, of", "“the” is too common a word to search for."),
        ("refund, refunds", "listed twice"),
        ("", "This field is required."),
        ("🧦, 🧣", "too common"),
    ],
)
def test_what_cannot_work_is_refused_with_a_reason(editor, words, complaint):
    response = editor.post(f"{SYNONYMS}add/", synonym(words=words))
    assert response.status_code == 200
    assert complaint in response.content.decode()
    assert not Synonym.objects.exists()


def test_the_list_is_filtered_by_language_and_each_can_be_tried(editor, django_assert_max_num_queries):
    Synonym.objects.create(language="sv", words="paket, <b>försändelse")
    Synonym.objects.create(language="en", words="parcel, package")
    with django_assert_max_num_queries(14):
        page = editor.get(f"{SYNONYMS}?language__exact=sv").content.decode()
    assert "paket = &lt;b&gt;försändelse" in page
    assert "parcel" not in page
    assert 'href="/sv/search/?q=paket"' in page


def test_a_synonym_is_used_by_the_next_search_and_until_it_is_switched_off(editor, commit):
    with commit():
        publish_article("Where is my parcel?", "On its way.")
    assert editor.get("/en/search/?q=package").context["found"].total == 0
    editor.post(f"{SYNONYMS}add/", synonym(words="parcel, package"))
    assert editor.get("/en/search/?q=package").context["found"].total == 1
    row = Synonym.objects.get()
    fields = synonym(words="parcel, package")
    del fields["is_active"]
    editor.post(f"{SYNONYMS}{row.pk}/change/", fields)
    assert editor.get("/en/search/?q=package").context["found"].total == 0


@pytest.mark.parametrize("who", ["agent", "manager"])
def test_others_manage_no_synonyms(who, request):
    client = request.getfixturevalue(who)
    row = Synonym.objects.create(language="en", words="parcel, package")
    assert client.get(SYNONYMS).status_code == 403
    assert client.get(f"{SYNONYMS}{row.pk}/change/").status_code == 403
    assert client.post(f"{SYNONYMS}add/", synonym()).status_code == 403
    assert client.post(f"{SYNONYMS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Synonym.objects.count() == 1
    assert SYNONYMS not in client.get("/admin/").content.decode()


# --- Search tuning ------------------------------------------------------------------------------------


@pytest.fixture
def two_texts(commit):
    """One that speaks of wool in its title, one in its text."""
    with commit():
        publish_article("Washing wool", "Thirty degrees at most.")
        publish_article("Knitwear", "Our jumpers are of wool, and of wool alone.")


def weights(**fields):
    return {**{name: str(value) for name, value in DEFAULT_WEIGHTS._asdict().items()}, **fields}


def places(page, heading):
    part = page[page.index(heading) :]
    part = part[: part.index("</ol>")]
    return re.findall(r'<a class="sv-link"[^>]*>([^<]*)</a>', part)


def test_a_manager_sees_what_other_weights_would_do_before_saving(manager, two_texts):
    page = manager.get(TUNING).content.decode()
    assert "How much each part counts" in page
    tried = weights(title="0", body="9", query="wool", language="en", _preview="1")
    page = manager.post(TUNING, tried).content.decode()
    assert places(page, "With the saved weights") == ["Washing wool", "Knitwear"]
    assert places(page, "With the weights above")[0] == "Knitwear"
    assert "1 up" in page or "drops out" in page
    assert 'value="9"' in page
    assert not SearchTuning.objects.exists()
    assert manager.get("/en/search/?q=wool").context["found"].results[0].translation.title == "Washing wool"


def test_saved_weights_hold_for_the_next_search_and_are_noted(manager, two_texts):
    manager.get("/en/search/?q=wool")
    assert manager.post(TUNING, weights(title="0", body="9", _save="1")).status_code == 302
    assert SearchTuning.objects.get().weights.body == 9
    found = manager.get("/en/search/?q=wool").context["found"].results
    assert found[0].translation.title == "Knitwear"
    assert LogEntry.objects.count() == 1
    page = manager.post(TUNING, weights(query="wool", language="en", _preview="1")).content.decode()
    assert places(page, "With the saved weights")[0] == "Knitwear"


@pytest.mark.parametrize("value", ["-1", "21", "many", "", "nan", "inf", "1e400"])
def test_weights_that_cannot_be_are_refused_and_nothing_is_lost(manager, two_texts, value):
    fields = weights(title=value, body="7", query="wool", language="en")
    for button in ("_save", "_preview"):
        response = manager.post(TUNING, {**fields, button: "1"})
        assert response.status_code == 200
        page = response.content.decode()
        assert re.search(r'name="title"[^>]*aria-invalid="true"', page)
        assert 'value="7"' in page
        assert 'value="wool"' in page
    assert not SearchTuning.objects.exists()


def test_some_part_must_count(manager):
    page = manager.post(TUNING, {**dict.fromkeys(DEFAULT_WEIGHTS._fields, "0"), "_save": "1"}).content.decode()
    assert "At least one part must count for something." in page
    assert not SearchTuning.objects.exists()


def test_the_standard_weights_are_filled_in_but_not_saved(manager, two_texts):
    SearchTuning.objects.create(title=1, body=9)
    page = manager.post(TUNING, weights(title="3", query="wool", language="en", _standard="1")).content.decode()
    assert re.search(r'name="title"[^>]*value="4(\.0)?"|value="4(\.0)?"[^>]*name="title"', page)
    assert places(page, "With the weights above")[0] == "Washing wool"
    assert SearchTuning.objects.get().body == 9


@pytest.mark.parametrize("query", ["", "\x00", "x" * 5000, "<script>alert(1)</script>", "🧦", "*:* ^2"])
def test_any_search_can_be_tried(manager, two_texts, query):
    page = manager.post(TUNING, weights(query=query, language="tlh", _preview="1"))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_recent_searches_are_offered_and_picked(manager, two_texts):
    now = timezone.now()
    asked = [
        ("wool", "en", 2, "all", 3),
        ("jumper", "en", 1, "some", 2),
        ("ull", "sv", 1, "all", 9),
        ("zz", "en", 0, "none", 5),
    ]
    for text, language, count, matched, times in asked:
        for _ in range(times):
            SearchEvent.objects.create(
                text=text, normalised=text, language=language, result_count=count, matched=matched, created_at=now
            )
    assert popular_searches("en") == ["wool", "jumper"]
    assert unanswered_searches("en") == ["jumper"]
    page = manager.post(TUNING, weights(query="other", language="en", _pick="wool")).content.decode()
    assert "First results for “wool”" in page
    assert 'value="wool"' in page


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_tune_nothing(who, request):
    client = request.getfixturevalue(who)
    assert client.get(TUNING).status_code == 403
    assert client.post(TUNING, weights(_save="1")).status_code == 403
    assert client.post(TUNING, weights(_preview="1", query="x")).status_code == 403
    assert not SearchTuning.objects.exists()
    assert TUNING not in client.get("/admin/").content.decode()


def test_strangers_are_led_to_the_log_in(client):
    for address in (SYNONYMS, TUNING):
        assert client.get(address).status_code == 302
    client.force_login(sam())
    for address in (SYNONYMS, TUNING):
        assert client.get(address).status_code in (302, 403)


def test_administrators_may_do_both(client):
    client.force_login(UserFactory(roles=["administrator"], is_staff=True))
    assert client.get(SYNONYMS).status_code == 200
    assert client.get(TUNING).status_code == 200
    assert client.get(f"{TUNING}1/change/").url == TUNING
    page = client.get("/admin/").content.decode()
    assert SYNONYMS in page
    assert TUNING in page


def test_places_are_compared_within_the_shown_ones(commit):
    with commit():
        for number in range(4):
            publish_article(f"Wool {number}", "Text. " * number)
        publish_article("Other", "Wool wool wool wool.")
    edited = DEFAULT_WEIGHTS._replace(title=0.0, body=5.0)
    shown = preview("wool", "en", saved=DEFAULT_WEIGHTS, edited=edited, length=3)
    assert not shown.is_same
    assert shown.edited[0].text.title == "Other"
    assert shown.edited[0].move == Move.NEW
    assert [one.move for one in shown.saved] != [Move.SAME] * 3
    assert preview("wool", "en", saved=DEFAULT_WEIGHTS, edited=DEFAULT_WEIGHTS).is_same
