"""Code pickled by value keeps its file, its lines and, if requested, their text."""

import gc
import importlib
import json
import linecache
import os
import subprocess
import sys
import textwrap
import threading
import traceback
from collections import ChainMap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, ClassVar

import cloudpickle
import pytest

from parallel_animate import AnimatorLoadError
from parallel_animate.errors import FrameError
from parallel_animate.inputs.pickling import (
    Pickler,
    dump,
    dump_animator,
    dump_params,
    load,
    local_modules_by_value,
)

TEXT = textwrap.dedent(
    """
    import functools

    def twice(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args) * 2
        return wrapper

    class Curve:
        scale = staticmethod(lambda x: 1 / x)

        def outer(self, x):
            def inner(y):
                return [1 / z for z in (lambda: [y])()]
            return inner(x)

        @property
        def height(self):
            return 1 / 0

        @classmethod
        def make(cls):
            return 1 / 0

        @twice
        def wrapped(self, x):
            return 1 / x

    @functools.cache
    def cached(x):
        return 1 / x
    """
)
CELL = "/nowhere/ipykernel_12/345.py"

Cells = Callable[..., dict[str, Any]]


@pytest.fixture
def run_cell() -> Iterator[Cells]:
    """Run text as a notebook does: its file exists only in linecache."""
    before = dict(linecache.cache)

    def run(text: str = TEXT, file: str = CELL) -> dict[str, Any]:
        lines = text.splitlines(keepends=True)
        linecache.cache[file] = (len(text), None, lines, file)
        namespace = {"__name__": "__main__"}
        exec(compile(text, file, "exec"), namespace)
        return namespace

    yield run
    linecache.cache.clear()
    linecache.cache.update(before)


def codes_of(code: CodeType) -> list[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [code, *(part for constant in inner for part in codes_of(constant))]


def functions_of(namespace: dict[str, Any]) -> dict[str, FunctionType]:
    """Return functions by name, without their wrappers."""
    found = {}
    members = {**namespace, **{f"Curve.{key}": v for key, v in vars(namespace["Curve"]).items()}}
    for name, member in members.items():
        if isinstance(member, property):
            member = member.fget
        depth = 0
        while member is not None:
            if isinstance(member, FunctionType):
                found[f"{name} {depth}"] = member
            depth += 1
            member = getattr(member, "__wrapped__", None)
    return found


def places_of(namespace: dict[str, Any]) -> dict[str, list[Any]]:
    """Return file, line and positions of all code, as JSON represents them."""
    places = {
        name: [
            [code.co_name, code.co_filename, code.co_firstlineno, list(code.co_positions())]
            for code in codes_of(function.__code__)
        ]
        for name, function in functions_of(namespace).items()
    }
    return json.loads(json.dumps(places))


def test_all_code_keeps_its_file_and_its_lines(run_cell: Cells) -> None:
    namespace = run_cell()
    sent = {name: namespace[name] for name in ("twice", "Curve", "cached")}
    # In another process, because this one would find its own class again.
    program = (
        "import json, sys; from test_pickling import load, places_of; "
        "print(json.dumps(places_of(load(sys.stdin.buffer.read()))))"
    )
    path = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    result = subprocess.run(
        [sys.executable, "-c", program],
        input=dump(sent),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        stdout=subprocess.PIPE,
        check=True,
    )
    places = json.loads(result.stdout)
    assert places == places_of(sent)
    assert {name for name in places if name.startswith("Curve")} == {
        *("Curve.scale 1", "Curve.outer 0", "Curve.height 0"),
        *("Curve.make 1", "Curve.wrapped 0", "Curve.wrapped 1"),
    }
    codes = [code for inside in places.values() for code in inside]
    assert {file for _, file, _, _ in codes} == {CELL}
    assert {"<lambda>", "inner", "wrapper", "cached"} <= {name for name, *_ in codes}


def test_a_function_called_anywhere_in_a_class_shows_its_lines(run_cell: Cells) -> None:
    data = dump_animator(run_cell()["Curve"].outer)
    linecache.cache.pop(CELL)
    with pytest.raises(ZeroDivisionError) as caught:
        load(data)(None, 0)
    text = "".join(traceback.format_exception(caught.value))
    first = TEXT.splitlines().index("            return [1 / z for z in (lambda: [y])()]") + 1
    assert f'File "{CELL}", line {first}, in inner' in text
    assert "return [1 / z for z in (lambda: [y])()]" in text


def test_the_text_is_sent_once_with_an_animator_and_never_with_params(run_cell: Cells) -> None:
    namespace = run_cell()
    both = [namespace["Curve"], namespace["twice"], namespace["cached"]]
    line = b"return [1 / z for z in (lambda: [y])()]"
    assert dump_animator(both).count(line) == 1
    assert dump_animator(both).count(CELL.encode()) == 1
    assert line not in dump_params(0, both)
    assert dump_params(0, both).count(CELL.encode()) == 1
    assert dump_params(0, both) == dump_params(1, both)
    assert len(dump_params(0, range(5))) < 100


def test_the_text_of_installed_packages_is_not_sent() -> None:
    # Pickled by value, because it is not found under its name.
    function = FunctionType(textwrap.dedent.__code__, {}, "somewhere_else")
    function.__module__ = "__main__"
    assert b"def dedent" not in dump_animator(function)
    assert load(dump_animator(function)).__code__.co_filename == textwrap.__file__


def test_lines_are_those_of_the_sender(tmp_path: Path, run_cell: Cells) -> None:
    file = tmp_path / "curve.py"
    file.write_text("# A form feed ends no line: \f\n" + TEXT)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(file.read_text(), str(file), "exec"), namespace)
    data = dump_animator(namespace["cached"])
    file.write_text("# edited\n" * 99)
    linecache.cache.pop(str(file))
    with pytest.raises(ZeroDivisionError) as caught:
        load(data)(0)
    text = "".join(traceback.format_exception(caught.value))
    assert f'File "{file}", line {TEXT.count(chr(10)) + 1}, in cached\n    return 1 / x' in text


