"""What the machine says of itself."""

from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """The kernel's name for the time since it was started; "" where it gives none."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
