"""Every answer carries the same security headers: pages, refusals, mistakes of ours, streams, sockets, files."""

import re
from dataclasses import replace
from itertools import product

import pytest
from aiohttp import web

from server.app import create_app
from server.routes import ROUTES
from server.web.statics import FOREVER
from tests.builders import house_config

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self' ws://{host}; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types bedside"
)
SAME = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "Bedside",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def expected(port: int, **others: str) -> dict[str, str]:
    return {**SAME, "Content-Security-Policy": POLICY.format(host=f"127.0.0.1:{port}"), **others}


def found(headers, wanted: dict[str, str]) -> dict[str, str | None]:
    """The answer's own value of each header, and all of them when one was sent twice."""
    return {name: ", ".join(headers.getall(name, ["missing"])) for name in wanted}


async def test_only_the_clinicians_side_of_a_call_can_share_a_screen(stranger, reyes) -> None:
    for visitor, path, may in (
        (reyes, "/clinic/consult/an-id", "(self)"),
        (reyes, "/clinic/day", "()"),
        (stranger, "/visit/waiting/an-id", "()"),
        (stranger, "/sign-in", "()"),
    ):
        answer = await visitor.client.get(path, allow_redirects=False)
        policy = dict(part.split("=") for part in answer.headers["Permissions-Policy"].split(", "))
        assert (path, policy["display-capture"]) == (path, may)


READING = [route for route in ROUTES if route.method in ("GET", "HEAD")]


async def test_every_page_and_every_refusal_of_it(stranger, ada, reyes, petra, port) -> None:
    for visitor, route in product((stranger, ada, reyes, petra), READING):
        path = re.sub(r"\{\w+\}", "0" * 32, route.path).replace("{name:.+}", "base.css")
        answer = await visitor.client.request(route.method, path, allow_redirects=False)
        wanted = expected(port)
        if path not in ("/", "/book"):
            wanted["X-Robots-Tag"] = "noindex, nofollow"
        if route.path.startswith("/static/"):
            wanted["Cache-Control"] = FOREVER
        assert (path, found(answer.headers, wanted)) == (path, wanted)
        assert ("X-Robots-Tag" in answer.headers) == (path not in ("/", "/book"))
        answer.close()


async def test_what_only_goes_wrong(ada, stranger, app, port) -> None:
    answers = {
        404: await stranger.client.get("/no/such/page"),
        405: await stranger.client.put("/sign-in", data={}),
        413: await stranger.client.post("/sign-in", data=b"x" * 600_000),
        415: await stranger.client.post("/sign-in", data=b"x", headers={"Content-Encoding": "gzip"}),
        403: await ada.client.post("/sign-out", headers={"Origin": "https://elsewhere.example"}),
    }
    for status, answer in answers.items():
        assert answer.status == status
        assert found(answer.headers, expected(port)) == expected(port)


async def test_a_mistake_of_ours(app, new_visitor, port) -> None:
    visitor = await new_visitor()
    # The table in which a middleware would look is broken, as by a bug.
    visitor.client.session.cookie_jar.update_cookies({"sid": "x"}, visitor.client.make_url("/"))
    from server.web import keys

    await app[keys.DATABASE].close()
    broken = app[keys.DATABASE]
    broken._reader = None
    answer = await visitor.client.get("/desk/today")
    assert answer.status == 500
    assert "Something went wrong on our side." in await answer.text()
    assert found(answer.headers, expected(port)) == expected(port)
    broken._reader = broken._writer


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", None])
async def test_a_refused_socket(reyes, port, origin) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} | ({"Origin": origin} if origin else {})
    answer = await reyes.client.get(f"/signalling/{'0' * 32}?as=clinician", headers=headers)
    assert answer.status == 403
    assert found(answer.headers, expected(port)) == expected(port)


async def test_a_stream(ada, port) -> None:
    answer = await ada.client.get("/desk/today/changes")
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert found(answer.headers, expected(port)) == expected(port)
    answer.close()


async def test_a_foreign_host_has_no_say_in_the_policy(stranger, port) -> None:
    answer = await stranger.client.get("/", headers={"Host": "elsewhere.example; script-src *"})
    assert answer.status == 421
    wanted = expected(port) | {"Content-Security-Policy": POLICY.format(host=f"localhost:{port}")}
    assert found(answer.headers, wanted) == wanted


async def test_what_is_no_http_at_all(wire) -> None:
    answer = (await wire.say(b"GET / HTTP/9.9\r\n\r\n")).decode()
    assert answer.startswith(("HTTP/1.0 400 ", "HTTP/1.1 400 "))
    wanted = SAME | {"Content-Security-Policy": POLICY.format(host=f"localhost:{wire.port}")}
    lines = dict(line.split(": ", 1) for line in answer.split("\r\n\r\n")[0].split("\r\n")[1:])
    assert {name: lines.get(name) for name in wanted} == wanted


class TestOnHttps:
    @pytest.fixture
    async def https(self, database, clock, cast, tmp_path, aiohttp_client):
        config = house_config(port=8443, data=tmp_path)
        config = replace(config, server=replace(config.server, base_url="https://visits.example.org"))
        return await aiohttp_client(create_app(config, database=database, clock=clock, call=False))

    async def test_browsers_stay_on_https_and_cookies_are_bound_to_the_host(
        self, https, cast, give_password, give_phone
    ) -> None:
        phone = await give_phone(cast.ada)
        fields = {"email": "ada@harbor.example", "password": await give_password(cast.ada)}
        answer = await https.post(
            "/sign-in", data=fields, headers={"Host": "visits.example.org"}, allow_redirects=False
        )
        assert answer.status == 303
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "wss://visits.example.org;" in answer.headers["Content-Security-Policy"]
        half = answer.headers["Set-Cookie"]
        assert half.startswith("__Host-step=")
        parts = {part.strip() for part in half.split(";")[1:]}
        assert parts == {"HttpOnly", "Max-Age=300", "Path=/", "SameSite=Strict", "Secure"}
        held = half.split(";")[0]
        page = await https.get("/sign-in/code", headers={"Host": "visits.example.org", "Cookie": held})
        token = re.search(r'<meta name="csrf" content="([^"]*)"', await page.text())
        answer = await https.post(
            "/sign-in/code",
            data={"code": phone.code(), "csrf": token[1]},
            headers={"Host": "visits.example.org", "Cookie": held},
            allow_redirects=False,
        )
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-sid=")
        parts = {part.strip() for part in cookie.split(";")[1:]}
        assert parts == {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}

    async def test_the_bare_cookie_of_loopback_is_worth_nothing(self, https, ada, cast) -> None:
        cookie = next(c.value for c in ada.client.session.cookie_jar if c.key == "sid")
        for name, status in (("sid", 303), ("__Host-sid", 200)):
            headers = {"Host": "visits.example.org", "Cookie": f"{name}={cookie}"}
            answer = await https.get("/account", headers=headers, allow_redirects=False)
            assert answer.status == status

    async def test_loopback_names_are_foreign_there(self, https) -> None:
        for host in ("localhost:8443", "127.0.0.1:8443", "visits.example.org.elsewhere.example"):
            assert (await https.get("/healthz", headers={"Host": host})).status == 421


def test_no_plugin_of_the_framework_serves_files_or_lists_folders() -> None:
    assert not any(isinstance(route.handler, web.StaticResource) for route in ROUTES)
