"""Synergy: whether levers add up, and what each contributes, from every combination of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError, unknown
from sim.core.tables import Column
from sim.measures.registry import outcome_named, registry
from sim.measures.replication import run_replication
from sim.report import numbers
from sim.report.provenance import provenance
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, TextTable, end_columns, ends
from sim.report.verdicts import CANNOT_TELL, Standing, standing
from sim.report.yearly import margin_of, unit_of
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.factorial import effects_alone, main_effects, on_top, pair_interactions, pair_sums, shapley
from sim.stats.intervals import Interval, mean, mean_interval
from sim.study.arguments import DELIVERED, check_counts

LEVERS = 5
"""Levers at most: each doubles the number of combinations."""
OVERLAP, SYNERGY, ADDS_UP = "overlap", "synergy", "add up"
ABOVE, BELOW = "interaction above zero", "interaction below zero"


@dataclass(frozen=True)
class Quantity:
    """A mean over replications with its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Synergy:
    """What levers do to an outcome, each and together.

    Parameters
    ----------
    levers : tuple of str
    values : ndarray of float64, shape (2^levers, replications)
        Outcome with the levers on whose bits are set in the row's number.
    """

    levers: tuple[str, ...]
    values: np.ndarray

    @property
    def total(self) -> Quantity:
        """Effect of all levers together."""
        return _quantity(self.values[-1] - self.values[0])

    @property
    def sum_alone(self) -> Quantity:
        """Sum of the effects of each lever alone."""
        return _quantity(effects_alone(self.values).sum(axis=0))

    @property
    def overlap(self) -> Quantity:
        """Effect of all together less the sum of each alone: what overlap takes away, or synergy adds."""
        return _quantity(self.values[-1] - self.values[0] - effects_alone(self.values).sum(axis=0))

    def of_levers(self) -> dict[str, list[Quantity]]:
        """Return for each lever its effect alone, on average, on top of all others, and its Shapley value."""
        kinds = [function(self.values) for function in (effects_alone, main_effects, on_top, shapley)]
        return {name: [_quantity(kind[i]) for kind in kinds] for i, name in enumerate(self.levers)}

    def pairs(self) -> dict[tuple[str, str], Quantity]:
        """Return the interaction of every two levers; intervals hold for all pairs at once (Bonferroni)."""
        return self._at_once(pair_interactions(self.values))

    def pair_verdicts(self, margin: float) -> dict[tuple[str, str], str]:
        """Return in a word whether two levers add up, held against what these two do apart."""
        apart = self._at_once(pair_sums(self.values))
        return {pair: verdict(both, apart[pair], margin) for pair, both in self.pairs().items()}

    def verdict(self, margin: float) -> str:
        """Return in a word whether the levers add up, for a smallest difference that matters."""
        return verdict(self.overlap, self.sum_alone, margin)

    def _at_once(self, found: dict[tuple[int, int], np.ndarray]) -> dict[tuple[str, str], Quantity]:
        level = 1.0 - 0.05 / max(1, len(found))
        return {
            (self.levers[i], self.levers[j]): Quantity(mean(values), mean_interval(values, level))
            for (i, j), values in found.items()
        }


def _quantity(values: np.ndarray) -> Quantity:
    return Quantity(mean(values), mean_interval(values))


def verdict(interaction: Quantity, apart: Quantity, margin: float) -> str:
    """Return in a word what an interaction does to the sum of what levers do apart.

    Levers ``add up`` when the interval of the interaction lies within the margin on both sides of zero. An
    interaction against their sum is an ``overlap``, one along with it a ``synergy``; neither is said where
    the interval of the sum holds zero.
    """
    where, along = standing([interaction.interval], margin), standing([apart.interval])
    if where is Standing.WITHIN:
        return ADDS_UP
    if not where.settled:
        return CANNOT_TELL
    if not along.settled:
        return ABOVE if where is Standing.ABOVE else BELOW
    return SYNERGY if where is along else OVERLAP


def combinations(scenario: Scenario, levers: Sequence[str]) -> list[Scenario]:
    """Return the scenario with every combination of some of its levers, all other levers absent.

    Raises
    ------
    ConfigError
        Too few levers or too many, or one that the scenario does not pull.
    """
    sizes = scenario.pulled
    if not 2 <= len(levers) <= LEVERS:
        raise ConfigError(
            f"study synergy: {numbers.counted(len(levers), 'lever')}; give 2 to {LEVERS} "
            "(2^k combinations are simulated)"
        )
    for name in levers:
        if name not in scenario.settings.levers:
            raise unknown("lever", name, "study synergy", scenario.settings.levers)
        if name not in sizes:
            raise ConfigError(
                f"study synergy: scenario {scenario.name} does not pull {name}; give levers.{name}.size=..., "
                "or take the sizes of another scenario"
            )
    if len(set(levers)) < len(levers):
        raise ConfigError(f"study synergy: a lever is named twice in {', '.join(levers)}")
    return [
        scenario.with_sizes({name: sizes[name] for i, name in enumerate(levers) if (row >> i) & 1})
        for row in range(1 << len(levers))
    ]


