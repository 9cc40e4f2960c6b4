"""The house stands as drawn: helpcenter -> deflection -> tickets -> knowledge, and no arrow points upwards.

import-linter reads the imports (`make lint`). What it cannot see is held here: migrations, foreign keys that are
named by strings, and templates.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

# From the lowest storey up. Accounts belong to the site, but the user model may be named from anywhere.
STOREYS = ["knowledge", "tickets", "deflection", "helpcenter"]
USER_MODEL_APP = "accounts"


def _storey(label: str) -> int | None:
    return STOREYS.index(label) if label in STOREYS else None


def _points_upwards(source: str, target: str) -> bool:
    below, above = _storey(source), _storey(target)
    return below is not None and above is not None and above > below


def test_imports_point_downwards() -> None:
    assert lint_imports(config_filename=str(settings.BASE_DIR / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_migrations_depend_on_lower_storeys_only() -> None:
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    wrong = [
        f"{key[0]}.{key[1]} needs {parent.key[0]}.{parent.key[1]}"
        for key, node in graph.node_map.items()
        for parent in node.parents
        if _points_upwards(key[0], parent.key[0])
    ]
    assert wrong == []
    assert {key[0] for key in graph.node_map} >= {"knowledge", "tickets", "deflection", USER_MODEL_APP}


def test_the_user_model_stands_below_everything() -> None:
    """Every storey may point at a user, so the user's migrations may point at none of them."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    needed = {
        parent.key[0] for key, node in graph.node_map.items() if key[0] == USER_MODEL_APP for parent in node.parents
    }
    assert needed.isdisjoint(STOREYS)


def test_relations_point_downwards() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and field.related_model is not None
        and _points_upwards(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert wrong == []


_TEMPLATE_OF = re.compile(r"""{%\s*(?:include|extends)\s+["']([a-z_]+)/""")


@pytest.mark.parametrize("label", STOREYS[:-1])
def test_templates_use_lower_storeys_only(label: str) -> None:
    """`parts/` and `base.html` belong to the site and are there for all; another app's own pieces are not."""
    wrong = [
        f"{path.relative_to(settings.BASE_DIR)} uses {used}/"
        for path in Path(settings.BASE_DIR, "templates", label).rglob("*.html")
        for used in _TEMPLATE_OF.findall(path.read_text())
        if _points_upwards(label, used)
    ]
    assert wrong == []


def test_apps_do_not_know_the_sites_package() -> None:
    """Apps are told by Django's settings where users and addresses are."""
    wrong = [
        str(path.relative_to(settings.BASE_DIR))
        for label in STOREYS[:-1]
        for path in Path(settings.BASE_DIR, label).rglob("*.py")
        if re.search(r"^\s*(?:from|import) helpcenter\b", path.read_text(), re.MULTILINE)
    ]
    assert wrong == []
