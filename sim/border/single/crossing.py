"""A crossing that a user invents: what it is made of, and what it may not be.

From Python ``single_crossing(arrivals_per_h=70, lanes=1, service_s=45)``; from YAML the same keys. A number
by the hour is one number for all hours, 24 numbers from midnight on, or 168 from Monday midnight on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.border.crossing import load_crossings
from sim.border.leniency import behavioural as behavioural_rule
from sim.border.leniency import optimal as optimal_rule
from sim.border.leniency import threshold as threshold_rule
from sim.border.leniency.settings import RULES
from sim.border.leniency.table import LeniencyTable
from sim.border.single.law import check_law
from sim.border.single.screening import Screening, check_screening, screened
from sim.core.calendar import HOURS_PER_DAY, HOURS_PER_WEEK
from sim.core.draws import MAX_SCV, MAX_SHAPE
from sim.core.errors import ConfigError, unknown
from sim.core.settings import NotNegative, Settings, Share, quantities, quantity, validated
from sim.core.shipped import conf_folder, parse_yaml, read_yaml
from sim.core.tree import plain, replaced
from sim.core.units import MINUTES_PER_HOUR

NAME = "border"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
REAL = (
    "a real crossing is never joined with loads or detection, nor given a frontier (docs/border.md); "
    "describe one that you invent in a file"
)
BY_HOUR = ("arrivals_per_h", "lanes", "secondary.bays")
SPREAD = "squared coefficient of variation of that time: 1/k (Erlang) or above 1 (hyperexponential)"
SHAPE = "Erlang shape of that time, an older way to say 1/k"
Count = Annotated[int, Field(ge=0)]


class Secondary(Settings):
    """Who is sent on, and where they queue again."""

    referral_prob: float | None = quantity(
        "1/1", "share of travellers sent to secondary, where no layers say it", ge=0, le=1, default=None
    )
    mean_min: float = quantity("min", "mean time of an examination", gt=0)
    bays: list[Count] = quantities("bays", "open bays by hour")
    scv: float | None = quantity("1/1", SPREAD, gt=0, le=MAX_SCV, default=None)
    shape: int = quantity("1/1", SHAPE, ge=1, le=MAX_SHAPE, default=1)
    waiting_room: int | None = quantity(
        "vehicles", "places before the bays; who finds none stays in the lane", ge=0, default=None
    )


class Loads(Settings):
    """What smugglers send through, and how likely each step catches it."""

    per_day: float = quantity("1/d", "loads a day, at the hours of the traffic", ge=0)
    referral_prob: float | None = quantity(
        "1/1", "chance that a load is sent to secondary, where no layers say it", ge=0, le=1, default=None
    )
    find_prob: float = quantity("1/1", "chance that secondary finds a load", ge=0, le=1)


class Costs(Settings):
    """What a wait and an open post stand for."""

    persons_per_vehicle: float = quantity("person/vehicle", "persons in a vehicle", gt=0)
    officers_per_lane: float = quantity("officer/lane", "officers who keep one lane open", gt=0)
    officers_per_bay: float = quantity("officer/bay", "officers who keep one bay open", gt=0)
    usd_per_officer_h: float = quantity("USD/h", "cost of an officer-hour, in dollars of one year", ge=0)


class Frontier(Settings):
    """Levels of scanning and staffing that are held against each other."""

    scanned: list[Share] = Field(
        default=[0.0, 0.1, 0.25, 0.5],
        description="shares of vehicles to be scanned",
        json_schema_extra={"unit": "1/1"},
    )
    lanes_added: list[int] = Field(
        default=[0, 1, 2],
        description="lanes added at every open hour; below 0 taken away",
        json_schema_extra={"unit": "lanes"},
    )


class Leniency(Settings):
    """The rule by which a long line changes inspection, and its numbers."""

    kind: str
    threshold: threshold_rule.ThresholdSettings | None = None
    optimal: optimal_rule.OptimalSettings | None = None
    behavioural: behavioural_rule.BehaviouralSettings | None = None

    def table(self) -> LeniencyTable | None:
        """Return the table of the rule; None where the line has no effect.

        Raises
        ------
        ConfigError
            There is no such rule, or its numbers are missing.
        """
        if self.kind not in RULES:
            raise unknown("rule", self.kind, f"{NAME}.leniency.kind", RULES)
        if self.kind != "none" and getattr(self, self.kind) is None:
            raise ConfigError(f"{NAME}.leniency.{self.kind}: missing; rule {self.kind!r} needs its numbers")
        if self.kind == "threshold" and self.threshold is not None:
            return threshold_rule.table(self.threshold)
        if self.kind == "optimal" and self.optimal is not None:
            return optimal_rule.table(self.optimal)
        if self.kind == "behavioural" and self.behavioural is not None:
            return behavioural_rule.table(self.behavioural)
        return None


class SingleCrossing(Settings):
    """One crossing, and how it is simulated."""

    arrivals_per_h: list[NotNegative] = quantities("1/h", "vehicles that come, by hour")
    lanes: list[Count] = quantities("lanes", "open lanes by hour")
    service_s: float = quantity("s", "mean time of primary inspection", gt=0)
    service_scv: float | None = quantity("1/1", SPREAD, gt=0, le=MAX_SCV, default=None)
    service_shape: int = quantity("1/1", SHAPE, ge=1, le=MAX_SHAPE, default=1)
    lanes_max: int | None = quantity("lanes", "lanes that exist", ge=0, default=None)
    patience_min: float | None = quantity(
        "min", "mean of the exponential patience; without it nobody reneges", gt=0, default=None
    )
    secondary: Secondary | None = None
    screening: Screening | None = None
    loads: Loads | None = None
    costs: Costs | None = None
    frontier: Frontier | None = None
    leniency: Leniency | None = None
    name: str = "single crossing"
    days: int = quantity("d", "days that are counted", ge=1, default=28)
    warmup_days: int = quantity("d", "days before them that are not", ge=0, default=7)
    replications: int = quantity("1/1", "independent repetitions", ge=2, default=20)
    seed: int = Field(default=1, ge=0, description="of all draws")

    @property
    def period(self) -> int:
        """Hours after which everything repeats: 24, or 168 if anything is given by the week."""
        return max(len(values) for values in (self.arrivals_per_h, self.lanes, self._bays))

    @property
    def _bays(self) -> list[int]:
        return self.secondary.bays if self.secondary is not None else [0] * HOURS_PER_DAY

    def by_hour(self, name: str) -> NDArray[Any]:
        """Return ``arrivals_per_h``, ``lanes`` or ``bays`` by hour of the period."""
        values = self._bays if name == "bays" else getattr(self, name)
        return np.tile(np.array(values), self.period // len(values))

    def hour_name(self, hour: int) -> str:
        """Return an hour of the period as a clock time, with its day where days differ."""
        clock = f"{hour % HOURS_PER_DAY:02d}:00"
        return clock if self.period == HOURS_PER_DAY else f"{DAYS[hour // HOURS_PER_DAY]} {clock}"


def single_crossing(tree: Mapping[str, Any] | None = None, /, **keys: Any) -> SingleCrossing:
    """Return a border of one crossing.

    Parameters
    ----------
    tree : mapping, optional
        Keys of ``SingleCrossing``; numbers by hour as one number, 24 or 168.
    **keys
        The same as keywords; they win.

    Raises
    ------
    ConfigError
        A key is unknown, a value impossible, or the line would grow without bound.
    """
    given = plain({**(tree or {}), **keys})
    for path in BY_HOUR:
        given = _spread(given, path)
    border = validated(SingleCrossing, given, NAME)
    table = border.leniency.table() if border.leniency is not None else None
    if border.loads is not None and is_real(border.name):
        raise ConfigError(f"{NAME}.name: {border.name}: {REAL}")
    check_law(border.service_scv, border.service_shape, f"{NAME}.service_scv", f"{NAME}.service_shape")
    if border.secondary is not None:
        where = f"{NAME}.secondary"
        check_law(border.secondary.scv, border.secondary.shape, f"{where}.scv", f"{where}.shape")
    _check_lanes(border)
    check_screening(border, NAME)
    _check_loads(border)
    _check_bays(border, table)
    _check_capacity(border, table)
    return border


def is_real(name: str) -> bool:
    """Tell whether a name or number is that of a crossing in the tables of the model."""
    crossings = load_crossings(conf_folder() / "border" / "crossings.csv")
    known = {text.casefold() for crossing in crossings for text in (crossing.crossing_id, crossing.name)}
    return name.strip().replace("_", " ").casefold() in known | {text.replace("_", " ") for text in known}


def read_single_crossing(path: Path, overrides: Sequence[str] = ()) -> SingleCrossing:
    """Return the border of a YAML file, with ``key=value`` changes.

    Raises
    ------
    ConfigError
        The file cannot be read, or ``single_crossing`` refuses it.
    """
    if not path.is_file():
        if is_real(str(path)):
            raise ConfigError(f"{path}: {REAL}")
        raise ConfigError(f"{path}: there is no such file")
    return single_crossing(changed(read_yaml(path), overrides))


def changed(tree: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return a tree with ``key=value`` changes; a dot leads into a group."""
    out = dict(tree)
    for text in overrides:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise ConfigError(f"{text}: not an override; write key=value, without spaces")
        try:
            parsed = parse_yaml(value, text)
        except ConfigError as error:
            twice = "given twice" in str(error)
            raise ConfigError(str(error) if twice else f"{text}: the value is not valid YAML") from None
        out = replaced(out, {key: parsed}, new_keys=True)
    return out


