"""One's own account: where it is signed in, its password, its phone and its recovery codes."""

import pytest

from server.services import accounts, second_factor
from server.store import second_factors
from tests.http.phones import Phone, actions, shown_codes, shown_key

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


async def test_without_a_phone_it_says_what_comes(ada) -> None:
    page = await ada.get("/account")
    assert "your next sign-in with your password asks for your phone" in page.text
    assert "Make new recovery codes" not in page.text


class TestThePhone:
    @pytest.fixture
    async def password(self, cast, give_password) -> str:
        return await give_password(cast.ada)

    @pytest.fixture
    async def phone(self, cast, give_phone) -> Phone:
        return await give_phone(cast.ada)

    @pytest.fixture
    async def codes(self, phone, database, cast, clock) -> tuple[str, ...]:
        async with database.write() as tx:
            return await second_factor.new_codes(tx, account_id=cast.ada, now=clock.now(), kept=True)

    async def left(self, database, cast) -> int:
        async with database.read() as tx:
            return await second_factors.codes_left(tx, cast.ada)

    async def test_it_is_shown_since_when_and_how_many_codes_are_left(
        self, ada, codes, database, cast, clock
    ) -> None:
        page = (await ada.get("/account")).text
        assert "since Sunday, November 22, 2026" in page and "10 recovery codes are left" in page
        assert "before these are used up" not in page
        async with database.write() as tx:
            for code in codes[:9]:
                await second_factor.prove(tx, account_id=cast.ada, typed=code, now=clock.now())
        page = (await ada.get("/account")).text
        assert "1 recovery code is left" in page and "before these are used up" in page

    async def test_new_codes_end_those_before(
        self, ada, password, phone, codes, database, cast, clock
    ) -> None:
        answer = await ada.post("/account/recovery-codes", proof=password, code=phone.code())
        assert answer.status == 200
        fresh = shown_codes(answer.text)
        assert len(fresh) == 10 and not set(fresh) & set(codes)
        assert (await actions(database, cast.ada))[-1] == "recovery-codes-made"
        async with database.write() as tx:
            with pytest.raises(second_factor.CodeRefused):
                await second_factor.prove(tx, account_id=cast.ada, typed=codes[0], now=clock.now())
            await second_factor.prove(tx, account_id=cast.ada, typed=fresh[0], now=clock.now())

    async def test_codes_made_here_are_not_asked_for_again_at_the_next_sign_in(
        self, ada, stranger, password, phone
    ) -> None:
        await ada.post("/account/recovery-codes", proof=password, code=phone.code())
        await stranger.post("/sign-in", email="ada@harbor.example", password=password)
        assert (await stranger.post("/sign-in/code", code=phone.code(seconds=30))).location == "/desk/today"

    @pytest.mark.parametrize("path", ["/account/recovery-codes", "/account/new-phone"])
    @pytest.mark.parametrize(
        ("wrong", "status", "sentence"),
        [
            ({"proof": "not this one"}, 422, "This is not your password."),
            ({"code": "000000"}, 403, "does not fit"),
            ({"code": ""}, 422, "Type the six digits"),
        ],
    )
    async def test_both_need_password_and_code(
        self, ada, password, phone, codes, database, cast, path, wrong, status, sentence
    ) -> None:
        answer = await ada.post(path, **{"proof": password, "code": phone.code(), **wrong})
        assert answer.status == status
        assert sentence in answer.text
        assert shown_codes(answer.text) == []
        for secret in (password, phone.code(), *wrong.values()):
            assert not secret or f'value="{secret}"' not in answer.text
        assert (await ada.get("/account/new-phone")).location == "/account"
        assert await self.left(database, cast) == 10

    async def test_an_unattended_screen_cannot_be_used_to_guess_codes(self, ada, password, phone) -> None:
        answers = [await ada.post("/account/recovery-codes", proof=password, code="000000") for _ in range(6)]
        assert [answer.status for answer in answers] == [403] * 5 + [429]

    async def test_another_phone_takes_over_when_its_first_code_is_right(
        self, ada, stranger, password, phone, codes, database, cast, clock
    ) -> None:
        begun = await ada.post("/account/new-phone", proof=password, code=phone.code())
        assert (begun.status, begun.location) == (303, "/account/new-phone")
        page = await ada.get("/account/new-phone")
        other = Phone(shown_key(page.text), clock)
        assert (await ada.post("/account/new-phone/confirmation", code="000000")).status == 403
        # Until then the old one counts.
        clock.advance(seconds=60)
        await stranger.post("/sign-in", email="ada@harbor.example", password=password)
        assert (await stranger.post("/sign-in/code", code=phone.code())).status == 303
        done = await ada.post("/account/new-phone/confirmation", code=other.code())
        assert (done.status, done.location) == (303, "/account?phone=moved")
        shown = (await ada.get(done.location)).text
        assert "from your other phone" in shown and "10 recovery codes are left" in shown
        assert (await actions(database, cast.ada))[-1] == "second-factor-set-up"
        await stranger.post("/sign-out")
        clock.advance(seconds=60)
        await stranger.post("/sign-in", email="ada@harbor.example", password=password)
        answers = [await stranger.post("/sign-in/code", code=each.code()) for each in (phone, other)]
        assert [answer.status for answer in answers] == [403, 303]

    async def test_a_lost_phone_is_replaced_with_a_recovery_code(self, ada, password, codes, clock) -> None:
        begun = await ada.post("/account/new-phone", proof=password, code=codes[0])
        page = await ada.get(begun.location)
        other = Phone(shown_key(page.text), clock)
        assert (await ada.post("/account/new-phone/confirmation", code=other.code())).status == 303

    async def test_the_step_is_this_persons_only_and_ends(self, ada, petra, password, phone, clock) -> None:
        await ada.post("/account/new-phone", proof=password, code=phone.code())
        held = {cookie.key: cookie.value for cookie in ada.client.session.cookie_jar}
        petra.client.session.cookie_jar.update_cookies({"step": held["step"]}, petra.client.make_url("/"))
        assert (await petra.get("/account/new-phone")).location == "/account"
        assert (await petra.post("/account/new-phone/confirmation", code="1")).location == "/account"
        # It is no half of a sign-in either.
        assert (await ada.get("/sign-in/set-up")).location == "/sign-in?again=yes"
        key = shown_key((await ada.get("/account/new-phone")).text)
        clock.advance(minutes=14, seconds=59)
        await ada.get("/account")
        clock.advance(seconds=1)
        answer = await ada.post("/account/new-phone/confirmation", code=Phone(key, clock).code())
        assert answer.location == "/account"

    async def test_a_session_alone_moves_nothing(self, ada, password, phone) -> None:
        assert (await ada.get("/account/new-phone")).location == "/account"
        answer = await ada.post("/account/new-phone/confirmation", code=phone.code())
        assert (answer.status, answer.location) == (303, "/account")

    async def test_a_new_password_ends_a_move_that_is_half_done(
        self, ada, sign_in, password, phone, database, cast, clock
    ) -> None:
        await ada.post("/account/new-phone", proof=password, code=phone.code())
        key = shown_key((await ada.get("/account/new-phone")).text)
        async with database.write() as tx:
            await accounts.set_password(
                tx, account_id=cast.ada, password_hash="another", by=cast.petra, now=clock.now()
            )
        held = {cookie.key: cookie.value for cookie in ada.client.session.cookie_jar}
        again = await sign_in(cast.ada)
        again.client.session.cookie_jar.update_cookies({"step": held["step"]}, again.client.make_url("/"))
        answer = await again.post("/account/new-phone/confirmation", code=Phone(key, clock).code())
        assert answer.location == "/account"
        async with database.read() as tx:
            factor = await second_factors.of_account(tx, cast.ada)
        assert factor.secret == phone.secret


async def test_the_number_for_word_that_somebody_waits_is_ones_own_to_give(ada, database, cast) -> None:
    assert (await ada.post("/account/number", phone="(303) 555-0199")).status == 303
    assert 'value="(303) 555-0199"' in (await ada.get("/account")).text
    assert (await ada.post("/account/number", phone="12")).status == 422
    assert (await ada.post("/account/number", phone="")).status == 303
    assert "555-0199" not in (await ada.get("/account")).text
