"""Making up texts and people, the same ones for the same seed."""

from __future__ import annotations

from random import Random

from helpcenter.load import words

# How often each language is written, of a shop in the Nordic countries.
LANGUAGES = {"sv": 45, "nb": 22, "da": 18, "en": 15}


class Writer:
    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)  # noqa: S311 (made-up texts, no secrets)

    def language(self) -> str:
        return self.dice.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]

    def name(self) -> str:
        return f"{self.dice.choice(words.FIRST_NAMES)} {self.dice.choice(words.LAST_NAMES)}"

    def phone(self) -> str:
        return f"+46 7{self.dice.randrange(10)}-{self.dice.randrange(10**6, 10**7):07d}"

    def filled(self, text: str, language: str) -> str:
        dice = self.dice
        return text.format(
            order=dice.randrange(100_000, 999_999),
            days=dice.randrange(2, 30),
            product=dice.choice(words.PRODUCTS[language]),
            city=dice.choice(words.CITIES),
            street=f"{dice.choice(words.LAST_NAMES)}gatan {dice.randrange(1, 120)}",
            amount=f"{dice.randrange(90, 9000)} kr",
            code=f"{dice.choice('ABCDEFGH')}{dice.randrange(1000, 9999)}",
            phone=self.phone(),
        )

    def question(self, topic: str, language: str) -> str:
        """A story of two to six sentences, one or two of them about the topic."""
        asked = words.QUESTIONS[language][topic]
        told = words.STORY[language]
        sentences = self.dice.sample(asked, min(len(asked), self.dice.choice((1, 1, 2))))
        sentences += self.dice.sample(told, self.dice.randrange(1, 4))
        return self.filled(" ".join(sentences), language)

    def answer(self, language: str) -> str:
        chosen = self.dice.sample(words.ANSWERS[language], self.dice.choice((1, 2)))
        return self.filled(" ".join(chosen), language)

    def note(self) -> str:
        return self.filled(self.dice.choice(words.NOTES), "en")
