"""Rank: which scenario is best on an outcome, with the probability that the choice is right.

Scenarios run side by side with common random numbers, and each is dropped as soon as it can hardly be the
best, until one is left or the budget is spent: procedure KN of Kim and Nelson (2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Column
from sim.measures.registry import least_is_best, outcome_named, registry
from sim.measures.replication import run_replication
from sim.report import numbers
from sim.report.provenance import provenance
from sim.report.result import Figure, Result
from sim.report.tables import DataTable, TextTable, end_columns, ends, fields
from sim.report.theme import in_sentence
from sim.report.yearly import margin_of, unit_of
from sim.run.ensemble import ensemble
from sim.run.plan import Replications, Simulate
from sim.run.pool import OnProgress, silent
from sim.scenario import Scenario
from sim.stats.intervals import Interval, mean, mean_interval
from sim.stats.ranking import Ranking, kim_nelson
from sim.study.arguments import DELIVERED, check_above_zero, check_counts, check_names, check_share


@dataclass(frozen=True)
class RankingQuestion:
    """What is asked of scenarios.

    Parameters
    ----------
    outcome : str
        Name of ``conf/measures.yaml``.
    least : bool
        Whether the smallest is the best.
    margin : float
        Smallest difference that matters, in the outcome's unit a year.
    confidence : float
        Probability of a right choice, 0..1.
    first : int
        Replications before anything is dropped.
    step : int
        Replications simulated at a time from there on. Changes what is simulated, never what is decided.
    """

    outcome: str
    least: bool
    margin: float
    confidence: float
    first: int
    step: int


@dataclass(frozen=True)
class RankedScenario:
    """One scenario in the order of the ranking.

    ``behind`` is the mean of its outcome less that of the leader, over the replications that both have,
    with a 95 % interval; ``leader`` is the leader's mean over these, so that ``mean`` less ``leader`` is
    ``behind``. ``dropped_after`` is 0 for a scenario that is not dropped.
    """

    scenario: int
    mean: float
    leader: float
    behind: float
    interval: Interval
    replications: int
    dropped_after: int


@dataclass(frozen=True)
class Selection:
    """Values of all scenarios and where the procedure stands.

    ``values`` has shape (scenarios, replications) and is NaN for what was not simulated any more.
    """

    question: RankingQuestion
    values: np.ndarray
    ranking: Ranking

    @property
    def leader(self) -> int:
        """The best of the scenarios that are not dropped, by its mean so far."""
        means = self.values[list(self.ranking.alive), : self.ranking.used].mean(axis=1)
        best = means.argmin() if self.question.least else means.argmax()
        return self.ranking.alive[int(best)]

    @property
    def equal(self) -> bool:
        """Whether several scenarios are left that do not differ on any draw."""
        return self.ranking.ended and not self.ranking.decided

    def places(self) -> list[RankedScenario]:
        """Return all scenarios, those not dropped first, then the last dropped first."""
        first = self.values[self.leader]
        found = []
        for i, dropped in enumerate(self.ranking.dropped_after):
            count = int(dropped) or self.ranking.used
            mine, its = self.values[i, :count], first[:count]
            gap = mine - its
            found.append(
                RankedScenario(i, mean(mine), mean(its), mean(gap), mean_interval(gap), count, int(dropped))
            )
        sign = 1.0 if self.question.least else -1.0
        return sorted(
            found,
            key=lambda p: (p.scenario != self.leader, p.dropped_after > 0, -p.dropped_after, sign * p.mean),
        )


def select(
    scenarios: Sequence[Scenario],
    question: RankingQuestion,
    budget: Replications,
    on_progress: OnProgress = silent,
    simulate: Simulate = run_replication,
) -> Selection:
    """Simulate scenarios side by side until one is left or the budget is spent.

    Parameters
    ----------
    scenarios : sequence of Scenario
        With their dates in common.
    question : RankingQuestion
    budget : Replications
        Of each scenario, at most.

    Raises
    ------
    ConfigError
        The budget is smaller than the first stage, or the outcome is undefined in a replication.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    if budget.count < question.first:
        raise ConfigError(
            f"study rank: the budget of {budget.count} replications is less than the "
            f"{question.first} of the first stage"
        )
    values = np.full((len(scenarios), budget.count), np.nan)
    alive, done = list(range(len(scenarios))), 0
    while True:
        more = min(question.step if done else question.first, budget.count - done)
        left = [scenarios[i] for i in alive]
        runs = ensemble(left, budget.part(done, more), on_progress, simulate)
        new = runs.yearly([question.outcome])[:, :, 0]
        if not np.isfinite(new).all():
            raise ConfigError(f"study rank: {question.outcome} is undefined in at least one replication")
        values[alive, done : done + more] = new
        done += more
        signed = -values[:, :done] if question.least else values[:, :done]
        ranking = kim_nelson(signed, question.margin, question.confidence, question.first)
        if ranking.ended or done == budget.count:
            return Selection(question, values[:, :done], ranking)
        alive = list(ranking.alive)


