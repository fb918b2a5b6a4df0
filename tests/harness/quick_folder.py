"""Where tests keep what they pass by: in memory, where the machine has room for it.

Each test has a database of its own, of some hundred files in PostgreSQL's case, and each commit
waits for the disk: that was a third of the time of all tests. The long forms (`make test-long`)
are run on the disk, as the service is.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 8 * 1024**3  # bytes; all tests together were seen to use two
ON_DISK = "MOYAI_TESTS_ON_DISK"


def quick_folder() -> Path:
    """A folder for temporary ones: of memory, or the system's own."""
    if not os.environ.get(ON_DISK) and _has_room():
        return _MEMORY
    return Path(tempfile.gettempdir())


def _has_room() -> bool:
    try:
        free = shutil.disk_usage(_MEMORY).free
        return os.access(_MEMORY, os.W_OK) and min(free, _available_memory()) > _ROOM
    except (OSError, StopIteration):
        return False


def _available_memory() -> int:
    """Bytes. Raises OSError where the system does not say, StopIteration in an unknown form."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
