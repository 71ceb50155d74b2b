"""What portfolios say: the study, its tables, and what speaks for the split that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.core.errors import ConfigError
from sim.core.tables import Column
from sim.measures.registry import least_is_best, outcome_named, registry
from sim.report import numbers
from sim.report.provenance import provenance
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, TextTable, end_columns
from sim.report.verdicts import Standing, standing
from sim.report.yearly import margin_of, unit_of
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.study.arguments import DELIVERED, check_above_zero, check_counts
from sim.study.portfolio.judge import (
    SINGLE,
    Budget,
    JudgedPortfolio,
    PortfolioPlan,
    level_of_gains,
    levers_for,
    portfolios,
    starts_of,
)
from sim.study.portfolio.search import SearchEffort

FRONTIER_COLUMNS = (
    Column("budget_usd", "float64", "USD 2022/year", "budget"),
    Column("portfolio", "str", "", "found, equal shares, or one lever: the best single one"),
    Column("cost_usd", "float64", "USD 2022/year", "cost with all of it in place"),
    Column("change", "float64", "of the outcome", "mean change against no lever, on fresh draws"),
    *end_columns("of the outcome", "of its 95 % interval, alone"),
    Column("low_at_once", "float64", "of the outcome", "lower end of the interval that holds at all budgets"),
    Column("high_at_once", "float64", "of the outcome", "upper end"),
    Column("on_draws_of_search", "float64", "of the outcome", "change on the draws of the search"),
    Column("found_less_this", "float64", "of the outcome", "change of the found portfolio less this one"),
    Column("found_less_this_low", "float64", "of the outcome", "lower end, of all comparisons at once"),
    Column("found_less_this_high", "float64", "of the outcome", "upper end"),
)
SIZE_COLUMNS = (
    Column("budget_usd", "float64", "USD 2022/year", "budget"),
    Column("portfolio", "str", "", "as in the table of changes"),
    Column("lever", "str", "", "name"),
    Column("size", "float64", "of the row", "size of the lever"),
    Column("unit", "str", "", "unit of the size"),
    Column("cost_usd", "float64", "USD 2022/year", "cost with all of it in place"),
)
_BETTER, _SAME = "better than", "the same as"


@dataclass(frozen=True)
class Criterion:
    """By what a portfolio is called better than another: margin, side, level of one interval."""

    margin: float
    least: bool
    level: float


def portfolio(
    scenario: Scenario,
    budgets_usd: Sequence[float],
    replications: Replications,
    outcome: str = DELIVERED,
    *,
    levers: Sequence[str] = (),
    best: str | None = None,
    trials: int = 60,
    at_a_time: int = 4,
    leading: int = 5,
    judged: int = 24,
    on_progress: OnProgress = silent,
) -> Result:
    """Return the lever sizes that a search finds best at each budget, beside two simple portfolios.

    A heuristic: nothing says that there is no better portfolio.

    Parameters
    ----------
    scenario : Scenario
        Without levers.
    budgets_usd : sequence of float
        USD of 2022 a year, above zero.
    replications : Replications
        At least 2, of each portfolio in the search; its seed is also that of the proposals.
    outcome : str
        Name of ``conf/measures.yaml``.
    levers : sequence of str
        At least two to choose from; by default all that have no dates and no trigger.
    best : str, optional
        ``least`` or ``most``; by default the good side of ``conf/measures.yaml``.
    trials, at_a_time : int
        Portfolios tried at each budget, and proposed together.
    leading : int
        Portfolios of the search that are tried again on fresh draws.
    judged : int
        Fresh replications of what is then chosen, at least 2.

    Raises
    ------
    ConfigError
        An argument is out of range, a lever cannot be limited by a budget, or Optuna is not installed.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    outcome_named(outcome, "study portfolio")
    least = least_is_best(outcome, best, "study portfolio")
    check_counts(
        "portfolio", replications=(replications.count, 2), trials=(trials, 1), at_a_time=(at_a_time, 1),
        leading=(leading, 1), judged=(judged, 2),
    )  # fmt: skip
    if not budgets_usd:
        raise ConfigError("study portfolio: name at least one budget, in USD of 2022 a year")
    for budget in budgets_usd:
        check_above_zero("portfolio", "budget", budget)
    budgets, chosen = sorted(set(budgets_usd)), levers_for(scenario, levers)
    if trials < (starts := starts_of(chosen, len(budgets))):
        smaller = ", and the best of the smaller budget" if len(budgets) > 1 else ""
        raise ConfigError(
            f"study portfolio: trials {trials}; {starts} portfolios are tried before the search proposes "
            f"any: equal shares, each of {len(chosen)} levers alone{smaller}"
        )
    plan = PortfolioPlan(
        outcome, least, SearchEffort(trials, at_a_time, replications.seed), leading, judged, replications
    )
    found = portfolios(scenario, chosen, budgets, plan, on_progress)
    return result_of(found, scenario, chosen, plan)


