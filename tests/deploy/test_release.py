"""A release: its content, that its bytes are always the same, and what cannot be released."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from deploy_bench import LAKE, Console, make_checkout, set_version

from headgate.deploy.checkout import Checkout, checkout
from headgate.deploy.digest import folder_sha256, sha256_of
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.release import Release, build_release
from headgate.deploy.wheel import build_wheel
from headgate.deploy.wheelhouse import build_wheelhouse
from headgate.errors import UnusableArgument, UnusableContract

SHELL = "cd {} && find . -name '*.y*ml' | sed 's,^\\./,,' | LC_ALL=C sort | xargs sha256sum | sha256sum"


def test_a_release_is_laid_out_as_the_page_says(released: Release):
    names = {path.relative_to(released.folder).as_posix() for path in released.folder.rglob("*") if path.is_file()}
    lake = {path.relative_to(LAKE).as_posix() for path in LAKE.rglob("*") if path.is_file()}
    assert names == lake | {
        "SHA256SUMS",
        "release.json",
        "headgate-0.1.0-py3-none-any.whl",
        "wheelhouse.gluewheels.zip",
        "glue_jobs/refine.py",
        "glue_jobs/build_mart.py",
        "glue_jobs/maintain.py",
        "lambdas/flatten_json-arm64.zip",
        "lambdas/flatten_json-x86_64.zip",
    }


def test_the_checksums_are_those_of_every_other_file(released: Release):
    done = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=released.folder, capture_output=True)
    assert done.returncode == 0
    files = [path for path in released.folder.rglob("*") if path.is_file()]
    assert done.stdout.count(b": OK") == len(files) - 1


def test_the_wheel_is_the_same_bytes_from_another_folder_at_another_time_under_another_umask(tmp_path: Path):
    first, second = make_checkout(tmp_path / "a"), make_checkout(tmp_path / "b" / "elsewhere")
    for path in second.root.rglob("*"):
        os.utime(path, (1e9, 1e9))
        path.chmod(0o700)
    (second.root / "build" / "lib").mkdir(parents=True)  # leftovers of an earlier build
    (second.root / "build" / "lib" / "left_over.py").write_text("")
    (second.root / "shared" / "headgate" / "__pycache__").mkdir()
    (second.root / "shared" / "headgate" / "__pycache__" / "gate.cpython-311.pyc").write_bytes(b"old")
    wheels = []
    for source, umask in ((first, 0o022), (second, 0o077)):
        before = os.umask(umask)
        try:
            out = source.root / "out"
            out.mkdir()
            wheels.append(build_wheel(source, out).read_bytes())
        finally:
            os.umask(before)
    assert wheels[0] == wheels[1]


def test_a_changed_line_of_the_library_is_another_wheel(source: Checkout, released: Release, tmp_path: Path):
    file = source.root / "shared" / "headgate" / "runtime.py"
    file.write_text(file.read_text() + "\n# changed\n")
    assert (
        build_wheel(source, tmp_path).read_bytes() != (released.folder / "headgate-0.1.0-py3-none-any.whl").read_bytes()
    )


def test_the_wheel_holds_the_library_and_its_data_and_its_list_is_right(released: Release):
    with zipfile.ZipFile(released.folder / "headgate-0.1.0-py3-none-any.whl") as wheel:
        names = wheel.namelist()
        assert wheel.testzip() is None
        assert {oct(entry.external_attr >> 16) for entry in wheel.infolist()} == {"0o100644"}
        listed = wheel.read("headgate-0.1.0.dist-info/RECORD").decode()
    assert {"headgate/runtime.py", "headgate/report/report.html.j2", "headgate/spark/log4j2.properties"} <= set(names)
    assert sorted(line.partition(",")[0] for line in listed.splitlines()) == sorted(names)
    assert not [name for name in names if "__pycache__" in name or not name.startswith("headgate")]


def test_the_wheelhouse_is_the_same_bytes_every_time_and_laid_out_as_glue_wants(released: Release, tmp_path: Path):
    again = build_wheelhouse(tmp_path, released.folder / "headgate-0.1.0-py3-none-any.whl")
    assert sha256_of(again) == released.sums["wheelhouse.gluewheels.zip"]
    with zipfile.ZipFile(again) as house:
        assert {name.split("/")[0] for name in house.namelist()} == {"wheels"}
        wanted = house.read("wheels/requirements.txt").decode().splitlines()
        assert len(house.namelist()) == len(wanted) + 1
        library = house.read("wheels/headgate-0.1.0-py3-none-any.whl")
    assert {"great-expectations==1.24.1", "headgate==0.1.0"} <= set(wanted)
    assert library == (released.folder / "headgate-0.1.0-py3-none-any.whl").read_bytes()


def test_contracts_and_sql_are_released_unchanged(released: Release):
    for part in ("contracts", "sql"):
        for path in filter(Path.is_file, (LAKE / part).rglob("*")):
            assert (released.folder / part / path.relative_to(LAKE / part)).read_bytes() == path.read_bytes()


def test_the_hash_of_the_contracts_is_that_of_the_shell_line_on_the_page(source: Checkout):
    (source.contracts / "_retired.yaml").write_text("retired: []\n")
    (source.contracts / "Z.yml").write_text("{}")
    (source.contracts / ".hidden.yaml").write_text("{}")
    (source.contracts / "README.md").write_text("not counted")
    shell = subprocess.run(["sh", "-c", SHELL.format(source.contracts)], capture_output=True, text=True, check=True)
    assert folder_sha256(source.contracts, (".yaml", ".yml")) == shell.stdout.split()[0]


@pytest.mark.needs("terraform")
def test_the_hash_of_the_contracts_is_that_of_terraform(source: Checkout, terraform_env: dict[str, str]):
    (source.contracts / "_retired.yaml").write_text("retired: []\n")
    (source.contracts / ".hidden.yaml").write_text("{}")
    (source.contracts / "shop-b.yaml").write_text("{}")  # `-` sorts before `/`
    module = source.terraform / "modules" / "contracts"
    init = ["terraform", "init", "-backend=false"]
    subprocess.run(init, cwd=module, env=terraform_env, check=True, stdout=subprocess.DEVNULL)
    given = [f"-var=contracts_dir={source.contracts}", f"-var=sql_dir={source.sql}"]
    answer = subprocess.run(
        ["terraform", "console", *given], cwd=module, env=terraform_env, input="local._hash\n", capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert folder_sha256(source.contracts, (".yaml", ".yml")) == answer.stdout.strip().strip('"')


def test_another_version_than_the_checkouts_is_refused(source: Checkout, tmp_path: Path):
    with pytest.raises(UnusableArgument) as refused:
        build_release(source, "0.2.0", tmp_path / "out")
    assert str(refused.value) == (
        "pyproject.toml: the checkout is version 0.1.0, but the requested release is 0.2.0\n"
        'Set `version = "0.2.0"` there and commit it, or release 0.1.0.'
    )


@pytest.mark.parametrize("version", ["1.0", "latest", "../1.0.0", "1.0.0-rc1", "v1.0.0"])
def test_an_invalid_version_is_refused(source: Checkout, tmp_path: Path, version: str):
    with pytest.raises(UnusableArgument, match="is not a version"):
        build_release(source, version, tmp_path / "out")


def test_a_version_that_the_builder_would_normalise_is_refused(source: Checkout, tmp_path: Path):
    set_version(source.root, "1.0.0alpha1")
    with pytest.raises(
        CannotDeploy, match=r"the wheel is named headgate-1\.0\.0a1-py3-none-any\.whl, but jobs install"
    ):
        build_wheel(checkout(source.root), tmp_path)


def test_a_wheel_that_cannot_be_built_is_reported_with_the_builders_message(source: Checkout, tmp_path: Path):
    file = source.root / "pyproject.toml"
    file.write_text(file.read_text().replace("setuptools.build_meta", "no_such_builder"))
    with pytest.raises(CannotDeploy, match=r"the wheel could not be built: (?s:.*)no_such_builder"):
        build_wheel(source, tmp_path)


def test_broken_contracts_are_not_released_and_every_fault_is_named(source: Checkout, tmp_path: Path):
    for name in ("orders", "visits"):
        file = source.contracts / "shop" / f"{name}.yaml"
        file.write_text(file.read_text() + "colour: blue\n")
    with pytest.raises(UnusableContract) as refused:
        build_release(source, "0.1.0", tmp_path / "out")
    assert {fault.file for fault in refused.value.faults} == {
        "contracts/shop/orders.yaml",
        "contracts/shop/visits.yaml",
    }
    assert not (tmp_path / "out").exists()


def test_a_mart_whose_query_is_broken_is_not_released(source: Checkout, tmp_path: Path):
    (source.sql / "marts" / "revenue.sql").write_text("SELECT FROM WHERE")
    with pytest.raises(UnusableContract, match=r"revenue\.sql"):
        build_release(source, "0.1.0", tmp_path / "out")


def test_cache_and_editor_files_are_not_released(source: Checkout, tmp_path: Path):
    (source.contracts / ".DS_Store").write_text("")
    (source.sql / "marts" / ".revenue.sql.swp").write_text("")
    (source.scripts / "__pycache__").mkdir()
    (source.scripts / "__pycache__" / "refine.cpython-311.pyc").write_text("")
    (source.scripts / "notes.txt").write_text("")
    release = build_release(source, "0.1.0", tmp_path / "out")
    assert not [
        name for name in release.sums if "DS_Store" in name or "swp" in name or "pyc" in name or "notes" in name
    ]


def test_a_folder_that_is_not_a_checkout_is_refused(tmp_path: Path):
    with pytest.raises(UnusableArgument) as refused:
        checkout(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path}: is not a checkout of Headgate: it lacks pyproject.toml, shared")
    assert "--checkout" in str(refused.value)


def test_a_dry_run_does_not_contact_aws_and_prints_the_sizes(
    source: Checkout, tmp_path: Path, nobody: None, console: Console
):
    code, output = console("release", "--version", "0.1.0", "--out", str(tmp_path / "out"), "--dry-run", source=source)
    assert code == 0, output
    assert "wheelhouse 8" in output and "MB" in output and "Dry run: nothing was uploaded." in output


def test_an_unknown_option_is_a_message(console: Console):
    code, output = console("release", "--versoin", "0.1.0")
    assert code == 2 and "--versoin" in output and "See `python -m headgate.deploy --help`." in output


def test_a_release_is_rebuilt_over_an_older_one(source: Checkout, tmp_path: Path):
    first = build_release(source, "0.1.0", tmp_path / "out")
    shutil.rmtree(source.contracts / "shop")
    shutil.copytree(LAKE / "contracts" / "shop", source.contracts / "shop")
    (source.sql / "analysis" / "more.sql").write_text("SELECT 1")
    again = build_release(source, "0.1.0", tmp_path / "out")
    assert set(again.sums) - set(first.sums) == {"sql/analysis/more.sql"}
    assert {name for name in first.sums if first.sums[name] != again.sums[name]} == {"release.json"}