def _spread(tree: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Write a number by hour as a list of 24 or 168; other kinds of values are left to be refused."""
    head, _, rest = path.partition(".")
    out = dict(tree)
    if head not in out:
        return out
    if rest:
        if isinstance(out[head], Mapping):
            out[head] = _spread(out[head], rest)
        return out
    where = path if path in BY_HOUR else f"secondary.{path}"
    value = np.asarray(out[head], dtype=object).tolist() if not isinstance(out[head], str) else out[head]
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Judged here: of twenty-four copies each would be told, as if it had been one of a list.
        whole = path != BY_HOUR[0]
        if not 0 <= value < float("inf") or (whole and not isinstance(value, int)):
            kind = "whole number" if whole else "number"
            raise ConfigError(f"{NAME}.{where}: must be a {kind} of at least 0 (got {value!r})")
        value = [value] * HOURS_PER_DAY
    elif isinstance(value, list) and len(value) not in (HOURS_PER_DAY, HOURS_PER_WEEK):
        raise ConfigError(
            f"{NAME}.{where}: {len(value)} values; give one number, "
            f"{HOURS_PER_DAY} by hour from midnight, or {HOURS_PER_WEEK} from Monday midnight"
        )
    out[head] = value
    return out


def _check_lanes(border: SingleCrossing) -> None:
    lanes, arrivals = border.by_hour("lanes"), border.by_hour("arrivals_per_h")
    if border.lanes_max is not None and lanes.max() > border.lanes_max:
        hour = int(lanes.argmax())
        raise ConfigError(
            f"{NAME}.lanes: {lanes[hour]} lanes at {border.hour_name(hour)}, but lanes_max is "
            f"{border.lanes_max}"
        )
    for first in range(0, border.period, HOURS_PER_DAY):
        day = slice(first, first + HOURS_PER_DAY)
        if arrivals[day].sum() > 0 and not lanes[day].any():
            which = "all day" if border.period == HOURS_PER_DAY else f"on {DAYS[first // HOURS_PER_DAY]}"
            raise ConfigError(
                f"{NAME}.lanes: no lane is open {which}, but {arrivals[day].sum():g} vehicles come; "
                "open a lane or set their arrivals to 0"
            )


def _check_loads(border: SingleCrossing) -> None:
    if border.loads is None or border.loads.per_day == 0:
        return
    if border.loads.referral_prob and border.secondary is None:
        raise ConfigError(f"{NAME}.loads.referral_prob: needs {NAME}.secondary, where loads are examined")
    if not border.by_hour("arrivals_per_h").any():
        raise ConfigError(f"{NAME}.loads.per_day: loads hide in traffic; set {NAME}.arrivals_per_h above 0")


def _check_bays(border: SingleCrossing, table: LeniencyTable | None) -> None:
    """Refuse a day without a bay on which somebody is sent on: no patience ends such a wait."""
    if border.secondary is None or (table is not None and table.referral_factor.max() == 0.0):
        return
    own, come, bays = screened(border), border.by_hour("arrivals_per_h"), border.by_hour("bays")
    sent = come * own.referral_prob
    loads = 0.0 if border.loads is None else border.loads.per_day
    loaded = come * own.load.any(axis=0) * loads
    for first in range(0, border.period, HOURS_PER_DAY):
        day = slice(first, first + HOURS_PER_DAY)
        if (sent[day].any() or loaded[day].any()) and not bays[day].any():
            which = "all day" if border.period == HOURS_PER_DAY else f"on {DAYS[first // HOURS_PER_DAY]}"
            who = f"{sent[day].sum():.4g} vehicles" if sent[day].any() else "loads"
            raise ConfigError(
                f"{NAME}.secondary.bays: no bay is open {which}, but {who} are sent there; "
                "open a bay or refer nobody"
            )


def _check_capacity(border: SingleCrossing, table: LeniencyTable | None) -> None:
    """Refuse lines that grow without bound, at the strongest leniency."""
    if border.patience_min is not None:
        return
    quickest, fewest = (
        (1.0, 1.0) if table is None else (table.service_factor.min(), table.referral_factor.min())
    )
    days, come, own = border.period / HOURS_PER_DAY, border.by_hour("arrivals_per_h"), screened(border)
    lane_h, need_h = border.by_hour("lanes").sum() / days, come @ own.service_h / days * quickest
    if need_h >= lane_h:
        raise ConfigError(
            f"{NAME}.lanes: {lane_h:.4g} lane-hours are open a day and {need_h:.4g} are needed, so the line "
            "grows without bound; open more lanes, or set patience_min"
        )
    if border.secondary is None:
        return
    need_h = come @ own.referral_prob / days * fewest * border.secondary.mean_min / MINUTES_PER_HOUR
    bay_h = border.by_hour("bays").sum() / days
    if need_h >= bay_h and need_h > 0:
        raise ConfigError(
            f"{NAME}.secondary.bays: {bay_h:.4g} bay-hours are open a day and {need_h:.4g} are needed, so "
            "the line grows without bound; open more bays, or refer fewer"
        )
