"""A lake that is up, once more: a release of what the checkout holds now is applied, and a delivery followed."""

from __future__ import annotations

import time
from pathlib import Path

from rehearsal.emulator import ROOT, Service
from rehearsal.walk.deployed_lake import Lake
from rehearsal.walk.kept_rehearsal import must_be_up
from rehearsal.walk.progress import Progress
from rehearsal.walk.proof import deliver, must_arrive
from rehearsal.walk.scene import Scene
from rehearsal.walk.walk import Walk

_DATASET = "playlist_tracks"  # the shortest way: one job, one mart


def attached(folder: Path, progress: Progress) -> Walk:
    """The walk of the rehearsal that was left up. Raises `UnusableArgument` when none is."""
    up = must_be_up(folder / "kept.json")
    service = Service(up.endpoint, up.pids[0], folder)
    return Walk(service, lambda: None, Lake.at(service), progress)


def again(walk: Walk) -> None:
    """Release, apply, deliver, follow, judge; a line each. Raises `RunFailed` with what is not as it must be."""
    step = walk.progress.step
    with step("release of what is here now: built and uploaded", system="S3", sent="wheels, scripts, contracts"):
        walk.lake.renew(ROOT)
        walk.lake.release()
    with step("plan and apply: the jobs run that release", system="Terraform", sent=walk.lake.source.version):
        walk.lake.apply()
    outputs = walk.lake.outputs()
    scene = walk.scene(outputs)
    scene.listen()
    try:
        with step(f"a delivery to {_DATASET}: its way through the lake", system="Pipeline", sent="new rows"):
            said = follow(walk, scene, _DATASET, int(time.time()))
    finally:
        scene.stop_listening()
    walk.progress.saw(said)


def follow(walk: Walk, scene: Scene, dataset: str, first: int) -> str:
    """Put new rows, numbered from `first`, into staging and follow them to the marts; what was seen."""
    return must_arrive(scene, deliver(scene, dataset, first), walk.marts().after(dataset))
