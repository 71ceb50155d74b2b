"""Effect: what scenarios change against their baseline, over a panel of adversaries.

A scenario and its baseline run with common random numbers against every adversary; the policy with frozen
routes shows the direct effect, the others what is left of it when traffickers adapt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sim.core.errors import ConfigError
from sim.core.tables import Column, Table
from sim.measures.registry import registry
from sim.report.numbers import number, signed, span
from sim.report.provenance import Provenance, lever_notes_of, provenance
from sim.report.result import Draw, Figure, Result
from sim.report.scenarios import in_order
from sim.report.tables import DataTable, TextTable, end_columns, ends, fields
from sim.report.verdicts import side
from sim.report.yearly import unit_of, window_of
from sim.run.plan import Replications
from sim.run.pool import OnProgress, silent
from sim.stats.ratio import Estimate
from sim.study.effect import sentences
from sim.study.effect.outcomes import (
    FROZEN,
    Displacement,
    Effect,
    Ratios,
    displacements,
    effects,
    ratios,
    spread,
)
from sim.study.effect.pairs import DELIVERED, PairedRuns, Pairing, run_pairs

SEIZED = "seizure_events"
EFFECTS = (
    Column("scenario", "str", "", "name"),
    Column("adversary", "str", "", "policy by which traffickers choose routes"),
    Column("measure", "str", "", "name in conf/measures.yaml"),
    Column("place", "str", "", "all, or where the measure is counted"),
    Column("layer", "str", "", "latent (nobody sees it) or observed"),
    Column("unit", "str", "", "of baseline, change and all ends"),
    Column("baseline", "float64", "of the row", "mean of the baseline"),
    Column("change", "float64", "of the row", "mean of scenario less baseline over pairs of runs"),
    *end_columns("of the row", "of the 95 % interval of the change over pairs"),
    *end_columns("of the row", "of the 95 % range over parameter sets", "parameter_"),
    Column("verdict", "str", "", "what both intervals allow to be said"),
)
RATIOS = (
    Column("scenario", "str", "", "name"),
    Column("adversary", "str", "", "policy"),
    Column("quantity", "str", "", "cost of a kilogram, share displaced or half-life"),
    Column("value", "float64", "of the quantity", "NaN where it is undefined, infinite beyond the window"),
    *end_columns("of the quantity", "of the 95 % interval"),
    Column("note", "str", "", "why there is no value"),
)
PLACES = (
    Column("scenario", "str", "", "name"),
    Column("adversary", "str", "", "policy"),
    Column("place", "str", "", "place of the routes, or all"),
    Column("direct_kg", "float64", "kg pure", "change with frozen routes"),
    Column("moved_kg", "float64", "kg pure", "what adapting adds to it"),
    *end_columns("kg pure", "of the 95 % interval of moved_kg"),
    Column("verdict", "str", "", "whether adapting brings flow that matters, or takes it away"),
)
_LEFT = ("outcome", "adversary", "verdict", "unit", "place")
_SPARE = ("range over the panel", "unit", "baseline")
_RATIO_HEADS = ("adversary", "USD a pure kg less delivered", "share displaced", "half-life, months")
_PLACE_HEADS = ("adversary", "place", "direct", "by adapting", "95 % interval", "verdict of adapting")


def effect(
    pairings: Sequence[Pairing],
    replications: Replications,
    *,
    on_progress: OnProgress = silent,
) -> Result:
    """Return what scenarios change in every outcome, what that costs and what adaptation takes back.

    Parameters
    ----------
    pairings : sequence of Pairing
        Each scenario with its baseline, against each adversary; one with frozen routes (``none``) for each
        scenario, without which displacement and half-life are undefined.
    replications : Replications
        At least two replications.
    on_progress : callable
        Called in this process after every replication.

    Raises
    ------
    ConfigError
        There is no pairing, one stands twice, its sides differ in dates or adversary, or a count is too
        small.
    StoreError
        A replication failed, or the results folder cannot be written.
    """
    _check(pairings, replications)
    order = in_order(pairing.scenario for pairing in pairings)
    pairings = sorted(pairings, key=lambda pairing: order.index(pairing.scenario))
    pairs = run_pairs(pairings, replications, on_progress)
    baselines = {pairing.scenario: pairing.before.name for pairing in pairings}
    notes = dict.fromkeys(note for pairing in pairings for note in lever_notes_of(pairing.after))
    return result_of(pairs, baselines, replications, _source(pairings, replications), tuple(notes))


def _check(pairings: Sequence[Pairing], replications: Replications) -> None:
    if not pairings:
        raise ConfigError("study effect: name at least one scenario, such as port_staffing")
    if replications.count < 2:
        raise ConfigError(f"study effect: {replications.count} replications, at least 2 are needed")
    seen = set()
    for pairing in pairings:
        what = f"study effect: {pairing.scenario} against adversary {pairing.adversary}"
        if (pairing.scenario, pairing.adversary) in seen:
            raise ConfigError(f"{what} is named twice")
        seen.add((pairing.scenario, pairing.adversary))
        for other, before, after in (
            ("other dates", pairing.before.calendar, pairing.after.calendar),
            (
                "another adversary",
                pairing.before.settings.adversary.kind,
                pairing.after.settings.adversary.kind,
            ),
        ):
            if before != after:
                raise ConfigError(f"{what}: its baseline {pairing.before.name} has {other}")
        pairing.after.at_parameter_set(replications.parameter_sets)


def _source(pairings: Sequence[Pairing], replications: Replications) -> Provenance:
    sets = f" and {replications.parameter_sets} further parameter sets" if replications.parameter_sets else ""
    baselines = " and ".join(dict.fromkeys(pairing.before.name for pairing in pairings))
    return provenance(
        f"{replications.count} pairs of runs each{sets}",
        [side for pairing in pairings for side in (pairing.before, pairing.after)],
        replications.seed,
        against=f"against scenario {baselines} over the same dates",
        window=None if len({pairing.after.calendar for pairing in pairings}) == 1 else "",
    )


def result_of(
    pairs: Sequence[PairedRuns],
    baselines: Mapping[str, str],
    replications: Replications,
    source: Provenance,
    notes: Sequence[str] = (),
) -> Result:
    """Return what pairs of runs say as a result.

    Parameters
    ----------
    pairs : sequence of PairedRuns
        Of a scenario together.
    baselines : mapping of str to str
        What each scenario is held against, in the order of the text.
    replications : Replications
        How many pairs there are.
    source : Provenance
    notes : sequence of str
        What the levers of the scenarios do.
    """
    frozen = {pair.scenario: pair for pair in pairs if pair.adversary == FROZEN}
    found = [one for pair in pairs for one in effects(pair)]
    kept = [ratios(pair, frozen.get(pair.scenario)) for pair in pairs]
    places = [row for pair in pairs for row in displacements(pair, frozen.get(pair.scenario))]
    shown = [one for one in found if one.place == "all" and registry()[one.measure].headline]
    tables = {
        "effects": DataTable.of(EFFECTS, [_effect_row(one) for one in found]),
        "ratios": DataTable.of(RATIOS, [row for one in kept for row in _ratio_rows(one)]),
        "places": DataTable.of(
            PLACES,
            [
                {
                    **fields(row, "scenario", "adversary", "place", "direct_kg", "moved_kg", "verdict"),
                    **ends(row.monte_carlo),
                }
                for row in places
            ],
        ),
    }
    verdicts, draws = _figures(found, tables["places"].data, source)
    text: list[str | TextTable] = []
    for scenario, baseline in baselines.items():
        here = [one for one in shown if one.scenario == scenario]
        moves = [row for row in places if row.scenario == scenario]
        window = window_of(here[0].days)
        text.append(_changes(here, f"{scenario}: change against {baseline}, {window}"))
        rows = [
            [one.adversary, *map(estimate_text, (one.cost, one.displacement, one.half_life))]
            for one in kept
            if one.scenario == scenario
        ]
        text.append(TextTable(_RATIO_HEADS, rows, left=_RATIO_HEADS))
        text += [_place_cells(moves, window)] if moves else []
    return Result(
        question=f"What do{'es' if len(baselines) == 1 else ''} {' and '.join(baselines)} change?",
        verdicts=verdicts,
        tables=tables,
        provenance=source,
        text=(*text, *verdicts),
        draws=draws,
        notes=(*notes, _caveat(shown, replications)),
    )


def _effect_row(one: Effect) -> dict[str, str | float]:
    info = registry()[one.measure]
    return {
        **fields(one, "scenario", "adversary", "measure", "place", "change", "verdict"),
        "layer": info.layer, "unit": unit_of(info, one.days), "baseline": one.before,
        **ends(one.monte_carlo), **ends(one.parameter, "parameter_"),
    }  # fmt: skip


def _ratio_rows(one: Ratios) -> list[dict[str, str | float]]:
    named = {
        "usd_per_pure_kg_denied": one.cost,
        "displacement_share": one.displacement,
        "half_life_months": one.half_life,
    }
    return [
        {
            **fields(one, "scenario", "adversary"), "quantity": name, "value": estimate.value,
            **ends(estimate.interval), "note": estimate.interval.reason,
        }
        for name, estimate in named.items()
    ]  # fmt: skip


def _figures(
    found: Sequence[Effect], places: Table, source: Provenance
) -> tuple[tuple[str, ...], dict[str, Draw]]:
    """Return what the figures say and how each is drawn: as many as there is something to show for."""
    by = {(one.scenario, one.adversary, one.measure): one for one in found if one.place == "all"}
    kilograms = [one for one in by.values() if one.measure == DELIVERED]
    window = " or ".join(dict.fromkeys(window_of(one.days) for one in kilograms))
    changes, footer = changes_of(kilograms), source.sentence
    captions = {"effect_by_adversary": sentences.delivered(changes, window)}
    both = [(one, by.get((one.scenario, one.adversary, SEIZED))) for one in kilograms]
    seen = seen_of([(one, other) for one, other in both if other is not None])
    if len(seen["scenario"]):
        captions["seized_against_delivered"] = sentences.seizures_mislead(seen)
    if len(places["place"]):
        captions["displacement_flow"] = sentences.displacement(places)

    def by_adversary() -> Figure:
        from sim.plots.effects import delivered_by_adversary

        return delivered_by_adversary(changes, captions["effect_by_adversary"], footer, window)

    def against_delivered() -> Figure:
        from sim.plots.effects import seized_against_delivered

        return seized_against_delivered(seen, captions["seized_against_delivered"], footer)

    def flow() -> Figure:
        from sim.plots.displacement import displacement_flow

        return displacement_flow(places, captions["displacement_flow"], footer, window)

    draws = {
        "effect_by_adversary": by_adversary,
        "seized_against_delivered": against_delivered,
        "displacement_flow": flow,
    }
    return tuple(f"{one}." for one in captions.values()), {slug: draws[slug] for slug in captions}


def changes_of(found: Sequence[Effect]) -> Table:
    """Return effects of one outcome as rows of a figure; the verdict says ``more`` or ``less``."""
    return {
        "scenario": np.array([e.scenario for e in found], dtype=object),
        "adversary": np.array([e.adversary for e in found], dtype=object),
        "change": np.array([e.change for e in found]),
        "low": np.array([e.monte_carlo.low for e in found]),
        "high": np.array([e.monte_carlo.high for e in found]),
        "parameter_low": np.array([e.parameter.low for e in found]),
        "parameter_high": np.array([e.parameter.high for e in found]),
        "percent": np.array([e.percent[0] for e in found]),
        "verdict": np.array([side(e.measure, e.verdict) for e in found], dtype=object),
    }


def seen_of(seen: Sequence[tuple[Effect, Effect]]) -> Table:
    """Return pairs of an effect on what is delivered and one on what is seized as rows of a figure."""
    same = changes_of([delivered for delivered, _ in seen])
    rows = {name: same[name] for name in ("scenario", "adversary", "verdict")}
    rows["seized_verdict"] = np.array([seized.direction for _, seized in seen], dtype=object)
    for i, name in enumerate(("delivered", "seized")):
        for end, suffix in enumerate(("", "_low", "_high")):
            rows[name + suffix] = np.array([both[i].percent[end] for both in seen])
    return rows


def _changes(here: Sequence[Effect], title: str) -> TextTable:
    """Return the cells of one scenario, a row for each outcome and adversary."""
    sets = any(one.parameter.known for one in here)
    parameter = ["parameters 95 %"] if sets else []
    rows = []
    for measure in dict.fromkeys(one.measure for one in here):
        alike = [one for one in here if one.measure == measure]
        low, high = map(signed, spread(alike))
        for i, one in enumerate(alike):
            info = registry()[measure]
            first = (info.label, f"{low} to {high}") if i == 0 else ("", "")
            spans = [span(one.monte_carlo), *([span(one.parameter)] if sets else [])]
            rows.append(
                [first[0], number(one.before), one.adversary, signed(one.change), *spans, one.verdict]
                + [unit_of(info, one.days), first[1]]
            )
    heads = [
        "outcome", "baseline", "adversary", "change", "Monte Carlo 95 %", *parameter, "verdict", "unit",
        "range over the panel",
    ]  # fmt: skip
    return TextTable(heads, rows, _LEFT, _SPARE, title)


def estimate_text(one: Estimate) -> str:
    """Return a ratio with its interval, or why there is none."""
    if not one.known:
        return one.interval.reason
    low, high = number(one.interval.low), number(one.interval.high)
    if math.isfinite(one.value) and math.isfinite(one.interval.high):
        return f"{number(one.value)} [{low}, {high}]"
    point = number(one.value) if math.isfinite(one.value) else "not in the window"
    return f"{point}, at least {low}" if math.isfinite(one.interval.low) else point


def _place_cells(rows: Sequence[Displacement], window: str) -> TextTable:
    title = f"where the flow went: pure kg delivered {window}, direct effect and what adaptation adds"
    cells = [
        [
            row.adversary, row.place, signed(row.direct_kg), signed(row.moved_kg), span(row.monte_carlo),
            row.verdict,
        ]
        for row in rows
    ]  # fmt: skip
    return TextTable(_PLACE_HEADS, cells, (*_LEFT, _PLACE_HEADS[-1]), title=title)


def _caveat(shown: Sequence[Effect], replications: Replications) -> str:
    """Return what the intervals and the verdicts of the tables rest on."""
    outcomes, panel, scenarios = (
        len({getattr(one, name) for one in shown}) for name in ("measure", "adversary", "scenario")
    )
    of = f"{outcomes} outcomes and {panel} adversar{'y' if panel == 1 else 'ies'}"
    of += f" for {scenarios} scenarios" if scenarios > 1 else ""
    sets = (
        f"parameter-uncertainty interval: {replications.parameter_sets} parameter sets that fit, verdicts "
        "must hold "
        "there too"
        if replications.parameter_sets
        else "no parameter-uncertainty interval: 20 parameter sets give one"
    )
    return (
        f"intervals: chance over {replications.count} pairs of runs, each alone with 95 %: of {of} one in "
        f"twenty may miss; {sets}; {len(shown)} verdicts, each on its own interval and the margin of its "
        "outcome over this window; sim compare judges by wider intervals that hold all at once"
    )
