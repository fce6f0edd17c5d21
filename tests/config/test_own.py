"""Names of functions in a user's own file, and the functions that they mean."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from lininterp_cli.config.identity import run_id
from lininterp_cli.config.options import look_up, non_default, with_defaults
from lininterp_cli.config.own import code_of, function_of, has_changed, is_own, short_name, stamped
from lininterp_cli.config.run import Data, Part, RunConfig, from_dict
from lininterp_cli.errors import ConfigError, NotFoundError, UnknownNameError
from lininterp_cli.training import recipe

CODE = """
import beside

def make(shape, num_classes, *, width: int = 8, norm: str = "batch"):
    return beside.WORDS, shape, num_classes, width, norm

def bare(shape, num_classes, *, width):
    return width

_HIDDEN = 3
"""


@pytest.fixture
def nets(tmp_path: Path) -> str:
    (tmp_path / "beside.py").write_text("WORDS = 'found'")
    (tmp_path / "nets.py").write_text(CODE)
    return str(tmp_path / "nets.py")


@pytest.mark.parametrize("name", ["nets.py:make", "~/a b/nets.py:make", "../x.py:f#0123abcdef45"])
def test_names_of_functions_in_files(name: str):
    assert is_own(name)


@pytest.mark.parametrize("name", ["", "resnet18", "imagefolder:a.py", "nets.py", "nets.py:", ":make", "nets.py:a.b"])
def test_other_names(name: str):
    assert not is_own(name)
    assert stamped(name) == short_name(name) == name


def test_a_stamp_tells_what_the_file_held(nets: str):
    name = f"{nets}:make"
    first = stamped(name)
    assert first.startswith(f"{name}#")
    assert is_own(first)
    assert stamped(first) == first
    assert short_name(first) == "nets.py:make"
    Path(nets).write_text(CODE + "\n")
    assert stamped(name) != first
    assert stamped(first) == first


def test_one_file_in_two_spellings_is_one_name(nets: str):
    folder, file = str(Path(nets).parent), Path(nets).name
    assert stamped(f"{folder}/./{file}:make") == stamped(f"{folder}//{file}:make") == stamped(f"{nets}:make")


def test_a_change_of_its_code_is_seen_by_the_stamp(nets: str):
    first = stamped(f"{nets}:make")
    assert code_of(f"{nets}:make") == code_of(first) == first.rpartition("#")[2]
    assert not has_changed(first)
    Path(nets).write_text(CODE + "\n")
    assert has_changed(first)
    assert f"{nets}:make#{code_of(first)}" == stamped(f"{nets}:make")
    # Nothing is known of what has no stamp, and what comes with the tool has no file.
    assert not has_changed(f"{nets}:make")
    assert (code_of("resnet18"), has_changed("resnet18")) == (None, False)


def test_the_hash_of_a_file_that_imports_nothing_beside_it_is_that_of_the_file(tmp_path: Path):
    (tmp_path / "other.py").write_text("")
    code = "import json, torch, gone\n"
    (tmp_path / "alone.py").write_text(code)
    assert code_of(f"{tmp_path}/alone.py:make") == hashlib.sha256(code.encode()).hexdigest()[:12]
    # Whoever works in the tool's own folder: it is no code of theirs.
    (tmp_path / "lininterp_cli").mkdir()
    (tmp_path / "lininterp_cli" / "__init__.py").write_text("")
    (tmp_path / "alone.py").write_text("import lininterp_cli.data")
    assert code_of(f"{tmp_path}/alone.py:make") == hashlib.sha256(b"import lininterp_cli.data").hexdigest()[:12]
    (tmp_path / "alone.py").write_text("def make(:")
    assert code_of(f"{tmp_path}/alone.py:make") == hashlib.sha256(b"def make(:").hexdigest()[:12]


@pytest.mark.parametrize("module", ["beside", "parts.inner", "deeper"])
def test_a_change_of_a_module_beside_it_is_seen(nets: str, tmp_path: Path, module: str):
    Path(nets).write_text("from parts import inner\n" + CODE)
    (tmp_path / "beside.py").write_text("def late():\n    import deeper\n")
    (tmp_path / "parts").mkdir()
    for name in ("parts/__init__", "parts/inner", "deeper", "unused"):
        (tmp_path / f"{name}.py").write_text("")
    stamp = stamped(f"{nets}:make")
    (tmp_path / "unused.py").write_text("1")
    assert not has_changed(stamp)
    path = tmp_path / f"{module.replace('.', '/')}.py"
    path.write_text(path.read_text() + "# other\n")
    assert has_changed(stamp)
    assert stamped(f"{nets}:make") != stamp


def test_a_stamp_of_the_file_alone_as_older_runs_have_it_is_of_the_same_code(nets: str, tmp_path: Path):
    older = f"{nets}:make#{hashlib.sha256(CODE.encode()).hexdigest()[:12]}"
    assert not has_changed(older)
    assert stamped(f"{nets}:make") != older
    Path(nets).write_text(CODE + "\n")
    assert has_changed(older)


def test_its_function_is_found_with_what_lies_beside_the_file(nets: str):
    function = function_of(f"{nets}:make")
    assert function((3, 8, 8), 10) == ("found", (3, 8, 8), 10, 8, "batch")
    assert look_up("model", f"{nets}:make#0123abcdef45", {}) is function


def test_a_file_in_a_package_imports_from_it(tmp_path: Path):
    inner = tmp_path / "own_package" / "nets"
    inner.mkdir(parents=True)
    for path, code in (
        ("../__init__.py", ""),
        ("../words.py", "OUTER = 'outer'"),
        ("__init__.py", "PACKAGE = 'package'"),
        ("parts.py", "from ..words import OUTER\nINNER = 'inner'"),
        ("beside_cnn.py", "OWN = 'beside'"),
        (
            "cnn.py",
            "import own_package.words\nimport beside_cnn\nfrom . import PACKAGE\nfrom .parts import INNER, OUTER\n"
            "def make(shape, num_classes, *, width: 'int' = 8):\n"
            "    return PACKAGE, INNER, OUTER, own_package.words.OUTER, beside_cnn.OWN",
        ),
    ):
        (inner / path).write_text(code)
    assert function_of(f"{inner}/cnn.py:make")(None, 0) == ("package", "inner", "outer", "outer", "beside")
    assert with_defaults("model", f"{inner}/cnn.py:make", {}, {}) == {"width": 8}
    for path in ("../words.py", "parts.py", "__init__.py", "beside_cnn.py"):
        stamp = stamped(f"{inner}/cnn.py:make")
        (inner / path).write_text((inner / path).read_text() + "\n# other\n")
        assert has_changed(stamp), path


def test_modules_of_one_name_beside_two_files_are_never_mistaken_for_each_other(tmp_path: Path):
    for folder, value in (("nets", 1), ("data", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "helping.py").write_text(f"value = {value}\n")
        (tmp_path / folder / "mine.py").write_text("import helping\n\ndef make():\n    return helping.value\n")
    assert function_of(f"{tmp_path}/nets/mine.py:make")() == 1
    with pytest.raises(
        ConfigError, match=r"imports helping, but of .*/nets/helping.py, not of .*/data/helping.py: give"
    ):
        function_of(f"{tmp_path}/data/mine.py:make")
    with pytest.raises(ConfigError, match="imports helping, but of"):
        function_of(f"{tmp_path}/data/mine.py:make")


def test_a_module_beside_a_file_that_has_the_name_of_an_installed_one_is_told_of(tmp_path: Path):
    (tmp_path / "this.py").write_text("value = 1\n")
    (tmp_path / "mine.py").write_text("import this\n\ndef make():\n    return this.value\n")
    with pytest.raises(ConfigError, match=r"imports this, but of .*, not of .*/this.py: give that file another name"):
        function_of(f"{tmp_path}/mine.py:make")


def test_its_options_are_those_of_any_registered_function(nets: str):
    name = f"{nets}:make"
    assert non_default("model", name, {"width": "16", "norm": "batch"}, {}) == {"width": 16}
    assert with_defaults("model", name, {"width": 16}, {}) == {"width": 16, "norm": "batch"}
    with pytest.raises(UnknownNameError, match="depth"):
        non_default("model", name, {"depth": 2}, {})
    with pytest.raises(ConfigError, match="width must be a whole number"):
        non_default("model", name, {"width": "wide"}, {})


def written(folder: Path, code: str) -> str:
    (folder / "own.py").write_text(code)
    return f"{folder}/own.py:make"


def test_an_option_may_be_unset_and_a_choice_is_the_one_that_is_written(tmp_path: Path):
    name = written(
        tmp_path,
        """
