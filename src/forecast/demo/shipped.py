"""The files that come with the demonstration."""

from pathlib import Path

CHAT_PROFILE = "hangzhou_zaixian.yaml"
PARAMS_FILE = "params.yaml"


def shipped(name: str) -> str:
    """Return the text of one of them."""
    return (Path(__file__).parent / "files" / name).read_text(encoding="utf-8")
