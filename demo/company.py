"""What the company is: its articles, customers, machines and promotions.

What belongs here: master data and the rules planted in it. What does not: anything that happens on a day.
Names of people and firms are put together from invented parts; e-mail addresses end in `.example` or `example.com`;
telephone numbers come from the ranges that the Bundesnetzagentur keeps free for films; VAT numbers start with a zero,
which real ones never do; EANs are from the range for internal use (02).
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from demo.dates import ONE_DAY, SHOP_OPENED
from demo.money import rounded
from demo.randomness import fraction, hashed, pick

VAT_PCT = 19
VENDOR = "Lampenwerk Lindner"
COMPANY_VAT_ID = "DE012345678"
SHOP_HOST = "www.lampenwerk-lindner.example"


# --- articles -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Article:
    """An article. Money in cents, times in minutes."""

    index: int
    number: str
    name: str
    group: str
    unit: str
    ean: str
    base_gross_cents: int
    """Gross web price in 2026; see price_cents."""
    cost_cents: int
    """Cost of a piece since October 2026; see unit_cost_cents."""
    own_make: bool
    cycle_minutes: float
    """Standard time for a piece. The workshop is balanced: it holds for every operation of the article."""
    popularity: float
    target_stock: int

    @property
    def path(self) -> str:
        """Path of the product page in the web shop."""
        return f"/products/{slug(self.name)}"


@cache
def slug(text: str) -> str:
    """The text as part of an address: lower case, no umlauts, hyphens."""
    text = text.lower().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}))
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in text).split())


# Group, models, finishes, gross price of the first model in euros, minutes for a piece.
_LAMPS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], int, float], ...] = (
    ("Tischleuchten", "Tischleuchte", ("Alma", "Bero", "Cilla", "Dorle", "Elfi", "Fips"),
     ("Messing", "Schwarz"), 119, 2.0),
    ("Pendelleuchten", "Pendelleuchte", ("Gloria", "Hedda", "Irma", "Jördis", "Kuno", "Lore", "Möwe"),
     ("Kupfer", "Weiß"), 169, 2.5),
    ("Stehleuchten", "Stehleuchte", ("Nestor", "Oskar", "Pelle", "Quirin"), ("Eiche", "Schwarz"), 249, 3.5),
    ("Wandleuchten", "Wandleuchte", ("Runa", "Selma", "Tjark", "Undine"), ("Messing", "Weiß"), 89, 1.5),
)  # fmt: skip
_FINISH_EXTRA = {"Messing": 20, "Kupfer": 30, "Eiche": 20}

# Bought-in articles: name, group, unit, gross price in cents.
_BOUGHT: tuple[tuple[str, str, str, int], ...] = (
    ("LED-Lampe E27 7 W warmweiß", "Leuchtmittel", "Stück", 890),
    ("LED-Lampe E27 11 W warmweiß", "Leuchtmittel", "Stück", 1190),
    ("LED-Lampe E14 4 W warmweiß", "Leuchtmittel", "Stück", 790),
    ("LED-Filament E27 6 W klar", "Leuchtmittel", "Stück", 1290),
    ("LED-Filament E27 6 W gold", "Leuchtmittel", "Stück", 1490),
    ("LED-Globe Ø 125 mm E27", "Leuchtmittel", "Stück", 1990),
    ("LED-Spot GU10 5 W", "Leuchtmittel", "Stück", 690),
    ("LED-Lampe E27 smart", "Leuchtmittel", "Stück", 2490),
    ("Textilkabel rot", "Zubehör", "m", 490),
    ("Textilkabel schwarz", "Zubehör", "m", 450),
    ("Baldachin rund weiß", "Zubehör", "Stück", 1690),
    ("Baldachin 3-fach schwarz", "Zubehör", "Stück", 2990),
    ("Schnurdimmer", "Zubehör", "Stück", 2490),
    ("Funkdimmer mit Wandschalter", "Zubehör", "Stück", 4990),
    ("Ersatzschirm Stoff natur Ø 30 cm", "Zubehör", "Stück", 3990),
    ("Ersatzschirm Glas opal Ø 20 cm", "Zubehör", "Stück", 4490),
    ("Deckenhaken-Set", "Zubehör", "Set", 790),
    ("Pflegeset für Messing", "Zubehör", "Set", 1490),
)  # fmt: skip


def _ean(number: int) -> str:
    digits = f"0200{number:08d}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return f"{digits}{check}"


@cache
def articles() -> tuple[Article, ...]:
    """All articles; their index is their place here."""
    rows: list[tuple[str, str, str, int, float]] = []
    for group, kind, models, finishes, first_price, minutes in _LAMPS:
        for place, model in enumerate(models):
            for finish in finishes:
                euros = first_price + 15 * place + _FINISH_EXTRA.get(finish, 0)
                rows.append((f"{kind} {model} {finish}", group, "Stück", euros * 100 - 10, minutes + 0.1 * place))
    rows += [(name, group, unit, cents, 0.0) for name, group, unit, cents in _BOUGHT]
    made = []
    for index, (name, group, unit, cents, minutes) in enumerate(rows):
        chance = fraction(0, "article", index)
        made.append(
            Article(
                index=index,
                number=f"LA-{index + 1:04d}",
                name=name,
                group=group,
                unit=unit,
                ean=_ean(index + 1),
                base_gross_cents=cents,
                cost_cents=round(cents / 1.19 * (0.42 + 0.14 * chance)),
                own_make=minutes > 0,
                cycle_minutes=round(minutes, 1),
                # Few articles sell often, many now and then.
                popularity=1.0 / (1.0 + 9.0 * chance),
                target_stock=40 + hashed(0, "stock", index) % 120,
            )
        )
    return tuple(made)


def article(name: str) -> Article:
    return next(entry for entry in articles() if entry.name == name)


def price_change(day: date) -> date:
    """The day since when the prices of `day` hold: they rise by 3 % every 1 February."""
    return date(day.year if day.month >= 2 else day.year - 1, 2, 1)


def gross_price_cents(entry: Article, day: date) -> int:
    """Web price including VAT: lamps end in 90 cents, small things in whole tens."""
    cents = entry.base_gross_cents * 1.03 ** (price_change(day).year - 2026)
    return round(cents / 100) * 100 - 10 if entry.own_make else round(cents / 10) * 10


def net_price_cents(entry: Article, day: date) -> int:
    """Net list price for business customers."""
    return rounded(gross_price_cents(entry, day) * 100, 100 + VAT_PCT)


def cost_change(day: date) -> date:
    """The day since when suppliers' prices of `day` hold: they rise by 4 % every 1 October."""
    return date(day.year if day.month >= 10 else day.year - 1, 10, 1)