def test_lines_that_this_process_knows_are_kept(run_cell: Cells) -> None:
    data = dump_animator(run_cell()["cached"])
    run_cell("# another cell\n")
    load(data)
    assert linecache.getlines(CELL) == ["# another cell\n"]


def test_code_without_text_keeps_its_name() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(TEXT, "<stdin>", "exec"), namespace)
    assert load(dump_animator(namespace["twice"])).__code__.co_filename == "<stdin>"


def test_cloudpickle_still_reduces_code_in_two_parts() -> None:
    # The only detail that Pickler relies on. Without it, only file names would be lost.
    reduced = cloudpickle.Pickler.dispatch_table[CodeType](codes_of.__code__)
    make, arguments = reduced
    assert isinstance(make(*arguments), CodeType)


def test_a_cloudpickle_that_reduces_code_differently_is_left_alone(run_cell: Cells) -> None:
    class Otherwise(Pickler):
        dispatch_table: ClassVar[Any] = ChainMap(
            {CodeType: lambda code: (code_by_name, (code.co_name,), None)},
            cloudpickle.Pickler.dispatch_table,
        )

    assert load(dump(run_cell()["twice"].__code__, Otherwise)) == "code of twice"


def code_by_name(name: str) -> str:
    return f"code of {name}"


UFUNC = """
import sys
import multiprocessing
from parallel_animate.inputs.pickling import dump
from numpy.linalg._umath_linalg import det

if sys.argv[1] == "dump":
    sys.stdout.buffer.write(dump(lambda x: det([[x, 0], [0, 2]])))
"""


