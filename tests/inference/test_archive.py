"""Checkpoints that would run code, fill the memory or trick a zip reader are refused unopened."""

from __future__ import annotations

import builtins
import functools
import operator
import os
import pickle
import struct
import zipfile

import pytest
import torch

from domain.errors import UnreadableFile
from inference import archive, checkpoints
from inference.archive import require_plain
from inference.checkpoints import read_checkpoint

TORCH_LOAD = torch.load


class Call:
    """Calls something when unpickled by whoever trusts pickles."""

    def __init__(self, function, *arguments):
        self.called = function, arguments

    def __reduce__(self):
        return self.called


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "ran"


def payloads(mark):
    """Harmless each: what they would do is write a file."""
    source = f"open({str(mark)!r}, 'w').close()"
    return {
        "system": Call(os.system, f"touch {mark}"),
        "eval": Call(builtins.eval, source),
        "exec": Call(builtins.exec, source),
        "chain": Call(operator.methodcaller("system", f"touch {mark}"), Call(__import__, "os")),
        "partial": Call(functools.partial(os.system, f"touch {mark}")),
        "import": Call(__import__, "antigravity"),
        "unpickle again": Call(pickle.loads, pickle.dumps(Call(os.system, f"touch {mark}"))),
        "torch's own": Call(TORCH_LOAD, str(mark)),
        "memory": Call(bytearray, 10**13),
        "subclass": Call(torch._tensor._rebuild_from_type_v2, os.system, dict, (), {}),
    }


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read_checkpoint(path)
    assert path.name in caught.value.what
    assert caught.value.why.endswith(".")
    assert caught.value.remedy
    return caught.value.why


@pytest.fixture
def nothing_opened(monkeypatch):
    """What is refused by its looks never reaches torch."""
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was opened"))


@pytest.mark.parametrize("name", payloads(""))
@pytest.mark.parametrize("written", ["zip", "legacy", "protocol 4", "plain.pkl", "plain 0.pkl"])
def test_code_is_named_and_never_run(tmp_path, mark, nothing_opened, name, written):
    tree = {"state_dict": {"x": torch.zeros(2)}, "hook": payloads(mark)[name]}
    path = tmp_path / written
    if written == "zip":
        torch.save(tree, path)
    elif written == "legacy":
        torch.save(tree, path, _use_new_zipfile_serialization=False)
    elif written == "protocol 4":
        torch.save(tree, path, pickle_protocol=4)
    else:
        protocol = 0 if "0" in written else pickle.HIGHEST_PROTOCOL
        path.write_bytes(pickle.dumps({"hook": payloads(mark)[name]}, protocol=protocol))
    assert "code would have to run" in refusal(path)
    assert not mark.exists()


def text(word):
    """A pickle's instructions that put a word on the stack and remember it."""
    return pickle.SHORT_BINUNICODE + bytes([len(word)]) + word.encode() + pickle.MEMOIZE


def test_a_name_fetched_from_memory_hides_behind_no_harmless_one(tmp_path, mark, nothing_opened):
    names = pickle.BINGET + b"\0" + pickle.BINGET + b"\1" + pickle.STACK_GLOBAL
    harmless = text("collections") + text("OrderedDict")
    code = text("os") + text("mkdir") + harmless + names + text(str(mark)[:255]) + pickle.TUPLE1
    file = pickle.PROTO + b"\4" + code + pickle.REDUCE + pickle.STOP
    pickle.loads(file)
    assert mark.exists(), "it would run"
    tree = tmp_path / "x" / "data.pkl"
    tree.parent.mkdir()
    tree.write_bytes(file)
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as packed:
        packed.write(tree, "x/data.pkl")
    assert "code would have to run" in refusal(tmp_path / "x.pt")


def test_what_it_asks_for_is_named_once_and_few(tmp_path):
    calls = [getattr(os, name) for name in ("mkdir", "rmdir", "remove", "rename", "rename")]
    torch.save([Call(call, "x") for call in calls], tmp_path / "x.pt")
    assert refusal(tmp_path / "x.pt").endswith("posix.mkdir, posix.rmdir, posix.remove and 1 more.")


def test_nothing_is_opened_but_as_data(tmp_path, monkeypatch):
    """No second try with an open door, whatever the first one says."""
    asked = []

    def watched(*_, **how):
        asked.append(how)
        raise RuntimeError("no")

    torch.save({"x": torch.zeros(2)}, tmp_path / "x.pt")
    monkeypatch.setattr(torch, "load", watched)
    monkeypatch.setattr(pickle, "load", lambda *_: pytest.fail("an open door"))
    refusal(tmp_path / "x.pt")
    assert [how["weights_only"] for how in asked] == [True]


def tricked(path, change):
    """A sound checkpoint, written once more entry by entry as `change` wants it."""
    torch.save({"x": torch.arange(20.0)}, path)
    with zipfile.ZipFile(path) as sound:
        entries = [(entry.filename, sound.read(entry)) for entry in sound.infolist()]
    with zipfile.ZipFile(path, "w") as made:
        change(made, entries)
    return path


