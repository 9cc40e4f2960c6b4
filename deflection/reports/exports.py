"""A table as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io

from deflection.reports.cells import Cell, Table

# A text that begins with one of these would be run as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# By this mark Excel knows that the file is UTF-8.
_BOM = "\ufeff"


def as_csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.title for column in table.columns])
    writer.writerows([_value(cell) for cell in row] for row in table.rows)
    return _BOM + out.getvalue()


def _value(cell: Cell) -> str | int | float | None:
    value = cell.value
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value
