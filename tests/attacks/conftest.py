"""The shops of tests/storefront."""

from tests.storefront.conftest import _shops  # noqa: F401  the fixture `shops`
