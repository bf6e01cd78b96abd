"""Rendering: a page is named "area/page", which names its template, its style sheet and its script."""

from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from aiohttp import web
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from server.care.visit_kinds import Kind
from server.web import csrf, keys, times
from server.web.numbers import tel
from server.web.session import CALLER, home_mark, is_secure
from server.web.words import LANGUAGES, NAMES_OF_LANGUAGES, words_in

TEMPLATES = Path(__file__).parents[2] / "templates"
# The cookie with the person's choice, and how long it is kept, in seconds.
LANGUAGE, A_YEAR = "lang", 365 * 24 * 3600


@cache
def environment(language: str) -> Environment:
    """Jinja for one language; autoescape always, an unknown name is an error and not an empty page."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = words_in(language)
    env.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.filters["clock_time"] = partial(_in_language, times.clock_time, language)
    env.filters["clock_time_seconds"] = partial(_in_language, times.clock_time_seconds, language)
    env.filters["day"] = partial(_in_language, times.day, language)
    env.filters["year"] = times.year
    env.filters["long_day"] = partial(_in_language, times.long_day, language)
    env.filters["day_and_time"] = partial(_in_language, times.day_and_time, language)
    env.filters["when"] = partial(times.when, language=language)
    env.filters["long_date"] = lambda on: times.long_date(on, language) if isinstance(on, date) else on
    env.filters["iso_time"] = lambda text, zone: times.clock_time(
        datetime.fromisoformat(text), zone, language
    )
    env.filters["weekday_date"] = lambda on: times.weekday_date(on, language)
    env.filters["minutes"] = lambda duration: round(duration.total_seconds() / 60)
    env.filters["own_name"] = partial(_own_words, "name", language)
    env.filters["own_preparation"] = partial(_own_words, "preparation", language)
    env.filters["in_words"] = lambda code, table: table.get(code, code)
    env.filters["tel"] = tel
    env.filters["zone_city"] = times.zone_city
    env.filters["decimal"] = lambda number, digits=0: format_decimal(
        number, format=f"#,##0{'.' * bool(digits)}{'0' * digits}", locale=language
    )
    env.globals["one_day"] = timedelta(days=1)
    env.globals["both_zones"] = partial(times.both_zones, language=language)
    env.globals["with_cities"] = partial(times.with_cities, language=language)
    return env


def _own_words(field: str, page_language: str, kind: Kind, language: str = "") -> str:
    """The clinic's own words about a kind of visit, in the page's language or another."""
    language = language or page_language
    own: str = getattr(kind, f"{field}_{language}", "") or getattr(kind, field)
    return words_in(language).gettext(own) if own else ""


def _in_language(write: Any, language: str, instant: datetime, zone: str) -> str:
    return str(write(instant, zone, language))


def language_of(request: web.Request) -> str:
    """The person's choice on the page, else what their browser asks for, else the clinic's first language."""
    offered = request.app[keys.CLINIC].languages
    wanted = [request.query.get("lang", ""), request.cookies.get(LANGUAGE, "")]
    wanted += [
        part.split(";")[0].strip()[:2] for part in request.headers.get("Accept-Language", "").split(",")
    ]
    return next((code for code in wanted if code in offered and code in LANGUAGES), offered[0])


def render(request: web.Request, page: str, *, status: int = 200, **context: Any) -> web.Response:
    """The page "area/page" as a response. Fragments ("area/_part") come without the frame around them."""
    language = language_of(request)
    template = environment(language).get_template(f"{page}.html")
    text = template.render(**_frame(request, page, language), **context)
    response = web.Response(text=text, content_type="text/html", status=status)
    if request.query.get("lang") == language:
        remember_language(request, response, language)
    return response


# Where the reader's own form token belongs in markup that was made for several readers.
TOKEN_MARK = "form-token-of-whoever-reads-this"  # noqa: S105 -- stands for one, and is none


def shared(request: web.Request, part: str, **context: Any) -> str:
    """A fragment's markup for everybody who reads this language; `own` makes it one reader's."""
    language = language_of(request)
    frame = _frame(request, part, language) | {"csrf_token": TOKEN_MARK, "caller": None}
    return environment(language).get_template(f"{part}.html").render(**frame, **context)


def own(request: web.Request, markup: str) -> Markup:
    """Shared markup with the reader's form token in its place."""
    # Hexadecimal digits: nothing that markup would have to be protected from.
    return Markup(markup.replace(TOKEN_MARK, csrf.token_for(request)))  # noqa: S704


def numbered(number: str, markup: Markup) -> Markup:
    """One reader's markup with the number of the snapshot it is of, which their page compares with the newest."""
    return Markup('<div class="snapshot" data-number="{}">{}</div>').format(number, markup)


def prefer_language(request: web.Request, response: web.StreamResponse, language: str) -> None:
    """Somebody whose language the clinic knows: theirs, unless they chose another one in this browser."""
    if LANGUAGE not in request.cookies and language in request.app[keys.CLINIC].languages:
        remember_language(request, response, language)


def remember_language(request: web.Request, response: web.StreamResponse, language: str) -> None:
    response.set_cookie(
        LANGUAGE,
        language,
        path="/",
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
    )


def _frame(request: web.Request, page: str, language: str) -> dict[str, Any]:
    """What base.html needs on every page."""
    app = request.app
    statics = app[keys.STATICS]
    clock = app[keys.CLOCK]
    return {
        "page": page,
        "language": language,
        "languages": {code: NAMES_OF_LANGUAGES[code] for code in app[keys.CLINIC].languages},
        "clinic": app[keys.CLINIC],
        "caller": request.get(CALLER),
        "home_mark": home_mark(request),
        "csrf_token": csrf.token_for(request),
        "static": statics.address,
        "page_style": f"{page}.css" if f"{page}.css" in statics.files else None,
        "page_script": f"{page}.js" if f"{page}.js" in statics.files else None,
        # JSON made safe for a script element by its maker; escaping it again would break it.
        "script_words": Markup(words_in(language).for_scripts()),  # noqa: S704
        "now": clock.now(),
        "clock_offset_ms": int(clock.offset.total_seconds() * 1000),
        "is_demo": keys.DEMO in app,
    }
