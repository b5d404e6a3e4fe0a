"""Command lines of container engines, as their documentation shows them, and images to be had.

podman is run for real in tests/containers; docker, apptainer and singularity have been tested
against their documentation only.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairwf.engine.containers import ContainerEngine, ImageError, Images, Launch, Mount, started
from fairwf.engine.containers.engines import EngineName
from fairwf.ir.environment import Container
from fairwf.ir.expressions import StringLit


def launch(**more: object) -> Launch:
    given: dict[str, object] = {
        "name": "fairwf-1",
        "image": "debian:12",
        "command": ["echo", "$HOME", "a b"],
        "folder": "/w",
        "mounts": [Mount("/w", "/host/w", writable=True), Mount("/a,b", "/a,b")],
        "env": {"HOME": "/w", "LIST": "a,b c"},
    }
    return Launch(**given | more)  # type: ignore[arg-type]


def words(name: EngineName, **more: object) -> list[str]:
    return list(started(ContainerEngine(name, f"/usr/bin/{name}"), launch(**more)).argv)


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_docker_and_podman(name: EngineName) -> None:
    line = words(name)
    assert line[:2] == [f"/usr/bin/{name}", "run"]
    assert line[-4:] == ["debian:12", "echo", "$HOME", "a b"]
    options = line[2:-4]
    assert all(option.startswith("--") for option in options)
    for option in (
        "--rm",
        "--interactive",
        "--pull=never",
        "--network=none",
        "--workdir=/w",
        "--mount=type=bind,source=/host/w,target=/w",
        '--mount=type=bind,"source=/a,b","target=/a,b",readonly',
        "--env=LIST=a,b c",
    ):
        assert option in options
    assert "--network=none" not in words(name, network=True)
    assert "--shm-size=64m" in words(name, shared_memory_mib=64)


def test_docker_runs_as_the_user_and_podman_maps_him() -> None:
    assert any(word.startswith("--user=") for word in words("docker"))
    assert not any(word.startswith("--user=") for word in words("podman"))


def test_gpus() -> None:
    assert "--gpus=2" in words("docker", gpus=2)
    assert "--device=nvidia.com/gpu=all" in words("podman", gpus=2)
    assert "--nv" in words("apptainer", gpus=2)


@pytest.mark.parametrize("name", ["apptainer", "singularity"])
def test_apptainer_and_singularity(name: EngineName) -> None:
    start = started(ContainerEngine(name, f"/usr/bin/{name}"), launch(image="/images/d.sif"))
    assert list(start.argv) == [
        f"/usr/bin/{name}",
        "--quiet",
        "run",
        "--contain",
        "--ipc",
        "--cleanenv",
        "--no-eval",
        "--pwd=/w",
        "--no-home",
        "--net",
        "--network=none",
        '--mount=type=bind,"src=/a,b","dst=/a,b",ro',
        "--mount=type=bind,src=/host/w,dst=/w",
        "/images/d.sif",
        "echo",
        "$HOME",
        "a b",
    ]
    assert start.env[f"{name.upper()}ENV_LIST"] == "a,b c"
    assert start.stop == ()  # the container is a child process, and ends with it


# --- images -------------------------------------------------------------------------------------


def recorder(folder: Path, answers: dict[str, int]) -> ContainerEngine:
    """A program in docker's place that notes how it is called."""
    program = folder / "docker"
    log = folder / "calls"
    program.write_text(
        "#!/usr/bin/env python3\n"
        "import json, sys\n"
        f"open({str(log)!r}, 'a').write(json.dumps([sys.argv[1:], sys.stdin.read()]) + '\\n')\n"
        f"answers = {answers!r}\n"
        "sys.exit(answers.get(' '.join(sys.argv[1:3]), answers.get(sys.argv[1], 0)))\n"
    )
    program.chmod(0o755)
    return ContainerEngine("docker", str(program))


