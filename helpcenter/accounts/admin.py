"""People and their roles. What a role may do is written in `roles.py`; here people are given roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import allauth.account.admin  # registers its addresses first, so that they can be taken out below
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from helpcenter.accounts.models import User
from helpcenter.accounts.roles import ROLE_NAMES
from knowledge.admin.base import ModelAdmin, ReadOnlyAdmin, chip

if TYPE_CHECKING:
    _PeopleAdmin = auth_admin.UserAdmin[User]
else:

    class _PeopleAdmin(auth_admin.UserAdmin, ModelAdmin):
        """Django's pages for passwords and permissions, in the theme's clothes."""


# One door for everybody: the site's own login, with its rate limits and e-mailed codes.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# A person's address is set on the person; a second list of addresses would only disagree with it.
admin.site.unregister(allauth.account.admin.EmailAddress)
admin.site.unregister(Group)


def role_name(group: Group) -> str:
    return str(ROLE_NAMES.get(group.name, group.name))


class RolesField(forms.ModelMultipleChoiceField[Group]):
    """Roles are few: boxes to tick."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def label_from_instance(self, obj: Group) -> str:
        return role_name(obj)


class _EmailMixin(forms.ModelForm[User]):
    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody has this address already."))
        return email


class NewPersonForm(_EmailMixin, UserCreationForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["usable_password"].label = _("Login with a password")
        self.fields["usable_password"].help_text = _("If disabled, they log in with a code sent to them by e-mail.")

    class Meta:
        model = User
        fields = ("email", "name", "display_name", "language", "is_staff", "groups")


class PersonForm(_EmailMixin, UserChangeForm):
    class Meta:
        model = User
        fields = (
            "email",
            "name",
            "display_name",
            "language",
            "password",
            "is_active",
            "is_staff",
            "groups",
            "is_superuser",
        )


@admin.register(User)
class PersonAdmin(_PeopleAdmin):
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = None
    change_password_form = AdminPasswordChangeForm
    list_display = ("name_shown", "email", "roles", "is_staff", "is_active", "last_login")
    list_filter = ("groups", "is_active", "is_staff")
    search_fields = ("email", "name", "display_name")
    ordering = ("name", "email")
    filter_horizontal = ()
    actions = None
    fieldsets = (
        (None, {"fields": ("email", "name", "display_name", "language", "password")}),
        (_("What they may do"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "display_name", "language", "is_staff", "groups")}),
        (
            _("Password"),
            {
                "fields": ("usable_password", "password1", "password2"),
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request)
        return people.prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return RolesField(Group.objects.all(), required=False, label=_("Roles"))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Nobody makes themselves more than they are, or locks themselves out."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if not request.user.is_superuser:
            fields += ("is_superuser",)
        if obj is not None and obj.pk == request.user.pk:
            fields += tuple({"is_active", "is_staff", "groups", "is_superuser"} - set(fields))
        return fields

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People who leave are made inactive: what they did keeps their name. Removing is for superusers."""
        is_self = obj is not None and obj.pk == request.user.pk
        return bool(request.user.is_superuser) and not is_self and super().has_delete_permission(request, obj)

    def _may_touch(self, request: HttpRequest, obj: User | None) -> bool:
        # Whoever can set a superuser's password is one.
        return bool(request.user.is_superuser) or obj is None or not obj.is_superuser

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # Codes are sent to these addresses: one that was replaced must not open the account any more.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        EmailAddress.objects.get_or_create(user=obj, email=obj.email, defaults={"verified": True, "primary": True})

    @admin.display(description=_("name"), ordering="name")
    def name_shown(self, person: User) -> str:
        return str(person)

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> SafeString:
        return format_html_join(" ", "{}", ((chip(role_name(group)),) for group in person.groups.all()))


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """Roles are part of the product and the same after every upgrade; here one sees who has which."""

    list_display = ("title", "people_total")
    readonly_fields = fields = ("title", "people", "may")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.annotate(people_total=Count("user"))

    @admin.display(description=_("role"), ordering="name")
    def title(self, group: Group) -> str:
        return role_name(group)

    @admin.display(description=_("people"), ordering="people_total")
    def people_total(self, group: Any) -> int:
        return int(group.people_total)

    @admin.display(description=_("people"))
    def people(self, group: Group) -> str:
        return ", ".join(str(person) for person in User.objects.filter(groups=group))

    @admin.display(description=_("what it allows"))
    def may(self, group: Group) -> SafeString:
        names = group.permissions.values_list("name", flat=True)
        return format_html_join("", "<div>{}</div>", ((name,) for name in names))
