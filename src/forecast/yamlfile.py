"""A YAML file of settings -> plain data; a file that says one thing twice is refused."""

from pathlib import Path
from typing import Any

import yaml

from forecast.errors import ParamsError


def read_yaml(path: str | Path) -> Any:
    """Return what a YAML file holds.

    Raises
    ------
    ParamsError
        When it cannot be read, is not UTF-8, is not YAML, or a key stands twice.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 - a safe loader, and stricter
    except OSError as error:
        raise ParamsError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ParamsError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise ParamsError(f"{path} is not valid YAML: {error}") from None


class _UniqueKeys(yaml.SafeLoader):
    """The safe loader, which also refuses a key that stands twice: YAML would let the last win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping, or refuse it."""
        seen = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key '{key.value}' stands twice; keep one", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)
