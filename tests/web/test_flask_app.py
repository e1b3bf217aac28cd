from __future__ import annotations

from flask import jsonify, session
from flask_login import LoginManager, UserMixin, login_required

from authsvc.web.flask_app import new_flask_app


def test_flask_login_guards_pages_without_a_session_of_flasks() -> None:
    """Use only `request_loader`; with a session that is always empty it needs no secret key."""
    app = new_flask_app()
    login = LoginManager(app)
    login.session_protection = None
    user = UserMixin()
    user.id = "stacy"
    login.request_loader(lambda request: user if "X-User" in request.headers else None)

    @app.get("/guarded")
    @login_required  # type: ignore[untyped-decorator]  # Flask-Login ships no types
    def guarded() -> str:
        assert not session
        return "in"

    client = app.test_client()
    inside = client.get("/guarded", headers={"X-User": "stacy"})
    assert inside.data == b"in"
    assert "Set-Cookie" not in inside.headers
    assert client.get("/guarded").status_code == 401


def test_what_is_written_into_flasks_session_is_gone_with_the_request() -> None:
    app = new_flask_app()

    @app.get("/write")
    def write() -> str:
        session["user"] = "stacy"
        return "written"

    answer = app.test_client().get("/write")

    assert answer.data == b"written"
    assert "Set-Cookie" not in answer.headers


def test_flasks_own_json_is_orjsons() -> None:
    app = new_flask_app()
    with app.test_request_context(json={"a": "ä"}) as context:
        assert context.request.get_json() == {"a": "ä"}
        assert jsonify({"a": "ä"}).data.strip() == '{"a":"ä"}'.encode()
