"""plan.xlsx: the report's tables as sheets, and a what-if with formulas that move.

``frames`` makes the tables, ``pages`` writes one to a sheet, ``what_if`` inputs and formulas,
``book`` puts all together.
"""

from forecast.reports.workbook.book import PlanFacts, plan_workbook

__all__ = ["PlanFacts", "plan_workbook"]
