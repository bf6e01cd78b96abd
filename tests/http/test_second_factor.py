"""The second half of signing in: the code, recovery codes in its place, and every way to be refused."""

import asyncio
from datetime import timedelta

import pytest

from server.services import accounts, second_factor, signing_in
from server.services.second_factor import SignInAgain
from server.store import second_factors, sessions, sign_in_steps
from tests.http.phones import Phone, actions

ADA = "ada@harbor.example"
STEP_PAGES = ("/sign-in/code", "/sign-in/set-up", "/sign-in/recovery-codes")


@pytest.fixture
async def password(cast, give_password) -> str:
    return await give_password(cast.ada)


@pytest.fixture
async def phone(cast, give_phone) -> Phone:
    return await give_phone(cast.ada)


async def is_inside(visitor) -> bool:
    return (await visitor.get("/account")).status == 200


class TestTheCode:
    async def test_signs_in_and_nothing_before_it_does(self, stranger, password, phone) -> None:
        half = await stranger.post("/sign-in", email=ADA, password=password)
        assert (half.status, half.location) == (303, "/sign-in/code")
        assert not await is_inside(stranger)
        page = await stranger.get("/sign-in/code")
        assert 'autocomplete="one-time-code"' in page.text and 'inputmode="numeric"' in page.text
        answer = await stranger.post("/sign-in/code", code=phone.code())
        assert (answer.status, answer.location) == (303, "/desk/today")
        assert await is_inside(stranger)

    @pytest.mark.parametrize("written", ["{} {}", " {}{} ", "{}-{}", "{}\t{}"])
    async def test_is_right_however_it_is_written(self, stranger, password, phone, written) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        code = phone.code()
        answer = await stranger.post("/sign-in/code", code=written.format(code[:3], code[3:]))
        assert answer.location == "/desk/today"

    @pytest.mark.parametrize(("seconds", "status"), [(-60, 403), (-30, 303), (30, 303), (60, 403)])
    async def test_of_a_phone_whose_clock_is_off(self, stranger, password, phone, seconds, status) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        assert (await stranger.post("/sign-in/code", code=phone.code(seconds=seconds))).status == status

    async def test_works_once(self, stranger, new_visitor, password, phone) -> None:
        code, other = phone.code(), await new_visitor()
        for visitor, status in ((stranger, 303), (other, 403)):
            await visitor.post("/sign-in", email=ADA, password=password)
            answer = await visitor.post("/sign-in/code", code=code)
            assert answer.status == status
        assert "does not fit, or was used already" in answer.text
        assert not await is_inside(other)

    async def test_of_an_earlier_moment_is_worth_nothing_after_a_later_one(
        self, stranger, new_visitor, password, phone
    ) -> None:
        earlier, later = phone.code(), phone.code(seconds=30)
        await stranger.post("/sign-in", email=ADA, password=password)
        assert (await stranger.post("/sign-in/code", code=later)).status == 303
        other = await new_visitor()
        await other.post("/sign-in", email=ADA, password=password)
        assert (await other.post("/sign-in/code", code=earlier)).status == 403

    async def test_of_two_at_once_one_wins(self, new_visitor, password, phone) -> None:
        visitors = [await new_visitor() for _ in range(4)]
        for visitor in visitors:
            await visitor.post("/sign-in", email=ADA, password=password)
        answers = await asyncio.gather(
            *(visitor.post("/sign-in/code", code=phone.code()) for visitor in visitors)
        )
        assert sorted(answer.status for answer in answers) == [303, 403, 403, 403]

    async def test_of_somebody_elses_phone_is_refused(
        self, stranger, password, phone, give_phone, cast
    ) -> None:
        theirs = await give_phone(cast.petra)
        await stranger.post("/sign-in", email=ADA, password=password)
        assert (await stranger.post("/sign-in/code", code=theirs.code())).status == 403

    @pytest.mark.parametrize(
        ("typed", "status", "sentence"),
        [
            ("", 422, "Type the six digits your app shows now"),
            ("000000 or so", 403, "does not fit"),
            ("1" * 101, 422, "This is too long."),
            ("٠٠٠٠٠٠", 403, "does not fit"),
        ],
    )
    async def test_what_is_none(self, stranger, password, phone, typed, status, sentence) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        answer = await stranger.post("/sign-in/code", code=typed)
        assert answer.status == status
        assert sentence in answer.text
        assert not await is_inside(stranger)
        # One is still on the way: the right code signs in without the password once more.
        assert (await stranger.post("/sign-in/code", code=phone.code())).status == 303

    async def test_is_of_no_use_after_a_wrong_password(self, stranger, password, phone) -> None:
        assert (await stranger.post("/sign-in", email=ADA, password="not the password")).status == 403
        answer = await stranger.post("/sign-in/code", code=phone.code())
        assert (answer.status, answer.location) == (303, "/sign-in?again=yes")
        assert not await is_inside(stranger)
        # And it was not spent by that.
        await stranger.post("/sign-in", email=ADA, password=password)
        assert (await stranger.post("/sign-in/code", code=phone.code())).status == 303

    async def test_leads_to_the_page_that_was_asked_for(self, stranger, password, phone) -> None:
        await stranger.post("/sign-in", email=ADA, password=password, next="/desk/mail")
        assert (await stranger.post("/sign-in/code", code=phone.code())).location == "/desk/mail"