def unit_cost_cents(entry: Article, day: date) -> int:
    """What a piece costs the company: only what it buys becomes dearer."""
    if entry.own_make:
        return entry.cost_cents
    return round(entry.cost_cents * 1.04 ** (cost_change(day).year - 2026))


# An article whose unit changed, and when: it was counted in sets, which are the same number of pieces.
UNIT_CHANGE = ("Pflegeset für Messing", date(2026, 10, 12), "Stück")


def unit_on(entry: Article, day: date) -> str:
    """The unit in which the article is counted on that day."""
    name, since, unit = UNIT_CHANGE
    return unit if entry.name == name and day >= since else entry.unit


def changed_on(entry: Article, day: date) -> date:
    """The day of the last change of what the article list of `day` says, stock left out."""
    changes = [price_change(day)]
    if not entry.own_make:
        changes.append(cost_change(day))
    if unit_on(entry, day) != entry.unit:
        changes.append(UNIT_CHANGE[1])
    return max(changes)


# --- what is planted --------------------------------------------------------------------------------------------------

# Whoever puts the first article into a web basket takes the second with it, with this probability.
PAIRS: tuple[tuple[str, str, float], ...] = (
    ("Pendelleuchte Gloria Kupfer", "LED-Filament E27 6 W gold", 0.60),
    ("Stehleuchte Oskar Eiche", "Ersatzschirm Stoff natur Ø 30 cm", 0.50),
    ("Tischleuchte Alma Messing", "Pflegeset für Messing", 0.55),
)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion in the web shop: on its articles, a discount code, and more of them in the baskets."""

    name: str
    code: str
    first_day: date
    last_day: date
    article_names: tuple[str, ...]
    discount_pct: int
    uplift: float
    """How much more often its articles are chosen than without it."""
    more_orders: float


def promotions_of(year: int) -> tuple[Promotion, Promotion]:
    """The two promotions of a year."""
    spring = ("Tischleuchte Alma Messing", "Tischleuchte Bero Schwarz", "Tischleuchte Cilla Messing")
    autumn = ("Pendelleuchte Gloria Kupfer", "Pendelleuchte Hedda Weiß", "Stehleuchte Oskar Eiche")
    return (
        Promotion("Frühlingslicht", "FRUEHLING10", date(year, 3, 16), date(year, 3, 29), spring, 10, 5.0, 1.3),
        Promotion("Lichterwoche", "LICHT15", date(year, 11, 22), date(year, 11, 30), autumn, 15, 6.0, 1.5),
    )


def promotion_on(day: date) -> Promotion | None:
    return next((entry for entry in promotions_of(day.year) if entry.first_day <= day <= entry.last_day), None)


# --- workshop -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Station:
    """A step of the work. Orders pass the stations in this order, one a day."""

    name: str
    operation: str
    machines_each: int
    scrap_share: float
    scrap_reasons: tuple[str, ...]
    """The first is the usual one: see scrap_reason_share."""
    scrap_reason_share: float
    fault_reasons: tuple[str, ...]


STATIONS: tuple[Station, ...] = (
    Station("Drehbank", "Drehen", 1, 0.012, ("Maßabweichung", "Oberflächenfehler", "Werkstofffehler"), 0.45,
            ("Spindellager", "Werkzeugbruch", "Späneförderer")),
    Station("Rohrbieger", "Biegen", 1, 0.010, ("Riss", "Winkelfehler"), 0.50, ("Hydraulik", "Sensorfehler")),
    Station("Lackierkabine", "Lackieren", 1, 0.035, ("Lackläufer", "Einschluss", "Farbabweichung"), 0.75,
            ("Düse verstopft", "Absaugung", "Druckluft")),
    Station("Montage", "Montieren", 2, 0.006, ("Gewinde beschädigt", "Kratzer"), 0.50, ("Schrauber", "Vorrichtung")),
    Station("Prüfplatz", "Prüfen", 1, 0.010, ("Isolationsfehler", "Funktionsfehler"), 0.50,
            ("Messadapter", "Prüfgerät")),
)  # fmt: skip
BENDING = 1

# In the week of September's first Monday the lathe stands still for hours every day; from then on its faults grow week
# by week; in the works holidays it is overhauled.
DEGRADING_MACHINE = "Drehbank 1"
BREAKDOWN_MINUTES = 150
DOMINANT_SCRAP_MACHINE = "Lackierkabine 1"
DOMINANT_SCRAP_REASON = STATIONS[2].scrap_reasons[0]


def degrading_since(year: int) -> date:
    """The Monday on which DEGRADING_MACHINE begins to get worse in that year."""
    first = date(year, 9, 1)
    return first + timedelta(days=-first.weekday() % 7)


def degraded_weeks(machine: str, day: date) -> float:
    """Weeks for which the machine has been getting worse; 0 if it is well."""
    return max(0, (day - degrading_since(day.year)).days) / 7 if machine == DEGRADING_MACHINE else 0.0


def breaks_down(machine: str, day: date) -> bool:
    """Whether it is the machine's week in which it gets worse."""
    return machine == DEGRADING_MACHINE and 0 <= (day - degrading_since(day.year)).days < 7