from typing import Literal

def make(shape, num_classes, *, width: int | None = None, depth: Literal[1, 2] = 1):
    return width, depth
""",
    )
    assert with_defaults("model", name, {}, {}) == {"depth": 1}
    assert with_defaults("model", name, {"width": 4}, {}) == {"width": 4, "depth": 1}
    for given in (2, "2"):
        assert non_default("model", name, {"depth": given}, {}) == {"depth": 2}
    assert non_default("model", name, {"depth": "1"}, {}) == {}
    with pytest.raises(ConfigError, match="width must be a whole number, not 'None'"):
        non_default("model", name, {"width": "None"}, {})
    with pytest.raises(ConfigError, match="depth must be one of 1, 2, not 3"):
        non_default("model", name, {"depth": 3}, {})
    config = recipe.resolve(RunConfig(model=Part(name=name)))
    assert recipe.resolve(from_dict(json.loads(json.dumps(recipe.explicit(config))))) == config


@pytest.mark.parametrize("option", ["widths: tuple = (8,)", "act: type = int", "x: float = float('inf')"])
def test_a_default_that_cannot_be_stored_is_refused_at_once(tmp_path: Path, option: str):
    name = written(tmp_path, f"def make(shape, num_classes, *, {option}): ...")
    with pytest.raises(
        ConfigError, match=r"own.py:make: the default of its option \w+ must be a finite number, a text"
    ):
        look_up("model", name, {})


def test_only_the_annotations_of_options_are_read(tmp_path: Path):
    name = written(
        tmp_path,
        """
