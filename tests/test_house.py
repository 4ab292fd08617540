"""The house rules that a machine can hold: layers, what start-up may import, the size of files, the words of errors."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "qa_audit"
MODULES = sorted(SOURCE.rglob("*.py"))

HEAVY = (
    "textual",
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "openpyxl",
    "numpy",
    "scipy",
    "alembic",
    "holidays",
    "psycopg",
    "sqlcipher3",
)

LONG = {
    "sampling/service.py": "every step of a round's draw shares one reading of the frozen frame",
    "reports/gather.py": "one read transaction turned into plain records, table by table",
    "moderation/service.py": "all masking of blind audits stands in one file, so that it can be checked in one reading",
    "moderation/deciding.py": "the ways a moderation ends, which exclude one another",
    "moderation/calibration_service.py": "one exercise from the choice of cases to its figures, blind to one another throughout",
    "audits/service.py": "the auditor's whole path through one audit",
    "audits/allocation_service.py": "everything that moves an audit between people",
    "demo/players.py": "one scene for each part that is played",
    "tui/screens/moderation/decide.py": "one screen with two columns that answer each other",
    "tui/screens/dashboard/pages.py": "one page for each question of the dashboard",
}  # fmt: skip
"""Files over the ceiling of 420 lines, each with why it is one idea."""


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )


def test_the_layers_hold():
    done = python(
        "import sys; from importlinter.cli import lint_imports_command; sys.argv = ['lint-imports', '--no-cache']; lint_imports_command()"
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    "body",
    [
        "import qa_audit",
        "import qa_audit.cli.main",
        "from qa_audit.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass",
        "from qa_audit.cli.main import main\ntry:\n    main(['round', '--help'])\nexcept SystemExit:\n    pass",
        "import qa_audit.errors, qa_audit.grades, qa_audit.text, qa_audit.access.policy, qa_audit.store.workspace",
    ],
)  # fmt: skip
def test_start_up_imports_nothing_heavy(body):
    done = python(
        f"{body}\nimport sys\nprint('IMPORTED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "IMPORTED []"


def test_the_app_paints_before_the_store_is_loaded():
    done = python(
        "import qa_audit.tui.launch, sys\nprint([name for name in ('sqlalchemy', 'sqlmodel', 'openpyxl', 'scipy') if name in sys.modules])"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_no_file_is_too_long_to_read_in_one_sitting():
    long = {
        file.relative_to(SOURCE).as_posix(): text
        for file in MODULES
        if (text := len(file.read_text(encoding="utf-8").splitlines())) > 420
    }
    assert {name: lines for name, lines in long.items() if name not in LONG} == {}
    assert [name for name in LONG if not (SOURCE / name).is_file()] == []


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize(
    "stage",
    ["access", "audits", "frame", "improvement", "library", "moderation", "reports", "sampling", "exchange"],
)
def test_stages_read_no_clock_and_no_dice(stage):
    for file in sorted((SOURCE / stage).rglob("*.py")) if (SOURCE / stage).is_dir() else []:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for call in calls(tree):
            name = ast.unparse(call.func)
            assert name not in {"datetime.now", "datetime.utcnow", "date.today", "time.time"}, (
                f"{file}:{call.lineno}"
            )
        imported = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        assert "random" not in imported, file


def test_files_are_read_and_written_as_utf_8():
    for file in MODULES:
        for call in calls(ast.parse(file.read_text(encoding="utf-8"))):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in {"read_text", "write_text"}:
                words = {keyword.arg for keyword in call.keywords}
                assert "encoding" in words or len(call.args) > (name == "write_text"), f"{file}:{call.lineno}"


def test_nothing_is_left_for_later():
    unwanted = re.compile(r"\b(TODO|FIXME|XXX)\b|/(home|root|Users)/")
    for file in MODULES:
        found = unwanted.search(file.read_text(encoding="utf-8"))
        assert found is None, f"{file}: {found and found.group()}"


def test_every_code_of_an_error_is_said_somewhere():
    from qa_audit.errors import Code

    text = "\n".join(file.read_text(encoding="utf-8") for file in MODULES if file.name != "errors.py")
    errors = (SOURCE / "errors.py").read_text(encoding="utf-8")
    unused = [code.name for code in Code if f"Code.{code.name}" not in text + errors]
    assert unused == []


def test_every_package_says_what_it_is_for():
    for file in MODULES:
        if file.name == "__init__.py":
            assert (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").strip(), file