def machines_of(station: Station, scale: float) -> list[str]:
    """Names of the station's machines. A company ten times as large has ten times the machines."""
    return [f"{station.name} {number + 1}" for number in range(station.machines_each * max(1, round(scale)))]


def passes(entry: Article, station: int) -> bool:
    """Whether the article has an operation at that station: wall lamps have no bent tube."""
    return station != BENDING or entry.group != "Wandleuchten"


# --- customers ------------------------------------------------------------------------------------------------------

_FIRST_NAMES = (
    "Anna", "Bärbel", "Björn", "Carla", "Daniel", "Elif", "Emma", "Felix", "Franziska", "Günther", "Hanna", "Ilse",
    "Jakob", "Jörg", "Käthe", "Lena", "Lukas", "Marlene", "Mehmet", "Nora", "Oliver", "Paula", "René", "Sören",
    "Sophie", "Thea", "Tobias", "Ursula", "Vinzenz", "Zoë",
)  # fmt: skip
_SURNAME_HEADS = (
    "Ahorn", "Birken", "Brunn", "Dachs", "Distel", "Erlen", "Farn", "Föhren", "Ginster", "Grün", "Hasel", "Heide",
    "Kiefern", "Lärchen", "Moos", "Mühl", "Nessel", "Quell", "Rauh", "Röhr", "Schilf", "Tann", "Weiden", "Wiesen",
)  # fmt: skip
_SURNAME_TAILS = ("wandner", "stiegler", "zellner", "gartlinger", "ruttner", "kogler", "pfötscher", "strässler")
_STREETS = ("Ahornweg", "Am Anger", "Bachgasse", "Birkenallee", "Brunnenstraße", "Fliederweg", "Gartenstraße",
            "Hauptstraße", "Kirchplatz", "Lindenstraße", "Mühlweg", "Rosenweg", "Schulstraße", "Talstraße")  # fmt: skip

