"""Cache invalidation, looking into cases as they come, and learning whose journey it is."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from deflection.middleware import origin_of
from deflection.models import HelpInContext, HelpRule, MatchingSettings, Upload, UploadPart
from deflection.models.matching import forget_threshold
from deflection.services import help_rules, joining, journeys, uploads
from knowledge.background import enqueue_on_commit
from tickets.models import Customer, Ticket, TicketEvent
from tickets.services.customer_logins import customer_of
from tickets.signals import case_event, customer_recognised, customers_merged, customers_parted


@receiver([post_save, post_delete], sender=MatchingSettings)
def forget_matching_settings(**kwargs: Any) -> None:
    forget_threshold()


@receiver([post_save, post_delete], sender=HelpInContext)
@receiver([post_save, post_delete], sender=HelpRule)
def forget_help_rules(**kwargs: Any) -> None:
    help_rules.forget_rules()


@receiver([post_delete], sender=Upload)
@receiver([post_delete], sender=UploadPart)
def delete_uploaded_content(instance: Upload | UploadPart, **kwargs: Any) -> None:
    uploads.forget_content(str(instance.file.name or ""))


@receiver(case_event)
def look_into_new_case(event: TicketEvent, **kwargs: Any) -> None:
    if event.kind in TicketEvent.BEGINNINGS:
        # Imported late: with the tasks comes the matcher, which only those should load that use it.
        from deflection.tasks import look_into_case

        enqueue_on_commit(look_into_case, event.ticket_id)


@receiver(case_event)
def keep_journey_with_case(event: TicketEvent, **kwargs: Any) -> None:
    if event.kind == TicketEvent.Kind.RECEIVED:
        joining.keep_with_case(event.ticket, at=event.created_at)


@receiver(customer_recognised)
def learn_whose_journey(request: HttpRequest, customer: Customer, ticket: Ticket | None, **kwargs: Any) -> None:
    if (origin := origin_of(request)) is not None:
        origin.recognise(customer, ticket)


@receiver(user_logged_in)
def learn_who_logged_in(request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    origin = origin_of(request)
    if origin is None:
        return
    if user.has_perm("tickets.work_cases"):
        # Who tries the pages before logging in to the desk is no customer either.
        if origin.journey is not None:
            journeys.leave_out(origin.journey)
    elif (customer := customer_of(user)) is not None:
        origin.recognise(customer)


@receiver(user_logged_out)
def part_from_who_logged_out(request: HttpRequest | None, user: Any = None, **kwargs: Any) -> None:
    if (origin := origin_of(request)) is not None:
        # What agents have begun to write at the desk waits for them.
        origin.forget(with_drafts=user is not None and not user.has_perm("tickets.work_cases"))


@receiver(customers_merged)
def move_journeys(kept: Customer, gone: Customer, **kwargs: Any) -> None:
    joining.move_customer(gone, kept)


@receiver(customers_parted)
def doubt_journeys(kept: Customer, **kwargs: Any) -> None:
    joining.forget_customer(kept)
