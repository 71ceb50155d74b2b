"""The studies from Python: each takes names of scenarios and returns a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sim.api.scenarios import Changes, mapping, scenario
from sim.core.errors import ConfigError, unknown

if TYPE_CHECKING:
    from sim.report.result import Result
    from sim.run.plan import Replications
    from sim.run.pool import OnProgress
    from sim.scenario import Scenario

DELIVERED = "delivered_pure_kg"


class How(TypedDict, total=False):
    """Keywords that every study takes.

    ``adversary`` and ``changes`` apply to each scenario that is given by its name, as in ``ck.scenario``;
    ``seed``, ``workers``, ``results`` and ``progress`` are those of ``ck.run``.
    """

    adversary: str | None
    changes: Changes | None
    seed: int
    workers: int
    results: str | Path
    progress: bool


def rank(
    scenarios: Sequence[str | Scenario], outcome: str = DELIVERED, *, replications: int = 100,
    margin: float | None = None, confidence: float = 0.95, best: str | None = None, first: int = 10,
    step: int = 4, **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return which scenario is best, and how sure that is; ``replications`` is the most of each."""
    from sim.study.rank import rank as study

    loaded = [_scenario(one, how) for one in _several(scenarios)]
    return _ask("rank", replications, how, lambda runs, move: study(
        loaded, runs, outcome, margin=margin, confidence=confidence, best=best, first=first, step=step,
        on_progress=move,
    ))  # fmt: skip


