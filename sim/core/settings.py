"""Settings with evidence: every empirical number is a record that says where it comes from.

A configuration tree holds *records* (``{value, unit, range, fact, status, ...}``). ``split_evidence``
takes it apart: a tree of plain values, which the frozen ``Settings`` of each station validate, and
a table of evidence, one row a number. A number that differs from the shipped record loses its
source: its status becomes ``override``.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.core.errors import ConfigError, nearest, unknown
from sim.core.magnitudes import check_magnitude
from sim.core.records import is_record
from sim.core.renamed import RENAMED

Status = Literal["official", "measured", "literature", "derived", "calibrated", "assumed", "override"]
Model = TypeVar("Model", bound=BaseModel)
_SOURCED, _REASONED = ("official", "measured", "literature"), ("derived", "calibrated")
RECORD_KEYS = frozenset({"value", "unit", "range", "fact", "source", "status", "reason"})


class Settings(BaseModel):
    """Frozen base of all settings: unknown keys and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def quantity(unit: str, meaning: str, **bounds: Any) -> Any:
    """Declare a number with its unit.

    Parameters
    ----------
    unit : str
        The unit that a record of this field must state.
    meaning : str
        One sentence, shown in the parameter table.
    **bounds
        ``gt``, ``ge``, ``lt`` and ``le`` of pydantic.
    """
    return Field(description=meaning, json_schema_extra={"unit": unit}, allow_inf_nan=False, **bounds)


def quantities(unit: str, meaning: str) -> Any:
    """Declare a mapping of numbers that share a unit; bounds stand in the type (``Share``, ``Positive``)."""
    return Field(description=meaning, json_schema_extra={"unit": unit})


Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Record(Settings):
    """One number with its unit, range and source, as written in ``conf/``."""

    value: float
    unit: str
    range: tuple[float, float] | None = Field(default=None, strict=False)
    fact: str | None = None
    source: str | None = None
    status: Status
    reason: str | None = None


@dataclass(frozen=True)
class EvidenceRow:
    """Where one number of a scenario comes from; ``low`` and ``high`` are NaN without a range."""

    path: str
    value: float
    unit: str
    low: float
    high: float
    fact: str
    status: str
    reason: str


def flatten_records(tree: Any, path: str = "") -> dict[str, dict[str, Any]]:
    """Return all records of a tree by their dotted path."""
    if is_record(tree):
        return {path: tree}
    if not isinstance(tree, dict):
        return {}
    found: dict[str, dict[str, Any]] = {}
    for key, node in tree.items():
        found.update(flatten_records(node, f"{path}.{key}" if path else str(key)))
    return found


def split_evidence(
    tree: dict[str, Any], shipped: dict[str, dict[str, Any]], facts: frozenset[str]
) -> tuple[dict[str, Any], tuple[EvidenceRow, ...]]:
    """Separate the values of a configuration tree from their evidence.

    Parameters
    ----------
    tree : dict
        Composed configuration; its leaves are records, plain values or lists.
    shipped : dict
        Records of the shipped configuration by path (``flatten_records``).
    facts : frozenset of str
        Known fact ids.

    Returns
    -------
    values : dict
        The tree with every record replaced by its value.
    evidence : tuple of EvidenceRow
        One row a number, ordered by path.

    Raises
    ------
    ConfigError
        A record is malformed, names an unknown fact, or lacks the evidence that its status claims; a
        number is larger than its unit allows.
    """
    rows: list[EvidenceRow] = []

    def walk(node: Any, path: str) -> Any:
        before = shipped.get(path)
        if is_record(node) or (before is not None and isinstance(node, dict)):
            rows.append(_evidence_row(node, path, before, facts))
            return node["value"]
        if isinstance(node, dict):
            return {key: walk(child, f"{path}.{key}" if path else str(key)) for key, child in node.items()}
        if before is not None and isinstance(node, int | float) and not isinstance(node, bool):
            check_magnitude(path, node, before["unit"])
            rows.append(_override_row(float(node), path, before))
        return node

    values = walk(tree, "")
    return values, tuple(sorted(rows, key=lambda row: row.path))


def _evidence_row(
    node: dict[str, Any], path: str, before: dict[str, Any] | None, facts: frozenset[str]
) -> EvidenceRow:
    record = parse_record(node, path, facts)
    check_magnitude(path, record.value, record.unit)
    if before is not None and node != before:
        if record.unit != before["unit"]:
            raise ConfigError(
                f"{path}: unit {record.unit!r} does not match {before['unit']!r}; "
                f"give the value in {before['unit']!r}"
            )
        return _override_row(record.value, path, before)
    low, high = record.range or (float("nan"), float("nan"))
    return EvidenceRow(
        path,
        record.value,
        record.unit,
        low,
        high,
        record.fact or record.source or "",
        record.status,
        record.reason or "",
    )