# Country, postal code, city, federal state or region, sales region.
Place = tuple[str, str, str, str, str]
_GERMANY: tuple[Place, ...] = (
    ("DE", "80331", "München", "Bayern", "Süd"), ("DE", "86150", "Augsburg", "Bayern", "Süd"),
    ("DE", "90402", "Nürnberg", "Bayern", "Süd"), ("DE", "93047", "Regensburg", "Bayern", "Süd"),
    ("DE", "97070", "Würzburg", "Bayern", "Süd"), ("DE", "87435", "Kempten", "Bayern", "Süd"),
    ("DE", "70173", "Stuttgart", "Baden-Württemberg", "Süd"), ("DE", "79098", "Freiburg", "Baden-Württemberg", "Süd"),
    ("DE", "01067", "Dresden", "Sachsen", "Ost"), ("DE", "04109", "Leipzig", "Sachsen", "Ost"),
    ("DE", "06108", "Halle (Saale)", "Sachsen-Anhalt", "Ost"), ("DE", "07743", "Jena", "Thüringen", "Ost"),
    ("DE", "10115", "Berlin", "Berlin", "Ost"), ("DE", "20095", "Hamburg", "Hamburg", "Nord"),
    ("DE", "24103", "Kiel", "Schleswig-Holstein", "Nord"), ("DE", "28195", "Bremen", "Bremen", "Nord"),
    ("DE", "30159", "Hannover", "Niedersachsen", "Nord"), ("DE", "33602", "Bielefeld", "Nordrhein-Westfalen", "West"),
    ("DE", "40213", "Düsseldorf", "Nordrhein-Westfalen", "West"),
    ("DE", "50667", "Köln", "Nordrhein-Westfalen", "West"),
    ("DE", "48143", "Münster", "Nordrhein-Westfalen", "West"), ("DE", "60311", "Frankfurt am Main", "Hessen", "West"),
    ("DE", "55116", "Mainz", "Rheinland-Pfalz", "West"), ("DE", "66111", "Saarbrücken", "Saarland", "West"),
)  # fmt: skip
_AUSTRIA: tuple[Place, ...] = (
    ("AT", "1010", "Wien", "Wien", "Österreich"), ("AT", "4020", "Linz", "Oberösterreich", "Österreich"),
    ("AT", "5020", "Salzburg", "Salzburg", "Österreich"), ("AT", "6020", "Innsbruck", "Tirol", "Österreich"),
    ("AT", "8010", "Graz", "Steiermark", "Österreich"),
)  # fmt: skip
_ABROAD: tuple[Place, ...] = (
    ("CH", "8001", "Zürich", "Zürich", "Schweiz"), ("CH", "9000", "St. Gallen", "St. Gallen", "Schweiz"),
    ("CH", "3011", "Bern", "Bern", "Schweiz"), ("IT", "39100", "Bozen", "Südtirol", "Italien"),
    ("IT", "20121", "Milano", "Lombardia", "Italien"), ("IT", "37121", "Verona", "Veneto", "Italien"),
)  # fmt: skip
BUSINESS_PLACES: tuple[Place, ...] = _GERMANY * 3 + _AUSTRIA * 2 + _ABROAD * 2
WEB_PLACES: tuple[Place, ...] = _GERMANY * 2 + _AUSTRIA

