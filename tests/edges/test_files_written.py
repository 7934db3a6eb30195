"""Files are there before a word is printed, and whole or not there at all, whatever ends the process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from dosing.dose_cases import MODEL, vancomycin, written

NOF1 = [sys.executable, "-c", "from nof1.cli.main import run; run()"]
DIARY = "day,period,outcome\n" + "".join(f"{day},{(day - 1) // 7 + 1},{120 + day % 3}\n" for day in range(1, 43))


def closed(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command with a reader that is gone before the first word."""
    command = [*NOF1, *arguments]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=folder, check=False)
    finally:
        os.close(writer)


def test_doses_are_written_for_a_reader_who_is_gone(tmp_path: Path) -> None:
    history = written(tmp_path, vancomycin())
    arguments = ["dose", "vancomycin", "--history", str(history), "--model", MODEL, "--draws", "200"]
    done = closed([*arguments, "--html", "a.html", "--json", "a.json", "--fhir", "f.json"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.json", "f.json", "history.json"]
    assert (tmp_path / "a.html").read_text().endswith("</html>\n")


def test_a_trial_is_written_for_a_reader_who_is_gone(tmp_path: Path) -> None:
    plan = ["trial", "design", "--blocks", "3", "--days", "7", "--out", "plan.json"]
    assert closed(plan, tmp_path).returncode == 0
    (tmp_path / "diary.csv").write_text(DIARY)
    done = closed(["trial", "analyse", "diary.csv", "--design", "plan.json", "--json", "found.json"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "found.json").read_text())


_WRITES = """
import sys
from pathlib import Path
from nof1.cli.files import write_all, write_file
path, data = Path(sys.argv[1]), sys.argv[2].encode() * 4_000_000
print("ready", flush=True)
while True:
    write_file(path, "--html", data)
    write_all(path.parent, {path.name: data})
"""


@pytest.mark.parametrize("after", [0.02, 0.07, 0.15])
def test_a_killed_process_leaves_no_part_of_a_file(after: float, tmp_path: Path) -> None:
    """What stood there before stands there still, or what was to be written does, whole; and nothing beside it."""
    path = tmp_path / "dose.html"
    path.write_text("before")
    with subprocess.Popen([sys.executable, "-c", _WRITES, str(path), "x"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert path.read_bytes() in (b"before", b"x" * 4_000_000)
    assert [item.name for item in tmp_path.iterdir() if item.stat().st_size < 4_000_000 and item != path] == []


def test_nof1_dose_killed_at_any_time_leaves_a_page_whole_or_none(tmp_path: Path) -> None:
    history = written(tmp_path, vancomycin())
    command = [
        *NOF1,
        "dose",
        "vancomycin",
        "--history",
        str(history),
        "--model",
        MODEL,
        "--draws",
        "200",
        "--html",
        "a.html",
    ]
    begin = time.perf_counter()
    subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL, check=True)
    lasted = time.perf_counter() - begin
    for share in (0.8, 1.0):
        (tmp_path / "a.html").unlink(missing_ok=True)
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(share * lasted)
            process.kill()
        for path in tmp_path.iterdir():
            assert path == history or path.read_text().endswith("</html>\n"), path.name


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
def test_a_terminal_without_a_sign_is_no_fault(encoding: str, tmp_path: Path) -> None:
    record = Path(__file__).parents[2] / "examples" / "example-5-prevention" / "record.json"
    command = [*NOF1, "assess", "--record", str(record), "--out", str(tmp_path / "out")]
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding if encoding != "ascii" else "utf-8").rstrip().endswith("report.html")
