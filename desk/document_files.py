"""Customers' documents as files for the browser: decrypted in memory, never stored by it."""

import asyncio
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from desk.customer_documents import CustomerDocuments
from desk.schemas import StaffView
from documents.content import make_thumbnail

ENDINGS = {"image": "jpg", "voice": "mp3"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def build_router(documents: CustomerDocuments) -> APIRouter:
    """GET /documents/{id} and /documents/{id}/thumbnail. RequestError 403, 404."""
    router = APIRouter(include_in_schema=False)

    @router.get("/documents/{document_id}")
    async def send_document(request: Request, document_id: str) -> Response:
        staff: StaffView = request.state.staff  # set by the guard
        document = await documents.open(staff, document_id)
        view = document.view
        # Only what we encoded ourselves is shown by the browser.
        how = "attachment" if view.medium == "file" else "inline"
        name = quote(view.file_name) or f"document-{document_id[:8]}.{ENDINGS[view.medium]}"
        disposition = {"Content-Disposition": f"{how}; filename*=UTF-8''{name}"}
        return Response(document.content, media_type=view.media_type, headers=HEADERS | disposition)

    @router.get("/documents/{document_id}/thumbnail")
    async def send_thumbnail(request: Request, document_id: str) -> Response:
        document = await documents.preview(request.state.staff, document_id)
        small = await asyncio.to_thread(make_thumbnail, document.content)
        return Response(small, media_type=document.view.media_type, headers=HEADERS)

    return router
