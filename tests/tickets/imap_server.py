"""Debian's dovecot on a free port of loopback, with a configuration, a mailbox and a life of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imapclient import IMAPClient

from tests.environment import dovecot
from tests.processes import free_port, until

USER, PASSWORD = "help@example.com", "s3cret:/@%"
_CAPABILITIES = "IMAP4rev1 SASL-IR LITERAL+ ENABLE UIDPLUS MOVE UNSELECT ID NAMESPACE"


class ImapServer:
    def __init__(self, folder: Path, *, has_idle: bool, has_tls: bool = False, introspection_url: str = "") -> None:
        self.folder = folder
        self._introspection_url = introspection_url
        self.port, self.tls_port = free_port(), free_port()
        self._has_tls = has_tls
        self._has_idle = has_idle
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.joinpath("dovecot.conf").write_text(self._configuration())
        self._process = subprocess.Popen(
            [str(dovecot()), "-F", "-c", str(self.folder / "dovecot.conf")], stderr=subprocess.DEVNULL
        )
        until(self._answers, what="dovecot")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def drop_connections(self) -> None:
        """Ends every session, and answers again at once."""
        self.stop()
        self.start()

    def deliver(self, raw: bytes, folder: str = "INBOX", *, flags: tuple[bytes, ...] = ()) -> int:
        """Puts a mail into the mailbox as another program would. Gives its UID."""
        with self.client() as client:
            answer = client.append(folder, raw, flags=flags)
        return int(answer.split(b"]")[0].split()[-1])

    def flags(self, folder: str = "INBOX") -> dict[int, set[str]]:
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search())
        return {uid: {flag.decode().lower() for flag in flags} - {"\\recent"} for uid, flags in found.items()}

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10) as client:
            client.login(USER, PASSWORD)
            yield client

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            return line.recv(4) == b"* OK"
        return False

    def _configuration(self) -> str:
        me = pwd.getpwuid(os.getuid()).pw_name
        is_root = os.getuid() == 0
        # Dovecot refuses to read mail as root.
        reader = pwd.getpwnam("nobody" if is_root else me)
        self._make_home(reader.pw_uid, reader.pw_gid)
        internal = "" if is_root else f"default_internal_user = {me}\ndefault_login_user = {me}\n"
        group = "" if is_root else f"default_internal_group = {_group()}\n"
        chroot = "" if is_root else "  chroot =\n"
        idle = "" if self._has_idle else f"imap_capability = {_CAPABILITIES}\n"
        tls = self._certified() if self._has_tls else "ssl = no\n"
        return f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
{tls}disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
mail_max_userip_connections = 50
mail_location = maildir:{self.folder}/home/mail
{self._tokens()}{internal}{group}{idle}
service imap-login {{
{chroot}  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port if self._has_tls else 0}
    ssl = yes
  }}
}}
service anvil {{
{chroot}}}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {self.folder}/users
}}
userdb {{
  driver = static
  args = uid={reader.pw_uid} gid={reader.pw_gid} home={self.folder}/home
}}
"""

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def _certified(self) -> str:
        """A certificate of its own making for this machine's address."""
        key = self.folder / "key.pem"
        openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run([*openssl, *names], check=True, capture_output=True)
        return f"ssl = yes\nssl_cert = <{self.certificate}\nssl_key = <{key}\n"

    def _tokens(self) -> str:
        """Where tokens are taken: whoever gave one is asked whether it holds, and for whom (RFC 7662)."""
        if not self._introspection_url:
            return ""
        asked = self.folder / "oauth2.conf"
        asked.write_text(
            f"introspection_url = {self._introspection_url}\nintrospection_mode = get\n"
            "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
        )
        return (
            "auth_mechanisms = plain xoauth2\n"
            f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {asked}\n}}\n"
        )

    def _make_home(self, uid: int, gid: int) -> None:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        # In the file a colon ends a field, so the password stands there in base 64.
        users = self.folder / "users"
        users.write_text(f"{USER}:{{PLAIN.b64}}{_base64(PASSWORD)}::::::\n")
        users.chmod(0o644)
        if os.getuid() == 0:
            os.chown(home, uid, gid)


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


def _group() -> str:
    import grp

    return grp.getgrgid(os.getgid()).gr_name


@contextmanager
def imap_server(*, has_idle: bool = True, has_tls: bool = False, introspection_url: str = "") -> Iterator[ImapServer]:
    # Short, for the paths of sockets, and open to the account that reads the mail.
    folder = Path(tempfile.mkdtemp(prefix="svar-imap-", dir="/tmp"))
    folder.chmod(0o755)
    server = ImapServer(folder, has_idle=has_idle, has_tls=has_tls, introspection_url=introspection_url)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