def _override_row(value: float, path: str, before: dict[str, Any]) -> EvidenceRow:
    low, high = before.get("range") or (float("nan"), float("nan"))
    return EvidenceRow(
        path, value, before["unit"], low, high, "", "override", f"shipped value {before['value']:g}"
    )


def parse_record(node: dict[str, Any], path: str, facts: frozenset[str]) -> Record:
    """Validate one record; raise ``ConfigError`` with its path."""
    for key in node:
        if key not in RECORD_KEYS:
            raise unknown("key", key, path, RECORD_KEYS)
    record = validated(Record, node, path)
    if record.fact is not None and record.fact not in facts:
        raise ConfigError(
            f"{path}: fact {record.fact!r} is not in conf/facts.csv{nearest(record.fact, facts)}; "
            "add the fact or name its source"
        )
    if record.range is not None and not record.range[0] <= record.value <= record.range[1]:
        raise ConfigError(f"{path}: value {record.value:g} lies outside its range {list(record.range)}")
    if record.status == "assumed" and (record.range is None or not record.reason):
        raise ConfigError(f"{path}: an assumed value needs a range and a reason")
    if record.status in _SOURCED and not (record.fact or record.source):
        raise ConfigError(f"{path}: status {record.status} needs a fact of conf/facts.csv or a source")
    if record.status in _REASONED and not (record.fact or record.source or record.reason):
        raise ConfigError(f"{path}: status {record.status} needs a fact, a source or a reason")
    return record


def validated(model: type[Model], tree: Any, path: str) -> Model:
    """Return ``model`` built from a tree of plain values, or raise one clear ``ConfigError``."""
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        # An old name comes first: without it the new one is missing, and that alone would not say why.
        items = sorted(error.errors(), key=lambda item: RENAMED.keys().isdisjoint(map(str, item["loc"])))
        lines = [_one_line(model, item, path) for item in items[:3]]
        raise ConfigError("; ".join(lines)) from None


def _one_line(model: type[BaseModel], item: Any, path: str) -> str:
    loc = [str(part) for part in item["loc"]]
    where = ".".join([path, *loc]) if path else ".".join(loc)
    if item["type"] == "extra_forbidden":
        owner = _model_at(model, loc[:-1])
        return str(
            unknown("key", loc[-1], ".".join([path, *loc[:-1]]).strip(".") or "config", owner.model_fields)
        )
    if item["type"] == "model_type":
        keys = ", ".join(f"{where}.{key}" for key in list(_model_at(model, loc).model_fields)[:3])
        return f"{where}: a group of settings; set one of its keys, such as {keys} (got {item['input']!r})"
    message = item["msg"].removeprefix("Value error, ")
    of_several = isinstance(item["input"], dict | BaseModel)
    given = "" if item["type"] == "missing" or of_several else f" (got {item['input']!r})"
    return f"{where}: {message[0].lower()}{message[1:]}{given}"


def _model_at(model: type[BaseModel], loc: list[str]) -> type[BaseModel]:
    """Follow a location of an error down to the settings class that owns it."""
    current: Any = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            current = current.model_fields[part].annotation
        elif typing.get_origin(current) is dict:
            current = typing.get_args(current)[1]
        if typing.get_origin(current) in (types.UnionType, typing.Union):
            current = next(a for a in typing.get_args(current) if a is not type(None))
    return current if isinstance(current, type) and issubclass(current, BaseModel) else model


def check_units(model: type[BaseModel], tree: Any, path: str) -> None:
    """Compare the unit of every record with the unit that its settings field declares.

    Raises
    ------
    ConfigError
        A record states another unit than the field.
    """
    if not isinstance(tree, dict):
        return
    for name, field in model.model_fields.items():
        if name not in tree:
            continue
        node, where = tree[name], f"{path}.{name}" if path else name
        extra = field.json_schema_extra
        unit = extra.get("unit") if isinstance(extra, dict) else None
        annotation = field.annotation
        if unit is not None:
            for at, record in flatten_records(node, where).items():
                if record["unit"] != unit:
                    raise ConfigError(
                        f"{at}: unit {record['unit']!r} does not match {unit!r}; give the value in {unit!r}"
                    )
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            check_units(annotation, node, where)
        elif typing.get_origin(annotation) is dict and isinstance(node, dict):
            child = typing.get_args(annotation)[1]
            if isinstance(child, type) and issubclass(child, BaseModel):
                for key, value in node.items():
                    check_units(child, value, f"{where}.{key}")
