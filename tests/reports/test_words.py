"""The catalogues: the same keys and placeholders, all used, and no word left in the code."""

import ast
import re
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest

from forecast.capacity.kpi import KPIS
from forecast.errors import ParamsError
from forecast.params.scenario import LEVERS
from forecast.reports import words as room
from forecast.reports.plan.page import SECTIONS
from forecast.reports.plan.sources import RULES
from forecast.reports.summary import FINDINGS_OF
from forecast.reports.words import Words, languages, of
from forecast.schema import DAY_TYPES
from forecast.steps.report import INTERIM, PLANS, PROCESSED

REPORTS = Path(room.__file__).parents[1]
PYTHON = sorted(REPORTS.rglob("*.py"))
TEMPLATES = sorted((REPORTS / "templates").rglob("*.j2"))
SOURCES = {path: path.read_text(encoding="utf-8") for path in (*PYTHON, *TEMPLATES)}
ENGLISH = of("en")


def placeholders(text):
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})


@pytest.mark.parametrize("language", languages())
def test_all_catalogues_have_the_same_keys_and_placeholders(language):
    texts = of(language).texts
    assert set(texts) == set(ENGLISH.texts)
    unlike = [k for k in texts if placeholders(texts[k]) != placeholders(ENGLISH.texts[k])]
    assert unlike == []
    assert [key for key, text in texts.items() if not text.strip()] == []


def literals():
    """Return the keys that stand in code and templates, and how families of keys begin."""
    keys, families = set(), set()
    for text in SOURCES.values():
        keys |= set(re.findall(r'["\']([a-z_]+(?:\.\w+)+)["\']', text))
        families |= {f"{name}." for name in re.findall(r'\bname\(\s*"([\w.]+)"', text)}
        families |= set(re.findall(r'["\']((?:\w+\.)+)(?:\{|["\'])', text))
    return keys, families | {"means."}


def test_every_key_is_used_and_every_key_that_is_used_is_there():
    keys, families = literals()
    titles = {f"{section.name}.title" for section in SECTIONS}
    unused = [
        key
        for key in ENGLISH.texts
        if key not in keys | titles and not key.startswith(tuple(families))
    ]
    assert unused == []
    asked = {
        key
        for text in SOURCES.values()
        for key in re.findall(r'\b(?:t|text|html)\(\s*["\']([\w.]+\w)["\']\s*[,)]', text)
    }
    assert asked - set(ENGLISH.texts) == set()


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("day_type", DAY_TYPES),
        ("kpi", KPIS),
        ("lever", LEVERS),
        ("finding", FINDINGS_OF),
        ("setting", RULES),
        ("why", RULES),
        ("table", [*INTERIM, *PROCESSED, *PLANS]),
        ("verdict", ["met", "missed", "not_known", "no_target"]),
    ],
)
def test_what_is_known_by_code_has_a_name(family, codes):
    assert [code for code in codes if f"{family}.{code}" not in ENGLISH.texts] == []


def test_every_term_that_is_linked_is_in_the_glossary():
    terms = {t for text in SOURCES.values() for t in re.findall(r'\bterm\("(\w+)"', text)}
    assert terms
    lacking = {t for t in terms if f"means.{t}" not in ENGLISH.texts}
    assert lacking == set()
    named = {key.split(".")[1] for key in ENGLISH.texts if key.startswith("means.")}
    assert named - terms == set(), "terms that nothing links to"


NO_WORDS = {"loc", "textcoords", "xycoords"}
"""Arguments of Matplotlib that have blanks."""


@pytest.mark.parametrize("path", [p for p in PYTHON if "plan" in p.parts], ids=lambda p: p.stem)
def test_no_word_for_people_stands_in_the_code(path):
    tree = ast.parse(SOURCES[path])
    spared = {id(n.body[0].value) for n in ast.walk(tree)
              if isinstance(n, ast.Module | ast.FunctionDef | ast.ClassDef) and n.body
              and isinstance(n.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            spared.add(id(node.value))
        if isinstance(node, ast.keyword) and node.arg in NO_WORDS:
            spared.add(id(node.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in {"set_xlabel", "set_ylabel", "set_title", "suptitle"}:
                assert not isinstance(node.args[0], ast.Constant | ast.JoinedStr), path
            if node.func.attr == "query":
                spared |= {id(arg) for arg in node.args}
        if isinstance(node, ast.keyword) and node.arg in {"label", "title"}:
            assert not isinstance(node.value, ast.Constant | ast.JoinedStr), path
    told = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared
    ]
    told = [text for text in told if not text.startswith("<")]
    assert [text for text in told if re.search(r"[A-Za-z]{2,} +[A-Za-z]{2,}", text)] == []
    assert [text for text in told if re.search("[\u4e00-\u9fff]", text)] == []


def test_no_english_word_stands_in_the_templates():
    for path in TEMPLATES:
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", SOURCES[path], flags=re.S)
        text = re.sub(r"<pre>.*?</pre>|<code>.*?</code>|<[^>]*>", " ", text, flags=re.S)
        assert set(re.findall(r"[A-Za-z]{3,}", text)) <= {"SHA"}, path.name


def test_what_is_put_into_html_is_escaped_and_the_text_too():
    own = Words("xx", {"a": "<b> {name}"})
    assert own.html("a", name="<i>") == "&lt;b&gt; &lt;i&gt;"
    assert own.text("a", name="<i>") == "<b> <i>"
    # A value with braces is a value.
    assert own.html("a", name="{name}") == "&lt;b&gt; {name}"


def test_numbers_money_and_dates_are_the_languages_own():
    zh = of("zh")
    assert ENGLISH.number(-1234.5, 1) == "\N{MINUS SIGN}1,234.5"
    assert ENGLISH.number(-0.2) == "0", "no minus before a zero"
    assert (ENGLISH.number(float("nan")), zh.percent(float("nan"))) == ("–", "–")
    assert (ENGLISH.percent(0.5), zh.percent(0.5)) == ("50.0\xa0%", "50.0%")
    assert (ENGLISH.money_short(999_999, "CNY"), zh.money_short(9_999, "CNY")) == (
        "CNY 999,999",
        "9,999 元",
    )
    assert zh.money_short(-1e6, "XYZ") == "\N{MINUS SIGN}100.0 万XYZ"
    assert zh.moment("2026-02-17 09:30") == "2026年2月17日 09:30"
    assert ENGLISH.date(pd.NaT) == "–"


def test_a_missing_key_language_or_value_says_what_to_do():
    with pytest.raises(ParamsError, match=r"en.yaml has no key 'no.such'; add it"):
        ENGLISH.text("no.such")
    with pytest.raises(ParamsError, match=r"'format.date' has the placeholder 'day'"):
        ENGLISH.text("format.date")
    with pytest.raises(ParamsError, match=r"report.language must be one of en, zh; found 'fr'"):
        of("fr")
