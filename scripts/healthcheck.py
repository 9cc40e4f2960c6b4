"""Asks the web server of this container whether it lives; exits 1 if it does not. For Docker's HEALTHCHECK."""

from __future__ import annotations

import http.client
import os
import sys


def main() -> int:
    # Svar answers to its own host names only, so the question is asked under the first of them.
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": name if name not in ("", "*") else "localhost"})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