def effect(
    scenarios: str | Sequence[str], *, baseline: str = "baseline",
    adversaries: Sequence[str] = ("none", "logit"), replications: int = 12, parameter_sets: int = 0,
    **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return what scenarios change against a baseline over the same dates, for a panel of adversaries."""
    from sim.study.effect.pairs import pairings
    from sim.study.effect.result import effect as study

    if "adversary" in how:
        raise ConfigError("study effect: the adversary is set by adversaries")

    def load(name: str, adversary: str, dates: Mapping[str, Any]) -> Scenario:
        changes = {**_changes(how), **dates}
        return scenario(name, adversary=adversary, changes=changes)

    pairs = pairings(_several(scenarios), baseline, adversaries, load)
    return _ask(
        "effect", replications, how, lambda runs, move: study(pairs, runs, on_progress=move), parameter_sets
    )


def why(
    first: str | Scenario, second: str | Scenario, *, replications: int = 10, **how: Unpack[How]
) -> Result:
    """Return which loads and cases have another fate in the second scenario, and by what mechanism."""
    from sim.study.why import why as study

    before, after = _scenario(first, how), _scenario(second, how)
    return _ask("why", replications, how, lambda runs, move: study(before, after, runs, on_progress=move))


def synergy(
    levers: Sequence[str], outcome: str = DELIVERED, *, sizes: str | Scenario = "hsi_strategy",
    replications: int = 12, **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return whether levers add up, overlap or help each other, at the sizes of a scenario."""
    from sim.study.synergy import synergy as study

    whole = _scenario(sizes, how)
    return _ask(
        "synergy", replications, how,
        lambda runs, move: study(whole, _several(levers), runs, outcome, on_progress=move),
    )  # fmt: skip


def portfolio(
    budgets_usd: float | Sequence[float], outcome: str = DELIVERED, *, name: str | Scenario = "baseline_3y",
    levers: Sequence[str] = (), best: str | None = None, trials: int = 60, at_a_time: int = 4,
    leading: int = 5, judged: int = 24, replications: int = 8, **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return the lever sizes that a search finds best under yearly budgets, in USD of 2022."""
    from sim.study.portfolio.result import portfolio as study

    budgets = [budgets_usd] if isinstance(budgets_usd, int | float) else list(budgets_usd)
    start = _scenario(name, how)
    return _ask("portfolio", replications, how, lambda runs, move: study(
        start, budgets, runs, outcome, levers=levers, best=best, trials=trials, at_a_time=at_a_time,
        leading=leading, judged=judged, on_progress=move,
    ))  # fmt: skip


def power(
    name: str | Scenario, outcomes: Sequence[str] | None = None, *, before: int = 12, months: int = 36,
    wanted: float = 0.8, replications: int = 40, **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return after how many months the records of agencies would show that a scenario works."""
    from sim.study.arguments import RECORDS
    from sim.study.power import power as study

    loaded = _scenario(name, how)
    return _ask("power", replications, how, lambda runs, move: study(
        loaded, runs, RECORDS if outcomes is None else _several(outcomes), before=before, months=months,
        wanted=wanted, on_progress=move,
    ))  # fmt: skip


def screen(
    name: str | Scenario = "baseline", outcomes: Sequence[str] | None = None, *,
    baseline: str | Scenario | None = None, over: Sequence[str] = (), without: Sequence[str] = (),
    trajectories: int = 10, replications: int = 2, **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return which assumed numbers move outcomes over the whole space of their ranges (Morris)."""
    from sim.study.screen import OUTCOMES
    from sim.study.screen import screen as study

    after, before = _pair(name, baseline, how)
    return _ask("screen", replications, how, lambda runs, move: study(
        after, runs, OUTCOMES if outcomes is None else outcomes, baseline=before, over=over, without=without,
        trajectories=trajectories, on_progress=move,
    ))  # fmt: skip


def sobol(
    name: str | Scenario = "baseline", outcome: str = DELIVERED, *, baseline: str | Scenario | None = None,
    over: Sequence[str] = (), without: Sequence[str] = (), screen: Result | str | Path | None = None,
    top: int = 6, grouped: bool = False, rows: int = 64, replications: int = 4, **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return how the variance of an outcome splits over assumed numbers (Sobol)."""
    from sim.study.sobol import sobol as study

    after, before = _pair(name, baseline, how)
    return _ask("sobol", replications, how, lambda runs, move: study(
        after, runs, outcome, baseline=before, over=over, without=without, screen=screen, top=top,
        grouped=grouped, rows=rows, on_progress=move,
    ))  # fmt: skip


def discover(
    name: str | Scenario, outcome: str = DELIVERED, *, baseline: str | Scenario = "baseline",
    margin: float | None = None, density: float = 0.7, draws: int = 200, over: Sequence[str] = (),
    without: Sequence[str] = (), replications: int = 2, **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return where in the space of assumptions a scenario fails (PRIM)."""
    from sim.study.discover import discover as study

    after, before = _pair(name, baseline, how)
    if before is None:
        raise ConfigError("study discover: needs a baseline, such as 'baseline'")
    return _ask("discover", replications, how, lambda runs, move: study(
        after, before, runs, outcome, margin=margin, density=density, draws=draws, over=over,
        without=without, on_progress=move,
    ))  # fmt: skip


def influence(name: str | Scenario = "baseline", *, replications: int = 4, **how: Unpack[How]) -> Result:
    """Return how far each assumed number alone moves outcomes."""
    from sim.study.influence import influence as study

    loaded = _scenario(name, how)
    return _ask("influence", replications, how, lambda runs, move: study(loaded, runs, on_progress=move))


def warmup(
    name: str | Scenario = "baseline", outcomes: Sequence[str] | None = None, *,
    baseline: str | Scenario | None = None, days: int = 730, pilot: int = 12, replications: int = 6,
    **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return how long the start of a run is felt, and how many replications outcomes need."""
    from sim.study.warmup import OUTCOMES
    from sim.study.warmup import warmup as study

    after, before = _pair(name, baseline, how)
    return _ask("warmup", replications, how, lambda runs, move: study(
        after, runs, OUTCOMES if outcomes is None else outcomes, baseline=before, days=days, pilot=pilot,
        on_progress=move,
    ))  # fmt: skip


def calibrate(
    name: str | Scenario = "baseline", *, candidates: int = 200, keep: int = 100, replications: int = 20,
    **how: Unpack[How],
) -> Result:  # fmt: skip
    """Return parameter sets that fit fiscal year 2022, and how well half a year predicts the other half."""
    from sim.study.calibration.result import calibrate as study

    loaded = _scenario(name, how)
    return _ask(
        "calibrate", replications, how,
        lambda runs, move: study(loaded, runs, candidates=candidates, keep=keep, on_progress=move),
    )  # fmt: skip


def border_fit(
    *, folds: str = "crossing", mode: str | None = None, points: int = 120, generations: int = 9,
    structures: bool = False, tables: str | Path | None = None, seed: int = 1, workers: int = 0,
    results: str | Path = "results", progress: bool = True,
) -> Result:  # fmt: skip
    """Return how models of the wait score on crossings that they have not seen, and what the fits say."""
    from sim.run.pool import Progress
    from sim.run.progress import progress_bar
    from sim.run.settings import usable_cores
    from sim.study.border_fit.result import fit_border

    with progress_bar("border", progress, of="fits") as move:
        return fit_border(
            Path(results), folds=folds, mode=mode, points=points, generations=generations, seed=seed,
            structures=structures, tables=None if tables is None else Path(tables),
            workers=workers or usable_cores(), on_job=lambda done, total: move(Progress(done, 0, 0, total)),
        )  # fmt: skip


def crossing(
    tree: Mapping[str, Any] | str | Path | None = None, /, *, frontier: bool = False, **keys: Any
) -> Result:
    """Return what happens at a crossing that you invent.

    Parameters
    ----------
    tree : mapping, str or Path, optional
        Keys of ``docs/border.md``, or a YAML file that has them.
    frontier : bool
        Ask what scanning and lanes buy, in place of one day or week.
    **keys
        The same keys: ``ck.crossing(arrivals_per_h=60, lanes=2, service_s=45)``; they win.

    Raises
    ------
    ConfigError
        A key is unknown, a value impossible, or the line would grow without bound.
    """
    from sim.border.single.crossing import read_single_crossing, single_crossing
    from sim.study.single_crossing import crossing as study
    from sim.study.single_crossing import crossing_frontier

    if isinstance(tree, str | Path):
        border = single_crossing(read_single_crossing(Path(tree)).model_dump(exclude_none=True), **keys)
    else:
        border = single_crossing(tree, **keys)
    return crossing_frontier(border) if frontier else study(border)


def _ask(
    title: str, count: int, how: How, study: Callable[[Replications, OnProgress], Result],
    parameter_sets: int = 0,
) -> Result:  # fmt: skip
    """Run a study with a progress bar."""
    from sim.run.plan import Replications
    from sim.run.progress import progress_bar

    runs = Replications(
        count, how.get("seed", 1), parameter_sets, workers=how.get("workers", 0),
        results=Path(how.get("results", "results")),
    )  # fmt: skip
    with progress_bar(title, how.get("progress", True)) as move:
        return study(runs, move)


def _several(names: Any) -> list[Any]:
    if isinstance(names, str):
        return [names]
    if not isinstance(names, Iterable):
        raise ConfigError(f"give a list of names (got {names!r})")
    return list(names)


def _changes(how: How) -> dict[str, Any]:
    """Return the changes of a study's scenarios; refuse a keyword that no study takes."""
    for key in how:
        if key not in How.__annotations__:
            raise unknown("keyword", key, "study", How.__annotations__)
    return mapping(how.get("changes"), "changes", "{'calendar.days': 30}")


def _scenario(which: str | Scenario, how: How, dates: Mapping[str, Any] | None = None) -> Scenario:
    """Return a scenario given by its name, with what ``how`` changes; another one as it is."""
    given = _changes(how)
    changed = [key for key in ("adversary", "changes") if how.get(key)]
    if not isinstance(which, str):
        from sim.scenario import Scenario

        if not isinstance(which, Scenario):
            raise ConfigError(f"scenario: give a name or ck.scenario(...) (got {which!r})")
        if changed or dates:
            raise ConfigError(
                f"scenario: {', '.join(changed)} would change {which.name}; give its name instead"
            )
        return which
    changes = {**given, **(dates or {})}
    return scenario(which, adversary=how.get("adversary"), changes=changes)


def _pair(
    name: str | Scenario, baseline: str | Scenario | None, how: How
) -> tuple[Scenario, Scenario | None]:
    """Return a scenario and its baseline over the same dates."""
    after = _scenario(name, how)
    if baseline is None or not isinstance(baseline, str):
        return after, baseline
    dates = after.settings.calendar
    same = {
        "calendar.start": dates.start,
        "calendar.days": dates.days,
        "calendar.warmup_days": dates.warmup_days,
    }
    return after, _scenario(baseline, how, same)
