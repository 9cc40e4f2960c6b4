"""API tokens: made, shown once, taken out of use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import ForeignKey
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import ModelAdmin, chip
from tickets.models import ApiToken
from tickets.services.agents import agents
from tickets.services.tokens import make_token

_ROLE_LABELS = {
    "agent": _("Agent"),
    "editor": _("Editor"),
    "manager": _("Manager"),
    "administrator": _("Administrator"),
}


def _role_label(name: str) -> str:
    """A role by the name that people know it by."""
    return str(_ROLE_LABELS.get(name, name.capitalize()))


class RoleChoiceField(ModelChoiceField[Any]):
    def label_from_instance(self, obj: Any) -> str:
        return _role_label(obj.name)


class TokenForm(forms.ModelForm[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ("name", "role", "user", "is_active")


@admin.register(ApiToken)
class TokenAdmin(ModelAdmin):
    list_display = ("name", "begins_with", "role_name", "user", "state", "used_at", "created_at")
    list_filter = ("is_active",)
    list_select_related = ("role", "user")
    search_fields = ("name", "prefix", "user__email")
    form = TokenForm
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is None:
            explanation = _(
                "The token is shown once, on the next page. It may do what its role may, and never more than the "
                "person may whose name it acts in."
            )
            return ((None, {"fields": ("name", "role", "user"), "description": explanation}),)
        return ((None, {"fields": ("name", "is_active", "begins_with", "role_name", "user", "created_at", "used_at")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        # One that could do more tomorrow than today would surprise whoever gave it away.
        return ("begins_with", "role_name", "user", "created_at", "used_at") if obj else ()

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            kwargs |= {"queryset": Group.objects.order_by("name"), "form_class": RoleChoiceField}
        if db_field.name == "user":
            kwargs["queryset"] = agents()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, text = make_token(name=obj.name, role=obj.role, user=obj.user)
        obj.pk = made.pk
        obj.refresh_from_db()
        request.made_token = text  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """The token itself, in this one answer and nowhere else: not in a message, which would lie in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The new token"),
            "token": request.made_token,  # type: ignore[attr-defined]
            "name": obj.name,
            "list_url": reverse("admin:tickets_apitoken_changelist"),
        }
        response = TemplateResponse(request, "admin/tickets/apitoken/made.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description=_("begins with"), ordering="prefix")
    def begins_with(self, token: ApiToken) -> str:
        return f"{token.prefix}…"

    @admin.display(description=_("role"), ordering="role__name")
    def role_name(self, token: ApiToken) -> str:
        return _role_label(token.role.name)

    @admin.display(description=_("status"), ordering="is_active")
    def state(self, token: ApiToken) -> str:
        return chip(str(_("In use")), "ok") if token.is_active else chip(str(_("Out of use")), "quiet")