class TestWrongCodes:
    async def wrong(self, visitor, times: int) -> list[int]:
        return [(await visitor.post("/sign-in/code", code="000000")).status for _ in range(times)]

    async def test_make_the_next_wait_longer(self, stranger, password, phone, clock) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        assert await self.wrong(stranger, 5) == [403] * 5
        waits = []
        for _ in range(3):
            refused = await stranger.client.post(
                "/sign-in/code", data={"code": phone.code(), "csrf": stranger.token("/sign-in/code")}
            )
            assert refused.status == 429
            assert "too many tries" in await refused.text()
            waits.append(int(refused.headers["Retry-After"]))
            clock.advance(seconds=waits[-1])
            assert await self.wrong(stranger, 1) == [403]
        assert waits == [1, 2, 4]
        clock.advance(seconds=8)
        assert (await stranger.post("/sign-in/code", code=phone.code())).status == 303

    async def test_are_not_forgiven_by_a_right_password(self, stranger, password, phone) -> None:
        for _ in range(5):
            assert (await stranger.post("/sign-in", email=ADA, password=password)).status == 303
            assert await self.wrong(stranger, 1) == [403]
        assert (await stranger.post("/sign-in", email=ADA, password=password)).status == 303
        assert await self.wrong(stranger, 1) == [429]

    async def test_count_for_recovery_codes_too(self, stranger, password, phone) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        guesses = [await stranger.post("/sign-in/code", code=f"{n:016}") for n in range(6)]
        assert [guess.status for guess in guesses] == [403] * 5 + [429]


class TestBetweenTheHalves:
    async def test_nothing_else_is_open(self, stranger, password, phone, database, cast, clock) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        for path in ("/desk/today", "/account", "/account/new-phone", "/"):
            assert (await stranger.get(path)).location.startswith("/sign-in")
        async with database.read() as tx:
            living = await sessions.all_of(tx, cast.ada, idle=timedelta(hours=1), now=clock.now())
        assert len(living) == 0
        assert "signed-in" not in await actions(database, cast.ada)

    async def test_its_cookie_is_no_session(self, stranger, password, phone) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        held = {cookie.key: cookie.value for cookie in stranger.client.session.cookie_jar}
        assert set(held) == {"step"}
        stranger.client.session.cookie_jar.update_cookies(
            {"sid": held["step"], "vid": held["step"]}, stranger.client.make_url("/")
        )
        assert not await is_inside(stranger)

    async def test_a_session_is_no_step(self, ada, phone) -> None:
        sid = next(cookie.value for cookie in ada.client.session.cookie_jar if cookie.key == "sid")
        ada.client.session.cookie_jar.update_cookies({"step": sid}, ada.client.make_url("/"))
        for path in STEP_PAGES:
            assert (await ada.get(path)).location == "/sign-in?again=yes"

    async def test_it_is_over_after_five_minutes(self, stranger, password, phone, clock) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        clock.advance(minutes=4, seconds=59)
        assert (await stranger.get("/sign-in/code")).status == 200
        clock.advance(seconds=1)
        answer = await stranger.post("/sign-in/code", code=phone.code())
        assert (answer.status, answer.location) == (303, "/sign-in?again=yes")
        assert "Signing in took too long" in (await stranger.get(answer.location)).text
        assert not await is_inside(stranger)

    async def test_it_ends_with_the_sign_in(self, stranger, password, phone) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        jar = {cookie.key: cookie.value for cookie in stranger.client.session.cookie_jar}
        await stranger.post("/sign-in/code", code=phone.code())
        await stranger.post("/sign-out")
        stranger.client.session.cookie_jar.update_cookies(jar, stranger.client.make_url("/"))
        answer = await stranger.post("/sign-in/code", code=phone.code(seconds=30))
        assert answer.location == "/sign-in?again=yes"

    @pytest.mark.parametrize("what", ["disabled", "password", "reset", "everywhere"])
    async def test_it_ends_with_what_it_began_with(
        self, stranger, password, phone, what, database, cast, clock
    ) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        async with database.write() as tx:
            about = {"account_id": cast.ada, "now": clock.now()}
            if what == "disabled":
                await accounts.disable(tx, by=cast.petra, **about)
            elif what == "password":
                await accounts.set_password(tx, password_hash="another", by=cast.petra, **about)
            elif what == "reset":
                await second_factor.reset(tx, by=cast.petra, **about)
            else:
                await signing_in.sign_out_everywhere(tx, **about)
        answer = await stranger.post("/sign-in/code", code=phone.code())
        assert answer.location == "/sign-in?again=yes"
        assert not await is_inside(stranger)

    async def test_each_page_leads_to_the_one_that_is_due(
        self, stranger, new_visitor, password, phone
    ) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        for path in STEP_PAGES[1:]:
            assert (await stranger.get(path)).location == "/sign-in/code"
            assert (await stranger.post(path, code=phone.code(), kept="yes")).location == "/sign-in/code"
        assert not await is_inside(stranger)

    async def test_a_script_hears_why(self, stranger) -> None:
        answer = await stranger.client.post("/sign-in/code", headers={"Accept": "application/json"})
        assert answer.status == 401
        assert (await answer.json())["code"] == "sign-in-again"

    async def test_a_form_of_another_sign_in_is_not_taken(
        self, stranger, new_visitor, password, phone
    ) -> None:
        other = await new_visitor()
        for visitor in (stranger, other):
            await visitor.post("/sign-in", email=ADA, password=password)
        for token in ("", other.token("/sign-in/code"), stranger.token("/desk/today")):
            answer = await stranger.post("/sign-in/code", code=phone.code(), csrf=token)
            assert answer.status == 403
            assert "open too long or in another session" in answer.text
        assert (await stranger.post("/sign-in/code", code=phone.code())).status == 303

    async def test_forms_that_are_open_elsewhere_in_the_browser_go_on(self, ada, phone) -> None:
        """A half-done sign-in must not make the note in another tab unsaveable."""
        before = ada.token("/desk/patients")
        ada.client.session.cookie_jar.update_cookies({"step": "anything"}, ada.client.make_url("/"))
        assert (await ada.post("/desk/patients", q="mira", csrf=before)).status == 200


