"""Reports as spreadsheets: the period that is asked for, the sheets, and the file that is sent."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from desk.schemas import StaffView
from imports.columns import list_columns
from imports.writing import XLSX
from kit.errors import RequestError

Report = TypeVar("Report")
Sheets = Mapping[str, tuple[type[BaseModel], Iterable[BaseModel]]]


def build_report_router(
    name: str,
    read: Callable[[StaffView, int], Awaitable[Report]],
    write: Callable[[Report], bytes],
    periods: Mapping[int, str],
    find_days: Callable[[Report], tuple[date, date]],
) -> APIRouter:
    """GET /export/{name}.xlsx?days=: a report of the last days, as many as one of the `periods` has; written beside the
    event loop. `find_days` gives its first and last day.

    RequestError 403 as `read` raises it, 422 for another number of days.
    """
    router = APIRouter(prefix="/export", tags=["export"])

    @router.get(f"/{name}.xlsx")
    async def export(request: Request, days: str = "") -> Response:
        """The report, a sheet for each table."""
        if days not in map(str, periods):
            *others, last = periods.values()
            raise RequestError(422, "unknown_period", f"请选择{'、'.join(others)}或{last}")
        staff: StaffView = request.state.staff  # set by the guard
        report = await read(staff, int(days))
        first_day, last_day = find_days(report)
        headers = {
            "Content-Disposition": f'attachment; filename="{name}_{first_day}_{last_day}.xlsx"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(await asyncio.to_thread(write, report), media_type=XLSX, headers=headers)

    return router


def write_sheets_of(sheets: Sheets) -> bytes:
    """A file with a sheet for each title."""
    from imports.xlsx_files import write_sheets  # its library is slow to load

    return write_sheets({title: (list_columns(model), list(rows)) for title, (model, rows) in sheets.items()})
