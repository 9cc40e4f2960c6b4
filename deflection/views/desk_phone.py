"""The phone at the desk: who is calling, what came before, and the call as a case."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from deflection.desk_forms import OPEN, SOLVED, CallForm
from deflection.services import callers, spoken
from deflection.services.callers import Call, Found, Solved
from deflection.services.suggestions import suggest
from knowledge.forms import row_number, without_nul
from knowledge.models import Topic
from tickets.errors import TicketError
from tickets.models import Identity, Ticket
from tickets.services.case_file import articles_for_many, journey_steps
from tickets.views.desk.door import DeskRequest, at_the_desk
from tickets.views.desk.elsewhere import rail_elsewhere

_SUGGESTED = 3


@never_cache
@require_safe
@at_the_desk
def phone(request: DeskRequest) -> HttpResponse:
    """Looking up who calls, and the form in which the call is written down."""
    found = _found(request, request.GET.get("find", ""), request.GET.get("person", ""))
    return _page(request, found, _blank(request, found))


def _found(request: DeskRequest, words: str, person: str) -> Found:
    return callers.look_up(words, by=request.user, person=row_number(person))


def _blank(request: DeskRequest, found: Found) -> CallForm:
    """The form with what is known already: nobody spells their name twice."""
    who, written = found.customer, found.written
    journey_language = found.journey.language if found.journey else ""
    initial = {
        "customer": who.pk if who else "",
        "code": found.code,
        "name": who.name if who else written.name if written else "",
        "number": _number(found),
        "email": who.email if who else written.email if written else "",
        "topic": written.topic if written else "",
        "about": written.message if written else "",
        "language": journey_language or (who.language if who else request.LANGUAGE_CODE),
    }
    return CallForm(initial=initial, cases=Ticket.objects.visible_to(request.user))


def _number(found: Found) -> str:
    if found.customer is None:
        digits = sum(sign.isdigit() for sign in found.words)
        return found.words if digits > 5 and not found.code and not found.people else ""
    numbers = (one.value for one in found.customer.identities.all() if one.kind == Identity.Kind.PHONE)
    return next(numbers, "")


def _page(request: DeskRequest, found: Found, form: CallForm, *, status: int = 200) -> HttpResponse:
    language = request.LANGUAGE_CODE
    choices = _articles(request, str(form["about"].value() or ""), form)
    context = {
        "rail": rail_elsewhere(request),
        "found": found,
        "steps": journey_steps(found.steps, found.journey.language if found.journey else language),
        "form": form,
        "topics": [(topic.slug, topic.name_in(language)) for topic in Topic.objects.visible().with_names()],
        "choices": choices,
        "chosen": form.chosen_article,
        "words": str(form["find"].value() or ""),
        "open": OPEN,
        "solved": SOLVED,
        "code": spoken.shown(found.code) if found.code else "",
    }
    return render(request, "desk/phone.html", context, status=status)


def _articles(request: DeskRequest, about: str, form: CallForm) -> list[tuple[str, str]]:
    return _choices(
        about, str(form["find"].value() or ""), form.chosen_article, str(form["language"].value() or ""), request
    )


def _choices(about: str, words: str, chosen: str, language: str, request: DeskRequest) -> list[tuple[str, str]]:
    """Articles to pick from: what the words find, then what probably answers what was said."""
    found = articles_for_many([], words, chosen, request.LANGUAGE_CODE)
    known = {number for number, _title in found}
    likely = suggest(about, language or request.LANGUAGE_CODE)[:_SUGGESTED] if about.strip() else []
    more = [(str(one.translation.article_id), one.translation.title) for one in likely]
    return [*found, *(one for one in more if one[0] not in known)]


@never_cache
@require_POST
@at_the_desk
def articles(request: DeskRequest) -> HttpResponse:
    """The articles that may have answered it, while the agent writes."""
    data = without_nul(request.POST)
    assert data is not None
    words, chosen = data.get("find", ""), data.get("article", "")
    choices = _choices(data.get("about", ""), words, chosen, data.get("language", ""), request)
    return render(request, "desk/parts/call_articles.html", {"choices": choices, "words": words, "chosen": chosen})


@never_cache
@require_POST
@at_the_desk
def log(request: DeskRequest) -> HttpResponse:
    """Writes the call down. What cannot be taken comes back with all that was written."""
    data = without_nul(request.POST)
    form = CallForm(data, cases=Ticket.objects.visible_to(request.user))
    if "look" not in request.POST and form.is_valid():
        try:
            ticket, left = callers.log(_call(form), agent=request.user, solved=_solved(form))
        except TicketError as error:
            form.add_error(None, str(error))
        else:
            for sentence in left:
                messages.warning(request, sentence)
            messages.success(request, _("The call is in case %(reference)s.") % {"reference": ticket.reference})
            return redirect("desk:case", ticket.reference) if not ticket.is_settled else redirect("desk:phone")
    is_looking = "look" in request.POST
    if is_looking:
        form = CallForm(initial=dict(request.POST.items()), cases=Ticket.objects.visible_to(request.user))
    found = _found(request, request.POST.get("words", ""), request.POST.get("customer", ""))
    return _page(request, found, form, status=200 if is_looking else 422)


def _call(form: CallForm) -> Call:
    data = form.cleaned_data
    names = ("about", "language", "key", "customer", "name", "number", "email", "topic", "code", "case")
    return Call(**{name: data[name] for name in names})


def _solved(form: CallForm) -> Solved | None:
    data = form.cleaned_data
    if data["then"] != SOLVED:
        return None
    return Solved(article=form.answer, root_cause=data["root_cause"], demand_type=data["demand_type"])
