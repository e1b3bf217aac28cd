"""How settings write a limit: `50/10minutes`, as the `limits` library reads it, and whose it is: `site:101`."""

from __future__ import annotations

import re
from typing import Annotated

from limits import parse_many
from pydantic import AfterValidator, Field


def _is_a_limit(text: str) -> str:
    refusal = ValueError("must be a number per time, such as 50/10minutes")
    try:
        found = parse_many(text)
    except ValueError:
        raise refusal from None
    # The library takes several, of which one would count, and nothing or nothing's time.
    if len(found) != 1 or any(int(number) == 0 for number in re.findall("[0-9]+", text)):
        raise refusal
    return text


LimitText = Annotated[str, AfterValidator(_is_a_limit)]
FailuresOf = Annotated[str, Field(pattern=r"^(site|tenant):[1-9][0-9]{0,17}$")]
