"""Portfolio: which lever sizes do most under a yearly budget.

``search`` proposes splits of a budget, ``judge`` chooses among them and judges the choice on draws that had
no part in it, ``result`` says what was found.
"""

from sim.study.portfolio.result import portfolio

__all__ = ["portfolio"]
