"""The rehearsal from end to end: start, release, apply, upload, wait, read back, destroy; a line for each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headgate.errors import RunFailed
from rehearsal.lake import Lake
from rehearsal.permissions import found
from rehearsal.pipelines import await_pipelines
from rehearsal.progress import Progress
from rehearsal.read_back import read_back
from rehearsal.service import ACCOUNT, REGION, Service
from rehearsal.uploads import upload

WAIT_SCALE = 0.1  # states that wait, and pauses before a retry, take a tenth of their time
_PIPELINES_WITHIN = 900.0
_MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine"


@dataclass(frozen=True)
class Walk:
    """A rehearsal under way."""

    service: Service
    lake: Lake
    progress: Progress

    def all(self, *, keep: bool) -> None:
        """Every step in order. What fails raises; the lake is destroyed at the end unless it is kept."""
        outputs = self.stand_up()
        self.go(outputs)
        self.judge(outputs["lake"]["name"])
        if not keep:
            self.take_down()

    def stand_up(self) -> dict[str, Any]:
        """Bootstrap, release, apply; what Terraform says of the lake."""
        step = self.progress.step
        bootstrap = self.lake.bootstrap()
        try:
            with step("bootstrap: the buckets of state and releases stand"):
                self.lake.bootstrapped(bootstrap)
            with step(f"release {self.lake.source.version}: built and uploaded"):
                self.lake.release()
            with step("plan and apply: the lake stands"):
                self.lake.apply()
            bootstrap.wait()
        finally:
            bootstrap.kill()
        return self.lake.outputs()

    def go(self, outputs: dict[str, Any]) -> None:
        """Upload, wait for the lake to work by itself, and read back."""
        step = self.progress.step
        with step("raw files in staging: uploaded"):
            made = upload(self.service.client("s3"), outputs["buckets"]["staging"], self.service.folder / "music")
        with step("S3 → EventBridge → SQS → Scheduler → Step Functions → Glue: every dataset and mart"):
            machines = {dataset: f"{_MACHINE}:{name}" for dataset, name in outputs["pipelines"].items()}
            sfn = self.service.client("stepfunctions")
            await_pipelines(sfn, machines, made.truth["datasets"], _PIPELINES_WITHIN, self.progress.say)
        with step("tables read back: as planted"):
            place = outputs["databases"]["warehouse"], "tbl_"
            rows, wrong = read_back(self.service, *place, self.lake.source.sql, made.truth)
            if wrong:
                raise RunFailed("the lake does not say what was planted:\n" + "\n".join(wrong), where="tables")
        self.progress.say("  " + ", ".join(f"{name} {count:,}" for name, count in rows.items()))

    def judge(self, lake: str) -> None:
        """Hold every call against the role that made it; raises when one was not allowed."""
        with self.progress.step("each role did only what its policies allow"):
            seen = found(self.service.calls, self.service.client("iam"), f"{lake}-")
            if seen.refused:
                raise RunFailed("not allowed:\n" + "\n".join(seen.refused), where="calls", remedy="See calls.jsonl.")
        say = self.progress.say
        say(f"  {seen.acted} roles made {seen.calls} different calls; these took no part: {', '.join(seen.idle)}")
        say(f"  allowed, not used and without a reason in permissions.yaml: {len(seen.unexplained)}")
        for line in seen.unexplained:
            say(f"    {line}")

    def take_down(self) -> None:
        """Destroy the lake and bootstrap; raises when anything is left."""
        with self.progress.step("destroy: nothing is left"):
            self.lake.destroy()
            if left := self.lake.left():
                raise RunFailed("destroyed, but still there: " + ", ".join(left), where="destroy")
