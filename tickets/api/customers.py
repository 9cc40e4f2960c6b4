"""Who somebody is: looked up by what another system knows of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.api.cases import TokenView
from tickets.api.problems import LIST_PROBLEMS
from tickets.errors import TicketError
from tickets.models import Customer, Identity
from tickets.services.case_data import timestamp
from tickets.services.customers import normalise_phone


class CustomersQuery(serializers.Serializer[Any]):
    email = serializers.CharField(required=False, max_length=254)
    phone = serializers.CharField(required=False, max_length=40, help_text="With the country: +46 70 123 45 67.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({"email": [_("Give either an e-mail address or a phone number.")]})
        return attrs


class CustomerIdentity(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Identity.Kind.choices)
    value = serializers.CharField()
    is_verified = serializers.BooleanField()


class CustomerItem(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    company = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_blank=True)
    identities = CustomerIdentity(many=True)
    cases = serializers.IntegerField(help_text="How many cases they have; `GET /tickets/?customer=` lists them.")
    created_at = serializers.DateTimeField()


class CustomersFound(serializers.Serializer[Any]):
    results = CustomerItem(many=True)


class CustomersView(TokenView):
    @extend_schema(
        operation_id="customers_find",
        parameters=[CustomersQuery],
        responses={200: CustomersFound, **LIST_PROBLEMS},
        tags=["cases"],
    )
    def get(self, request: Request) -> Response:
        """The customer with this e-mail address or phone number, if there is one."""
        query = CustomersQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response({"results": [_told(one) for one in _known_by(**query.validated_data)]})


def _known_by(email: str = "", phone: str = "") -> QuerySet[Customer]:
    if email:
        known = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=email.strip().lower())
    else:
        try:
            number = normalise_phone(phone)
        except TicketError as error:
            raise serializers.ValidationError({"phone": [str(error)]}) from None
        known = Identity.objects.filter(kind__in=[Identity.Kind.PHONE, Identity.Kind.WHATSAPP], value=number)
    customers = Customer.objects.filter(pk__in=known.values("customer")).order_by("pk")
    return customers.annotate(case_count=Count("tickets")).select_related("company").prefetch_related("identities")


def _told(customer: Any) -> dict[str, Any]:
    return {
        "id": customer.pk,
        "name": customer.name,
        "language": customer.language,
        "company": customer.company.name if customer.company else None,
        "region": customer.region,
        "identities": [
            {"kind": one.kind, "value": one.value, "is_verified": one.is_verified} for one in customer.identities.all()
        ],
        "cases": customer.case_count,
        "created_at": timestamp(customer.created_at),
    }