def keep(made, entries):
    for name, content in entries:
        made.writestr(name, content)


def plus(name, content=b"x", *, kind=zipfile.ZIP_STORED):
    def change(made, entries):
        keep(made, entries)
        root = entries[0][0].partition("/")[0]
        made.writestr(name.replace("ROOT", root), content, kind)

    return change


TRICKS = {
    "up": (plus("ROOT/../../etc/passwd"), "leads out"),
    "absolute": (plus("/etc/passwd"), "leads out"),
    "drive": (plus("C:/x"), "leads out"),
    "twice": (plus("ROOT/data.pkl"), "one name"),
    "twice in other letters": (plus("ROOT/DATA.PKL"), "one name"),
    "second folder": (plus("other/data.pkl"), "more than one folder"),
    "second pickle": (plus("ROOT/constants.pkl"), "several pickles"),
    "bomb": (plus("ROOT/data/9", bytes(2**24), kind=zipfile.ZIP_DEFLATED), "compressed"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", TRICKS)
def test_tricks_of_archives_are_refused(tmp_path, nothing_opened, name):
    change, said = TRICKS[name]
    assert said in refusal(tricked(tmp_path / "x.pt", change))


def test_an_archive_without_tricks_is_let_in(tmp_path):
    require_plain(tricked(tmp_path / "x.pt", keep))


@pytest.mark.parametrize(("place", "said"), [(24, "claims"), (20, "compressed"), (8, "encrypted")])
def test_a_list_that_lies_is_refused(tmp_path, nothing_opened, place, said):
    """Sizes, both or one, and flags, in the list at the archive's end."""
    path = tricked(tmp_path / "x.pt", keep)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\1\2")
    if place == 8:
        content[entry + 8] |= 1
    else:
        for at in range(place, 28, 4):
            struct.pack_into("<I", content, entry + at, 2**30)
        if place == 24:
            struct.pack_into("<I", content, entry + 20, 2**30)
    if place == 20:
        struct.pack_into("<I", content, entry + 24, 7)
    path.write_bytes(content)
    assert said in refusal(path)


def test_two_entries_over_the_same_bytes_are_refused(tmp_path, nothing_opened):
    path = tricked(tmp_path / "x.pt", keep)
    content = bytearray(path.read_bytes())
    first = content.index(b"PK\1\2")
    second = content.index(b"PK\1\2", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    path.write_bytes(content)
    assert "claims" in refusal(path)


def test_another_name_before_the_data_is_refused(tmp_path, nothing_opened):
    path = tricked(tmp_path / "x.pt", keep)
    path.write_bytes(path.read_bytes().replace(b"data.pkl", b"evil.pkl", 1))
    assert "broken" in refusal(path)


def test_a_program_is_refused(tmp_path, nothing_opened):
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(tmp_path / "x.pt"))
    assert "program" in refusal(tmp_path / "x.pt")


def test_endless_lists_are_refused(tmp_path, monkeypatch, nothing_opened):
    monkeypatch.setattr(archive, "MOST_INSTRUCTIONS", 100)
    torch.save({f"x{n}": n for n in range(200)}, tmp_path / "x.pt")
    assert "broken" in refusal(tmp_path / "x.pt")
    monkeypatch.setattr(archive, "MOST_PICKLE_BYTES", 100)
    assert "larger" in refusal(tmp_path / "x.pt")
    monkeypatch.setattr(archive, "MOST_ENTRIES", 2)
    assert "lists" in refusal(tmp_path / "x.pt")


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("share", range(1, 20))
def test_checkpoints_cut_short_are_refused(tmp_path, new, share):
    path = tmp_path / "x.pt"
    tree = {"x": torch.arange(4000.0), "y": torch.ones(3)}
    torch.save(tree, path, _use_new_zipfile_serialization=new)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * share // 20])
    refusal(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"hello", b"\x80\x02.", b"\x80\x04]\x94."])
def test_what_is_no_checkpoint_is_refused(tmp_path, nothing_opened, content):
    (tmp_path / "x.pkl").write_bytes(content)
    assert "broken" in refusal(tmp_path / "x.pkl")


def test_the_names_let_in_are_known_to_the_opener():
    """Ours is the shorter list: it lets nothing in that torch's own unpickler would not."""
    known = set(torch._weights_only_unpickler._get_allowed_globals())
    ours = {name for name in archive.ALLOWED if name.startswith("torch.")}
    cuda = {name for name in ours if name.startswith("torch.cuda.")}
    assert ours - cuda <= known
    numpy = {name for name in archive.ALLOWED if name.startswith("numpy.")}
    listed = {each[1] for each in checkpoints._SAFE_NUMBERS if isinstance(each, tuple)}
    assert numpy <= listed | {"numpy.dtype"}
