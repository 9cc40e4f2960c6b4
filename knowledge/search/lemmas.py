"""Dictionary forms, where stemming alone would miss them: "stugan" is a "stuga", "böcker" are a "bok".

Only those forms of the `simplemma` dictionaries are kept for which the stemmer would give something else. A dictionary
by itself does harm ("stranger" is not "strange"), so a form is taken at its dictionary form only where `_is_safe`
says so. A stemmer does harm too, where it takes the end of a word for an ending: that is put right here as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version

import marisa_trie
import Stemmer

from knowledge.search import word_files
from knowledge.search.languages import FOLDS, LANGUAGES

# Letters of a form and its dictionary form together: of shorter words too many are forms of several.
_SHORTEST = {"en": 7}
_SHORTEST_ELSE = 8
_LONGEST_ENDING = 4
# To be raised when the rules here change: the file is made anew.
_RULES = 2
_SAME_MEANING = ("a", "e", "het", "hed")


def stem_of_lemma(word: str, language: str) -> str | None:
    """The stem of the word's dictionary form, where that is not what the stemmer makes of the word itself."""
    known = LANGUAGES.get(language)
    if known is None or not known.lemmas:
        return None
    trie = open_file(language)
    found = trie.get(word)
    if found is None and known.links and word.endswith("s"):
        found = trie.get(word[:-1])
    return found[0].decode() if found else None


def dictionary(language: str) -> Mapping[str, str]:
    """All forms of a language with their dictionary forms. Large (100 MB) and slow: for making files, not to keep."""
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    return DefaultDictionaryFactory(cache_max_size=0).get_dictionary(LANGUAGES[language].lemmas)


@lru_cache(maxsize=len(LANGUAGES))
def open_file(language: str) -> marisa_trie.BytesTrie:
    return word_files.load("lemmas", language, made_of())


def made_of() -> str:
    return f"{_RULES}-{version('simplemma')}-{version('PyStemmer')}"


def rows(language: str) -> Iterator[tuple[str, bytes]]:
    """Words with the stems of their dictionary forms, for the file."""
    stem = Stemmer.Stemmer(LANGUAGES[language].stemmer).stemWord
    lemmas = dict(dictionary(language))
    stems = {lemma: stem(lemma) for lemma in set(lemmas.values())}
    of_their_own = {lemma for form, lemma in lemmas.items() if form != lemma}
    of_their_own |= {name.lower() for name in lemmas if name.istitle()}
    shortest = _SHORTEST.get(language, _SHORTEST_ELSE)
    for form, lemma in lemmas.items():
        if len(form) + len(lemma) < shortest or not (form.isalpha() and form.islower() and lemma.islower()):
            continue
        plain, of_lemma = stem(form), stems[lemma]
        is_form = form == lemma or plain == of_lemma or _is_safe(form, lemma, plain, of_lemma, form in of_their_own)
        if is_form and LANGUAGES[language].links and _is_another_word(of_lemma, lemma, lemmas):
            of_lemma = lemma
        if is_form and plain != of_lemma:
            yield form, of_lemma.encode()


def _is_another_word(stem: str, lemma: str, lemmas: Mapping[str, str]) -> bool:
    """Whether the stemmer turns one dictionary form into another: "billet" is not a "bil"."""
    if len(lemma) - len(stem) < 2 or lemmas.get(lemma) != lemma or lemmas.get(stem) != stem:
        return False
    # "pakker" (who packs) are also "pakke" in the plural, and "sikkerhed" is still about what is "sikker".
    may_be_form = lemma[-1] in "rns" and lemmas.get(lemma[:-1]) == lemma[:-1]
    return not (may_be_form or lemma.endswith(_SAME_MEANING))


def _is_safe(form: str, lemma: str, stem_of_form: str, stem_of_lemma: str, is_own: bool) -> bool:
    """Whether the form is the lemma with another ending, or one whose vowel changes and that begins like it.

    A word of its own (`is_own`) has forms of its own or is a name: "strangers" shows that "stranger" is not a form of
    "strange", nor is Drammen a "dram". With another vowel it may be both: "found" is "find" far more often than not.
    """
    if len(stem_of_lemma) < 3:
        return False
    ending = len(stem_of_form) - len(stem_of_lemma)
    if stem_of_form.startswith(stem_of_lemma):
        return ending <= _LONGEST_ENDING and not is_own
    begins_alike = form[:2].translate(FOLDS) == lemma[:2].translate(FOLDS)
    return begins_alike and len(lemma) <= len(form) + 1
