"""Forecast models: one file = one model; the file name is its name in params.yaml."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pandas as pd
from pydantic import ValidationError

from forecast.errors import ParamsError, listed
from forecast.models.base import Forecaster

_NOT_MODELS = {"base", "levels", "profile", "shape"}


def names() -> list[str]:
    """Return the names of all models.

    Examples
    --------
    >>> names()
    ['day_level', 'lightgbm', 'prophet', 'same_weekday_mean', 'seasonal_naive']
    """
    return sorted(m.name for m in iter_modules(__path__) if m.name not in _NOT_MODELS)


def create(name: str, options: Mapping[str, Any], *, seed: int) -> Forecaster:
    """Return a model, not fitted, by its name and options.

    Raises
    ------
    ParamsError
        For an unknown model, an unknown option or a value out of bounds, with its path.
    """
    if name not in names():
        raise ParamsError(f"models.{name}: no such model; there are {', '.join(names())}")
    model: type[Forecaster] = import_module(f"forecast.models.{name}").Model
    try:
        return model(model.Options.model_validate(dict(options)), seed=seed)
    except ValidationError as error:
        lines = [
            f"models.{name}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
        ]
        raise ParamsError(f"the options of a model are refused:\n{listed(lines)}") from None


def fitted(
    name: str, options: Mapping[str, Any], trains: Sequence[pd.DataFrame], *, seed: int
) -> list[Forecaster]:
    """Return one model for each series of a centre, fitted to what is known at one instant.

    Parameters
    ----------
    name, options, seed
        As ``create`` takes them.
    trains
        FEATURES of each series before the cutoff.
    """
    model = create(name, options, seed=seed)
    return list(type(model).fit_together(model.options, trains, seed=seed))


def restore(state: Mapping[str, Any]) -> Forecaster:
    """Return a fitted model from the state that its ``state()`` gave."""
    model = create(state["model"], state["options"], seed=state["seed"])
    model.load_fitted(state["fitted"])
    return model
