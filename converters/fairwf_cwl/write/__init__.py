"""Writing documents as CWL v1.2 (https://www.commonwl.org/v1.2/)."""

from fairwf_cwl.write.document import write
from fairwf_cwl.write.normalize import normalize

__all__ = ["normalize", "write"]
