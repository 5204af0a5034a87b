"""`python -m bench [part …] [--households=N]`: figures of this machine beside the peers' and the limits.

Parts: start money rules preview imports pages. `--households` is for `rules` (100,000 if left out; 1,000,000 and 10,000,000 to compare).

Scratch data under the temporary folder only; each part runs in a process of its own, so that memory is its own. Nothing is
asserted by time. Machine: shared and noisy, read the figures as ratios.
"""

from __future__ import annotations

import os
import subprocess
import sys

PARTS = ("start", "money", "rules", "preview", "imports", "pages")


def main(words: list[str]) -> int:
    for word in [word for word in words if word.startswith("--households=")]:
        os.environ["BENCH_HOUSEHOLDS"] = word.partition("=")[2]
        words = [other for other in words if other != word]
    wrong = [word for word in words if word.removeprefix("--in-process=") not in PARTS]
    if wrong:
        print(f"unknown part {wrong[0]!r}; parts: {' '.join(PARTS)}", file=sys.stderr)  # noqa: T201
        return 2
    if len(words) == 1 and words[0].startswith("--in-process="):
        return one(words[0].removeprefix("--in-process="))
    print(f"bangfu bench on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")  # noqa: T201
    return max([subprocess.run([sys.executable, "-m", "bench", f"--in-process={part}"]).returncode for part in words or PARTS])


def one(part: str) -> int:
    from bench import report

    if part == "start":
        from bench import start

        report.show(*start.run_all())
        return 0
    from bench.place import scratch

    with scratch():
        from importlib import import_module

        report.show(*import_module(f"bench.{part}").run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
