"""Large arrays of a pickle are in a file once; each load has them to itself, and equal."""

import copy
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parallel_animate.inputs.pickling import dump, load
from parallel_animate.inputs.shared_arrays import SharingMemo
from parallel_animate.inputs.shared_buffers import shared_buffers
from parallel_animate.inputs.value_digest import digest_of

LARGE = np.random.default_rng(0).random((20, 300, 400))
KINDS: dict[str, Any] = {
    "contiguous": LARGE,
    "in the order of Fortran": np.asfortranarray(LARGE),
    "transposed": LARGE.T,
    "a view with gaps": LARGE[::2, :, ::3],
    "masked": np.ma.masked_less(LARGE, 0.5),
    "of records": np.zeros(200_000, [("x", int), ("y", float)]),
    "of dates": np.arange(200_000).astype("M8[s]"),
    "of objects": np.array([None, "x"] * 100_000),
    "broadcast": np.broadcast_to(np.arange(3.0), (200_000, 3)),
    "of a subclass": LARGE.view(np.recarray),
    "bytes and a small array": [bytearray(2_000_000), np.arange(3)],
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_array_of_every_kind_comes_back_equal(tmp_path: Path, kind: str) -> None:
    value = KINDS[kind]
    with shared_buffers(tmp_path):
        loaded = load(dump(value))
    # The file is closed; what was loaded stays.
    assert type(loaded) is type(value)
    assert digest_of(loaded) == digest_of(value)
    if isinstance(value, np.ndarray):
        assert (loaded.dtype, loaded.shape) == (value.dtype, value.shape)
        assert loaded.flags.writeable


def test_a_mapped_file_and_a_constant_array_stay_what_they_are(tmp_path: Path) -> None:
    np.save(tmp_path / "field.npy", LARGE)
    constant = LARGE.copy()
    constant.flags.writeable = False
    with shared_buffers(tmp_path):
        data = dump([np.load(tmp_path / "field.npy", mmap_mode="r"), constant])
        assert len(data) < 2000
        field, loaded = load(data)
    assert type(field) is np.memmap
    np.testing.assert_array_equal(field, LARGE)
    assert not loaded.flags.writeable


def test_equal_arrays_are_written_once_and_no_file_has_a_name(tmp_path: Path) -> None:
    with shared_buffers(tmp_path) as buffers:
        data = [dump({"frame": number, "field": LARGE.copy()}) for number in range(5)]
        assert os.fstat(buffers.descriptor).st_size < 1.1 * LARGE.nbytes
        assert max(map(len, data)) < 2000
        assert list(tmp_path.iterdir()) == []
        assert load(data[3])["frame"] == 3


def test_a_change_stays_with_the_load_that_made_it(tmp_path: Path) -> None:
    with shared_buffers(tmp_path):
        data = dump(LARGE)
        first, second = load(data), load(data)
        first[:] = 0
        np.testing.assert_array_equal(second, LARGE)
        np.testing.assert_array_equal(load(data), LARGE)


def test_a_copy_is_mapped_again_unless_the_array_was_changed(tmp_path: Path) -> None:
    with shared_buffers(tmp_path):
        for value in (LARGE, np.asfortranarray(LARGE)):
            loaded = load(dump({"a": value, "b": [value]}))
            copied = copy.deepcopy(loaded, SharingMemo())
            assert copied["a"] is copied["b"][0], "what is one array stays one"
            assert not np.shares_memory(copied["a"], loaded["a"])
            assert not copied["a"].flags.owndata
            copied["a"] += 1
            np.testing.assert_array_equal(loaded["a"], value)
            loaded["a"][3] = 7
            changed = copy.deepcopy(loaded, SharingMemo())
            assert (changed["a"][3] == 7).all()
            np.testing.assert_array_equal(changed["a"][4], value[4])


def test_the_array_that_was_written_and_copies_of_copies_are_mapped_too(tmp_path: Path) -> None:
    value = LARGE.copy()
    with shared_buffers(tmp_path):
        dump(value)
        copied = copy.deepcopy(value, SharingMemo())
        again = copy.deepcopy(copied, SharingMemo())
        for each in (copied, again):
            assert not each.flags.owndata, "it is mapped"
            np.testing.assert_array_equal(each, value)
        again += 1
        np.testing.assert_array_equal(copied, LARGE)
        np.testing.assert_array_equal(value, LARGE)
    # The file is closed.
    last = copy.deepcopy(value, SharingMemo())
    np.testing.assert_array_equal(last, LARGE)
    assert last.flags.owndata


def test_on_a_full_disk_the_arrays_stay_in_the_pickle(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with shared_buffers(small_disk):
        pickles = [dump(LARGE) for _ in range(3)]
        assert pickles[0] == pickles[1] == pickles[2], "a digest of them shows no change"
        np.testing.assert_array_equal(load(pickles[0]), LARGE)
        small = dump(LARGE[:2])
        assert len(small) < 2000, "what fits is still shared"
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        f"The disk with {small_disk} has no room for the arrays that processes could share"
    ]
