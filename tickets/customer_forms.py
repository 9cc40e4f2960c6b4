"""Shapes of what agents send about customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.search.analysis import clean
from tickets.models import Company, Customer, Identity

_MAX_NOTES = 10_000


class CustomerForm(forms.ModelForm[Customer]):
    """What is known of a person; the company by its name, so that a new one is made on the way."""

    company_name = forms.CharField(label=_("Company"), required=False, max_length=120)

    class Meta:
        model = Customer
        fields = ("name", "region", "language", "notes")
        labels = {"name": _("Name"), "region": _("Region"), "language": _("Language"), "notes": _("Notes")}
        help_texts = {"notes": _("Only agents see them.")}
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}

    field_order = ("name", "company_name", "region", "language", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and self.instance.company:
            self.initial["company_name"] = self.instance.company.name
        self.fields["company_name"].widget.attrs |= {"list": "companies", "autocomplete": "off"}

    def clean_company_name(self) -> Company | None:
        name = " ".join(clean(self.cleaned_data["company_name"]).split())
        if not name:
            return None
        return Company.objects.filter(name__iexact=name).first() or Company(name=name)

    def clean_notes(self) -> str:
        notes: str = clean(self.cleaned_data["notes"])
        if len(notes) > _MAX_NOTES:
            raise forms.ValidationError(
                _("The notes are %(length)s characters long; the limit is %(limit)s."),
                params={"length": len(notes), "limit": _MAX_NOTES},
            )
        return notes

    @property
    def values(self) -> dict[str, Any]:
        """What `customers.change_customer` takes."""
        data = dict(self.cleaned_data)
        return data | {"company": data.pop("company_name")}


class AddressForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Identity.Kind.choices, initial=Identity.Kind.EMAIL)
    value = forms.CharField(label=_("Address, number or ID"), max_length=254)
