"""The worked example of docs/hiring.md prints what it says."""

import contextlib
import io
import re
from pathlib import Path

TEXT = (Path(__file__).parents[3] / "docs/hiring.md").read_text(encoding="utf-8")


def test_the_example_prints_its_tables():
    code, printed = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", TEXT, re.S).groups()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})  # noqa: S102
    assert out.getvalue() == printed
