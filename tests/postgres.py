"""`python -m tests.postgres COMMAND …`: run a command against a PostgreSQL of its own, started and stopped here.

Without PostgreSQL on the machine the command is left out, said loudly; BANGFU_REQUIRE=postgres makes that a failure.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The newest PostgreSQL server on the machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def server() -> Iterator[str]:
    """A throw-away cluster on a free loopback port; yields its DATABASE_URL. Stopped by its own pg_ctl."""
    tools = binaries()
    if tools is None:
        raise RuntimeError("no PostgreSQL here")
    folder = Path(tempfile.mkdtemp(prefix="bangfu-pg-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        prefix = ["su", "postgres", "-c"]
    else:
        prefix = ["sh", "-c"]

    def run(command: str) -> None:
        subprocess.run([*prefix, command], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run(f"{tools}/initdb -D {data} --encoding=UTF8 --locale=C.UTF-8 -A trust -U bangfu")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=100"
    run(f"{tools}/pg_ctl -D {data} -l {folder}/log -o '{options}' -w start")
    try:
        run(f"{tools}/createdb -h 127.0.0.1 -p {port} -U bangfu bangfu")
        yield f"postgres://bangfu@127.0.0.1:{port}/bangfu"
    finally:
        run(f"{tools}/pg_ctl -D {data} -m fast -w stop")
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    if binaries() is None:
        required = "postgres" in os.environ.get("BANGFU_REQUIRE", "")
        print("*** PostgreSQL is not on this machine: the tests marked `both` did NOT run on it. ***", file=sys.stderr)  # noqa: T201
        return 1 if required else 0
    with server() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
