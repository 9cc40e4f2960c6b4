"""Small help centers as the matcher sees them, and an encoder that knows a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from deflection.matching.corpus import Document
from deflection.matching.matcher import rank_question
from deflection.matching.meaning import Vectors
from deflection.matching.model import Model, Ranked


def document(
    number: int, title: str, body: str = "", language: str = "en", *, article: int | None = None, **fields: object
) -> Document:
    """One text; `article` where another language has the same one."""
    sections = fields.pop("sections", (("", body),) if body else ())
    return Document(number, article or number, language, title, sections=sections, **fields)  # type: ignore[arg-type]


_SHOP: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "When do I get my refund?",
        "Within five working days of the day your return reaches us.",
        ("where is my money back", "my refund has not arrived", "how long until I am paid back", "no refund yet"),
    ),
    (
        "How do I return something?",
        "Print the label under My orders and hand the parcel in.",
        ("I want to send it back", "how can I return shoes", "where is the return label", "sending back an item"),
    ),
    (
        "Where is my parcel?",
        "The link in the shipping mail shows where it is.",
        ("my package is late", "track my delivery", "parcel not delivered", "when does my package arrive"),
    ),
    (
        "Change the delivery address",
        "Until the parcel is packed you can change where it goes.",
        ("I moved to a new flat", "wrong street on my order", "deliver to another place", "new address please"),
    ),
    (
        "Pay by invoice",
        "Choose invoice at the checkout and pay within thirty days.",
        ("can I pay later", "do you send invoices", "pay by bill", "thirty days to pay"),
    ),
    (
        "Use a gift card",
        "Type the code of the gift card at the checkout.",
        ("voucher code refused", "redeem my gift card", "where do I enter the voucher", "balance of a gift card"),
    ),
    (
        "I forgot my password",
        "Ask for a link to choose a new one on the login page.",
        ("cannot log in", "reset my login", "locked out of my account", "password is wrong"),
    ),
    (
        "Close my account",
        "We delete your data within a month.",
        ("delete my profile", "remove all my data", "I want to leave", "erase my account"),
    ),
)
REFUND, RETURN, PARCEL, ADDRESS, INVOICE, GIFT_CARD, PASSWORD, CLOSE = range(1, 9)
STRANGE = ("What shall I cook for eight guests tonight?", "Who won the ski race on Sunday?", "qwx zzrt plomf")


def shop(*, with_phrasings: bool = True, rejections: Mapping[int, tuple[str, ...]] | None = None) -> list[Document]:
    """Eight English articles with four phrasings each: enough to learn weights from."""
    return [
        document(
            number,
            title,
            body,
            phrasings=asked if with_phrasings else (),
            rejections=(rejections or {}).get(number, ()),
        )
        for number, (title, body, asked) in enumerate(_SHOP, start=1)
    ]


def ask(model: Model, text: str, language: str = "en") -> list[Ranked]:
    return rank_question(model, text, language)


def first(model: Model, text: str, language: str = "en") -> int:
    return ask(model, text, language)[0].article_id


def probability(model: Model, text: str, article: int, language: str = "en") -> float:
    """Of one article; 0 where it is not among those ranked."""
    return next((one.probability for one in ask(model, text, language) if one.article_id == article), 0.0)


class ConceptEncoder:
    """A direction for each group of words, whichever language they are of, and one that all texts share."""

    GROUPS = (
        ("refund", "money", "återbetalning", "pengarna", "repayment", "reimbursed"),
        ("parcel", "package", "paket", "pakke", "shipment"),
        ("password", "login", "lösenord", "passord", "credentials"),
        ("gift", "voucher", "presentkort", "gavekort"),
    )
    name = "concepts"
    dimensions = len(GROUPS) + 1

    def encode(self, texts: Sequence[str], kind: str) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = text.casefold().replace("?", " ").replace(".", " ").split()
            row[0] = 1.0 if words else 0.0
            for place, group in enumerate(self.GROUPS, start=1):
                row[place] = sum(word in group for word in words)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)
