"""Words for people, by language: small YAML files in ``words/``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from forecast.yamlfile import read_yaml

FOLDER = Path(__file__).parent / "words"


@cache
def catalogue(name: str, language: str) -> Mapping[str, str]:
    """Return the words of one catalogue; what a language lacks does not exist (a test sees to it).

    Examples
    --------
    >>> catalogue("alerts", "zh")["overtime"]
    '加班'
    """
    words = read_yaml(FOLDER / f"{name}.{language}.yaml")
    return {str(key): str(text) for key, text in words.items()}
