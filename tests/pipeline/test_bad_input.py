"""Bad input: a clear message, a non-zero exit, nothing half-written, the last report untouched."""

import hashlib

import pytest

pytestmark = pytest.mark.slow


def switch_off_sample(project):
    project.write_params(project.params | {"sample": {"enabled": False}})


def drop(project, text):
    switch_off_sample(project)
    (project.folder / "data/raw/acd/mine.csv").write_text(text, encoding="utf-8")


def good(lines=400):
    rows = [f"2024-01-{1 + i // 20:02d} {8 + i % 20 // 2:02d}:{i % 2 * 30:02d},sales,{20 + i % 7}"
            for i in range(lines)]  # fmt: skip
    return "interval_start,queue,offered\n" + "\n".join(rows) + "\n"


def missing_column(project):
    drop(project, good().replace("offered", "calls"))


def bad_timestamp(project):
    drop(project, good().replace("2024-01-01 08:30", "01/02/24 8:30", 1))


def negative_count(project):
    drop(project, good().replace("08:30,sales,21", "08:30,sales,-21", 1))


def two_values(project):
    drop(project, good() + "2024-01-01 08:30,sales,99\n")


def empty_folder(project):
    switch_off_sample(project)


def unknown_queue_in_promotion(project):
    line = "p1,Spring sale,promotion,2003-09-01,2003-09-03,reteil,1,2003-08-01\n"
    with (project.folder / "data/raw/calendars/promotions.csv").open("a") as file:
        file.write(line)


def end_before_start(project):
    line = "p1,Spring sale,promotion,2003-09-03,2003-09-01,all,1,2003-08-01\n"
    with (project.folder / "data/raw/calendars/promotions.csv").open("a") as file:
        file.write(line)


def unknown_day_type(project):
    text = "date,sites,day_type,name,published_on\n2003-09-05,all,holiday,Outing,2003-08-01\n"
    (project.folder / "data/raw/calendars/days.csv").write_text(text, encoding="utf-8")


def broken_ics(project):
    path = project.folder / "data/raw/calendars/team.ics"
    path.write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", encoding="utf-8")


def unknown_queue_in_scenario(project):
    settings = project.params
    settings["scenarios"]["x"] = {"volume_pct": 5, "queues": ["reteil"]}
    project.write_params(settings)


def typo_in_params(project):
    settings = project.params
    settings["capacity"]["shrinkag"] = 0.3
    project.write_params(settings)


CASES = {
    missing_column: (4, ["mine.csv, line 1", "'offered' is missing", "Rename your columns"]),
    bad_timestamp: (
        4,
        [
            "mine.csv, line 3, column interval_start",
            "01/02/24 8:30",
            "must be a time written like the rest of its column",
        ],
    ),
    negative_count: (4, ["mine.csv, line 3, column offered", "must not be negative; found '-21'"]),
    two_values: (
        4,
        ["mine.csv, line 402, column offered", "mine.csv, line 3", "keep the right row"],
    ),
    empty_folder: (4, ["holds no export", "sample.enabled: true"]),
    unknown_queue_in_promotion: (
        4,
        ["promotions.csv", "line 2, column queues", "'reteil'", "retail"],
    ),
    end_before_start: (
        4,
        ["promotions.csv", "line 2, column end", "must not be before start", "2003-09-03"],
    ),
    unknown_day_type: (4, ["days.csv", "line 2, column day_type", "company_closure", "'holiday'"]),
    broken_ics: (4, ["team.ics"]),
    unknown_queue_in_scenario: (3, ["scenarios.x.queues: 'reteil' is no queue", "retail"]),
    typo_in_params: (3, ["capacity.shrinkag: is no known key"]),
}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.__name__)
def test_it_is_refused_and_the_last_report_stands(project, case):
    code, words = CASES[case]
    before = published_bytes(project)
    case(project)
    dropped = dropped_bytes(project)
    done = project.run("dvc", "repro")
    assert done.returncode != 0
    for word in words:
        assert word in done.stderr, done.stderr
    assert f"exited with {code}" in done.stderr
    assert "Traceback" not in done.stderr
    assert published_bytes(project) == before
    assert not list(project.folder.rglob(".*.parquet.*"))
    assert dropped_bytes(project) == dropped


def published_bytes(project):
    latest = project.folder / "data/published/latest"
    return {
        p.relative_to(latest).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(latest.rglob("*"))
        if p.is_file()
    }


def dropped_bytes(project):
    raw = project.folder / "data/raw"
    files = [*raw.glob("acd/*.csv"), *raw.glob("calendars/*")]
    return {path: path.read_bytes() for path in files}
