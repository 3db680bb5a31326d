"""Network shares are known by the table of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.library.network import NETWORK_SYSTEMS, file_system, is_on_network

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
nas:/films /mnt/films nfs4 rw,vers=4.2 0 0
//nas/scans /mnt/our\\040scans cifs rw 0 0
tmpfs /mnt/films/local tmpfs rw 0 0
/dev/sdb1 /home ext4 rw 0 0
server:/home /home nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", "ext4"),
        ("/var/lib", "ext4"),
        ("/mnt/films", "nfs4"),
        ("/mnt/films/2024/a b", "nfs4"),
        ("/mnt/films2", "ext4"),
        ("/mnt/films/local/x", "tmpfs"),
        ("/mnt/our scans/x", "cifs"),
        ("/home/me", "nfs"),
    ],
)
def test_the_nearest_and_latest_mount_counts(folder, kind):
    assert file_system(Path(folder), mounts=MOUNTS) == kind


def test_shares_are_named():
    assert {"nfs", "nfs4", "cifs", "fuse.sshfs"} <= NETWORK_SYSTEMS
    assert not {"ext4", "tmpfs", "overlay", "btrfs", "xfs"} & NETWORK_SYSTEMS


def test_the_table_of_this_system_is_read(tmp_path, monkeypatch):
    table = tmp_path / "mounts"
    monkeypatch.setattr("app.library.network.MOUNTS", table)
    monkeypatch.setattr("app.library.network.sys.platform", "linux")
    assert not is_on_network(tmp_path)
    table.write_text("nas:/ / nfs4 rw 0 0\n", "utf-8")
    assert is_on_network(tmp_path)
