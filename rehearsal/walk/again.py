"""On a lake that is up: release and apply the checkout as it is now, then follow a delivery."""

from __future__ import annotations

import time
from pathlib import Path

from rehearsal.emulator import ROOT, Emulator
from rehearsal.walk.deployed_lake import DeployedLake
from rehearsal.walk.kept_rehearsal import must_be_up
from rehearsal.walk.progress import Progress
from rehearsal.walk.proof import deliver, must_arrive
from rehearsal.walk.scene import Scene
from rehearsal.walk.sign_in import administrator
from rehearsal.walk.walk import Walk

_DATASET = "playlist_tracks"  # the shortest path: one job, one mart


def attach(folder: Path, progress: Progress) -> Walk:
    """The walk of the rehearsal that was left up. Raises `UnusableArgument` when none is."""
    up = must_be_up(folder / "kept.json")
    emulator = Emulator(up.endpoint, up.pids[0], folder)
    return Walk(emulator, lambda: None, DeployedLake.at(emulator).signed_in(administrator(emulator)), progress)


def again(walk: Walk) -> None:
    """Release, apply, deliver and follow, with a line for each. Raises `RunFailed` with what is wrong."""
    step = walk.progress.step
    with step("release of this checkout: built and uploaded", system="S3", sent="wheels, scripts, contracts"):
        walk.lake.renew(ROOT)
        walk.lake.release()
    with step("plan and apply: the jobs use that release", system="Terraform", sent=walk.lake.source.version):
        walk.lake.apply()
    outputs = walk.lake.outputs()
    scene = walk.scene(outputs)
    scene.listen()
    try:
        with step(f"a delivery to {_DATASET}: followed through the lake", system="Pipeline", sent="new rows"):
            result = follow(walk, scene, _DATASET, int(time.time()))
    finally:
        scene.stop_listening()
    walk.progress.add(result)


def follow(walk: Walk, scene: Scene, dataset: str, first: int) -> str:
    """Put new rows, numbered from `first`, into staging and follow them to the marts; returns what was seen."""
    return must_arrive(scene, deliver(scene, dataset, first), walk.marts().after(dataset))
