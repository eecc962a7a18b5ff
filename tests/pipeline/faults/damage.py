"""Kinds of damage to the files and folders of a work folder; not a test file."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

# Somebody's file, inside a folder that is put in the place of another: it must never be deleted.
KEPT = "kept by all means"
OTHER_JSON = ["[]", "{}", "null", "1", '"text"', "[[1]]", "NaN", '{"format": 3}', "[" * 100_000]

Damage = Callable[[Path, random.Random], None]


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def change_a_byte(path: Path, dice: random.Random) -> None:
    data = bytearray(path.read_bytes() or b"x")
    position = dice.randrange(len(data))
    data[position] ^= 1 << dice.randrange(8)
    path.write_bytes(data)


def truncate(path: Path, dice: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: dice.randrange(max(path.stat().st_size, 1))])


def lengthen(path: Path, dice: random.Random) -> None:
    path.write_bytes(path.read_bytes() + dice.randbytes(dice.randrange(1, 99)))


def change_a_value(path: Path, dice: random.Random) -> None:
    """Give one key of a JSON file another value, or none; other files get another byte."""
    try:
        content = json.loads(path.read_bytes())
        key = dice.choice(list(content))
    except (ValueError, IndexError, TypeError):
        change_a_byte(path, dice)
        return
    if dice.random() < 0.3:
        del content[key]
    else:
        content[key] = dice.choice([None, -1, "x", [], {}, [["x", "y"]], 1e308, True])
    path.write_text(json.dumps(content))


def put_folder(path: Path, dice: random.Random) -> None:
    remove(path)
    path.mkdir()
    if dice.random() < 0.7:
        (path / "file").write_text(KEPT)


def put_link(path: Path, dice: random.Random) -> None:
    remove(path)
    path.symlink_to(dice.choice(["nowhere", "no/where/at/all", path.name]))


def put_pipe(path: Path, dice: random.Random) -> None:
    remove(path)
    os.mkfifo(path)


def old_form(path: Path, dice: random.Random) -> None:
    """Make a file one of an older version, as far as its kind has a number of its form."""
    data = path.read_bytes()
    data = data.replace(b"parallel-animate file 3", b"parallel-animate file 2")
    data = data.replace(b'"format": 3', b'"format": 2')
    path.write_bytes(b"1\n" if path.name == "format" else data)


def exchange(path: Path, dice: random.Random) -> None:
    """Exchange a file with another of its kind, of the same movie or another one."""
    same = path.suffix or path.name
    work = next(parent for parent in path.parents if parent.name == "work")
    others = [
        other
        for other in sorted(work.rglob("*"))
        if other != path and other.is_file() and same in (other.suffix, other.name)
    ]
    if not others:
        return
    other = dice.choice(others)
    data = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(data)


def leave_damaged(path: Path, dice: random.Random) -> None:
    """Damage a file beside one, or a folder, that was set aside before."""
    aside = path.with_name(f"{path.name}.damaged")
    put_folder(aside, dice) if dice.random() < 0.5 else aside.write_text("before")
    truncate(path, dice)


DAMAGES: dict[str, Damage] = {
    "a bit changed": change_a_byte,
    "truncated": truncate,
    "lengthened": lengthen,
    "empty": lambda path, dice: path.write_bytes(b"") and None,
    "random bytes": lambda path, dice: path.write_bytes(dice.randbytes(300)) and None,
    "no UTF-8": lambda path, dice: path.write_bytes(b"\xff" + path.read_bytes()[1:]) and None,
    "other JSON": lambda path, dice: path.write_text(dice.choice(OTHER_JSON)) and None,
    "a value changed or removed": change_a_value,
    "of an older version": old_form,
    "exchanged with another": exchange,
    "removed": lambda path, dice: remove(path),
    "a folder in its place": put_folder,
    "a broken link in its place": put_link,
    "a named pipe in its place": put_pipe,
    "not readable": lambda path, dice: path.chmod(0),
    "damaged a second time": leave_damaged,
}


def put_file(path: Path, dice: random.Random) -> None:
    remove(path)
    path.write_text(dice.choice(["", "text", "{}"]))


def exchange_folder(path: Path, dice: random.Random) -> None:
    """Exchange a folder with that of the same name in another movie."""
    work = next(parent for parent in path.parents if parent.name == "work")
    movie = path.relative_to(work).parts[0]
    others = [folder for folder in sorted(work.iterdir()) if folder.name != movie]
    others = [folder for folder in others if folder.is_dir()]
    if not others:
        return
    other = dice.choice(others) / path.relative_to(work / movie)
    between = work / "between"
    path.rename(between)
    if other.exists():
        other.rename(path)
    between.rename(other)


FOLDER_DAMAGES: dict[str, Damage] = {
    "a folder: a file in its place": put_file,
    "a folder: a broken link in its place": put_link,
    "a folder: removed": lambda path, dice: remove(path),
    "a folder: exchanged with another": exchange_folder,
}
