"""The function's zips: what is in them, that their bytes are always the same, and that one works on its own."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from deploy_bench import make_checkout

from headgate.cache import cache_folder
from headgate.deploy import function_zip
from headgate.deploy.archive import read_zip
from headgate.deploy.checkout import Checkout
from headgate.deploy.digest import sha256_of
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.function_wheels import function_wheels, installed, platforms
from headgate.deploy.function_zip import FUNCTION, WANTED_BYTES, FunctionZip, build_function_zips
from headgate.deploy.imports import imported_files
from headgate.deploy.release import Release, build_release
from needs import ROOT
from rehearsal.aws.jobs.glue_python import empty_python
from rehearsal.aws.lambda_.runtime_python import sdk_folder

PLANS = '{"form": 1, "datasets": {}}\n'
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
ASK = """\
import sys, json
sys.path.insert(0, ".")
import handler
from headgate.flatten.plan import read_plans
named = {"function_name": "f", "memory_limit_in_mb": 1, "invoked_function_arn": "a", "aws_request_id": "r"}
context = type("Context", (), named)()
record = {"messageId": "one", "body": "not an event", "receiptHandle": "h", "eventSource": "aws:sqs",
          "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}}
answer = handler.handle({"Records": [record]}, context)
outside = [name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", "") or "")]
print(json.dumps([answer, sorted(read_plans(open("flatten.json").read())), outside]))
"""


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FunctionZip]:
    folder = tmp_path_factory.mktemp("zips")
    built = build_function_zips(Checkout(ROOT), PLANS, folder, python=HERE)
    return {zip.file.stem.removeprefix(f"{FUNCTION}-"): zip for zip in built}


def test_there_is_one_for_each_architecture_and_it_is_small_enough(zips: dict[str, FunctionZip]):
    assert set(zips) == {"arm64", "x86_64"}
    for zip in zips.values():
        assert zip.unzipped < WANTED_BYTES, str(zip)
        assert zip.unzipped == sum(map(len, read_zip(zip.file).values()))


def test_it_has_handler_plans_wheels_and_only_that_part_of_the_library_that_is_imported(zips: dict[str, FunctionZip]):
    names = set(read_zip(zips["x86_64"].file))
    assert {"handler.py", "flatten.json", "headgate/__init__.py", "headgate/flatten/plan.py"} <= names
    assert {"duckdb/__init__.py", "aws_lambda_powertools/__init__.py"} <= names
    assert not [name for name in names if name.startswith(("boto3/", "headgate/spark", "headgate/cli", "requirements"))]


def test_each_architecture_has_its_own_wheels(zips: dict[str, FunctionZip]):
    machines = {name: {n.split("-linux-gnu")[0].rpartition("-")[2] for n in read_zip(zip.file) if n.endswith(".so")}
                for name, zip in zips.items()}  # fmt: skip
    assert machines == {"arm64": {"aarch64"}, "x86_64": {"x86_64"}}


@pytest.mark.skipif((platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="runs the zip for x86_64")
def test_it_answers_in_a_python_that_has_the_sdk_and_nothing_else(zips: dict[str, FunctionZip], tmp_path: Path):
    with zipfile.ZipFile(zips["x86_64"].file) as archive:
        archive.extractall(tmp_path)
    cache = cache_folder() / "rehearsal"
    env = {"PYTHONPATH": str(sdk_folder(cache)), "STAGING_BUCKET": "b", "AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run(
        [str(empty_python(cache)), "-B", "-c", ASK], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == '[{"batchItemFailures": [{"itemIdentifier": "one"}]}, [], []]'


def test_the_bytes_depend_neither_on_the_folder_nor_on_times_nor_on_rights(
    zips: dict[str, FunctionZip], tmp_path: Path
):
    copy = tmp_path / "elsewhere"
    for part in ("lambdas", "shared"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for path in copy.rglob("*"):
        os.utime(path, (1e9, 1e9))
        path.chmod(0o700)
    again = build_function_zips(Checkout(copy), PLANS, tmp_path, python=HERE)
    assert [sha256_of(zip.file) for zip in again] == [sha256_of(zip.file) for zip in zips.values()]


def test_a_wheel_that_is_not_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    pinned = ROOT / "lambdas" / FUNCTION / "requirements.txt"
    real = function_wheels(pinned, "x86_64", HERE)
    monkeypatch.setattr("headgate.deploy.function_wheels.cache_folder", lambda: tmp_path)
    copy = tmp_path / "function-wheels" / real[0].parent.name
    shutil.copytree(real[0].parent, copy)
    (copy / real[0].name).write_bytes(b"changed")
    with pytest.raises(CannotDeploy, match=rf"{real[0].name} is not the pinned file"):
        function_wheels(pinned, "x86_64", HERE)


def test_a_zip_over_the_wanted_size_says_so_and_one_over_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    assert str(FunctionZip(Path("f.zip"), 81_000_000)).endswith(
        "81.0 MB unzipped, over the 80 MB that a fast start wants"
    )
    monkeypatch.setattr(function_zip, "AWS_BYTES", 1000)
    with pytest.raises(CannotDeploy, match="and AWS allows 0"):
        build_function_zips(Checkout(ROOT), PLANS, tmp_path, python=HERE)


def test_a_checkout_without_the_function_is_refused_when_a_contract_needs_it(tmp_path: Path):
    source = make_checkout(tmp_path / "checkout")
    shutil.rmtree(source.lambdas)
    with pytest.raises(CannotDeploy, match="the function that flattens documents is missing"):
        build_release(source, "0.1.0", tmp_path / "out")


def test_a_release_without_such_a_contract_has_no_zip(tmp_path: Path):
    source = make_checkout(tmp_path / "checkout")
    (source.contracts / "shop" / "clicks.yaml").unlink()
    release = build_release(source, "0.1.0", tmp_path / "out")
    assert not [name for name in release.sums if "lambda" in name]
    assert "lambda_python" not in (release.folder / "release.json").read_text()


def test_a_release_has_the_zips_under_its_checksums_and_says_their_python(released: Release):
    for architecture in ("arm64", "x86_64"):
        name = f"lambdas/{FUNCTION}-{architecture}.zip"
        assert released.sums[name] == sha256_of(released.folder / name)
    assert '"lambda_python": "3.13"' in (released.folder / "release.json").read_text()
    assert f"{FUNCTION}-arm64.zip " in str(released)
    plans = read_zip(released.folder / "lambdas" / f"{FUNCTION}-arm64.zip")["flatten.json"]
    assert b'"clicks"' in plans


def test_imports_are_followed_and_those_for_types_alone_are_not(tmp_path: Path):
    package = tmp_path / "pack"
    for folder in (package, package / "room"):
        folder.mkdir()
        (folder / "__init__.py").write_text("")
    (package / "room" / "one.py").write_text("from pack import two\n")
    (package / "two.py").write_text("")
    (package / "three.py").write_text("")
    (package / "four.py").write_text("")
    program = tmp_path / "program.py"
    program.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pack.three\n"
        "def late():\n    from pack.room.one import name\n"
    )
    found = imported_files([program], package)
    assert set(found) == {"pack/__init__.py", "pack/room/__init__.py", "pack/room/one.py", "pack/two.py"}


def test_a_wheels_data_folder_is_unpacked_and_its_programs_are_left_out(tmp_path: Path):
    wheel = tmp_path / "a-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("a.py", "a-1.0.data/purelib/b.py", "a-1.0.data/scripts/run"):
            archive.writestr(name, "")
    assert set(installed(wheel)) == {"a.py", "b.py"}


def test_the_runtime_takes_wheels_up_to_its_own_glibc():
    assert platforms("arm64")[0] == "manylinux_2_34_aarch64" and platforms("arm64")[-1] == "manylinux2014_aarch64"