def result_of(
    found: Sequence[Budget], scenario: Scenario, levers: Sequence[str], plan: PortfolioPlan
) -> Result:
    """Return what was found at each budget as a result."""
    info, days = registry()[plan.outcome], scenario.settings.calendar.days
    unit = unit_of(info, days)
    rule = Criterion(margin_of(info, days), plan.least, level_of_gains(len(found)))
    heuristic = (
        f"The search is a heuristic ({max(one.trials for one in found)} trials of {len(levers)} levers at "
        "each budget): a better portfolio may exist."
    )
    basis = _basis(rule, len(found), unit)
    source = provenance(
        f"{plan.judged} replications of each portfolio, chosen on {2 * plan.replications.count} others",
        [scenario],
        plan.replications.seed,
    )
    tables = {
        "frontier": DataTable.of(FRONTIER_COLUMNS, _frontier_rows(found, rule)),
        "sizes": DataTable.of(SIZE_COLUMNS, _size_rows(found, scenario)),
    }

    def draw_frontier() -> Figure:
        from sim.plots.portfolio import budget_frontier

        last = found[-1]
        title = f"{last.budget_usd / 1e6:,g} million USD a year: the split found is {comparison(last, rule)}"
        footer = f"{basis} {source.sentence}"
        return budget_frontier(tables["frontier"].data, title, (info.label, unit), heuristic, footer)

    def draw_split() -> Figure:
        from sim.plots.portfolio import budget_split

        budgets = [one.budget_usd for one in found]
        return budget_split(tables["sizes"].data, budgets, heuristic, f"{basis} {source.sentence}")

    title = f"{info.label}: change against no lever, {unit}, on draws that chose nothing"
    lines = [line for one in found for line in (_sentence(one, rule), *_details(one, scenario))]
    return Result(
        question=f"Which lever sizes bring the {'least' if plan.least else 'most'} {info.label.lower()} "
        "under a yearly budget?",
        verdicts=tuple(_sentence(one, rule) for one in found),
        tables=tables,
        provenance=source,
        text=(_cells(found, rule, title), *lines),
        notes=(heuristic, basis),
        draws={"frontier": draw_frontier, "budget_split": draw_split},
    )


def comparison(one: Budget, rule: Criterion) -> str:
    """Return how the split that was found compares with equal shares and with the best single lever."""
    return ", ".join(f"{word} {' and '.join(names)}" for word, names in _compared(one, rule).items())


def _compared(one: Budget, rule: Criterion) -> dict[str, list[str]]:
    """Return the simple portfolios by how the split that was found compares with them."""
    alone = f"{next(iter(one.single.sizes))} alone" if one.single.sizes else "no lever"
    words: dict[str, list[str]] = {}
    for rival, name in ((one.equal, "equal shares"), (one.single, alone)):
        words.setdefault(_word(one, rival, rule), []).append(name)
    return words


def _word(one: Budget, rival: JudgedPortfolio, rule: Criterion) -> str:
    if rival.sizes == one.found.sizes:
        return _SAME
    where = standing([one.gain(rival, rule.level)[1]], rule.margin)
    if where is Standing.WITHIN:
        return "by less than the margin apart from"
    if not where.settled:
        return "not distinguished from"
    return _BETTER if (where is Standing.BELOW) == rule.least else "worse than"


