"""Tasks inside containers: which engine, which image, what is mounted, the command line."""

from fairwf.engine.containers.commandline import Launch, Mount, Started, started
from fairwf.engine.containers.engines import ContainerEngine, ContainerPolicy, find_engine
from fairwf.engine.containers.images import EngineSilentError, ImageError, Images

__all__ = [
    "ContainerEngine",
    "ContainerPolicy",
    "EngineSilentError",
    "ImageError",
    "Images",
    "Launch",
    "Mount",
    "Started",
    "find_engine",
    "started",
]
