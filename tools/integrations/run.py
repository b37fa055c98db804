"""Tests the API against the OpenAPI document that the platform serves.

First a journey calls every operation as it is meant to be called. Then schemathesis makes requests that fit the document, and
such that do not, for every operation, with paths that exist and paths that do not. Whatever is sent, there must be no server
error and no answer that the document does not describe.
"""

import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup

from api import Api
from installation import Installation
from journey import Journey

LONGEST = 300
EXAMPLES = 30
REACHED = 0.9
# Answers that go on until the caller leaves; tools/e2e reads them.
ENDLESS = {"Changes_WatchChanges"}
# What schemathesis finds comes as a group that is no Exception.
FAILURES = (Exception, FailureGroup)


class Tally:
    """Counts what passed, what failed, and what there was no time for."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def attempt(self, name: str, action: Callable[[], None]) -> None:
        """Do something; it fails with whatever it raises."""
        try:
            action()
        except Unsatisfiable:
            return  # there is no such request
        except FAILURES as e:
            self.failed += 1
            print(f"FAIL  {name}\n      {explain(e)[:3000].replace(chr(10), chr(10) + '      ')}", flush=True)
            return
        self.passed += 1
        print(f"ok    {name}", flush=True)


def explain(problem: BaseException) -> str:
    if isinstance(problem, FailureGroup):
        return "\n".join(str(part) for part in (problem, *problem.exceptions)).strip()
    return "".join(traceback.format_exception(problem, chain=False, limit=-2)).strip()


def campaigns(api: Api, spare: dict[str, dict[str, str]], name: str) -> Iterator[tuple[str, GenerationMode, dict | None]]:
    """What is sent to an operation: a label, whether it fits the document, and path parameters that exist."""
    operation = api.operations[name]
    prefix = max((p for p in spare if name.startswith(p)), key=len, default="")
    wanted = [p.name for p in operation.path_parameters]
    exists = {p: spare[prefix][p] for p in wanted} if wanted else None
    yield "fits", GenerationMode.POSITIVE, exists
    if wanted:
        yield "fits, unknown path", GenerationMode.POSITIVE, None
    if operation.body or operation.query:
        yield "does not fit", GenerationMode.NEGATIVE, exists


def send_many(api: Api, token: str, name: str, mode: GenerationMode, path: dict | None) -> None:
    """Send made-up requests to an operation. The same ones each time."""

    @given(case=api.operations[name].as_strategy(generation_mode=mode, path_parameters=path))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    def send(case: Case) -> None:
        api.send(case, token)

    send()


def explore(api: Api, journey: Journey, tally: Tally, end: float) -> None:
    spare = journey.spare()
    for name in sorted(api.operations.keys() - ENDLESS):
        for label, mode, path in campaigns(api, spare, name):
            if time.monotonic() > end:
                tally.skipped += 1
                continue
            tally.attempt(f"{name}: {label}", lambda: send_many(api, journey.key, name, mode, path))


def check_reach(api: Api) -> None:
    missing = sorted(api.operations.keys() - api.reached())
    share = 1 - len(missing) / len(api.operations)
    print(f"{len(api.operations) - len(missing)} of {len(api.operations)} operations answered with success; not: {', '.join(missing) or 'none'}")
    if share < REACHED:
        raise AssertionError(f"only {share:.0%} of the operations")


def main() -> int:
    end = time.monotonic() + LONGEST
    tally = Tally()
    with Installation(Path(os.environ["AQTRA_BIN"])) as installation:
        api = Api(installation.url, str(installation.authority))
        journey = Journey(api, installation.setup_token())
        for step in journey.steps():
            tally.attempt(f"journey: {step.__name__}", step)
        tally.attempt("journey: reaches the operations", lambda: check_reach(api))
        tally.attempt("explore", lambda: explore(api, journey, tally, end))
        tally.attempt("the key still works", lambda: api.call("Accounts_GetCurrentSession", journey.key))
        seen = sum(api.statuses.values(), Counter())
        print(f"{seen.total()} answers, by status: " + ", ".join(f"{code}: {n}" for code, n in sorted(seen.items())))
        if any(code >= 500 for code in seen):
            print("\n".join(line for line in installation.text().splitlines() if '"level":"ERROR"' in line)[-8000:])
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    print(f"{tally.passed} passed, {tally.failed} failed{skipped}")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
