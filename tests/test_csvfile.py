"""Small CSV files of settings: rows of text, and where each stood."""

from forecast.csvfile import read_csv_file

HEAD = "interval_start,queue,interval_minutes,offered\n"
ROW = "2003-03-03 09:00,sales,30,4\n"


def test_lines_are_counted_as_an_editor_shows_them(tmp_path):
    text = HEAD + "\r\n" + ROW + '2003-03-03 09:30,"two\nlines",30,4\n' + ROW + "one,two\n"
    (tmp_path / "calls.csv").write_bytes(text.encode())
    found = read_csv_file(tmp_path / "calls.csv")
    assert found.rows["line"].tolist() == [3, 4, 6]
    assert found.ragged == ((7, 2, "one,two"),)
    assert found.blank == 1
