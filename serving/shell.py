"""`kontor sql` at the keyboard: statements over several lines, history, completion, and commands that begin with \\.

Every statement is asked on the version that is current then. How a result looks stands in sql.py.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from serving.errors import QueryError, ServingError
from serving.read import connect_published
from serving.sql import print_result, query, save
from serving.versions import current_version, published_at

_SHOWN = 100
_ENDS = {"\\q", "exit", "quit"}
_HELP = """\
  select ...;        a statement ends with a semicolon, or with an empty line
  \\d                 the tables, with what a row of each is
  \\d NAME            the columns of a table, with their meaning
  \\csv FILE          the last statement's rows as CSV, all of them
  \\excel FILE        the same as an Excel workbook
  \\?                 this help
  \\q                 leave; so does Ctrl+D. Ctrl+C drops what is written, or ends a statement that runs
  Tab completes names; the up arrow brings back what was asked before."""

# What people write most; DuckDB knows more.
_KEYWORDS = re.findall(
    r"\w+",
    """
    select from where group by order having join left inner on using and or not in is null like ilike between case when
    then else end as distinct limit asc desc with union all over partition cast true false exists filter sum count avg
    min max median round coalesce date_trunc current_date interval qualify pivot describe summarize
    """,
)


def run_shell(serve: Path, console: Console, history: Path, prompt: str = "kontor> ") -> None:
    """Read statements and answer them until the end. Raises NotPublished where there is nothing to ask."""
    names = _Names(serve)
    session: PromptSession[str] = PromptSession(
        history=_history(history),
        completer=_SqlCompleter(names),
        complete_while_typing=False,
        lexer=PygmentsLexer(SqlLexer),
        multiline=True,
        prompt_continuation=lambda width, line, wrapped: "." * (width - 2) + "> ",
        key_bindings=_keys(),
    )
    names.renew()
    console.print(f"{_state(serve)}  \\? helps, \\q leaves.", highlight=False)
    last = ""
    while True:
        try:
            text = session.prompt(prompt).strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.rstrip("; ") in _ENDS:
            return
        if names.renew():
            console.print(f"[dim]{_state(serve)}[/dim]", highlight=False)
        if not text.strip("; \n"):
            continue
        try:
            if text.startswith("\\"):
                _command(serve, console, text, last)
            else:
                last = text
                began = time.perf_counter()
                result = query(serve, text, _SHOWN)
                seconds = time.perf_counter() - began
                print_result(result, console)
                count = len(result.rows) + result.more
                console.print(f"[dim]{count:,} row{'' if count == 1 else 's'}, {seconds:.2f} s[/dim]", highlight=False)
        except ServingError as error:
            console.print(f"[red]{escape(str(error))}[/red]", highlight=False)
        except KeyboardInterrupt:
            console.print("[dim]Ended.[/dim]")


def _command(serve: Path, console: Console, text: str, last: str) -> None:
    try:
        command, *arguments = shlex.split(text.rstrip("; ").replace("\\", "\\\\", 1))
    except ValueError as error:
        raise QueryError(f"This is no command: {error}. \\? lists them.") from None
    if command == "\\?":
        console.print(_HELP, highlight=False, markup=False)
    elif command == "\\d":
        _describe(serve, console, arguments[0] if arguments else None)
    elif command in ("\\csv", "\\excel"):
        if not last or len(arguments) != 1:
            raise QueryError(f"Ask something first, then write  {command} FILE  with the name of one file.")
        console.print(save(serve, last, Path(arguments[0]).expanduser(), command == "\\excel"), highlight=False)
    else:
        raise QueryError(f"There is no command {command}. \\? lists them.")


def _describe(serve: Path, console: Console, name: str | None) -> None:
    with closing(connect_published(serve)) as published:
        if name is None:
            heads = ("table", "rows", "what a row is")
            found = published.execute(
                """
                select table_name, format('{:,}', estimated_size), split_part(comment, '. ', 1)
                from duckdb_tables() order by 1
                """
            ).fetchall()
        else:
            heads = ("column", "type", "meaning")
            found = published.execute(
                "select column_name, data_type, comment from duckdb_columns() "
                "where table_name = lower(?) and not internal order by column_index",
                [name.rpartition(".")[2].strip('"')],
            ).fetchall()
            if not found:
                raise QueryError(f"There is no table {name}. \\d lists them.")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, justify="right" if head == "rows" else "left", no_wrap=head != heads[2])
    for row in found:
        table.add_row(*(escape(cell or "") for cell in row))
    console.print(table)


def _state(serve: Path) -> str:
    version = current_version(serve)
    return f"The published copy of {published_at(version):%Y-%m-%d %H:%M} UTC." if version else "Nothing is published."


def _history(path: Path) -> FileHistory:
    # What was asked may name customers' numbers: for its owner only.
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return FileHistory(str(path))


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None
        elif _is_complete(buffer.text, buffer.document.current_line):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys


def _is_complete(text: str, line: str) -> bool:
    """Whether Enter asks: after a semicolon, after an empty line, and for everything that is no SQL."""
    told = text.strip()
    return not told or told.startswith("\\") or told in _ENDS or told.endswith(";") or not line.strip()


class _Names:
    """Tables and their columns in the current version."""

    def __init__(self, serve: Path) -> None:
        self._serve = serve
        self._version: str | None = None
        self.columns: dict[str, list[str]] = {}

    def renew(self) -> bool:
        """Read them again where a new version is published; whether that was so."""
        version = current_version(self._serve)
        if version == self._version and self.columns:
            return False
        with closing(connect_published(self._serve)) as published:
            found = published.execute(
                "select table_name, list(column_name order by column_index) from duckdb_columns() "
                "where not internal group by 1 order by 1"
            ).fetchall()
        first, self._version, self.columns = not self.columns, version, dict(found)
        return not first


class _SqlCompleter(Completer):
    """Tables after `from` and `join`, columns of the tables that the statement names, keywords; commands after \\."""

    def __init__(self, names: _Names) -> None:
        self._names = names

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        word = re.search(r"\w*$", before)[0]
        known = self._names.columns
        if before.lstrip().startswith("\\"):
            choices = list(known) if before.lstrip().startswith("\\d ") else ["d", "csv", "excel", "q", "?"]
        elif dotted := re.search(r"(\w+)\.\w*$", before):
            choices = self._columns_of(dotted[1], document.text)
        elif re.search(r"\b(from|join|describe|summarize)\s+\w*$", before, re.IGNORECASE):
            choices = list(known)
        else:
            named = [table for table in known if re.search(rf"\b{table}\b", document.text)]
            columns = dict.fromkeys(column for table in named for column in known[table])
            choices = [*columns, *_KEYWORDS, *known]
        for choice in choices:
            if choice.lower().startswith(word.lower()):
                yield Completion(choice, start_position=-len(word))

    def _columns_of(self, name: str, text: str) -> list[str]:
        """The columns of a table, of what an alias stands for, or the tables of the schema."""
        known = self._names.columns
        if name.lower() == "marts":
            return list(known)
        alias = re.search(rf"\b(\w+)\s+(?:as\s+)?{re.escape(name)}\b", text, re.IGNORECASE)
        return known.get(name.lower()) or (known.get(alias[1].lower(), []) if alias else [])
