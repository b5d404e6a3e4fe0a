"""Pilots in jobs of Slurm: up to two jobs of two cores on a node, with a worker for each core.

On a cluster of several machines leave `address` out, or name one that the nodes reach.
"""

from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.launchers import SimpleLauncher
from parsl.providers import SlurmProvider

config = Config(
    executors=[
        HighThroughputExecutor(
            label="slurm",
            encrypted=True,
            address="127.0.0.1",
            max_workers_per_node=2,
            heartbeat_period=10,
            heartbeat_threshold=40,  # a node that fails is noticed after so many seconds
            provider=SlurmProvider(
                nodes_per_block=1,
                cores_per_node=2,
                init_blocks=1,
                max_blocks=2,
                walltime="00:30:00",
                exclusive=False,
                launcher=SimpleLauncher(),
                worker_init="",  # for instance: source ~/venv/bin/activate
            ),
        )
    ],
    strategy_period=1,
)
