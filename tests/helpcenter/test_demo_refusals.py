"""What the demo command does not do."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from helpcenter.accounts.models import User
from knowledge.models import Organisation
from tests.factories import make_ticket


def test_without_debug_there_are_no_accounts_with_public_passwords(db, settings):
    settings.DEMO = False
    Organisation(name="Havsvind").save()
    out = StringIO()
    call_command("demo", stdout=out)
    assert "DEBUG=1" in out.getvalue()
    assert not User.objects.exists()


def test_a_site_in_use_is_left_alone(db):
    make_ticket()
    with pytest.raises(CommandError, match="empty site"):
        call_command("demo")
    assert not Organisation.objects.exists()
