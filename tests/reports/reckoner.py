"""A workbook's formulas reckoned by the library `formulas`, cell by cell, from the file's XML."""

import re
import warnings
import zipfile
from html import unescape
from pathlib import Path

import numpy as np

CELL = re.compile(r'<c r="([A-Z]+\d+)"[^>]*?>(?:<f>(.*?)</f>)?<v>([^<]*)</v></c>')
RANGE = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?$")


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class Reckoner:
    """Formulas and numbers of a file; cached values of formulas are not looked at."""

    def __init__(self, path: Path) -> None:
        # The library's own code warns on newer Pythons when it is first compiled.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from formulas import Parser

            self.parser = Parser()
            self.parser.ast("=ABS(1)")[1].compile()
        self.found: dict[tuple[str, int, int], float] = {}
        self.cells: dict[tuple[str, int, int], tuple[str, str]] = {}
        with zipfile.ZipFile(path) as book:
            listing = book.read("xl/workbook.xml").decode()
            titles = re.findall(r'<sheet name="([^"]*)" sheetId="(\d+)"', listing)
            for title, number in titles:
                page = book.read(f"xl/worksheets/sheet{number}.xml").decode()
                for ref, formula, value in CELL.findall(page):
                    row, column = self.place(ref)
                    self.cells[title.upper(), row, column] = (unescape(formula), value)
        names = re.findall(r'<definedName name="(\w+)">([^<]*)</definedName>', listing)
        self.names = {name.upper(): unescape(target) for name, target in names}

    @staticmethod
    def place(ref: str) -> tuple[int, int]:
        letters, row = re.fullmatch(r"([A-Z]+)(\d+)", ref).groups()
        return int(row), column_number(letters)

    def named(self, name: str) -> float:
        return float(self.resolved("", name.upper()))

    def resolved(self, sheet: str, token: str) -> np.ndarray | float:
        """Return what a name, a cell or a range holds."""
        if token in self.names:
            sheet, token = self.names[token].replace("$", "").rsplit("!", 1)
        elif "!" in token:
            sheet, token = token.rsplit("!", 1)
        sheet = sheet.strip("'").upper()
        first, top, last, bottom = RANGE.match(token).groups()
        if last is None:
            return self.cell(sheet, int(top), column_number(first))
        columns = range(column_number(first), column_number(last) + 1)
        rows = range(int(top), int(bottom) + 1)
        return np.array([[self.cell(sheet, row, column) for column in columns] for row in rows])

    def cell(self, sheet: str, row: int, column: int) -> float:
        key = (sheet, row, column)
        if key not in self.found:
            formula, value = self.cells.get(key, ("", "0"))
            self.found[key] = self.reckoned(sheet, formula) if formula else float(value)
        return self.found[key]

    def reckoned(self, sheet: str, formula: str) -> float:
        function = self.parser.ast(f"={formula}")[1].compile()
        given = [self.resolved(sheet, token) for token in function.inputs]
        return float(np.ravel(function(*given))[0])
