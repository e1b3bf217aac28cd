"""The shops of tests/storefront, and the mail server of tests/mail."""

from tests.mail.conftest import _post  # noqa: F401  the fixture `post`
from tests.storefront.conftest import _shops  # noqa: F401  the fixture `shops`
