"""Chat for windows in other sites, and for those whose network lets no socket through.

The key that comes with the beginning opens that chat, and nothing else; no cookie is read.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import override
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.api import LanguageField
from knowledge.models import Topic
from knowledge.origins import origin_of
from knowledge.problems import problems
from tickets.api.written import MessageField
from tickets.errors import TicketError
from tickets.models import Chat
from tickets.services import chats
from tickets.services.chat_keys import chat_key, open_room, room_path, socket_url
from tickets.services.chat_reading import line_data, mark_seen
from tickets.services.chat_room import enter_room, line_for_customer
from tickets.services.chat_texts import window_limits, window_texts
from tickets.services.chat_wishes import WISHES, wish
from tickets.services.customers import normalise_email
from tickets.services.intake import MAX_MESSAGE_CHARACTERS
from tickets.services.links import case_url

_KEY = OpenApiParameter(
    "Chat-Key", str, OpenApiParameter.HEADER, required=True, description="The `key` that came when the chat began."
)
_TOO_MANY_FILES = 20
_LAST = 2**31 - 1


class ChatRequest(serializers.Serializer[Any]):
    message = MessageField()
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)
    email = serializers.CharField(required=False, allow_blank=True, default="", max_length=254)
    topic = serializers.SlugField(required=False, allow_blank=True, allow_null=True, max_length=60)
    lang = LanguageField(default=settings.LANGUAGE_CODE)
    place = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=120, help_text="Where the window stands: a host name."
    )
    key = serializers.RegexField(
        r"^[A-Za-z0-9_-]{16,64}$",
        required=False,
        help_text="A random name of your own for this chat: sent again with the same message, it begins once.",
    )

    def validate_email(self, value: str) -> str:
        try:
            return normalise_email(value) if value.strip() else ""
        except TicketError as error:
            raise serializers.ValidationError(str(error)) from None

    def validate_topic(self, value: str | None) -> Topic | None:
        """A topic that is not offered (any more) is no topic: it stands between nobody and their chat."""
        return Topic.objects.visible().filter(slug=value).first() if value else None


class ChatAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField(help_text="Opens this chat: keep it where only its customer gets at it.")
    socket = serializers.CharField(help_text="The address of its WebSocket (docs/chat.md).")
    url = serializers.CharField(help_text="The chat as a page, which needs no JavaScript.")
    case = serializers.CharField(help_text="The page of the case that the chat is part of.")
    texts = serializers.DictField(child=serializers.CharField(), help_text="What a window says by itself.")
    limits = serializers.DictField(help_text="Limits of files.")
    zone = serializers.CharField(help_text="The time zone in which times are told.")


class ChatFile(serializers.Serializer[Any]):
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    size_text = serializers.CharField(help_text="The same in words, in the language of the chat.")
    url = serializers.CharField()
    is_image = serializers.BooleanField()


class ChatLine(serializers.Serializer[Any]):
    seq = serializers.IntegerField(help_text="Its place in the chat, from 1, without gaps.")
    side = serializers.ChoiceField(choices=[str(Chat.Side.CUSTOMER), str(Chat.Side.AGENT)])
    who = serializers.CharField(allow_blank=True)
    body = serializers.CharField()
    at = serializers.DateTimeField()
    key = serializers.CharField(allow_blank=True)
    channel = serializers.CharField()
    files = ChatFile(many=True)


class ChatNotice(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    after = serializers.IntegerField(help_text="The number of the line that it came after.")
    text = serializers.CharField()
    at = serializers.DateTimeField()


class ChatState(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=Chat.State.choices)
    is_over = serializers.BooleanField()
    words = serializers.CharField()
    who = serializers.CharField(allow_blank=True)
    seen = serializers.IntegerField(help_text="Up to which number we have read.")
    has_address = serializers.BooleanField()
    reference = serializers.CharField()
    case = serializers.CharField()
    is_settled = serializers.BooleanField()


class ChatQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        min_value=0, max_value=_LAST, default=0, help_text="The last number that the window has."
    )
    seen = serializers.IntegerField(
        min_value=0, max_value=_LAST, default=0, help_text="The number up to which its customer has read."
    )
    lang = LanguageField(
        required=False, allow_blank=True, default="", help_text="In which what happened is told; else the chat's own."
    )


class ChatRoomAnswer(serializers.Serializer[Any]):
    lines = ChatLine(many=True)
    notices = ChatNotice(many=True)
    state = ChatState()


class ChatSay(serializers.Serializer[Any]):
    key = serializers.RegexField(r"^[A-Za-z0-9_-]{8,64}$", help_text="A random name; the same when sent again.")
    body = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=MAX_MESSAGE_CHARACTERS, trim_whitespace=False
    )
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), required=False, max_length=_TOO_MANY_FILES
    )


class ChatWish(serializers.Serializer[Any]):
    what = serializers.ChoiceField(choices=[(one, one) for one in WISHES])
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=254,
        help_text="The e-mail address, where one is given.",
    )


class ChatWishAnswer(serializers.Serializer[Any]):
    error = serializers.CharField(allow_blank=True, help_text="Why it could not be done, or nothing.")


def _room(request: Request, chat_id: uuid.UUID) -> Chat:
    chat = open_room(chat_id, request.headers.get("Chat-Key", ""))
    if chat is None:
        raise Http404
    return chat


class ChatsView(APIView):
    throttle_scope = "chats"

    @extend_schema(
        operation_id="chats_begin",
        request=ChatRequest,
        responses={201: ChatAnswer, **problems(400, 413, 415, 429)},
        tags=["contact"],
    )
    def post(self, request: Request) -> Response:
        """Begins a chat with its first message, which is a case from then on."""
        sent = ChatRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        with override(values["lang"]):
            try:
                chat = chats.begin(
                    body=values["message"],
                    language=values["lang"],
                    email=values["email"],
                    name=values["name"],
                    topic=values.get("topic"),
                    origin=origin_of(request).current(),
                    place=values["place"] or "api",
                    client_key=values.get("key", ""),
                )
            except TicketError as error:
                raise serializers.ValidationError({"message": [str(error)]}) from None
            answer = {
                "id": str(chat.pk),
                "key": chat_key(chat),
                "socket": socket_url(chat),
                "url": settings.SITE_URL + room_path(chat, values["lang"]),
                "case": case_url(chat.ticket),
                "texts": window_texts(),
                "limits": window_limits(),
                "zone": get_current_timezone_name(),
            }
        return Response(answer, status=status.HTTP_201_CREATED)


class ChatView(APIView):
    throttle_scope = "chat"

    @extend_schema(
        operation_id="chats_read",
        parameters=[_KEY, ChatQuery],
        responses={200: ChatRoomAnswer, **problems(400, 404, 429)},
        tags=["contact"],
    )
    def get(self, request: Request, chat_id: uuid.UUID) -> Response:
        """What was said after a number, what happened, and how the chat stands."""
        asked = ChatQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        found = enter_room(chat_id, request.headers.get("Chat-Key", ""), values["after"], values["lang"])
        if found is None:
            raise Http404
        if values["seen"]:
            mark_seen({chat_id: {str(Chat.Side.CUSTOMER): values["seen"]}})
        return Response(found.data)


class ChatMessagesView(APIView):
    throttle_scope = "chat"
    parser_classes = [*APIView.parser_classes, MultiPartParser]

    @extend_schema(
        operation_id="chats_say",
        parameters=[_KEY],
        request={"application/json": ChatSay, "multipart/form-data": ChatSay},
        responses={201: ChatLine, **problems(400, 404, 413, 415, 429)},
        tags=["contact"],
    )
    def post(self, request: Request, chat_id: uuid.UUID) -> Response:
        """Says something, with files where it is sent as a form. The same key again is the same line."""
        chat = _room(request, chat_id)
        sent = ChatSay(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        with override(chat.ticket.language):
            try:
                message = chats.say(
                    chat,
                    side=Chat.Side.CUSTOMER,
                    body=values["body"],
                    client_key=values["key"],
                    files=values.get("files", ()),
                )
            except TicketError as error:
                raise serializers.ValidationError({"body": [str(error)]}) from None
        return Response(line_for_customer(line_data(message)), status=status.HTTP_201_CREATED)


class ChatWishesView(APIView):
    throttle_scope = "chat"

    @extend_schema(
        operation_id="chats_wish",
        parameters=[_KEY],
        request=ChatWish,
        responses={200: ChatWishAnswer, **problems(400, 404, 413, 415, 429)},
        tags=["contact"],
    )
    def post(self, request: Request, chat_id: uuid.UUID) -> Response:
        """Gives an e-mail address, ends the chat, says that it was solved, or asks for all of it by e-mail."""
        chat = _room(request, chat_id)
        sent = ChatWish(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        with transaction.atomic():
            error = wish(chat.pk, values["what"], values["text"], chat.ticket.language)
        return Response({"error": error})
