"""What one evaluation of JavaScript may use."""

import msgspec

MIB = 1 << 20


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one evaluation, libraries included. Each must be more than zero.

    `wall_s`: seconds until the worker is killed. `cpu_s`: seconds of processor time.
    `memory_bytes`: heap of the engine, and the largest request. `result_bytes`: result as JSON in
    UTF-8. `stack_bytes`: native stack, about 1.7 kB for each JavaScript call.
    """

    wall_s: float = 20.0
    cpu_s: float = 10.0
    memory_bytes: int = 256 * MIB
    result_bytes: int = 64 * MIB
    stack_bytes: int = 8 * MIB

    def __post_init__(self) -> None:
        for name, value in msgspec.structs.asdict(self).items():
            if not value > 0:
                raise ValueError(f"{name} must be more than zero, not {value!r}")
