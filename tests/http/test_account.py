"""One's own account."""

import pytest

NEW = "a quiet harbour in winter"


async def test_it_shows_where_one_is_signed_in(ada, sign_in, cast, clock) -> None:
    await sign_in(cast.ada)
    page = await ada.get("/account")
    assert page.status == 200
    assert page.text.count("Since ") == 2
    assert page.text.count(">this browser</span>") == 1


async def test_nobody_else_sees_it(stranger) -> None:
    answer = await stranger.get("/account")
    assert (answer.status, answer.location) == (303, "/sign-in?next=/account")


async def test_another_password(ada, sign_in, cast, stranger, give_password) -> None:
    phone = await sign_in(cast.ada)
    old = await give_password(cast.ada)
    answer = await ada.post("/account/password", old=old, password=NEW, again=NEW)
    assert (answer.status, answer.location) == (303, "/sign-in?password=chosen")
    assert [(await each.get("/account")).status for each in (ada, phone)] == [303, 303]
    wrong = await stranger.post("/sign-in", email="ada@harbor.example", password=old)
    right = await stranger.post("/sign-in", email="ada@harbor.example", password=NEW)
    assert (wrong.status, right.status) == (403, 303)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "not this one"}, "This is not your password."),
        ({"again": "a quiet harbour"}, "The two are not the same."),
        ({"password": "short", "again": "short"}, "Use at least twelve characters."),
    ],
)
async def test_what_is_refused(ada, cast, give_password, fields, sentence) -> None:
    old = await give_password(cast.ada)
    answer = await ada.post("/account/password", **{"old": old, "password": NEW, "again": NEW, **fields})
    assert answer.status == 422
    assert sentence in answer.text
    assert old not in answer.text and NEW not in answer.text
    assert (await ada.get("/account")).status == 200


async def test_an_unattended_screen_cannot_be_used_to_guess(ada, cast, give_password) -> None:
    await give_password(cast.ada)
    answers = [
        await ada.post("/account/password", old=f"guess {n}", password=NEW, again=NEW) for n in range(7)
    ]
    assert "too many tries" in answers[-1].text
