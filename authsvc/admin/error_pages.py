"""What went wrong below /admin, as a page, also where there is no page at all."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from authsvc.web import error_pages
from authsvc.web.correlation import correlation_id
from authsvc.web.error_pages import retry_headers, sentence

__all__ = ["install_error_pages", "retry_headers", "sentence"]

# RFC 9110 §9.1, RFC 5789; HEAD goes with GET.
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_MISSING = "missing"


def install_error_pages(
    blueprint: Blueprint, style_address: str, icon_address: str, headers: Mapping[str, str]
) -> None:
    """Answer everything that goes wrong below `blueprint` with a page."""

    def page(title: str, message: str, status: int, more: Mapping[str, str]) -> Response:
        text = render_template(
            "admin/error.html",
            title=title,
            message=message,
            correlation_id=correlation_id(request.environ),
            style_address=style_address,
            icon_address=icon_address,
        )
        return make_response(text, status, {**headers, **more})

    def missing(anything: str = "") -> Response:  # noqa: ARG001  whatever else stands below /admin
        methods = _methods_of(request.path)
        if methods:
            raise MethodNotAllowed(methods, "There is nothing to be done this way at this address.")
        raise NotFound("There is no page at this address.")

    error_pages.install_error_pages(blueprint, page)
    # Every method, so that also one that a page does not know is answered here and not by the API.
    blueprint.add_url_rule("/<path:anything>", _MISSING, missing, methods=_METHODS)
    blueprint.add_url_rule("/", _MISSING, missing, methods=[m for m in _METHODS if m != "GET"])


def _methods_of(path: str) -> list[str]:
    """List the methods that some page at `path` knows."""
    addresses = current_app.url_map.bind("")
    found = []
    for method in ("GET", "POST"):
        endpoint, _ = addresses.match(path, method)  # `missing` itself, where no page does
        if not endpoint.endswith(f".{_MISSING}"):
            found.append(method)
    return found
