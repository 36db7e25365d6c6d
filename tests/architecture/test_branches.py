"""What the tests say of branches is true, though only our own files are watched."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """\
def sign(n):
    if n < 0:
        return -1
    for each in range(n):
        if each > 5:
            break
    return 1


def shown(n):
    if n:
        n += 1
    return n


for n in [3, 2, 1, -4, 9]:
    sign(n)
shown(0)
shown(0)
"""


def test_a_branch_counts_when_both_its_ways_were_taken_however_late(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    settings = tmp_path / "settings.ini"
    settings.write_text(
        "[run]\nbranch = true\ncore = sysmon\nplugins = tests.branches\n"
        f"source = {tmp_path}\ndata_file = {tmp_path}/data\n"
    )

    def coverage(command: str, *arguments: str) -> str:
        line = [sys.executable, "-m", "coverage", command, f"--rcfile={settings}", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
        # It warns where it cannot watch in this way, and goes on in the slow one.
        assert done.stderr == ""
        return done.stdout

    coverage("run", str(tmp_path / "program.py"))
    report = json.loads(coverage("json", "-o", "-", "--quiet"))
    [file] = report["files"].values()
    assert file["missing_branches"] == [[11, 12]]
