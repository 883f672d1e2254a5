"""The download of a customer's copy, for those who decide data requests."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from desk.data_requests import DataRequests
from desk.schemas import StaffView


def build_router(requests: DataRequests) -> APIRouter:
    """POST /data-requests/{id}/copy: an HTML file, recorded, so nothing that only reads links makes it.

    RequestError 403 without permission, 404 for an unknown request, 409 for a decided one.
    """
    router = APIRouter(include_in_schema=False)

    @router.post("/data-requests/{request_id}/copy")
    async def send_copy(request: Request, request_id: int) -> HTMLResponse:
        staff: StaffView = request.state.staff  # set by the guard
        headers = {
            "Content-Disposition": f"attachment; filename=data-request-{request_id}.html",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return HTMLResponse(await requests.export_copy(staff, request_id), headers=headers)

    return router
