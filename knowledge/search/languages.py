"""The languages that Svar understands. Adding one is one entry here (and its catalogue)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """How texts of one language are read. `stemmer` is Snowball's name, `nearest` the order of fallback."""

    code: str
    stemmer: str
    letters: str
    nearest: tuple[str, ...]
    stop_words: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Function words and the phrases of asking ("how do I", "hur gör jag"): what is left is what it is about.
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language(
            "en",
            "english",
            "",
            ("sv", "da", "nb"),
            _words(
                "a an and any are as at be been but by can could do does did for from get got had has have hello"
                " hey hi how i if in into is it its just may me might my of on or our please shall should so some"
                " that the their them then there these they this to too us was we were what when where which who"
                " why will with would you your im ive id dont doesnt cant am about not no since still also only"
            ),
        ),
        Language(
            "sv",
            "swedish",
            "åäö",
            ("nb", "da", "en"),
            _words(
                "alla allt att av bara blev bli blir de dem den denna det detta dig din dina ditt du då där eller"
                " en er ett för från får få fick gör göra ha hade han har hej hennes hon hur här i in inte ja jag"
                " kan kunde man med men mig min mina mitt mot mycket må måste ni nu när nån något någon och om oss"
                " på sig sin ska skall skulle som så till tills ta tack upp ut var vad vara varför vem vi vid vill"
                " vilken vilket är även åt över ju snälla sedan kommer också bara efter under igen"
            ),
        ),
        Language(
            "nb",
            "norwegian",
            "æøå",
            ("da", "sv", "en"),
            _words(
                "alle at av bare ble bli blir da de deg dem den denne der dere det dette din dine ditt du eller"
                " en enn er et ett etter for fra få får fikk gjøre gjør ha hadde han har hei hun hva hvem hvilken"
                " hvilket hvis hvor hvordan hvorfor i ikke inn ja jeg kan kunne man med meg men min mine mitt mot"
                " må ned nei noe noen nå når og også om opp oss på seg sin skal skulle som så takk til ut var ved"
                " vi vil ville være vår siden kommer bare igjen under"
            ),
        ),
        Language(
            "da",
            "danish",
            "æøå",
            ("nb", "sv", "en"),
            _words(
                "alle at af bare blev blive bliver da de deres dem den denne der det dette dig din dine dit du"
                " eller en end er et efter for fra får få fik gør gøre ha havde han har hej hun hvad hvem hvilken"
                " hvilket hvis hvor hvordan hvorfor i ikke ind ja jeg kan kunne man med mig men min mine mit mod"
                " må ned nej noget nogen nogle nu når og også om op os på sig sin skal skulle som så tak til ud"
                " var ved vi vil ville være vores siden kommer bare igen under"
            ),
        ),
    )
}


def preferred(language: str) -> list[str]:
    """Language codes in the order in which a reader of `language` would rather read them."""
    known = LANGUAGES.get(language)
    first = [language, *known.nearest] if known else [language]
    return first + [code for code in LANGUAGES if code not in first]
