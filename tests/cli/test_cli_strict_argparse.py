"""Python 3.14 refuses help that is no text, which Hydra 1.3 hands over (hydra#3121): its check, simulated."""

from __future__ import annotations

import argparse

import pytest
from hydra._internal.utils import get_args_parser

from sim.cli.hydra_setup import _help_is_text
from sim.cli.main import main


@pytest.fixture(autouse=True)
def _strict(monkeypatch: pytest.MonkeyPatch) -> None:
    add = argparse._ActionsContainer.add_argument

    def strict(self, *names, **options):
        action = add(self, *names, **options)
        if action.help:
            # What ArgumentParser._check_help of Python 3.14 comes down to.
            try:
                _ = "%" in action.help and action.help % {"prog": "", "default": ""}
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError("badly formed help string") from error
        return action

    monkeypatch.setattr(argparse._ActionsContainer, "add_argument", strict)


def test_hydra_alone_is_refused():
    with pytest.raises(ValueError, match="badly formed help string"):
        get_args_parser()


@pytest.mark.parametrize("words", [["--help"], ["--cfg", "job"], ["--info", "config"], ["--hydra-help"]])
def test_flags_of_hydra_are_answered(words, capsys):
    assert main(["run", *words]) == 0
    out, err = capsys.readouterr()
    assert out
    assert err == ""


def test_the_help_of_the_flag_names_our_own_command(capsys):
    assert main(["run", "--help"]) == 0
    assert "sim completion bash|zsh|fish" in capsys.readouterr().out


def test_argparse_is_left_as_it_was():
    before = dict(vars(argparse.ArgumentParser))
    with _help_is_text():
        assert get_args_parser().parse_args(["--cfg", "job"]).cfg == "job"
    assert dict(vars(argparse.ArgumentParser)) == before
    with pytest.raises(RuntimeError), _help_is_text():
        raise RuntimeError
    assert dict(vars(argparse.ArgumentParser)) == before
