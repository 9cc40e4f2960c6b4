"""A token server on loopback (RFC 6749), which also says of a token whether it holds (RFC 7662)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET, REFRESH = "s3cret/+", "refresh-1"


@dataclass
class TokenServer:
    user: str
    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    valid: set[str] = field(default_factory=set)
    expires_in: int = 3600
    rotates: bool = False
    """Whether each token comes with another refresh token, and the one before ends."""
    fails_with: int = 0
    refresh_token: str = REFRESH

    def client(self, **options: str) -> str:
        query = "".join(f"&{name}={value}" for name, value in options.items())
        return f"http://svar:s3cret%2F%2B@127.0.0.1:{self.port}/token?name=office{query}"

    @property
    def introspection_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/introspect?token="

    def revoke(self) -> None:
        self.valid.clear()

    def answer(self, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(asked)
        if self.fails_with:
            return self.fails_with, {}
        if asked.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
        if asked["grant_type"] == "refresh_token" and asked["refresh_token"] != self.refresh_token:
            return 400, {"error": "invalid_grant", "error_description": "The refresh token has expired."}
        token = f"token-{len(self.asked)}"
        self.valid.add(token)
        found: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}
        if self.rotates:
            self.refresh_token = found["refresh_token"] = f"refresh-{len(self.asked) + 1}"
        return 200, found


@contextmanager
def token_server(user: str) -> Iterator[TokenServer]:
    state = TokenServer(user)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*state.answer({name: values[0] for name, values in parse_qs(body).items()}))

        def do_GET(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
            self._say(200, {"active": token in state.valid, "username": state.user})

        def _say(self, status: int, found: dict[str, Any]) -> None:
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
