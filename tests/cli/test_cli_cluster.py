"""A real Dask scheduler with workers on loopback: same bytes, nothing lost, one line when it cannot be."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli import run
from sim.cli.main import in_one_line, main
from tests.fixtures import made_up_world
from tests.fixtures.dask_on_loopback import ROOT, Cluster

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("dask"), delay_s=0.3) as one:
        yield one


def sweep(folder: Path, *arguments: str) -> int:
    flags = made_up_world.write_conf(folder / "conf")
    words = [*flags, f"run.results={folder / 'results'}", *arguments]
    return in_one_line(lambda: run.command(words, made_up_world.load_scenario, made_up_world.simulate))


def on(cluster: Cluster) -> list[str]:
    return ["hydra/launcher=dask", f"hydra.launcher.address={cluster.address}"]


def contents(folder: Path) -> dict[str, bytes]:
    skip = {"locks", ".sweeps"}
    found = [p for p in (folder / "results").rglob("*") if p.is_file() and not skip & set(p.parts)]
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(found)}


def starts(marks: Path) -> list[int]:
    return [int(word) for path in marks.iterdir() for word in path.read_text().split()]


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sim: ")
    assert err.count("\n") == 1
    return err


def test_a_cluster_leaves_the_same_bytes_as_this_machine(cluster, tmp_path):
    words = ["-m", "size=1,2", "run.replications=2"]
    assert sweep(tmp_path / "here", *words) == 0
    assert sweep(tmp_path / "there", *words, *on(cluster)) == 0
    here, there = contents(tmp_path / "here"), contents(tmp_path / "there")
    assert len(here) > 30
    assert here == there


def test_a_single_run_goes_to_the_cluster_as_well(cluster, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    assert sweep(tmp_path, f"marks={marks}", "run.replications=1", "run.parameter_sets=0", *on(cluster)) == 0
    assert starts(marks)
    assert os.getpid() not in starts(marks)


def test_a_worker_killed_in_the_middle_costs_nothing(cluster, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    killed: list[int] = []

    def kill() -> None:
        end = time.monotonic() + PATIENCE_S
        while len(set(starts(marks))) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        killed.append(starts(marks)[-1])
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    code = sweep(tmp_path / "there", "-m", "size=1,2,3", f"marks={marks}", *on(cluster))
    thread.join()
    assert code == 0
    assert len(killed) == 1
    assert sweep(tmp_path / "here", "-m", "size=1,2,3", "marks=") == 0
    stored = {k: v for k, v in contents(tmp_path / "there").items() if ".store" in k}
    assert stored == {k: v for k, v in contents(tmp_path / "here").items() if ".store" in k}


def test_a_task_that_always_kills_its_worker_costs_only_itself(cluster, tmp_path, capsys):
    words = ["trouble=dies_always", "run.replications=3", "run.parameter_sets=0"]
    assert sweep(tmp_path, *words, *on(cluster)) == 1
    err = capsys.readouterr().err
    assert "made_up, replication 1: its worker process died repeatedly (out of memory?)" in err
    assert err.count("\n") == 2
    assert len(list((tmp_path / "results").glob(".store/*/*/*/*.zip"))) == 2


def test_failures_on_a_cluster_are_listed_as_here(cluster, tmp_path, capsys):
    told = []
    for name, where in (("here", []), ("there", on(cluster))):
        assert sweep(tmp_path / name, "trouble=mistake", "run.parameter_sets=0", *where) == 1
        told.append(capsys.readouterr().err)
    assert told[0] == told[1]
    assert "size: too large for this world" in told[0]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([], "give address=tcp://127.0.0.1:8786, or cluster={kind: slurm, jobs: 4}"),
        (["hydra.launcher.address=tcp://10.0.0.5:8786"], "tcp://10.0.0.5:8786: unencrypted beyond this mach"),
        (["hydra.launcher.address=tcp://127.0.0.1.example.org:1"], "unencrypted beyond this machine"),
        (["hydra.launcher.address=tls://10.0.0.5:8786"], "needs tls={ca: FILE, cert: FILE, key: FILE}"),
        (["hydra.launcher.address=ws://127.0.0.1:8786"], "is not like tcp://127.0.0.1:8786"),
        (["hydra.launcher.address=127.0.0.1:8786"], "is not like tcp://127.0.0.1:8786"),
        (
            ["hydra.launcher.cluster={kind: slrum, jobs: 1}"],
            "hydra.launcher.cluster.kind: input should be 'sl",
        ),
        (["hydra.launcher.cluster={kind: slurm, job: 1}"], "unknown key 'job' (did you mean 'jobs'?)"),
        (["hydra.launcher.cluster={kind: slurm, jobs: 1}"], "a batch system needs tls={ca: FILE"),
        (["hydra.launcher.adress=x"], "hydra.launcher.adress: there is no such setting of Hydra"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["-m"]])
def test_wrong_settings_of_a_cluster_are_one_line(flags, settings, expected, tmp_path, capsys):
    assert sweep(tmp_path, *flags, "hydra/launcher=dask", *settings) == 2
    assert expected in one_line(capsys)


SBATCH = """#!/bin/sh
for word in "$@"; do script=$word; done
cp "$script" {folder}/job.sh
setsid sh {folder}/job.sh > {folder}/job.log 2>&1 < /dev/null &
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
for job in "$@"; do kill -- -$job 2> /dev/null; done
"""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_a_batch_system_starts_encrypted_workers(tmp_path, monkeypatch):
    """What stands in for Slurm runs its jobs on this machine."""
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text.replace("{folder}", str(tmp_path)))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run([*openssl, "-keyout", key, "-out", cert], check=True, capture_output=True)
    options = f"{{cores: 1, processes: 1, memory: 1GB, interface: lo, local_directory: {tmp_path}}}"
    words = [
        "hydra/launcher=dask",
        f"hydra.launcher.cluster={{kind: slurm, jobs: 1, options: {options}}}",
        f"hydra.launcher.tls={{ca: {cert}, cert: {cert}, key: {key}}}",
    ]
    assert sweep(tmp_path, "-m", "size=1,2", "run.replications=1", "run.parameter_sets=0", *words) == 0
    assert "--protocol tls://" in (tmp_path / "job.sh").read_text()
    assert len(list((tmp_path / "results").glob(".store/*/*/*/*.zip"))) == 2


@pytest.mark.parametrize("package", ["distributed", "dask_jobqueue"])
def test_without_dask_one_line_says_how_to_install_it(package, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)
    where = {
        "distributed": "hydra.launcher.address=tcp://127.0.0.1:8786",
        "dask_jobqueue": "hydra.launcher.cluster={kind: slurm, jobs: 1}",
    }[package]
    assert sweep(tmp_path, "hydra/launcher=dask", where) == 2
    assert "Dask is not installed; install it with: pip install 'chokepoint-sim[cluster]'" in one_line(capsys)


def test_the_model_itself_leaves_the_same_bytes_on_a_cluster(cluster, tmp_path):
    words = ["-m", "levers.port_staffing.size=0,500", "border.model=instant", *made_up_world.THREE_DAYS]
    for name, where in (("here", []), ("there", on(cluster))):
        assert main(["run", *words, f"run.results={tmp_path / name / 'results'}", *where]) == 0
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
