"""Branch coverage by `sys.monitoring` before Python 3.14 too, as a plugin of coverage.py.

The C tracer, which coverage.py takes there otherwise, is called for each line of Django as well and
doubles the time of a test. `sys.monitoring` looks at our files alone. From 3.14 on it tells the two
ways of a branch apart, and coverage.py uses it by itself; before, it has one event for both, which
must go on until both ways were seen. When the project asks for 3.14, this file goes.
"""

import sys
from collections import defaultdict
from types import CodeType
from typing import Any

from coverage import core, env
from coverage.plugin_support import Plugins
from coverage.sysmon import SysMonitor


class BothWays(SysMonitor):
    """Ends the event of a branch when both of its ways were taken, not with the first."""

    def __init__(self) -> None:
        super().__init__()
        # By a number: code objects that were compiled alike are equal, and hashing one is slow.
        # None of them is freed meanwhile, because SysMonitor keeps them all.
        self.taken: defaultdict[tuple[int, int], set[int]] = defaultdict(set)

    def sysmon_branch_either(
        self, code: CodeType, instruction_offset: int, destination_offset: int
    ) -> Any:
        """Called with the place of the branch and the place it goes to, in bytes."""
        ways = self.taken[id(code), instruction_offset]
        if destination_offset in ways:
            return None
        ways.add(destination_offset)
        disable = super().sysmon_branch_either(code, instruction_offset, destination_offset)
        return disable if len(ways) == 2 else None


def coverage_init(registry: Plugins, options: dict[str, Any]) -> None:
    """Called by coverage.py before it chooses how to trace."""
    if env.PYBEHAVIOR.branch_right_left:
        return
    events = sys.monitoring.events
    for name in ("BRANCH_LEFT", "BRANCH_RIGHT"):
        setattr(events, name, events.BRANCH)
    env.PYBEHAVIOR.branch_right_left = True
    core.SysMonitor = BothWays  # type: ignore[attr-defined]
