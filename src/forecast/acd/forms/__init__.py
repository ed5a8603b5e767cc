"""The forms in which exports come: text, workbooks, parquet, packed -> sheets of text."""
