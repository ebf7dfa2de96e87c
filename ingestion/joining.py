"""Values that a file tells in several columns, such as a date and a time of day: joined by blanks into one text."""

from __future__ import annotations

from dataclasses import replace

from ingestion.contract import Contract
from ingestion.readers.incoming import JOINT, Incoming, plain, under
from ingestion.sqltext import literal


def joined(incoming: Incoming, contract: Contract) -> Incoming:
    """The file with one column more for each heading of the contract such as `Datum + Uhrzeit` whose parts it has.

    Parts that no column of the contract reads by themselves are no columns any more.
    """
    places: dict[str, str] = {}
    for heading, place in zip(incoming.headings, incoming.columns, strict=True):
        places.setdefault(plain(heading), place)
    sources = [source for column in contract.columns for source in column.sources]
    joints: dict[str, list[str]] = {}
    for source in dict.fromkeys(sources):
        if JOINT in source and plain(source) not in places:
            parts = [place for part in source.split(JOINT) if (place := under((part,), places)) is not None]
            if len(parts) == len(source.split(JOINT)):
                joints[source] = parts
    if not joints:
        return incoming
    alone = {places[plain(source)] for source in sources if plain(source) in places}
    merged = {part for parts in joints.values() for part in parts} - alone
    # Without one of its parts there is no value: a day alone is no moment.
    absent = ", ".join(literal(text) for text in ("", *contract.reader.missing))
    names = {source: f"_joint{number}" for number, source in enumerate(joints)}
    added = ""
    for source, parts in joints.items():
        texts = [f"case when {part} not in ({absent}) then {part} end" for part in parts]
        added += ", " + " || ' ' || ".join(texts) + f" as {names[source]}"
    kept = [
        (heading, place)
        for heading, place in zip(incoming.headings, incoming.columns, strict=True)
        if place not in merged
    ]
    return replace(
        incoming,
        headings=(*(heading for heading, _ in kept), *names),
        columns=(*(place for _, place in kept), *names.values()),
        relation=f"select *{added} from ({incoming.relation})",
    )
