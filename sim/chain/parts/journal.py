"""The journal of single fates: what two paired runs are compared by, load by load and case by case.

It stays in the memory of the process that asked for it. Nothing writes it to disk: what leaves is summed
by route class and month (``sim.study.why``), like the postings.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class LoadNote:
    """What became of one load.

    Parameters
    ----------
    time_h : float
        When it was asked for.
    route : str
        Route class.
    pure_mg : int
    fate : str
        ``on_way``, ``delivered``, ``seized``, or why it was not sent.
    alarm : str
        Layer that alarmed first; empty if none did.
    """

    time_h: float
    route: str
    pure_mg: int
    fate: str = "on_way"
    alarm: str = ""


@dataclass
class CaseNote:
    """What became of one lead: kind, when it was raised, fate (``stale``, ``open``, ``failed``, a target)."""

    time_h: float
    kind: str
    fate: str = "open"


@dataclass(eq=False)
class Journal:
    """Notes by entity; identity is the same in both runs of a pair, for ids come from parents."""

    loads: dict[int, LoadNote] = field(default_factory=dict)
    cases: dict[tuple[str, int], CaseNote] = field(default_factory=dict)

    def load_requested(self, entity: int, note: LoadNote) -> None:
        """Open the note of a load."""
        self.loads[entity] = note

    def load_alarmed(self, entity: int, layer: str) -> None:
        """Note the layer that alarmed first."""
        self.loads[entity].alarm = layer

    def load_ended(self, entity: int, fate: str) -> None:
        """Note the fate of a load."""
        self.loads[entity].fate = fate

    def lead_raised(self, entity: int, kind: str, time_h: float) -> None:
        """Open the note of a lead."""
        self.cases[kind, entity] = CaseNote(time_h, kind)

    def lead_ended(self, entity: int, kind: str, fate: str) -> None:
        """Note the fate of a lead."""
        self.cases[kind, entity].fate = fate


class NoJournal(Journal):
    """The journal of all other runs: it forgets."""

    def load_requested(self, entity: int, note: LoadNote) -> None:
        """Forget."""

    def load_alarmed(self, entity: int, layer: str) -> None:
        """Forget."""

    def load_ended(self, entity: int, fate: str) -> None:
        """Forget."""

    def lead_raised(self, entity: int, kind: str, time_h: float) -> None:
        """Forget."""

    def lead_ended(self, entity: int, kind: str, fate: str) -> None:
        """Forget."""


NO_JOURNAL = NoJournal()
