"""The same query on a Spark cluster, for a site that has one: `BANGFU_SPARK=spark://host:port`.

The text that DuckDB runs is written over by sqlglot; ANSI mode is on, so that an overflow stops instead of turning round.
The workers read the snapshot's files: its folder must be a place that they all see. What SQL is not sure of is settled by
the walker here, as ever. pyspark is an extra (`pip install bangfu[spark]`) and needs Java 17.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.policy.columns.engine import engine, finished, register_all
from bangfu.policy.columns.layout import HOUSEHOLD, TABLES, Snapshot
from bangfu.policy.columns.plan import Plan

if TYPE_CHECKING:
    import pyarrow as pa


def missing() -> str:
    """What is lacking for Spark on this machine; empty = nothing."""
    import importlib.util

    if importlib.util.find_spec("pyspark") is None:
        return "pyspark"
    return "" if shutil.which("java") or os.environ.get("JAVA_HOME") else "java"


def query(plan: Plan) -> str:
    """The plan's query in Spark's words."""
    import sqlglot
    from sqlglot import exp

    def placed(node: exp.Expression) -> exp.Expression:
        """`list[n]` counts from 1 in DuckDB and from 0 in Spark, where `element_at` counts from 1."""
        if isinstance(node, exp.Bracket):
            return exp.Anonymous(this="element_at", expressions=[node.this, *node.expressions])
        return node

    return sqlglot.parse_one(plan.whole(), read="duckdb").transform(placed).sql(dialect="spark")


@contextmanager
def session(master: str) -> Iterator[Any]:
    """A session on the cluster. Raises Refused when Spark is not to be had here."""
    lacking = missing()
    if lacking:
        raise Refused(_("BANGFU_SPARK 已设置，但这台机器上没有 %(what)s。请安装后再试，或清空 BANGFU_SPARK。") % {"what": lacking})
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    host = "127.0.0.1" if "127.0.0.1" in master or master.startswith("local") else socket.gethostname()
    built = (
        SparkSession.builder.master(master)
        .appName("bangfu")
        .config("spark.driver.host", host)
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.driver.memory", "1g")
        .getOrCreate()
    )
    built.sparkContext.setLogLevel("ERROR")
    try:
        yield built
    finally:
        built.stop()


def register_on(spark: Any, snapshot: Snapshot) -> None:
    """The snapshot's tables as views of the session, all partitions together, one type a column."""
    for name in TABLES:
        columns = snapshot.columns.get(name, {})
        frames = []
        for part in snapshot.parts:
            if name not in part.rows:
                continue
            frame = spark.read.parquet(str(snapshot.path(part, name).resolve()))
            keys = ["key"] if name == HOUSEHOLD else ["key", "place"]
            shown = [
                f"CAST({f'`{column}`' if column in frame.columns else 'NULL'} AS {_type(one.sql_type)}) AS `{column}`"
                for column, one in columns.items()
            ]
            frames.append(frame.selectExpr(*keys, *shown))
        if frames:
            whole = frames[0]
            for frame in frames[1:]:
                whole = whole.unionByName(frame)
            whole.createOrReplaceTempView(name)


def _type(sql_type: str) -> str:
    return {"VARCHAR": "STRING", "INTEGER": "INT"}.get(sql_type, sql_type)


def run_on(spark: Any, plan: Plan) -> pa.Table:
    """The answers of every household. Raises RuleStopped, and Refused for a pack whose sums need more than 64 bits."""
    if "HUGEINT" in plan.whole():
        raise Refused(_("这份办法里的乘积超出 64 位，请不要用 Spark，改由本机计算（清空 BANGFU_SPARK）。"))
    register_on(spark, plan.snapshot)
    answers = spark.sql(query(plan)).toArrow()
    with engine([plan.snapshot.folder]) as connection:
        register_all(connection, plan.snapshot)
        return finished(plan, connection, answers)


def run_plan(plan: Plan, master: str) -> pa.Table:
    with session(master) as spark:
        return run_on(spark, plan)


# --- a cluster of one's own, for a test ---


@contextmanager
def cluster(workers: int = 2) -> Iterator[str]:
    """A master and workers on loopback, one core and 1 GB each; yields the master's address. Stopped by their own ids."""
    import pyspark

    home = Path(pyspark.__file__).parent
    folder = Path(tempfile.mkdtemp(prefix="bangfu-spark-"))
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder),
                   "PYSPARK_PYTHON": sys.executable}  # fmt: skip
    port, pages = _free(), _free()
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *words: str) -> None:
        log = (folder / f"{name}-{len(started)}.log").open("wb")
        command = [
            str(home / "bin" / "spark-class"),
            f"org.apache.spark.deploy.{name.lower()}.{name}",
            "--host",
            "127.0.0.1",
            *words,
        ]
        started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True))

    try:
        start("Master", "--port", str(port), "--webui-port", str(pages))
        _wait(port, started[0])
        master = f"spark://127.0.0.1:{port}"
        for _n in range(workers):
            start("Worker", "-c", "1", "-m", "1g", "--webui-port", str(_free()), "-d", str(folder), master)
        yield master
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    raise Refused(_("Spark 没有启动。请确认装有 Java 17。"))
