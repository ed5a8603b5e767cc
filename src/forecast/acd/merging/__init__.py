"""The rows of all files together -> HISTORY and the books, each interval and call once."""
