"""A SLURM cluster on this machine: munged, slurmctld and some slurmd on the loopback interface.

    python tests/pipeline/slurm/cluster.py start FOLDER    # then:  . FOLDER/environment.sh
    python tests/pipeline/slurm/cluster.py stop FOLDER

Needs root and Debian's packages slurm-wlm and munge. All files are in FOLDER: key, sockets, logs,
state. No systemd, cgroups or database are needed, and processes are stopped by their pids.
"""

import argparse
import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = ("srun", "sbatch", "squeue", "scancel", "scontrol", "sinfo", "sacct", "sacctmgr")
FIRST_PORT, LAST_PORT = 26800, 28800
# A unix socket's path has at most 107 characters.
MAX_FOLDER_LENGTH = 80
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

SLURM_CONF = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
PlugStackConfig={folder}/etc/plugstack.conf
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
# What needs no cgroups, no root file system of its own and no database.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
# Memory is polled, and a job above its limit is killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,UsePss
# SLURM takes CPUs and memory of a node from the line below, not from the machine.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=1000
GresTypes=gpu
# A test waits for these.
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2
MinJobAge={min_job_age}
KillWait=2
CompleteWait=0
ReturnToService=0
MessageTimeout=30
NodeName={nodes} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports} CPUs={cpus} \
RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes={nodes} Default={default} MaxTime=INFINITE State=UP
PartitionName=short Nodes={nodes} MaxTime=60 State=UP
"""


def why_not() -> str:
    """Return why no cluster can run here, or an empty string."""
    if sys.platform != "linux":
        return "SLURM runs on Linux"
    if missing := [name for name in (*DAEMONS, "sbatch") if _find(name) is None]:
        return f"not installed: {', '.join(missing)} (Debian: apt-get install slurm-wlm munge)"
    if os.geteuid() != 0:
        return "slurmd is started by root only"
    return ""


def _find(program: str) -> str | None:
    return shutil.which(program, path=SYSTEM_PATH)


@dataclass(frozen=True)
class Cluster:
    """A cluster whose files are in a folder.

    Parameters
    ----------
    folder : Path
        Absolute, and short enough for a socket in it.
    n_nodes : int
        The nodes are called n0, n1, ...
    cpus : int
        Cores of each node, for SLURM's bookkeeping; the machine may have fewer.
    memory : int
        Memory of each node, in MB.
    """

    folder: Path
    n_nodes: int = 2
    cpus: int = 4
    memory: int = 8000

    @property
    def conf(self) -> Path:
        return self.folder / "etc/slurm.conf"

    def environment(self) -> dict[str, str]:
        """Return the variables that point SLURM's commands to this cluster."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {"SLURM_CONF": str(self.conf), "PATH": path}

    def start(self, default_partition: bool = True, min_job_age: int = 300) -> None:
        """Start the daemons and wait until every node is idle; on failure stop them again."""
        if len(str(self.folder)) > MAX_FOLDER_LENGTH or any(c.isspace() for c in str(self.folder)):
            raise ValueError(f"{self.folder}: a short path without white space is needed")
        for name in ("munge", "state", "spool", "log", "run", "etc", "bin"):
            (self.folder / name).mkdir(parents=True)
        try:
            self._start_munge()
            self._configure(default_partition, min_job_age)
            self._start_slurm()
            wait_until(self._is_ready, 60)
        except BaseException:
            self.stop()
            raise

    def _start_munge(self) -> None:
        folder = self.folder / "munge"
        (folder / "key").write_bytes(os.urandom(128))
        (folder / "key").chmod(0o400)
        folder.chmod(0o711)
        # --force: munged refuses folders below a group-writable one, as /tmp is.
        options = ["--force", "--num-threads=2"]
        for option, name in (("key", "key"), ("seed", "seed"), ("log", "log"), ("pid", "pid")):
            options.append(f"--{option}-file={folder / name}")
        self._start("munged", *options, f"--socket={folder / 'socket'}")

    def _start(self, daemon: str, *options: str) -> None:
        _run([_find(daemon) or daemon, *options], {**os.environ, **self.environment()})

    def _configure(self, default_partition: bool, min_job_age: int) -> None:
        first = _free_ports(1 + self.n_nodes)
        last_node = self.n_nodes - 1
        text = SLURM_CONF.format(
            folder=self.folder,
            user=getpass.getuser(),
            host=socket.gethostname().partition(".")[0],
            port=first,
            nodes=f"n[0-{last_node}]",
            ports=f"[{first + 1}-{first + 1 + last_node}]",
            cpus=self.cpus,
            memory=self.memory,
            default="YES" if default_partition else "NO",
            min_job_age=min_job_age,
        )
        self.conf.write_text(text)
        (self.folder / "etc/plugstack.conf").touch()
        (self.folder / "etc/gres.conf").write_text("Name=gpu File=/dev/null\n")
        # Snakemake's plugins drop SLURM_CONF before they call srun inside of a job, and before a
        # driver that is itself a job calls sbatch.
        for name in CLIENTS:
            script = self.folder / "bin" / name
            conf = shlex.quote(str(self.conf))
            script.write_text(f'#!/bin/sh\nexport SLURM_CONF={conf}\nexec {_find(name)} "$@"\n')
            script.chmod(0o755)
        lines = [f"export {k}={shlex.quote(v)}" for k, v in self.environment().items()]
        (self.folder / "environment.sh").write_text("\n".join(lines) + "\n")

    def _start_slurm(self) -> None:
        self._start("slurmctld", "-i", "-f", str(self.conf))
        for name in self.nodes():
            (self.folder / "spool" / name).mkdir()
            self._start("slurmd", "-N", name, "-f", str(self.conf))

    def _is_ready(self) -> bool:
        return self.command("sinfo", "-h", "-N", "-p", "main", "-o", "%t").split() == [
            "idle"
        ] * len(self.nodes())

    def nodes(self) -> list[str]:
        return [f"n{number}" for number in range(self.n_nodes)]

    def command(self, program: str, *arguments: str) -> str:
        """Run a SLURM command and return its output."""
        return _run([str(self.folder / "bin" / program), *arguments])

    def states(self) -> dict[str, str]:
        """Return id -> state of all jobs that SLURM still lists, finished ones too."""
        lines = self.command("squeue", "-h", "-r", "-t", "all", "-o", "%i %T").splitlines()
        return dict(line.split() for line in lines)

    def stop(self) -> None:
        """Cancel the jobs, and end every daemon and every process of a job."""
        if any(process.name() == "slurmctld" for process in self._processes()):
            with contextlib.suppress(subprocess.SubprocessError, TimeoutError):
                self.command("scancel", "--user", getpass.getuser())
                wait_until(lambda: not self.command("squeue", "-h"), 20)
        _end(self._processes())

    def _processes(self) -> list[psutil.Process]:
        """Return the processes that were started with this cluster's variables.

        slurmstepd and its jobs have no parent here, so the variables identify them.
        """
        word = f"{self.folder}{os.sep}"
        return [process for process in psutil.process_iter() if word in _variables(process)]


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    """Wait for a condition; raise TimeoutError if it does not become true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not happen in {seconds} s")
        time.sleep(0.2)


def _variables(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
            return "\n".join(process.environ().values())
    return ""


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(processes, timeout=10)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _free_ports(count: int) -> int:
    """Return the first of a number of free ports in a row."""
    for first in range(FIRST_PORT, LAST_PORT, 40):
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise OSError(f"no {count} free ports in a row between {FIRST_PORT} and {LAST_PORT}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _run(command: list[str], variables: dict[str, str] | None = None) -> str:
    result = subprocess.run(
        command,
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    if result.returncode:
        raise subprocess.SubprocessError(f"{shlex.join(command)}: {result.stderr or result.stdout}")
    return result.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("action", choices=("start", "stop"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--cpus", type=int, default=4)
    options = parser.parse_args()
    cluster = Cluster(options.folder.absolute(), options.nodes, options.cpus)
    if options.action == "stop":
        cluster.stop()
    elif reason := why_not():
        sys.exit(f"No cluster can run here: {reason}.")
    else:
        cluster.start()
        print(f". {cluster.folder}/environment.sh")
    return 0


if __name__ == "__main__":
    sys.exit(main())
