"""The form in which a text is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.models import ArticleTranslation

MAX_BODY_CHARACTERS = 200_000


class TextForm(forms.ModelForm[ArticleTranslation]):
    """Edits the newest revision, not what is public. `seen` is the revision that the person began from."""

    comment = forms.CharField(
        label=_("What changed"),
        max_length=200,
        required=False,
        help_text=_("A few words for your colleagues; customers do not see them."),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ArticleTranslation
        fields = ("article", "language", "title", "slug", "summary", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = self.instance.latest_revision if self.instance.pk else None
        self.newest = latest.number if latest else 0
        self.initial["seen"] = self.newest
        if latest is not None:
            self.initial.update(title=latest.title, summary=latest.summary, body=latest.body)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        language = self.cleaned_data.get("language") or self.instance.language
        taken = ArticleTranslation.objects.in_language(language).filter(slug=slug).exclude(pk=self.instance.pk)
        if slug and (other := taken.first()):
            raise forms.ValidationError(_("“%(title)s” has this address already."), params={"title": other.title})
        return slug

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"]
        if len(body) > MAX_BODY_CHARACTERS:
            raise forms.ValidationError(
                _("The text is longer than %(limit)s characters."), params={"limit": MAX_BODY_CHARACTERS}
            )
        return body

    def clean(self) -> dict[str, Any]:
        """Nobody overwrites what a colleague saved meanwhile without knowing it."""
        cleaned = super().clean() or self.cleaned_data
        seen = cleaned.get("seen")
        if self.instance.pk and seen is not None and seen < self.newest:
            author = self.instance.latest_revision.author if self.instance.latest_revision else None
            # Sent again, the form goes through: the colleague's text stays among the revisions.
            self.data = {**self.data.dict(), self.add_prefix("seen"): str(self.newest)}  # type: ignore[attr-defined]
            raise forms.ValidationError(
                gettext(
                    "%(author)s saved revision %(number)s while you were writing. Your text is still here and not "
                    "saved yet. Look at the revisions in another tab, or save again to put your text on top."
                ),
                params={"author": author or gettext("Somebody"), "number": self.newest},
            )
        return cleaned
