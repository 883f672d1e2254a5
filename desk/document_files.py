"""Customers' documents as files for the browser: decrypted in memory, never stored by it."""

import asyncio

from fastapi import APIRouter, Request, Response

from desk.customer_documents import CustomerDocuments
from desk.schemas import StaffView
from documents.content import make_thumbnail

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
        disposition = {"Content-Disposition": f"inline; filename=document-{document_id[:8]}.jpg"}
        return Response(document.content, media_type=document.view.media_type, headers=HEADERS | disposition)

    @router.get("/documents/{document_id}/thumbnail")
    async def send_thumbnail(request: Request, document_id: str) -> Response:
        document = await documents.preview(request.state.staff, document_id)
        small = await asyncio.to_thread(make_thumbnail, document.content)
        return Response(small, media_type=document.view.media_type, headers=HEADERS)

    return router