def test_a_ufunc_of_a_script_is_found_in_its_own_module(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    # As if numpy were imported after multiprocessing, like scipy.special in most scripts.
    script.write_text(UFUNC.replace("import multiprocessing", LATE_NUMPY))
    dumped = subprocess.run([sys.executable, script, "dump"], capture_output=True, check=True)
    assert b"__mp_main__" not in dumped.stdout
    read = "import pickle, sys; print(pickle.load(sys.stdin.buffer)(3.0))"
    loaded = subprocess.run(
        [sys.executable, "-c", read], input=dumped.stdout, capture_output=True, check=True
    )
    assert loaded.stdout.split() == [b"6.0"]


LATE_NUMPY = """import multiprocessing
import numpy
for name in [name for name in sys.modules if name.split(".")[0] == "numpy"]:
    sys.modules[name] = sys.modules.pop(name)"""


def test_modules_stay_by_value_until_the_last_block_ends() -> None:
    name = __name__
    first, second = local_modules_by_value(), local_modules_by_value()
    assert name not in cloudpickle.list_registry_pickle_by_value()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert name in cloudpickle.list_registry_pickle_by_value()
    second.__exit__(None, None, None)
    assert name not in cloudpickle.list_registry_pickle_by_value()


def test_a_module_that_the_user_has_registered_stays_registered() -> None:
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        with local_modules_by_value():
            pass
        assert __name__ in cloudpickle.list_registry_pickle_by_value()
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


def test_threads_do_not_disturb_each_others_modules() -> None:
    n_threads, n_times = 4, 300
    seen: list[bool] = []

    def enter() -> None:
        for _ in range(n_times):
            with local_modules_by_value():
                seen.append(__name__ in cloudpickle.list_registry_pickle_by_value())

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=enter) for _ in range(n_threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    # A thread that raises ends early.
    assert seen == [True] * n_threads * n_times
    assert __name__ not in cloudpickle.list_registry_pickle_by_value()


def test_a_finalizer_may_import_while_modules_are_listed() -> None:
    # Python 3.11 collects garbage whenever a container is made; later versions between two steps
    # of a program.
    names: list[str] = []

    class Imports:
        def __init__(self) -> None:
            self.cycle = self

        def __del__(self) -> None:
            names.append(f"imported_by_a_finalizer_{len(names)}")
            sys.modules[names[-1]] = ModuleType(names[-1])
            if len(names) < 500:
                Imports()  # garbage for the next collection

    kept = gc.get_threshold()
    Imports()
    try:
        gc.set_threshold(1)
        while len(names) < 500:
            with local_modules_by_value():
                pass
    finally:
        gc.set_threshold(*kept)
        for name in names:
            del sys.modules[name]


class Reporter:
    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


def test_what_cannot_be_pickled_is_an_error_although_a_module_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the registry of units that a script takes from MetPy. The script may have changed it, so a
    # worker's own is no substitute.
    package = tmp_path / "site-packages" / "registries"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "import threading\n"
        "class Registry:\n"
        "    def __init__(self):\n"
        "        self.lock = threading.Lock()\n"
        "units = Registry()\n"
        "locks = {'first': threading.Lock()}\n"
    )
    monkeypatch.syspath_prepend(str(package.parent))
    registries = importlib.import_module("registries")
    with pytest.raises(AnimatorLoadError, match=r"self\.units\.lock \(lock\) cannot be pickled"):
        dump_animator(Reporter(units=registries.units))
    with pytest.raises(AnimatorLoadError, match=r"self\.locks\['first'\] \(lock\) cannot be"):
        dump_animator(Reporter(locks=registries.locks))
    with pytest.raises(FrameError, match=r"params \(.*\) cannot be pickled"):
        dump_params(0, sys.stdout)


def test_an_error_about_a_function_with_a_variable_that_has_no_value() -> None:
    def count() -> object:
        return later, lock

    lock = threading.Lock()
    with pytest.raises(FrameError, match=r"params \(function\) cannot be pickled \(.*lock"):
        dump_params(0, count)
    later = 1


def test_an_error_names_what_a_method_uses() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__", "LOCK": threading.Lock()}
    exec(
        "class Movie:\n    def update(self):\n        return LOCK\n",
        namespace,
    )
    with pytest.raises(AnimatorLoadError, match=r"LOCK in Movie\.update\(\) \(lock\) cannot be"):
        dump_animator(namespace["Movie"]())
