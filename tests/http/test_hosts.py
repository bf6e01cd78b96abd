"""Our pages and mails carry our own address, whatever a request says it was sent to."""

import pytest


async def test_both_names_of_loopback_are_ours(stranger, port) -> None:
    for host in (f"localhost:{port}", f"127.0.0.1:{port}"):
        assert (await stranger.client.get("/healthz", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "localhost",
        "localhost:1",
        "localhost.elsewhere.example:{port}",
        "user@localhost:{port}",
        "LOCALHOST.:{port}",
    ],
)
@pytest.mark.parametrize("path", ["/", "/sign-in", "/desk/today", "/no/such/page"])
async def test_any_other_is_refused_before_anything_else(stranger, port, host, path) -> None:
    given = host.format(port=port)
    answer = await stranger.client.get(path, headers={"Host": given}, allow_redirects=False)
    assert answer.status == 421
    assert given not in await answer.text()


async def test_a_forwarded_host_is_not_believed(ada, stranger, port) -> None:
    headers = {"X-Forwarded-Host": "elsewhere.example", "Forwarded": "host=elsewhere.example"}
    for visitor, path in ((stranger, "/sign-in"), (ada, "/desk/today")):
        answer = await visitor.client.get(path, headers=headers)
        assert answer.status == 200
        assert "elsewhere.example" not in await answer.text()


async def test_a_request_without_one_is_refused(wire) -> None:
    answer = await wire.say(b"GET /sign-in HTTP/1.0\r\n\r\n")
    assert b" 421 " in answer.split(b"\r\n")[0] or b" 400 " in answer.split(b"\r\n")[0]