FILM_PHONES = ("089 99998", "030 23125", "040 66969", "069 90009", "0221 4710")


def _surname(domain: str, number: int) -> str:
    return pick(_SURNAME_HEADS, 0, f"{domain} head", number) + pick(_SURNAME_TAILS, 0, f"{domain} tail", number)


@dataclass(frozen=True, slots=True)
class BusinessCustomer:
    """A customer of the ERP."""

    number: int
    name: str
    contact: str
    email: str
    phone: str | None
    street: str
    place: Place
    group: str
    vat_id: str
    since: date
    weight: float
    """How much of the business is theirs."""


_GROUPS: tuple[tuple[str, str, str], ...] = (
    ("Lichthaus", "GmbH", "Fachhandel"), ("Leuchtenstudio", "OHG", "Fachhandel"), ("Elektro", "e. K.", "Handwerk"),
    ("Hotel", "GmbH & Co. KG", "Hotellerie"), ("Gasthaus", "GbR", "Hotellerie"), ("Möbelhaus", "GmbH", "Fachhandel"),
    ("Architekturbüro", "PartG mbB", "Objekt"), ("Wohnraum", "UG", "Objekt"),
)  # fmt: skip
_LEGAL_FORM_ABROAD = {"AT": "Ges.m.b.H.", "CH": "AG", "IT": "S.r.l."}
_ITALIAN_KINDS = {"Lichthaus": "Luci", "Leuchtenstudio": "Studio Luce", "Elektro": "Elettro", "Hotel": "Albergo",
                  "Gasthaus": "Locanda", "Möbelhaus": "Arredamenti", "Architekturbüro": "Studio Architetti",
                  "Wohnraum": "Casa"}  # fmt: skip
# Discount in percent by group of customers.
GROUP_DISCOUNT_PCT = {"Fachhandel": 25, "Handwerk": 15, "Hotellerie": 10, "Objekt": 12}
BUSINESS_CUSTOMERS = 126


def _vat_id(country: str, number: int) -> str:
    width = {"DE": 9, "AT": 8, "CH": 9, "IT": 11}[country]
    return f"{ {'AT': 'ATU', 'CH': 'CHE'}.get(country, country) }{number % 10**6:0{width}d}"


