"""A small program of Parsl: counts letters in two files, joins the counts, and one app fails."""

import parsl
from parsl import File, bash_app, python_app
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.monitoring import MonitoringHub
from parsl.providers import LocalProvider


@bash_app
def count(letter, inputs=(), outputs=(), stdout=parsl.AUTO_LOGNAME):  # noqa: ANN001, ANN201
    return f"grep -c {letter} {inputs[0].filepath} > {outputs[0].filepath}"


@python_app
def join(inputs=(), outputs=()):  # noqa: ANN001, ANN201
    from pathlib import Path

    Path(outputs[0].filepath).write_text("".join(Path(i.filepath).read_text() for i in inputs))


@python_app
def fail(number):  # noqa: ANN001, ANN201
    raise ValueError(f"not {number}")


def main() -> None:
    executor = HighThroughputExecutor(
        label="htex",
        max_workers_per_node=1,
        address="127.0.0.1",
        provider=LocalProvider(init_blocks=1, max_blocks=1),
    )
    hub = MonitoringHub(
        hub_address="127.0.0.1",
        resource_monitoring_interval=1,
        workflow_name="letters.py",
        workflow_version="1.0",
    )
    with parsl.load(Config(executors=[executor], monitoring=hub, retries=1)):
        counts = [
            count("a", inputs=[File(f"{name}.txt")], outputs=[File(f"{name}.count")])
            for name in "ab"
        ]
        whole = join(inputs=[c.outputs[0] for c in counts], outputs=[File("whole.txt")])
        whole.result()
        try:
            fail(3).result()
        except ValueError:
            print("failed, as it was meant to")


if __name__ == "__main__":
    main()
