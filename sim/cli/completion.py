"""Tab completion: ``sim completion bash`` prints the script of a shell, which asks ``sim -sc query=bash``.

The question is the typed line in ``COMP_LINE``; the answer has one candidate a line. One that ends in ``.``
or ``=`` goes on. All names come from the list of ``sim.cli.names``; Hydra is not asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from sim.cli.errors import OneLineParser
from sim.core.errors import ConfigError, unknown

SCRIPTS = {
    "bash": """\
_sim_completion() {
  local line="${COMP_LINE:0:$COMP_POINT}" one cut="" IFS=$'\\n'
  local word="${line##*[[:space:]]}"
  COMPREPLY=()
  # Bash replaces only what follows the last = of a word.
  if [[ $COMP_WORDBREAKS == *=* && $word == *=* ]]; then cut="${word%=*}="; fi
  for one in $(COMP_LINE="$line" "${line%%[[:space:]]*}" -sc query=bash 2>/dev/null); do
    one="${one#"$cut"}"
    case $one in *[.=/]) ;; *) one="$one " ;; esac
    COMPREPLY+=("$one")
  done
}
complete -o nospace -o default -F _sim_completion sim chokepoint
""",
    "zsh": """\
#compdef sim chokepoint
_sim_completion() {
  local -a found
  local line="${(j: :)${(@)words[1,CURRENT-1]}} $PREFIX"
  found=("${(@f)$(COMP_LINE="$line" ${words[1]} -sc query=zsh 2>/dev/null)}")
  found=(${found:#})
  if (( ! $#found )); then _files; return; fi
  compadd -Q -S '' -- ${(M)found:#*[.=/]}
  compadd -Q -- ${found:#*[.=/]}
}
compdef _sim_completion sim chokepoint
""",
    "fish": """\
function __sim_completion
  set -lx COMP_LINE (commandline -cp | string collect)
  set -l name (commandline -cpo)[1]
  $name -sc query=fish 2>/dev/null
end
complete -c sim -f -a '(__sim_completion)'
complete -c chokepoint -f -a '(__sim_completion)'
complete -c sim -F -n 'contains -- (commandline -cpo)[-1] --results --config-dir --out'
complete -c chokepoint -F -n 'contains -- (commandline -cpo)[-1] --results --config-dir --out'
""",
}
_REMOVE = {
    "bash": "complete -r sim chokepoint\n",
    "zsh": "compdef -d sim chokepoint\n",
    "fish": "complete -e -c sim\ncomplete -e -c chokepoint\n",
}
# What the value of a flag names, by a part of the flag.
_OF_FLAGS = {
    "outcome": "outcomes", "adversar": "adversaries", "against": "scenarios", "baseline": "scenarios",
    "lever": "levers",
}  # fmt: skip
_TAKE_SETTINGS = ("run", "study")


def command(arguments: list[str]) -> int:
    """Print the script of a shell and return the exit code."""
    print(SCRIPTS[_parser().parse_args(arguments).shell], end="")
    return 0


def complete(flags: list[str]) -> int:
    """Answer ``-sc install=SHELL``, ``-sc uninstall=SHELL`` and ``-sc query=SHELL``."""
    task, _, shell = next((flag for flag in flags if "=" in flag), "").partition("=")
    tasks = ("install", "uninstall", "query")
    if task not in tasks:
        raise ConfigError(f"-sc: write install=SHELL or uninstall=SHELL, SHELL one of {', '.join(SCRIPTS)}")
    if shell not in SCRIPTS:
        raise unknown("shell", shell, "-sc", SCRIPTS)
    if task == "query":
        found = candidates(os.environ.get("COMP_LINE", ""))
        print("".join(f"{one}\n" for one in found), end="")
    else:
        print({"install": SCRIPTS, "uninstall": _REMOVE}[task][shell], end="")
    return 0


def candidates(line: str) -> list[str]:
    """Return what the last word of a typed line may become.

    Parameters
    ----------
    line : str
        From the name of the command to the cursor; a blank at its end begins a word.
    """
    from sim.cli.names import names

    words = line.split()[1:] + [""] * (line[-1:].isspace() or not line)
    if not words:
        return []
    *before, word = words
    folders = [Path(folder) for flag, folder in pairwise(before) if flag in ("--config-dir", "-cd")]
    known = names([folder.absolute() for folder in folders if folder.is_dir()])
    if not before:
        return _beginning(word, [*known["commands"], "--help", "--version"])
    name, *before = before
    if name not in known["commands"]:
        return []
    options = known["commands"][name]
    while before and before[0] in options["words"]:
        options = options["words"][before.pop(0)]
    flag = options["flags"].get(before[-1]) if before else None
    if flag is not None and flag["value"]:
        return _listed(word, flag["choices"] or _of_flag(before[-1], known))
    if word.startswith("-"):
        return _beginning(word, options["flags"])
    found = [*options["words"], *options["takes"], *_names_for(name, before, known, options)]
    settings = name in _TAKE_SETTINGS and not options["words"]
    return _beginning(word, found) + (_settings(word, known) if settings else [])


def _names_for(
    name: str, before: list[str], known: Mapping[str, Any], options: Mapping[str, Any]
) -> list[str]:
    """Return the names that a command takes at this place."""
    from sim.cli.names import KINDS, run_names

    words = [word for word in before if not word.startswith("-")]
    if name == "list" and not words:
        return [*KINDS.values(), "studies", "runs"]
    if name == "show" and not words:
        return [*KINDS, *(each for many in KINDS.values() for each in known[many])]
    if name == "show" and len(words) == 1 and words[0] in KINDS:
        return list(known[KINDS[words[0]]])
    if name == "study" and not options["words"]:
        return list(known["scenarios"])
    if name in ("open", "compare"):
        given = dict(pairwise(before)).get("--results", "results")
        return run_names(Path(given))
    return []


def _of_flag(flag: str, known: Mapping[str, Any]) -> list[str]:
    kind = next((kind for part, kind in _OF_FLAGS.items() if part in flag), None)
    return list(known[kind]) if kind else []


def _settings(word: str, known: Mapping[str, Any]) -> list[str]:
    """Return keys up to their next dot, or the values of a whole key."""
    key, equal, value = word.partition("=")
    mark = key[: len(key) - len(key.lstrip("+~"))]
    bare = key[len(mark) :]
    if equal:
        return [
            f"{key}={each}"
            for each in _listed(value, known["groups"].get(bare) or known["keys"].get(bare, []))
        ]
    begun = bare.rpartition(".")[0]
    depth = len(begun) + 1 if begun else 0
    ends = {f"{group}=": None for group in known["groups"] if group.startswith(bare)}
    for path in known["keys"]:
        if path.startswith(bare):
            dot = path.find(".", depth)
            ends[f"{path}=" if dot < 0 else path[: dot + 1]] = None
    # A group of choices is chosen more often than its keys are set.
    return [f"{mark}{end}" for end in ends]


def _listed(word: str, allowed: Iterable[str]) -> list[str]:
    """Return what the last part of a list with commas may become."""
    done, comma, last = word.rpartition(",")
    return [f"{done}{comma}{one}" for one in _beginning(last, allowed)]


def _beginning(word: str, allowed: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in allowed if one.startswith(word)))


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="sim completion",
        description='Print the script of tab completion. bash: eval "$(sim completion bash)" in .bashrc; '
        'zsh: eval "$(sim completion zsh)" in .zshrc, after compinit; '
        "fish: sim completion fish > ~/.config/fish/completions/sim.fish",
    )
    parser.add_argument("shell", choices=SCRIPTS, help="whose script")
    return parser
