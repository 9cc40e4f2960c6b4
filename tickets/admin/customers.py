"""Customers: who they are and how we know them. Name and language can be put right; addresses cannot be moved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import ModelAdmin, TabularInline
from tickets.models import Customer, Identity


class IdentityInline(TabularInline):
    model = Identity
    fields = readonly_fields = ("kind", "value", "is_verified")
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
    list_display = ("customer", "address", "language", "case_total", "created_at")
    list_filter = ("language", "created_at")
    search_fields = ("name", "identities__value")
    show_full_result_count = False
    inlines = (IdentityInline,)
    actions = None
    fieldsets = ((None, {"fields": ("name", "language")}),)

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
