"""The languages that Svar understands. Adding one is one entry here (and its catalogue)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# How somebody without Nordic letters on the keyboard writes them.
FOLDS = str.maketrans({"å": "a", "ä": "a", "æ": "a", "ö": "o", "ø": "o", "é": "e", "è": "e", "ü": "u"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _forms(text: str) -> dict[str, str]:
    """Forms with the words that they are forms of, where those differ."""
    return {form: word or form for form, _, word in (pair.partition(":") for pair in text.split())}


@dataclass(frozen=True)
class Language:
    """How texts of one language are read. A language that writes compounds apart leaves the last four empty.

    - `stemmer`: Snowball's name; `lemmas`: the code in simplemma, empty for none
    - `nearest`: the order of fallback
    - `word_lists`: codes in wordfreq; those after the first lend it words that both languages spell alike
    - `links`: how the first part of a compound ends, what the word ends in when it stands alone, and how much rarer
      such a first part counts as (Zipf)
    - `short_parts`: first parts that are short and yet sure, with the words that they are
    - `never_first`: beginnings that derive words ("återbetalning"), not parts
    - `never_last`: endings that look like words ("möjlighet"), not parts
    """

    code: str
    stemmer: str
    letters: str
    nearest: tuple[str, ...]
    stop_words: frozenset[str]
    lemmas: str = ""
    word_lists: tuple[str, ...] = ()
    links: tuple[tuple[str, str, float], ...] = ()
    short_parts: Mapping[str, str] = field(default_factory=dict)
    never_first: frozenset[str] = frozenset()
    never_last: frozenset[str] = frozenset()


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
            lemmas="en",
            word_lists=("en",),
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
            lemmas="sv",
            word_lists=("sv",),
            links=(
                ("s", "", 0.1),
                ("e", "", 0.2),
                ("", "a", 0.05),
                ("e", "a", 0.3),
                ("ar", "are", 0.3),
                ("u", "a", 1.0),
                ("o", "a", 0.6),
            ),
            short_parts=_forms("el bo tv id it öl sim pin sms app pdf års:år"),
            never_first=_words(
                "all alla an andra ans av bak be bi bort del den det dis där efter emot far fort fram från för"
                " före genom halv har hel hela hur här icke ihop ill illa in inga inne inter just kan kom kon kring"
                " man med mellan men miss mot ned ner ny när om opp par per pro på re sal sam ser sig sin ska som sär"
                " till trans tro un under upp ur ut ute vad van var varje veder vem vid åter öm över"
            ),
            never_last=_words(
                "aktig ande anden andes andet anna ans ant ar are aren arna artad bar bara dare de den dens der des"
                " det dom domen ellen else en ena enlig ens ensam ent er era erad erat eri ett fri full färdig"
                " företrädes gen ges gilla han het heten heter hets håll iga igt ing inga ingar ingen inna inne ion"
                " ionen ioner isk iska iskt ism ist isten isterna kan lag lar las lat lek lekar leken len ler lera les"
                " lig liga ligt ling lingar lös lösa löst man med men ment mer min mot mässig mässigt na nad nads nare"
                " nas ner nera ning ningar ningen nings om on or orna par ran rar ras ren rens rer res ring ringar"
                " ringen ris sad sam samma samt sar sas sel sen sens ser sera ses sin sina ska skap skapen skaper som"
                " sta stan tal tala tar tas tats te ten tera tes tet till tion tionen ton tor torer torn var vara vart"
                " vera vis vist värd värt"
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
            lemmas="nb",
            word_lists=("nb",),
            links=(("s", "", 0.1), ("e", "", 0.2)),
            short_parts=_forms("el bo tv id it øl sim pin sms app pdf års:år"),
            never_first=_words(
                "all alle an andre av be bi bort del den der det etter far for fra fram frem før gjen gjennom gå"
                " halv har hel hele her hva hver hvor i igjen ille inn inne inter kan kom kon man med mellom men mis"
                " mot ned ny når om opp over par per pro på re sal sam seg ser sin skal som sær til tilbake trans u"
                " under unn ut ute van var ved"
            ),
            never_last=_words(
                "aktig alt ander andre ane ans anse ansen ant ar are aren arna bar barhet bart de den dens der dere"
                " des det dom dommen e elle ellen else elsen elser en ende enden ene ens ent er ere eren eri erne ers"
                " et fri full ger han het heten heter hun ing inga ingen inger inne ion ionen ioner isk iske ist isten"
                " ister kan lar las lat lek leken lekene len lende lene lens ler les let lig lige ligt ling løs løse"
                " løst man men ment mer messig min mot nad nader nas ne nen ner nes net ning ningen ninger nok om on"
                " or ran ras re ren rene rens rer ring ringen ringer ris sam samme samt sel sen ser ses set sin sine"
                " skap skaper skapet ske som ste tal tale te ten tene ter tes tet til tion ton tor toren torer var ved"
                " vis vist være"
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
            lemmas="da",
            word_lists=("da", "nb"),
            links=(("s", "", 0.1), ("e", "", 0.2)),
            short_parts=_forms("el bo tv id it øl sim pin sms app pdf års:år"),
            never_first=_words(
                "af all alle an andre be bi bort del den der det efter far for fra fram frem før gen gennem gå"
                " halv har hel hele her hvad hver hvor i igen ilde ind inde inter kan kom kon man med mellem men mis"
                " mod ned ny når om op over par per pro på re sal sam ser sig sin skal som sær til tilbage trans u ud"
                " ude und under van var ved"
            ),
            never_last=_words(
                "agtig agtige alt ander andre ane ans anse ansen ant ar are aren bar barhed bart de den dens der dere"
                " des det dom dommen e elle ellen else elsen elser en ende enden ene ens ent er ere eren eri erne ers"
                " et fri fuld ger han hed heden heder hun inde ing ingen inger ion ionen ioner isk iske ist isten"
                " ister kan lar las lat leg legen len lende lene lens ler les let lig lige ligt ling løs løse løst man"
                " men ment mer min mod nad ne nen ner nes net ning ningen ninger nok om on or ran ras re ren rene rens"
                " rer ring ringen ringer ris sam samme samt sel sen ser ses set sin sine skab skaber skabet ske som"
                " ste tal tale te ten tene ter tes tet til tion ton tor toren torer var ved vis vist være"
            ),
        ),
    )
}


def preferred(language: str) -> list[str]:
    """Language codes in the order in which a reader of `language` would rather read them."""
    known = LANGUAGES.get(language)
    first = [language, *known.nearest] if known else [language]
    return first + [code for code in LANGUAGES if code not in first]
