"""The champion as an MLflow model, by code: MLflow runs this file, which reads files, no pickle."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

from forecast.predict import Champion
from forecast.schema import by_series
from forecast.select import SeriesPlan
from forecast.store import read_json, read_models


class ChampionModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]
    """FEATURES rows ahead, with a column ``horizon`` -> the champion's mean and quantiles."""

    def load_context(self, context: Any) -> None:
        """Read the fitted models, each checked against its checksum, and the selection."""
        states = read_models(Path(context.artifacts["models"]))
        plans = [
            SeriesPlan.from_json(p) for p in read_json(context.artifacts["selection"])["series"]
        ]
        self._champions = {
            plan.series: Champion.load(plan, number, states) for number, plan in enumerate(plans)
        }

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Return FORECAST rows for the intervals asked for."""
        parts = [self._champions[key].predict(own) for key, own in by_series(model_input)]
        return pd.concat(parts, ignore_index=True)


mlflow.models.set_model(ChampionModel())