from __future__ import annotations
from typing import TYPE_CHECKING, Literal
if TYPE_CHECKING:
    from torch import nn

def make(shape: nn.Size, n: int, *, width: int = 8, kind: Literal["a", "b"] = "a") -> nn.Module: ...

def other(shape, n, *, of: nn.Module = 1): ...
""",
    )
    assert non_default("model", name, {"width": "9", "kind": "b"}, {}) == {"width": 9, "kind": "b"}
    with pytest.raises(ConfigError, match=r"own.py:other: the annotation of an option cannot be read: name 'nn'"):
        look_up("model", name.replace("make", "other"), {})


def test_the_options_of_a_class_are_those_of_its_constructor(tmp_path: Path):
    name = written(
        tmp_path,
        """
class make:
    def __init__(self, shape, num_classes, *, width: int = 8): ...
""",
    )
    assert non_default("model", name, {"width": "9"}, {}) == {"width": 9}


def test_the_id_of_a_run_has_the_function_and_not_the_path(nets: str):
    config = RunConfig(model=Part(name=stamped(f"{nets}:make")), data=Data(name=f"{nets}:load"))
    assert run_id(config).startswith("make-load-momentum-s0-")


def test_what_is_wrong_is_told_in_a_line(nets: str, tmp_path: Path):
    with pytest.raises(NotFoundError, match=r"cannot read .*gone.py"):
        function_of(f"{tmp_path}/gone.py:make")
    with pytest.raises(NotFoundError, match=r"cannot read .*gone.py"):
        stamped(f"{tmp_path}/gone.py:make")
    with pytest.raises(UnknownNameError, match=r"did you mean make\?"):
        function_of(f"{nets}:mak")
    with pytest.raises(ConfigError, match=r"is a file; say which function of it is the model: .*nets.py:FUNCTION"):
        look_up("model", nets, {})
    with pytest.raises(UnknownNameError, match="_HIDDEN"):
        function_of(f"{nets}:_HIDDEN")
    with pytest.raises(ConfigError, match=r"nets.py:bare: its option width needs an annotation and a default"):
        function_of(f"{nets}:bare")
    for code, words in (
        ("1 / 0", "ZeroDivisionError"),
        ("def make(:", "SyntaxError"),
        ("import is_nowhere", r"is_nowhere' \(of_is_nowhere.py:1\)"),
        (
            "import argparse\nargparse.ArgumentParser().parse_args(['--no'])",
            r"SystemExit: 2 \(of_systemexit.py:2\); put",
        ),
    ):
        file = f"{tmp_path}/of_{re.match('[a-z_]*', words.lower()).group()}.py"
        Path(file).write_text(code)
        with pytest.raises(ConfigError, match=f"cannot be imported: .*{words}"):
            function_of(f"{file}:make")


def test_what_looks_like_a_function_of_ones_own_and_is_none_says_how_it_is_named(nets: str) -> None:
    with pytest.raises(ConfigError, match=r"unknown model 'nets:make'.*FILE.py:FUNCTION"):
        look_up("model", "nets:make", {})


def test_an_argument_that_is_not_keyword_only_is_no_option_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("def make(shape, num_classes, width: int = 3): ...")
    with pytest.raises(ConfigError, match=r"width of .* is no option: .*keyword-only; put \* before them"):
        non_default("model", f"{tmp_path}/plain.py:make", {"width": 4}, {})
