"""What readers of files with several pages share."""

from __future__ import annotations

from pathlib import Path

from domain.errors import UnreadableFile


def require_page(page: int, *, pages: int, path: Path) -> None:
    """Refuse a page that is not there.

    Raises:
        UnreadableFile: the file has fewer pages.
    """
    if not 0 <= page < pages:
        raise UnreadableFile(
            f"“{path.name}” has no page {page + 1}.",
            why=f"It holds {pages} now.",
            remedy="Open the file again to see its pages.",
        )
