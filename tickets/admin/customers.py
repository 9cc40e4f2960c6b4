"""Customers, companies and ratings, to look things up in. Records are put right, merged and parted at the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from knowledge.admin.base import ModelAdmin, ReadOnlyAdmin, TabularInline, chip
from tickets.admin.mail import case_link
from tickets.models import Company, Customer, Identity, Rating
from tickets.services.customers import FREE_MAIL, gather_customers


class IdentityInline(TabularInline):
    model = Identity
    fields = readonly_fields = ("kind", "value", "is_verified", "bounced_at", "bounce_reason")
    extra = 0
    hide_title = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("tickets.view_customer")


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    list_display = ("customer", "address", "company", "language", "case_total", "created_at")
    list_filter = ("language", "created_at")
    list_select_related = ("company",)
    search_fields = ("name", "identities__value", "company__name")
    autocomplete_fields = ("company",)
    show_full_result_count = False
    inlines = (IdentityInline,)
    actions = None
    readonly_fields = ("at_the_desk",)
    fieldsets = ((None, {"fields": ("name", "company", "region", "language", "notes", "at_the_desk")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers: QuerySet[Customer] = super().get_queryset(request)
        return customers.prefetch_related("identities").annotate(case_total=Count("tickets"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Their cases would go with them.
        return False

    @admin.display(description=_("customer"), ordering="name")
    def customer(self, customer: Customer) -> str:
        return str(customer)

    @admin.display(description=_("e-mail"))
    def address(self, customer: Customer) -> str:
        return customer.email

    @admin.display(description=_("cases"), ordering="case_total")
    def case_total(self, customer: Any) -> int:
        return int(customer.case_total)

    @admin.display(description=_("at the desk"))
    def at_the_desk(self, customer: Customer) -> str:
        address = reverse("desk:customer", args=[customer.pk])
        return format_html('<a class="sv-link" href="{}">{}</a>', address, _("Cases, addresses, merging"))


class CompanyForm(forms.ModelForm[Company]):
    class Meta:
        model = Company
        fields = ("name", "domain", "notes")

    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"].strip().lower().lstrip("@")
        if domain in FREE_MAIL:
            raise forms.ValidationError(_("Everybody can have an address there, so it says nothing about a company."))
        if domain and ("." not in domain or " " in domain or "@" in domain):
            raise forms.ValidationError(_("Write what stands after the @, such as example.com."))
        return domain


@admin.register(Company)
class CompanyAdmin(ModelAdmin):
    form = CompanyForm
    list_display = ("name", "domain", "customer_total")
    search_fields = ("name", "domain")
    show_full_result_count = False
    fieldsets = ((None, {"fields": ("name", "domain", "notes")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Company]:
        companies: QuerySet[Company] = super().get_queryset(request)
        return companies.annotate(customer_total=Count("customers"))

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if count := gather_customers(obj):
            text = ngettext(
                "%(count)s customer writes from its domain and belongs to it now.",
                "%(count)s customers write from its domain and belong to it now.",
                count,
            )
            messages.success(request, text % {"count": count})

    @admin.display(description=_("customers"), ordering="customer_total")
    def customer_total(self, company: Any) -> int:
        return int(company.customer_total)


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "case", "points", "ease", "beginning")
    list_filter = ("satisfaction", "effort", "created_at")
    list_select_related = ("ticket",)
    search_fields = ("comment", "ticket__reference")
    show_full_result_count = False
    readonly_fields = ("case", "points", "ease")
    fieldsets = ((None, {"fields": ("case", "points", "ease", "comment", "created_at")}),)

    @admin.display(description=_("case"), ordering="ticket__reference")
    def case(self, rating: Rating) -> str:
        return case_link(rating.ticket)

    @admin.display(description=_("satisfaction (1 to 5)"), ordering="satisfaction")
    def points(self, rating: Rating) -> str:
        if rating.satisfaction is None:
            return ""
        kind = "ok" if rating.satisfaction > 3 else "warn" if rating.satisfaction < 3 else ""
        return chip(str(rating.satisfaction), kind)

    @admin.display(description=_("ease (1 to 7)"), ordering="effort")
    def ease(self, rating: Rating) -> str:
        return "" if rating.effort is None else str(rating.effort)

    @admin.display(description=_("comment"))
    def beginning(self, rating: Rating) -> str:
        return rating.comment[:80]