@cache
def business_customers() -> tuple[BusinessCustomer, ...]:
    """All customers of the ERP, those who come in the next years included: see `since`."""
    # Most were there before the shop opened; one in six came or comes later. Numbers are given in the order of coming.
    came = sorted(
        date(2019 if index % 6 == 0 else 2009, 1, 2) + timedelta(days=hashed(0, "business since", index) % 3650)
        for index in range(BUSINESS_CUSTOMERS)
    )
    made = []
    for index, since in enumerate(came):
        place = pick(BUSINESS_PLACES, 0, "business place", index)
        kind, form, group = pick(_GROUPS, 0, "business group", index)
        owner = f"{_SURNAME_HEADS[index % 24]}{_SURNAME_TAILS[(index + index // 24) % 8]}"
        if place[0] == "IT" and place[2] != "Bozen":
            kind = _ITALIAN_KINDS[kind]
        name = f"{kind} {owner.capitalize()} {_LEGAL_FORM_ABROAD.get(place[0], form)}"
        phone = f"{pick(FILM_PHONES, 0, 'phone', index)} {hashed(0, 'extension', index) % 1000:03d}"
        made.append(
            BusinessCustomer(
                number=10001 + index,
                name=name,
                contact=f"{pick(_FIRST_NAMES, 0, 'contact', index)} {_surname('contact', index).capitalize()}",
                email=f"einkauf@{slug(kind + ' ' + owner)}.example",
                phone=phone if place[0] == "DE" else None,
                street=f"{pick(_STREETS, 0, 'street', index)} {1 + hashed(0, 'house', index) % 90}",
                place=place,
                group=group,
                vat_id=_vat_id(place[0], hashed(0, "vat", index)),
                since=since,
                weight=1.0 / (1 + hashed(0, "business weight", index) % 30),
            )
        )
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Move:
    """A customer of the ERP who moves into another sales region."""

    number: int
    day: date
    to: Place


@cache
def moves(year: int) -> Move:
    """The move of that year, on 5 October."""
    movers = [entry for entry in business_customers() if entry.place[0] == "DE" and entry.since.year < 2019]
    mover = movers[hashed(0, "mover", year) % len(movers)]
    day = date(year, 10, 5)
    others = [place for place in _GERMANY if place[4] != place_on(mover, day - ONE_DAY)[4]]
    return Move(mover.number, day, pick(others, 0, "moved to", year))


def place_on(customer: BusinessCustomer, day: date) -> Place:
    """Where a customer of the ERP is on that day."""
    place = customer.place
    for year in range(SHOP_OPENED.year, day.year + 1):
        if date(year, 10, 5) <= day and moves(year).number == customer.number:
            place = moves(year).to
    return place


@dataclass(frozen=True, slots=True)
class WebCustomer:
    """A person who orders in the web shop."""

    index: int
    name: str
    company: str
    email: str
    phone: str
    street: str
    place: Place
    accepts_marketing: bool


# One web customer in this many is a business customer who orders in the shop with the address that the ERP knows.
SHARED_EVERY = 250


@cache
def web_customer(index: int) -> WebCustomer:
    """The person with that index: the same one for ever."""
    first = pick(_FIRST_NAMES, 0, "first name", index)
    last = _surname("surname", index).capitalize()
    company, place = "", pick(WEB_PLACES, 0, "web place", index)
    email = f"{slug(first)}.{slug(last)}.{index}@example.com"
    street = f"{pick(_STREETS, 0, 'web street', index)} {1 + hashed(0, 'web house', index) % 120}"
    if index % SHARED_EVERY == 0:
        shared = shared_business_customer(index)
        first, _, last = shared.contact.partition(" ")
        company, place, email, street = shared.name, shared.place, shared.email, shared.street
    return WebCustomer(
        index=index,
        name=f"{first} {last}",
        company=company,
        email=email,
        phone=f"+49 171 39200{hashed(0, 'mobile', index) % 100:02d}" if hashed(0, "has phone", index) % 3 else "",
        street=street,
        place=place,
        accepts_marketing=hashed(0, "marketing", index) % 4 == 0,
    )


def shared_business_customer(index: int) -> BusinessCustomer:
    """The business customer behind a web customer whose index is a multiple of SHARED_EVERY."""
    domestic = [entry for entry in business_customers() if entry.place[0] in ("DE", "AT") and entry.since.year < 2019]
    return domestic[index // SHARED_EVERY % len(domestic)]


SALES_PEOPLE = ("Moosgartlinger", "Heidekogler", "Tannruttner", "Röhrzellner")