def calls(folder: Path) -> list[list[str]]:
    lines = (folder / "calls").read_text().splitlines()
    return [json.loads(line)[0] for line in lines]


def container(**more: object) -> Container:
    return Container(image=StringLit(value="debian:12"), **more)  # type: ignore[arg-type]


def test_an_image_that_is_here_is_asked_for_once(tmp_path: Path) -> None:
    images = Images(recorder(tmp_path, {}), tmp_path, allow_network=True)
    assert [images.ready(container(), "debian:12") for _ in range(3)] == ["debian:12"] * 3
    assert calls(tmp_path) == [["image", "inspect", "--format", "{{.Id}}", "debian:12"]]


def test_an_image_is_pulled_only_where_a_network_is_allowed(tmp_path: Path) -> None:
    engine = recorder(tmp_path, {"image inspect": 1})
    with pytest.raises(ImageError, match="nothing is fetched"):
        Images(engine, tmp_path, allow_network=False).ready(container(), "debian:12")
    assert ["pull", "--quiet", "debian:12"] not in calls(tmp_path)
    assert Images(engine, tmp_path, allow_network=True).ready(container(), "debian:12")
    assert calls(tmp_path)[-1] == ["pull", "--quiet", "debian:12"]


def test_a_failed_pull_is_not_tried_again(tmp_path: Path) -> None:
    images = Images(recorder(tmp_path, {"image inspect": 1, "pull": 1}), tmp_path, True)
    for _ in range(2):
        with pytest.raises(ImageError, match="docker pull failed"):
            images.ready(container(), "debian:12")
    assert [words[0] for words in calls(tmp_path)] == ["image", "pull", "version"]


def test_a_build_has_no_network_and_its_recipe_from_standard_input(tmp_path: Path) -> None:
    images = Images(recorder(tmp_path, {"image inspect": 1}), tmp_path, allow_network=False)
    recipe = container(dockerfile="FROM scratch\n", image_id="mine")
    with pytest.raises(ImageError, match="not here"):  # it still is not, after the build
        images.ready(recipe, None)
    build = calls(tmp_path)[1]
    assert build[:6] == ["build", "--network=none", "--tag", "mine", "--file", "-"]
    assert json.loads((tmp_path / "calls").read_text().splitlines()[1])[1] == "FROM scratch\n"


@pytest.mark.parametrize("said", ["/etc/hostname", "../../../../../../../../etc/hostname"])
def test_an_archive_lies_in_the_documents_folders(tmp_path: Path, said: str) -> None:
    images = Images(recorder(tmp_path, {"image inspect": 1}), tmp_path, allow_network=True)
    for given in (container(load=said), container(import_from=said)):
        with pytest.raises(ImageError, match="leaves the document's folders"):
            images.ready(given, "debian:12")


def test_a_name_is_never_an_option(tmp_path: Path) -> None:
    images = Images(recorder(tmp_path, {}), tmp_path, allow_network=True)
    with pytest.raises(ImageError, match="no name of an image"):
        images.ready(container(), "--privileged")


def test_apptainer_runs_image_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ContainerEngine("apptainer", "/usr/bin/apptainer")
    offline = Images(engine, tmp_path, allow_network=False)
    (tmp_path / "own.sif").write_text("")
    assert offline.ready(container(), "own.sif") == str(tmp_path / "own.sif")
    with pytest.raises(ImageError, match="nothing is fetched"):
        offline.ready(container(), "biocontainers/bwa:1")
    monkeypatch.setenv("CWL_SINGULARITY_CACHE", str(tmp_path))
    (tmp_path / "biocontainers_bwa:1.sif").write_text("")
    fresh = Images(engine, tmp_path, allow_network=False)
    assert fresh.ready(container(), "biocontainers/bwa:1").endswith("biocontainers_bwa:1.sif")
    online = Images(engine, tmp_path, allow_network=True)
    assert online.ready(container(), "debian:12") == "docker://debian:12"
