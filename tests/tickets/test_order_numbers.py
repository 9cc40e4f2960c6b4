"""Order numbers: as they are kept, check digits, and the patterns that a browser may judge too."""

from __future__ import annotations

import pytest

from tests.factories import TopicFactory, make_ticket
from tests.people import ada
from tickets.errors import TicketError
from tickets.models import CustomField
from tickets.services.field_values import read_value
from tickets.services.fields import FieldsError, asked_of_customers, fields_for
from tickets.services.order_numbers import check_digit_is_right, pattern_for_browsers, tidied

Check = CustomField.Check


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" hv – 123 4567 ", "HV-1234567"), ("ｈｖ１２", "HV12"), ("hv\u00a01\t2", "HV12"), ("HV-1", "HV-1")],
)
def test_as_it_is_kept(typed, kept):
    assert tidied(typed) == kept


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        # The example of ISO/IEC 7812-1, and a Swedish organisation number (the tax agency's own).
        (Check.LUHN, "79927398713", "79927398710"),
        (Check.LUHN, "202100-5489", "202100-5498"),
        # Norwegian and Danish authorities' own numbers: the Brønnøysund registers, the Danish business authority.
        (Check.MODULUS_11, "974 760 673", "974 760 637"),
        (Check.MODULUS_11, "10150817", "10150871"),
        (Check.MODULUS_11, "HV-6X", "HV-6-5"),
        (Check.NONE, "1", None),
    ],
)
def test_check_digits(check, right, wrong):
    assert check_digit_is_right(check, tidied(right))
    assert wrong is None or not check_digit_is_right(check, tidied(wrong))


@pytest.mark.parametrize("check", [Check.LUHN, Check.MODULUS_11])
@pytest.mark.parametrize("number", ["", "HV", "7"])
def test_what_has_too_few_digits_is_never_right(check, number):
    assert not check_digit_is_right(check, number)


@pytest.mark.parametrize("check", [Check.LUHN, Check.MODULUS_11])
def test_one_wrong_digit_is_always_noticed(check):
    right = next(number for number in map(str, range(10_000_000, 10_000_100)) if check_digit_is_right(check, number))
    for place, digit in enumerate(right):
        for other in set("0123456789") - {digit}:
            assert not check_digit_is_right(check, right[:place] + other + right[place + 1 :])


@pytest.mark.parametrize(
    ("pattern", "for_browsers"),
    [
        ("HV-[0-9]{7}", "HV-[0-9]{7}"),
        (r"\d{4}(?:-\d+)?", r"\p{Nd}{4}(?:-\p{Nd}+)?"),
        (r"A\-\d", r"A\x2d\p{Nd}"),
        ("", ""),
        (r"\w+", ""),
        (r"(?i)hv", ""),
        (r"(?P<a>x)", ""),
        (r"(?<=x)y", ""),
        (r"a++", ""),
        (r"[^a]", ""),
        (r"\Ax\Z", ""),
        ("ø+", ""),
    ],
)
def test_only_patterns_that_mean_the_same_everywhere_are_judged_by_browsers(pattern, for_browsers):
    assert pattern_for_browsers(pattern) == for_browsers


@pytest.fixture
def field(db):
    field = CustomField.objects.create(
        key="order", kind="order", pattern="HV-?[0-9]{4}", check_digit=Check.LUHN, is_for_customers=True
    )
    field.texts.create(language="en", label="Order number", error="Four digits after HV, please.")
    field.texts.create(language="sv", label="Ordernummer")
    return field


def test_an_order_number_is_tidied_and_its_digits_are_checked(field):
    assert read_value(field, " hv 1230 ") == "HV1230"
    with pytest.raises(TicketError, match="Four digits after HV, please"):
        read_value(field, "HV-12")
    with pytest.raises(TicketError, match=r"HV-1231.*mistyped"):
        read_value(field, "HV-1231")


def test_a_case_takes_what_customers_are_asked_and_nothing_else(field):
    inner = TopicFactory(parent=TopicFactory())
    of_topic = CustomField.objects.create(key="size", kind="number", is_for_customers=True)
    of_topic.topics.add(inner.parent)
    secret = CustomField.objects.create(key="margin")
    assert asked_of_customers(None) == [field]
    assert asked_of_customers(inner) == [field, of_topic]
    ticket = make_ticket(topic=inner, fields={"order": "hv1230", "size": "42", "nothing": ""})
    assert ticket.fields == {"order": "HV1230", "size": 42}
    assert {one.field for one in fields_for(ticket)} == {field, of_topic, secret}
    for wrong in ({"order": "HV-1231"}, {"margin": "3"}, {"size": "large"}):
        with pytest.raises(FieldsError) as error:
            make_ticket(topic=inner, fields=wrong)
        assert set(error.value.by_key) == set(wrong)


def test_an_example_is_tried_in_the_admin(client, field):
    person = ada()
    person.is_superuser = True
    person.save()
    client.force_login(person)
    address = f"/admin/tickets/customfield/{field.pk}/change/"
    form = {
        "kind": "order", "choices": "", "pattern": "HV-?[0-9]{4}", "check_digit": "luhn", "position": "0",
        "is_active": "on", "texts-TOTAL_FORMS": "0", "texts-INITIAL_FORMS": "0",
    }  # fmt: skip
    page = client.post(address, {**form, "example": "HV-1231"})
    assert page.status_code == 200
    assert "a digit may be mistyped" in page.content.decode()
    page = client.post(address, {**form, "example": "hv 1230"}, follow=True)
    assert "is right; it is kept as “HV1230”" in page.content.decode()
    refused = client.post(address, {**form, "kind": "text"})
    assert "Only an order number has a check digit" in refused.content.decode()
