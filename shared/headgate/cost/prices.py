"""The table of list prices, `prices.yaml` beside this module; Terraform reads the same file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from headgate.errors import UnusableArgument

PRICES = Path(__file__).with_name("prices.yaml")
_REMEDY = "Restore the file, or install Headgate again."


@dataclass(frozen=True)
class Prices:
    """List prices in USD by name, and how Glue bills."""

    usd: Mapping[str, float]
    per: Mapping[str, str]
    source: Mapping[str, str]
    dpu: Mapping[str, int]
    least_minutes: float
    crawler: Mapping[str, float]
    as_of: str
    region: str

    @property
    def table(self) -> str:
        """The table's name for people: its region and date."""
        return f"list prices of {self.region} as of {self.as_of}"


def read_prices(file: Path = PRICES) -> Prices:
    """Read the table of prices. Raises `UnusableArgument` where it is missing or not a table of prices."""
    try:
        content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        prices: dict[str, dict[str, Any]] = content["usd"]
        return Prices(
            usd={name: float(price["usd"]) for name, price in prices.items()},
            per={name: str(price["per"]) for name, price in prices.items()},
            source={name: str(price["from"]) for name, price in prices.items()},
            dpu={worker: int(dpu) for worker, dpu in content["dpu_of_worker"].items()},
            least_minutes=float(content["job_minutes_at_least"]),
            crawler={name: float(value) for name, value in content["crawler"].items()},
            as_of=str(content["as_of"]),
            region=str(content["region"]),
        )
    except OSError as error:
        what = f"the table of prices cannot be read: {error.strerror or error}"
        raise UnusableArgument(what, where=str(file), remedy=_REMEDY) from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"the table of prices is not as it must be: {type(error).__name__}: {str(error).splitlines()[0]}"
        raise UnusableArgument(what, where=str(file), remedy=_REMEDY) from error