def _sentence(one: Budget, rule: Criterion) -> str:
    """Return whether anything speaks for the split that was found."""
    compared = _compared(one, rule)
    rest = [name for word, names in compared.items() if word != _BETTER for name in names]
    advice = f"; nothing speaks for it over {' or '.join(rest)}" if rest else ""
    return f"{one.budget_usd:,.0f} USD a year: the split found is {comparison(one, rule)}{advice}."


def _details(one: Budget, scenario: Scenario) -> list[str]:
    levers, sizes = scenario.settings.levers, one.found.sizes
    parts = "; ".join(f"{name} {size:,g} {levers[name].unit}" for name, size in sizes.items())
    lines = [f"  the split found: {parts or 'nothing is worth its cost'}"]
    # A lever whose largest size is one or less is a share.
    small = [levers[name].unit for name, size in sizes.items() if size < 1.0 < levers[name].max_size]
    if small:
        lines.append(f"  less than one whole {' and '.join(small)}: the model takes any fraction of one")
    believed, change = numbers.signed(one.found.believed), numbers.signed(one.found.change)
    return [*lines, f"  on the draws that chose it {believed}, on fresh ones {change}"]


def _basis(rule: Criterion, budgets: int, unit: str) -> str:
    """Return what better and worse rest on."""
    of_all = f" of all {budgets} budgets" if budgets > 1 else ""
    return (
        f"Better and worse: by intervals that hold for both comparisons{of_all} at once with 95 % "
        f"(Bonferroni), against a margin of {numbers.number(rule.margin)} {unit}."
    )


def _cells(found: Sequence[Budget], rule: Criterion, title: str) -> TextTable:
    heads = (
        "budget, USD", "portfolio", "cost, USD", "change", "95 % interval",
        f"found less this one ({'-' if rule.least else '+'} is better)", "95 %, all at once",
    )  # fmt: skip
    rows = []
    for one in found:
        for i, each in enumerate((one.found, one.equal, one.single)):
            gain, ends = one.gain(each, rule.level)
            name = f"{SINGLE}: {', '.join(each.sizes) or 'none'}" if each.kind == SINGLE else each.kind
            rows.append([
                "" if i else f"{one.budget_usd:,.0f}", name, f"{each.cost_usd:,.0f}",
                numbers.signed(each.change), numbers.span_or_reason(each.interval()),
                numbers.signed(gain) if i else "", numbers.span_or_reason(ends) if i else "",
            ])  # fmt: skip
    return TextTable(heads, rows, left=("portfolio",), title=title)


def _frontier_rows(found: Sequence[Budget], rule: Criterion) -> list[dict[str, str | float]]:
    rows: list[dict[str, str | float]] = []
    for one in found:
        for each in (one.found, one.equal, one.single):
            alone, at_once = each.interval(), each.interval(1.0 - 0.05 / len(found))
            gain, ends = one.gain(each, rule.level)
            rows.append({
                "budget_usd": one.budget_usd, "portfolio": each.kind, "cost_usd": each.cost_usd,
                "change": each.change, "low": alone.low, "high": alone.high, "low_at_once": at_once.low,
                "high_at_once": at_once.high, "on_draws_of_search": each.believed, "found_less_this": gain,
                "found_less_this_low": ends.low, "found_less_this_high": ends.high,
            })  # fmt: skip
    return rows


def _size_rows(found: Sequence[Budget], scenario: Scenario) -> list[dict[str, str | float]]:
    levers = scenario.settings.levers
    return [
        {
            "budget_usd": one.budget_usd, "portfolio": each.kind, "lever": name, "size": size,
            "unit": levers[name].unit, "cost_usd": size * levers[name].cost_usd_per_unit_year,
        }
        for one in found
        for each in (one.found, one.equal, one.single)
        for name, size in each.sizes.items()
    ]  # fmt: skip
