"""A site of somebody else, on another origin and with a strict policy, that includes the widget."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PAGE = """<!doctype html>
<html lang="{lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fjord &amp; Fell</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css">{scripts}</head>
<body>
<header><p>Fjord &amp; Fell</p></header>
<main><h1>Wool jacket</h1><p>Warm, light, and made to last. <a href="/other/">Another page</a></p>
<p><a id="ask" href="{help}">Questions?</a></p>
<form id="their-form" method="post" action="/sent/">
<p><label>Subject <input name="subject"></label></p>
<p><label>Message <textarea name="text" rows="4"></textarea></label></p>
<p><button>Send to the shop</button></p>
</form></main>
</body></html>"""
# A host whose own rules are rude: sizes, cases and letters of all kinds.
_CSS = """html { font-size: 62.5%; } body { margin: 0; font: 1.6rem/1.6 Georgia, serif; color: #222; background: #fff; }
main, header { max-width: 60rem; margin: 0 auto; padding: 1.6rem; } * { letter-spacing: .02em; }
button { text-transform: uppercase; background: #c00; color: #fff; } input, textarea { font: inherit; width: 100%; }
div { padding: 3px; } h2 { color: #00f; font-size: 5rem; }
@media (prefers-color-scheme: dark) { body { background: #222; color: #eee; } }"""


class _Handler(BaseHTTPRequestHandler):
    server: HostSite

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/shop.css":
            return self._answer("text/css", _CSS)
        svar = self.server.svar
        attributes = " ".join(f'{name}="{values[0]}"' for name, values in query.items() if name.startswith("data-"))
        script = f'<script async src="{svar}/widget.js" {attributes}></script>'
        scripts = "" if "none" in query else script * int(query.get("times", ["1"])[0])
        lang = query.get("lang", ["en"])[0]
        self._answer("text/html", _PAGE.format(lang=lang, scripts=scripts, help=f"{svar}/{lang}/contact/"))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append({name: values[0] for name, values in parse_qs(body).items()})
        self._answer("text/html", "<!doctype html><title>Sent</title><h1>The shop has it</h1>")

    def _answer(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        svar = self.server.svar
        self.send_header(
            "Content-Security-Policy",
            f"default-src 'none'; script-src {svar}; connect-src {svar} {svar.replace('http', 'ws')}; "
            "style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'",
        )
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: object) -> None:
        """The test's output is no place for it."""


class HostSite(ThreadingHTTPServer):
    """`HostSite(svar_url)`, used as a context; `received` holds what its own form was sent."""

    daemon_threads = True

    def __init__(self, svar: str) -> None:
        # "localhost" and "127.0.0.1" would be two sites already; the port makes it another origin for certain.
        super().__init__(("127.0.0.1", 0), _Handler)
        self.svar = svar
        self.received: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> HostSite:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()
