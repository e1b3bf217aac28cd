"""The shop with a host and a mail server of tests/mail."""

from tests.mail.conftest import _post  # noqa: F401  the fixture `post`
