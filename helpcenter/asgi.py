"""The site as an ASGI application: pages by the threads of our handler, sockets by Channels."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpcenter.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402 (needs the settings)

from helpcenter.handler import ThreadedHandler  # noqa: E402
from tickets.channels.chat.routing import sockets  # noqa: E402

application = ProtocolTypeRouter({"http": ThreadedHandler(), "websocket": sockets()})
