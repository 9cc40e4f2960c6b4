"""How many chats agents take at once, and who is there now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.admin.base import ModelAdmin
from tickets.models import AgentAvailability
from tickets.services.agents import agents


@admin.register(AgentAvailability)
class AgentAvailabilityAdmin(ModelAdmin):
    list_display = ("user", "chat_capacity", "own_capacity", "state", "is_there")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    actions = None
    fieldsets = ((None, {"fields": ("user", "chat_capacity", "own_capacity", "state")}),)
    # What agents say of themselves is theirs to say.
    readonly_fields = ("own_capacity", "state")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "user") if obj else self.readonly_fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = agents().filter(availability=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("at the desk"), boolean=True)
    def is_there(self, availability: AgentAvailability) -> bool:
        return availability.is_at_the_desk(timezone.now())
