"""The few broken rows that real files have, and where they are.

What belongs here: what is broken, in which files, and how. What does not: the rest of those files.
They are additional rows beside the good ones, so that the totals of the good ones do not hang on them. Which file
has them depends on its own month or day only: September's monthly files; the 10th (analytics) and the 12th (web log)
of every odd month.
"""

from dataclasses import dataclass
from datetime import date

BAD_DATE = "bad_date"
BAD_NUMBER = "bad_number"
UNKNOWN_ARTICLE = "unknown_article"
BROKEN_QUOTES = "broken_quotes"
SHORT_ROW = "short_row"
END_BEFORE_BEGIN = "end_before_begin"
TEXT_IN_VALUE = "text_in_value"
CUT_LINE = "cut_line"
GARBAGE = "garbage"

# After which document of the month the ERP's broken line stands, as an additional position of that document.
ERP_DIRT = {1: BAD_DATE, 2: BAD_NUMBER, 3: UNKNOWN_ARTICLE, 5: BROKEN_QUOTES, 6: SHORT_ROW}
STATE_AFTER = 10
MEASUREMENT_AFTER = 4
GARBAGE_AFTER = 25

UNKNOWN_ARTICLE_NUMBER = "LA-9999"
GARBAGE_LINE = "logrotate_script: cannot stat '/var/log/nginx/access.log.1': No such file or directory"


@dataclass(frozen=True, slots=True)
class Dirty:
    """A broken row. `line` counts the file's lines from 1; `loads` says whether the row is nevertheless valid."""

    source: str
    file: str
    line: int
    kind: str
    reason: str
    loads: bool = False


REASONS = {
    BAD_DATE: "31 February does not exist",
    BAD_NUMBER: "12.50 has a point where a decimal comma belongs",
    UNKNOWN_ARTICLE: f"article {UNKNOWN_ARTICLE_NUMBER} is not in the product list",
    BROKEN_QUOTES: "a quotation mark is opened and never closed",
    SHORT_ROW: "the row ends after the sixth column",
    END_BEFORE_BEGIN: "the state ends before it begins",
    TEXT_IN_VALUE: "words where a measured value belongs",
    CUT_LINE: "the line is cut off in the middle",
    GARBAGE: "a message of another program, not a request",
}


def is_dirty_month(day: date) -> bool:
    return day.month == 9


def is_dirty_analytics_day(day: date) -> bool:
    return day.month % 2 == 1 and day.day == 10


def is_dirty_log_day(day: date) -> bool:
    return day.month % 2 == 1 and day.day == 12


def found(source: str, file: str, line: int, kind: str) -> Dirty:
    """The entry for a broken row at that place."""
    return Dirty(source, file, line, kind, REASONS[kind], loads=kind == UNKNOWN_ARTICLE)
