"""How settings write a limit: `50/10minutes`, as the `limits` library reads it, and whose it is: `site:101`."""

from __future__ import annotations

from typing import Annotated

from limits import parse
from pydantic import AfterValidator, Field


def _is_a_limit(text: str) -> str:
    try:
        parse(text)
    except ValueError:
        raise ValueError("must be a number per time, such as 50/10minutes") from None
    return text


LimitText = Annotated[str, AfterValidator(_is_a_limit)]
FailuresOf = Annotated[str, Field(pattern=r"^(site|tenant):[1-9][0-9]{0,17}$")]
