"""Build a folder with the inputs of the workflow and its job file.

    python make_job.py WORK

The reference and one set of reads come from Debian's package bowtie2-examples (phage lambda);
three more samples are simulated from the reference, with planted variants (see simulate.py).
Writes WORK/job.json, WORK/reference.fa, the reads, and the truths as WORK/NAME.truth.vcf.
"""

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import simulate

EXAMPLES = Path("usr/share/doc/bowtie2/examples")
REFERENCE = "reference/lambda_virus.fa.gz"
READS = ("reads/reads_1.fq.gz", "reads/reads_2.fq.gz")
DEBIAN_SAMPLE = "debian"
FASTA = "http://edamontology.org/format_1929"
FASTQ = "http://edamontology.org/format_1930"


def copy_examples(folder: Path) -> None:
    """Copy the package's files; where it was installed without its documentation, unpack it."""
    installed = Path("/") / EXAMPLES
    if (installed / REFERENCE).is_file():
        take(installed, folder)
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SystemExit(
            f"{installed / REFERENCE} is missing: install Debian's package bowtie2-examples"
        )
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(
            ["apt-get", "download", "-qq", "bowtie2-examples"],  # noqa: S607
            cwd=place,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        packages = list(Path(place).glob("bowtie2-examples_*.deb"))
        if done.returncode or not packages:
            raise SystemExit("apt-get could not download bowtie2-examples; try: apt-get update")
        subprocess.run(
            ["dpkg-deb", "-x", str(packages[0]), place],  # noqa: S607
            check=True,
        )
        take(Path(place) / EXAMPLES, folder)


def take(examples: Path, folder: Path) -> None:
    """Reference (unpacked) and reads under the names that the job uses."""
    (folder / "reference.fa").write_bytes(gzip.decompress((examples / REFERENCE).read_bytes()))
    for side, name in enumerate(READS, start=1):
        shutil.copyfile(examples / name, folder / f"{DEBIAN_SAMPLE}_{side}.fq.gz")


def make_job(folder: Path, seed: int) -> Path:
    """Fill the folder; the path of the job file."""
    folder.mkdir(parents=True, exist_ok=True)
    copy_examples(folder)
    for sample in simulate.SAMPLES:
        simulate.simulate(folder / "reference.fa", folder, sample, seed)
    names = [DEBIAN_SAMPLE, *(sample.name for sample in simulate.SAMPLES)]
    reads = {
        f"reads_{side}": [
            {"class": "File", "path": f"{name}_{side}.fq.gz", "format": FASTQ} for name in names
        ]
        for side in (1, 2)
    }
    reference = {"class": "File", "path": "reference.fa", "format": FASTA}
    job = folder / "job.json"
    text = json.dumps({"reference": reference, "samples": names, **reads}, indent=2)
    job.write_text(text + "\n", encoding="utf-8")
    return job


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    print(make_job(options.folder, options.seed))


if __name__ == "__main__":
    main()