def factorial(
    scenario: Scenario,
    levers: Sequence[str],
    outcome: str,
    replications: Replications,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> Synergy:
    """Simulate every combination of levers with common random numbers.

    Raises
    ------
    ConfigError
        The levers make no factorial of this scenario, or the outcome is not reported.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    cells = combinations(scenario, levers)
    runs = ensemble(cells, replications, on_progress, simulate)
    return Synergy(tuple(levers), runs.yearly([outcome])[:, :, 0])


def synergy(
    scenario: Scenario,
    levers: Sequence[str],
    replications: Replications,
    outcome: str = DELIVERED,
    *,
    on_progress: OnProgress = silent,
) -> Result:
    """Return whether levers add up, overlap or help each other, and what each contributes.

    Parameters
    ----------
    scenario : Scenario
        Sizes of the levers are those that it pulls; all its other levers are absent.
    levers : sequence of str
        Two to five.
    replications : Replications
        At least 2, of each of the 2^k combinations.
    outcome : str
        Name of ``conf/measures.yaml``.

    Raises
    ------
    ConfigError
        The levers make no factorial of this scenario, or the outcome is not reported.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    outcome_named(outcome, "study synergy")
    check_counts("synergy", replications=(replications.count, 2))
    return result_of(
        factorial(scenario, levers, outcome, replications, on_progress), scenario, outcome, replications
    )


KINDS = ("alone", "on average", "on top of all others", "share (Shapley)")
_ENDS = (
    Column("value", "float64", "of the outcome", "mean change over replications"),
    *end_columns("of the outcome", "of its 95 % interval"),
)
LEVER_COLUMNS = (
    Column("lever", "str", "", "name; all for the sum and the whole"),
    Column("quantity", "str", "", f"{', '.join(KINDS)}; of all: sum, together, together less the sum"),
    *_ENDS,
)
PAIR_COLUMNS = (
    Column("lever", "str", "", "name"),
    Column("other", "str", "", "name"),
    *_ENDS,
    Column("verdict", "str", "", "whether these two add up"),
)
_UNSURE = (
    "; whether that is more or less of an effect cannot be told, because the interval of the sum holds zero"
)
_SENTENCES = {
    OVERLAP: "The levers overlap: together they do less than the sum of each alone",
    SYNERGY: "The levers help each other: together they do more than the sum of each alone",
    ADDS_UP: "The levers add up: what they do together differs from the sum of each alone by less than the "
    "margin",
    ABOVE: f"The levers do not add up: the whole lies above the sum of each alone{_UNSURE}",
    BELOW: f"The levers do not add up: the whole lies below the sum of each alone{_UNSURE}",
    CANNOT_TELL: "Cannot tell whether the levers add up: the interval is too wide",
}


def result_of(found: Synergy, scenario: Scenario, outcome: str, replications: Replications) -> Result:
    """Return a factorial as a result: what each lever contributes, and whether they add up."""
    info, days = registry()[outcome], scenario.settings.calendar.days
    unit, margin, count = unit_of(info, days), margin_of(info, days), len(found.levers)
    sentence = _SENTENCES[found.verdict(margin)]
    verdict = f"{sentence} ({_cell(found.overlap)} {unit}; margin {numbers.number(margin)})."
    how = f"{replications.count} replications of all {len(found.values)} combinations of {count} levers"
    source = provenance(f"{how}, sizes of scenario {scenario.name}", [scenario], replications.seed)
    tables = {
        "levers": DataTable.of(LEVER_COLUMNS, _lever_rows(found)),
        "pairs": DataTable.of(PAIR_COLUMNS, _pair_rows(found, margin)),
    }

    def draw() -> Figure:
        from sim.plots.synergy import synergy_figure

        whole, apart = (numbers.signed(quantity.value) for quantity in (found.total, found.sum_alone))
        title = f"{sentence.partition(':')[0]}: {info.label.lower()} {whole} together, {apart} as a sum"
        return synergy_figure(tables["levers"].data, title, (info.label, unit), source.sentence)

    return Result(
        question=f"Do the effects of {', '.join(found.levers)} on {info.label.lower()} add up?",
        verdicts=(verdict,),
        tables=tables,
        provenance=source,
        text=(
            _lever_cells(found, f"{info.label}: change, {unit}, with 95 % intervals"),
            _pair_cells(found, margin),
            verdict,
        ),
        draws={"synergy": draw},
    )


def _cell(quantity: Quantity) -> str:
    return f"{numbers.signed(quantity.value)} {numbers.span_or_reason(quantity.interval)}"


def _lever_cells(found: Synergy, title: str) -> TextTable:
    rows = [[name, *map(_cell, quantities)] for name, quantities in found.of_levers().items()]
    rows.append(["sum of each alone", _cell(found.sum_alone), "", "", ""])
    rows.append(["all together", "", "", "", _cell(found.total)])
    return TextTable(("lever", *KINDS), rows, left=("lever",), title=title)


def _pair_cells(found: Synergy, margin: float) -> TextTable:
    verdicts = found.pair_verdicts(margin)
    rows = [[*pair, _cell(quantity), verdicts[pair]] for pair, quantity in found.pairs().items()]
    title = "pairs: what two do beyond the sum of both; intervals hold for all pairs at once"
    heads = ("lever", "other lever", "interaction", "verdict")
    return TextTable(heads, rows, left=("lever", "other lever", "verdict"), title=title)


def _lever_rows(found: Synergy) -> list[dict[str, str | float]]:
    rows = [
        (name, kind, quantity)
        for name, quantities in found.of_levers().items()
        for kind, quantity in zip(KINDS, quantities, strict=True)
    ]
    rows += [
        ("all", "sum of each alone", found.sum_alone),
        ("all", "together", found.total),
        ("all", "together less the sum", found.overlap),
    ]
    return [
        {"lever": name, "quantity": kind, "value": quantity.value, **ends(quantity.interval)}
        for name, kind, quantity in rows
    ]


def _pair_rows(found: Synergy, margin: float) -> list[dict[str, str | float]]:
    verdicts = found.pair_verdicts(margin)
    return [
        {
            "lever": one, "other": other, "value": quantity.value, **ends(quantity.interval),
            "verdict": verdicts[one, other],
        }
        for (one, other), quantity in found.pairs().items()
    ]  # fmt: skip
