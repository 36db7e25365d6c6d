"""Looks by checkov for what is unsafe in a folder, and writes down what it found, as JSON.

Run in checkov's own environment, which has none of ours: `test_checkov.py` does. Only the three
readers that are needed are imported, because checkov's command spends its time on importing all
of them; and no rule is fetched, nothing is told to anybody.
"""

import json
import logging
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from checkov.dockerfile.runner import Runner as Dockerfile
from checkov.kubernetes.runner import Runner as Kubernetes
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner as Terraform
from policy_sentry.querying.actions import get_actions_for_service


def unknown_actions(folder: str) -> list[str]:
    """The actions in Terraform's policies that AWS does not have, and would take all the same."""
    text = "".join(path.read_text(encoding="utf-8") for path in Path(folder).rglob("*.tf"))
    lists = re.findall(r"\bactions\s*=\s*\[(.*?)\]", text, re.DOTALL)
    asked = set(re.findall(r'"([^"]+)"', "".join(lists)))
    return sorted(
        action
        for action in asked
        if not any(
            fnmatchcase(known, action)
            for known in get_actions_for_service(action.partition(":")[0])
        )
    )


def scan(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = {"passed": {}, "failed": [], "unknown_actions": unknown_actions(folder)}
    for name, reader in (
        ("terraform", Terraform),
        ("kubernetes", Kubernetes),
        ("dockerfile", Dockerfile),
    ):
        chosen = RunnerFilter(framework=[name], download_external_modules=False)
        report = reader().run(root_folder=folder, runner_filter=chosen)
        if report.parsing_errors:
            sys.exit(f"checkov cannot read {report.parsing_errors}")
        found["passed"][name] = len(report.passed_checks)
        found["failed"] += [
            {
                "check": each.check_id,
                "about": each.check_name,
                "file": each.file_path,
                "resource": each.resource,
            }
            for each in report.failed_checks
        ]
    return found


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(json.dumps(scan(sys.argv[1])))  # noqa: T201