def rank(
    scenarios: Sequence[Scenario],
    budget: Replications,
    outcome: str = DELIVERED,
    *,
    margin: float | None = None,
    confidence: float = 0.95,
    best: str | None = None,
    first: int = 10,
    step: int = 4,
    on_progress: OnProgress = silent,
) -> Result:
    """Return which scenario is best, with the probability that the choice is right.

    Parameters
    ----------
    scenarios : sequence of Scenario
        At least two, each with a name of its own, over the same dates.
    budget : Replications
        Most replications of each scenario.
    outcome : str
        Name of ``conf/measures.yaml``.
    margin : float, optional
        Smallest difference that matters, in the outcome's unit; by default the declared one.
    confidence : float
        Probability of a right choice, above 1 / number of scenarios.
    best : str, optional
        ``least`` or ``most``; by default the good side of ``conf/measures.yaml``.
    first, step : int
        Replications before a scenario may be dropped, and at a time from there on.

    Raises
    ------
    ConfigError
        An argument is out of range, or the scenarios do not share their dates.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    names = [scenario.name for scenario in scenarios]
    info = outcome_named(outcome, "study rank")
    check_counts("rank", first=(first, 2), step=(step, 1))
    check_share("rank", "confidence", confidence, 1.0 / max(2, len(names)))
    if margin is not None:
        check_above_zero("rank", "margin", margin)
    check_names("rank", names)
    _check_dates(scenarios)
    days = scenarios[0].settings.calendar.days
    question = RankingQuestion(
        outcome,
        least_is_best(outcome, best, "study rank"),
        margin or margin_of(info, days),
        confidence,
        first,
        step,
    )
    return result_of(select(scenarios, question, budget, on_progress), scenarios, budget)


def _check_dates(scenarios: Sequence[Scenario]) -> None:
    if len(scenarios) < 2:
        raise ConfigError("study rank: name at least two scenarios, such as baseline_3y port_staffing")
    first = scenarios[0].settings.calendar
    for scenario in scenarios:
        dates = scenario.settings.calendar
        if dates != first:
            raise ConfigError(
                f"study rank: {scenario.name} runs {dates.days} days from {dates.start}, {scenarios[0].name} "
                f"{first.days} days from {first.start}; set calendar.days= and calendar.start= for all, or "
                "take baseline_3y for baseline"
            )


def result_of(found: Selection, scenarios: Sequence[Scenario], budget: Replications) -> Result:
    """Return a race as a result: the order of the scenarios, who is best, and what the choice rests on."""
    asked, names = found.question, [scenario.name for scenario in scenarios]
    info, unit = registry()[asked.outcome], unit_of(registry()[asked.outcome], scenarios[0].calendar.days)
    zone = f"at least {numbers.number(asked.margin)} {unit} better than every other"
    verdict, places = _verdict(found, names, zone), found.places()
    how = f"up to {found.ranking.used} replications of each of {len(names)} scenarios, common random numbers"
    source = provenance(how, scenarios, budget.seed)
    table = DataTable.of(COLUMNS, [_row(found, place, names) for place in places])

    def draw() -> Figure:
        from sim.plots.ranking import race_figure

        title = verdict[:1].upper() + verdict[1:]
        return race_figure(table.data, title, (info.label, unit), asked.margin, source.sentence)

    return Result(
        question=f"Which scenario has the {'least' if asked.least else 'most'} {info.label.lower()}?",
        verdicts=(f"{verdict}.",),
        tables={"rank": table},
        provenance=source,
        text=(_cells(found, places, names, f"{info.label}, {unit}"), f"{verdict}."),
        notes=(_meaning(found, zone, budget.count), _ALONE),
        draws={"rank": draw},
    )


COLUMNS = (
    Column("scenario", "str", "", "name, the best first"),
    Column("outcome", "str", "", "name in conf/measures.yaml"),
    Column("mean", "float64", "of the outcome", "mean over the scenario's replications"),
    Column("leader_mean", "float64", "of the outcome", "mean of the leader over the same replications"),
    Column("behind", "float64", "of the outcome", "mean less leader_mean"),
    *end_columns("of the outcome", "of the 95 % interval of behind"),
    Column("replications", "int64", "1", "replications of the scenario"),
    Column("dropped_after", "int64", "1", "replications after which it was dropped, 0 when it never was"),
    Column("status", "str", "", "what became of it"),
)
_ALONE = (
    "Each interval is alone with 95 %, and the leader was picked from the same replications: read how far "
    "others are behind from them, not who is best."
)


def _verdict(found: Selection, names: Sequence[str], zone: str) -> str:
    label = registry()[found.question.outcome].label
    what = f"{'least' if found.question.least else 'most'} {in_sentence(label)}"
    if found.ranking.decided:
        sure = f"with {100 * found.question.confidence:.4g} % or more if it is {zone}"
        return f"{names[found.leader]} is best ({what}), {sure}"
    if found.equal:
        alive = ", ".join(names[i] for i in found.ranking.alive)
        return f"{alive} are equally good ({what}): they do not differ on any draw"
    left = len(found.ranking.alive)
    return f"Cannot tell which is best ({what}): {left} of {len(names)} scenarios are left"


def _meaning(found: Selection, zone: str, budget: int) -> str:
    """Return what the guarantee covers, and what is missing where the budget ended."""
    covers = "It holds for values that are about normal; one that is nearer may be taken for the best."
    if found.ranking.ended:
        return covers
    return (
        f"The budget of {budget} replications is spent. With {100 * found.question.confidence:.4g} % or more "
        f"the best is among those left if it is {zone}; a decision may take up to {found.ranking.at_most:,} "
        f"replications, fewer with a larger margin. {covers}"
    )


def _status(found: Selection, place: RankedScenario) -> str:
    if place.dropped_after:
        return f"out after {place.dropped_after} replications"
    if found.ranking.decided:
        return f"best, after {place.replications} replications"
    return "equally good" if found.equal else f"still in after {place.replications}"


def _cells(found: Selection, places: Sequence[RankedScenario], names: Sequence[str], title: str) -> TextTable:
    heads = (
        "place", "scenario", "replications", "mean", "leader on the same", "behind", "95 % interval",
        "status",
    )  # fmt: skip
    rows = []
    for i, place in enumerate(places, start=1):
        gap = ["", "", ""]
        if i > 1:
            around = numbers.span_or_reason(place.interval)
            gap = [numbers.number(place.leader), numbers.signed(place.behind), around]
        own = [names[place.scenario], str(place.replications), numbers.number(place.mean)]
        rows.append([str(i), *own, *gap, _status(found, place)])
    return TextTable(heads, rows, left=("scenario", "status"), title=title)


def _row(found: Selection, place: RankedScenario, names: Sequence[str]) -> dict[str, str | float]:
    return {
        "scenario": names[place.scenario], "outcome": found.question.outcome, "leader_mean": place.leader,
        **fields(place, "mean", "behind", "replications", "dropped_after"), **ends(place.interval),
        "status": _status(found, place),
    }  # fmt: skip