class TestARecoveryCode:
    @pytest.fixture
    async def codes(self, phone, database, cast, clock) -> tuple[str, ...]:
        async with database.write() as tx:
            return await second_factor.new_codes(tx, account_id=cast.ada, now=clock.now(), kept=True)

    async def test_signs_in_once_and_is_on_the_trail(
        self, stranger, new_visitor, password, codes, database, cast
    ) -> None:
        for visitor, status in ((stranger, 303), (await new_visitor(), 403)):
            await visitor.post("/sign-in", email=ADA, password=password)
            assert (await visitor.post("/sign-in/code", code=codes[3])).status == status
        assert (await actions(database, cast.ada))[-2:] == ["recovery-code-used", "signed-in"]
        async with database.read() as tx:
            assert await second_factors.codes_left(tx, cast.ada) == 9

    async def test_is_right_without_its_spaces(self, stranger, password, codes) -> None:
        await stranger.post("/sign-in", email=ADA, password=password)
        assert (await stranger.post("/sign-in/code", code=codes[0].replace(" ", ""))).status == 303

    async def test_opens_no_other_account(self, stranger, codes, cast, give_password, give_phone) -> None:
        await give_phone(cast.petra)
        await stranger.post(
            "/sign-in", email="petra@harbor.example", password=await give_password(cast.petra)
        )
        assert (await stranger.post("/sign-in/code", code=codes[0])).status == 403


async def test_a_wrong_password_reads_the_same_with_and_without_a_phone(
    stranger, password, cast, give_password, give_phone
) -> None:
    await give_password(cast.petra)
    await give_phone(cast.petra)
    texts = {
        (await stranger.post("/sign-in", email=email, password="not the password")).text.replace(email, "…")
        for email in (ADA, "petra@harbor.example", "eve@harbor.example")
    }
    assert len(texts) == 1


async def test_a_step_that_is_over_is_refused_by_the_service_itself(database, cast, clock) -> None:
    """The second lock behind the route's."""
    step = sign_in_steps.Step(id="x", account_id=cast.ada, stage=sign_in_steps.CODE, secret=None, opens="")
    async with database.write() as tx:
        with pytest.raises(SignInAgain):
            await signing_in.keep_codes(tx, step, now=clock.now())
        with pytest.raises(SignInAgain):
            await second_factor.set_up(tx, step, typed="000000", now=clock.now())
