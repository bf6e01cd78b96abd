"""Signing in, as far as the password: who gets on, what a stranger learns, and how often anybody may try.

What comes after it is in test_second_factor.py.
"""

import asyncio
import statistics
import threading
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from server.services import accounts, password_links, passwords
from server.store import accounts as accounts_store
from server.store import sessions
from server.web import keys
from server.web.demo_doors import DemoDoors
from tests.http.conftest import PASSWORD

ADA = "ada@harbor.example"
NEW = "a quiet harbour in winter"


async def session_count(database, account_id: str, clock) -> int:
    async with database.read() as tx:
        return len(await sessions.all_of(tx, account_id, idle=timedelta(hours=1), now=clock.now()))


def held(visitor) -> str:
    """The session cookie this browser holds."""
    return {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}.get("sid", "")


class TestTheRightPassword:
    async def test_with_the_phone_opens_the_first_page_of_the_role(
        self, stranger, cast, give_password, through_both
    ) -> None:
        password = await give_password(cast.ada)
        answer = await through_both(stranger, cast.ada, email=ADA, password=password)
        assert (answer.status, answer.location) == (303, "/desk/today")
        assert (await stranger.get("/desk/today")).status == 200

    async def test_alone_opens_nothing(self, stranger, cast, give_password, database, clock) -> None:
        answer = await stranger.post("/sign-in", email=ADA, password=await give_password(cast.ada))
        assert (answer.status, answer.location) == (303, "/sign-in/set-up")
        assert (await stranger.get("/desk/today")).location == "/sign-in?next=/desk/today"
        assert await session_count(database, cast.ada, clock) == 0

    async def test_is_right_however_the_address_is_written(self, stranger, cast, give_password) -> None:
        password = await give_password(cast.ada)
        assert (
            await stranger.post("/sign-in", email=" Ada@Harbor.EXAMPLE ", password=password)
        ).status == 303

    async def test_the_cookie_is_for_the_server_only(self, stranger, cast, give_password, give_phone) -> None:
        await stranger.post("/sign-in", email=ADA, password=await give_password(cast.ada))
        # With the phone set up meanwhile, the first half is done once more.
        phone = await give_phone(cast.ada)
        await stranger.post("/sign-in", email=ADA, password=PASSWORD)
        answer = await stranger.client.post(
            "/sign-in/code",
            data={"code": phone.code(), "csrf": stranger.token("/sign-in/code")},
            allow_redirects=False,
        )
        cookie, gone = answer.headers.getall("Set-Cookie")
        assert gone.startswith('step=""; ')
        assert cookie.startswith("sid=")
        assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Lax"}

    async def test_a_cookie_somebody_planted_is_never_taken_up(
        self, stranger, cast, give_password, through_both, database, clock
    ) -> None:
        password = await give_password(cast.ada)
        await through_both(stranger, cast.ada, email=ADA, password=password)
        before = held(stranger)
        await through_both(stranger, cast.ada, email=ADA, password=password)
        assert held(stranger) not in ("", before)
        assert await session_count(database, cast.ada, clock) == 1

    async def test_leads_to_the_page_that_asked_for_it(
        self, stranger, cast, give_password, through_both
    ) -> None:
        asked = await stranger.get("/desk/mail")
        assert (asked.status, asked.location) == (303, "/sign-in?next=/desk/mail")
        password = await give_password(cast.ada)
        answer = await through_both(stranger, cast.ada, email=ADA, password=password, next="/desk/mail")
        assert answer.location == "/desk/mail"

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://elsewhere.example/",
            "//elsewhere.example/",
            "/\\elsewhere.example",
            "/\t/elsewhere.example",
            "javascript:alert(1)",
            "/desk/today\r\nX: y",
            "/" + "a" * 200,
        ],
    )
    async def test_never_leads_to_another_site(
        self, stranger, cast, give_password, through_both, elsewhere
    ) -> None:
        password = await give_password(cast.ada)
        answer = await through_both(stranger, cast.ada, email=ADA, password=password, next=elsewhere)
        assert answer.location == "/desk/today"

    async def test_is_hashed_anew_when_the_figures_have_changed(
        self, stranger, cast, give_password, database
    ) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
        password = await give_password(cast.ada)
        await give_password(cast.ada, as_hash=weak.hash(password))
        assert (await stranger.post("/sign-in", email=ADA, password=password)).status == 303
        async with database.read() as tx:
            stored = (await accounts_store.by_id(tx, cast.ada)).password_hash
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert passwords.HASHER.verify(stored, password)


class TestEverythingElse:
    async def test_a_wrong_password_and_an_unknown_address_read_the_same(
        self, stranger, cast, give_password
    ) -> None:
        await give_password(cast.ada)
        wrong = await stranger.post("/sign-in", email=ADA, password="not the password")
        unknown = await stranger.post("/sign-in", email="eve@harbor.example", password="not the password")
        assert (wrong.status, unknown.status) == (403, 403)
        assert wrong.text.replace(ADA, "…") == unknown.text.replace("eve@harbor.example", "…")
        assert "do not belong together" in wrong.text

    async def test_what_was_typed_stays_except_the_password(self, stranger) -> None:
        answer = await stranger.post("/sign-in", email="eve@harbor.example", password="tell nobody this")
        assert 'value="eve@harbor.example"' in answer.text
        assert "tell nobody this" not in answer.text

    async def test_an_unknown_address_takes_as_long_as_a_known_one(
        self, cast, give_password, database, clock, app
    ) -> None:
        from server.services import signing_in
        from server.services.tries import Tries

        await give_password(cast.ada)
        took: dict[str, list[float]] = {ADA: [], "eve@harbor.example": []}
        for _ in range(9):
            for email, times in took.items():
                began = time.perf_counter()
                with pytest.raises(signing_in.SignInRefused):
                    await signing_in.begin(
                        database,
                        email=email,
                        password="not the password",
                        client="198.51.100.7",
                        tries=Tries(),
                        now=clock.now(),
                    )
                times.append(time.perf_counter() - began)
        known, unknown = (statistics.median(times) for times in took.values())
        # A ratio of the same run, with room for a busy machine: without the hash for nobody it is one to twenty.
        assert 0.2 < known / unknown < 5

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"password": "x"}, "Type the e-mail address of your account."),
            ({"email": ADA}, "Type your password."),
            ({"email": "a" * 600, "password": "x"}, "This is too long. Please shorten it."),
        ],
    )
    async def test_a_form_half_filled(self, stranger, fields, sentence) -> None:
        answer = await stranger.post("/sign-in", **fields)
        assert answer.status == 422
        assert sentence in answer.text

    async def test_a_disabled_account_stays_outside(
        self, stranger, cast, give_password, database, clock
    ) -> None:
        password = await give_password(cast.ada)
        async with database.write() as tx:
            await accounts.disable(tx, account_id=cast.ada, by=cast.petra, now=clock.now())
        assert (await stranger.post("/sign-in", email=ADA, password=password)).status == 403

    async def test_an_account_without_a_password_stays_outside(self, stranger) -> None:
        assert (await stranger.post("/sign-in", email=ADA, password="")).status == 422
        assert (await stranger.post("/sign-in", email=ADA, password="None")).status == 403

    async def test_the_page_itself_for_somebody_inside(self, ada) -> None:
        answer = await ada.get("/sign-in")
        assert (answer.status, answer.location) == (303, "/desk/today")


class TestTrying:
    async def wrong(self, visitor, times: int) -> list[int]:
        return [
            (await visitor.post("/sign-in", email=ADA, password="not the password")).status
            for _ in range(times)
        ]

    async def test_each_wrong_try_makes_the_next_wait_longer(
        self, stranger, cast, give_password, clock
    ) -> None:
        password = await give_password(cast.ada)
        assert await self.wrong(stranger, 5) == [403] * 5
        waits = []
        for _ in range(4):
            refused = await stranger.client.post("/sign-in", data={"email": ADA, "password": password})
            assert refused.status == 429
            waits.append(int(refused.headers["Retry-After"]))
            assert "too many tries" in await refused.text()
            clock.advance(seconds=waits[-1])
            assert await self.wrong(stranger, 1) == [403]
        assert waits == [1, 2, 4, 8]
        clock.advance(seconds=16)
        assert (await stranger.post("/sign-in", email=ADA, password=password)).status == 303

    async def test_another_account_at_the_same_computer_is_let_in(
        self, stranger, cast, give_password
    ) -> None:
        password = await give_password(cast.petra)
        await self.wrong(stranger, 8)
        answer = await stranger.post("/sign-in", email="petra@harbor.example", password=password)
        assert answer.status == 303

    @pytest.fixture
    async def full(self) -> AsyncIterator[threading.Event]:
        """Two passwords being checked and twenty waiting, until the event is set."""
        free = threading.Event()
        queue = asyncio.gather(*(passwords.HASHING.run(free.wait) for _ in range(22)))
        await asyncio.sleep(0)
        yield free
        free.set()
        await queue

    async def test_whoever_comes_when_the_queue_is_full_hears_it(
        self, stranger, cast, give_password, full
    ) -> None:
        password = await give_password(cast.ada)
        busy = await stranger.client.post("/sign-in", data={"email": ADA, "password": password})
        assert (busy.status, busy.headers["Retry-After"]) == (503, "5")
        assert "Many people are signing in" in await busy.text()

    async def test_being_turned_away_is_no_wrong_try(self, stranger, cast, give_password, full) -> None:
        password = await give_password(cast.ada)
        answers = [await stranger.post("/sign-in", email=ADA, password=password) for _ in range(8)]
        assert {answer.status for answer in answers} == {503}
        full.set()
        for _ in range(200):
            if (answer := await stranger.post("/sign-in", email=ADA, password=password)).status != 503:
                break
            await asyncio.sleep(0.01)
        assert answer.status == 303

    async def test_pages_are_answered_while_many_are_signing_in(self, stranger) -> None:
        tries = asyncio.gather(
            *(
                stranger.client.post("/sign-in", data={"email": f"a{n}@harbor.example", "password": "x"})
                for n in range(29)
            )
        )
        answered = 0
        while not tries.done():
            assert (await stranger.client.get("/healthz")).status == 200
            answered += 1
        assert {answer.status for answer in await tries} <= {403, 503}
        # The loop was never held up by hashing: pages are answered in between, not only before and after.
        assert answered > 3


class TestALinkToChooseAPassword:
    @pytest.fixture
    async def link(self, database, cast, clock) -> str:
        async with database.write() as tx:
            token = await password_links.make(tx, account_id=cast.ada, by=cast.petra, now=clock.now())
        return f"/sign-in/password/{token}"

    async def test_looking_changes_nothing(self, stranger, link, database, cast) -> None:
        for _ in range(3):
            page = await stranger.get(link)
            assert page.status == 200 and "Ada Quill" in page.text
        async with database.read() as tx:
            assert (await accounts_store.by_id(tx, cast.ada)).password_hash is None

    async def test_sets_the_password_and_signs_out_everywhere(self, stranger, ada, link) -> None:
        answer = await stranger.post(link, password=NEW, again=NEW)
        assert (answer.status, answer.location) == (303, "/sign-in?password=chosen")
        assert "Your new password is set." in (await stranger.get(answer.location)).text
        assert (await ada.get("/desk/today")).status == 303
        assert (await stranger.post("/sign-in", email=ADA, password=NEW)).status == 303

    async def test_works_once(self, stranger, link) -> None:
        await stranger.post(link, password=NEW, again=NEW)
        again = await stranger.post(link, password="something else entirely", again="something else entirely")
        assert (again.status, (await stranger.get(link)).status) == (410, 410)
        assert (await stranger.post("/sign-in", email=ADA, password=NEW)).status == 303

    async def test_two_at_once_set_one_password(self, stranger, link) -> None:
        answers = await asyncio.gather(
            *(stranger.post(link, password=f"{NEW} {n}", again=f"{NEW} {n}") for n in range(4))
        )
        assert sorted(answer.status for answer in answers) == [303, 410, 410, 410]

    async def test_is_too_old_after_two_days(self, stranger, link, clock) -> None:
        clock.advance(hours=47, minutes=59)
        assert (await stranger.get(link)).status == 200
        clock.advance(minutes=1)
        assert (await stranger.get(link)).status == 410
        assert (await stranger.post(link, password=NEW, again=NEW)).status == 410

    async def test_cannot_be_made_longer_or_for_somebody_else(self, stranger, link, cast) -> None:
        account_id, ends, mac = link.rpartition("/")[2].split("-")
        for token in (
            f"{account_id}-{int(ends) + 9999}-{mac}",
            f"{cast.petra}-{ends}-{mac}",
            f"{account_id}-{ends}-{'0' * len(mac)}",
            f"{account_id}-{ends}",
            "nothing",
            "-٣-",
        ):
            assert (await stranger.get(f"/sign-in/password/{token}")).status == 410

    async def test_is_no_way_into_a_disabled_account(self, stranger, link, database, cast, clock) -> None:
        async with database.write() as tx:
            await accounts.disable(tx, account_id=cast.ada, by=cast.petra, now=clock.now())
        assert (await stranger.get(link)).status == 410

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"password": "short", "again": "short"}, "Use at least twelve characters."),
            ({"password": NEW, "again": NEW + "!"}, "The two are not the same."),
            ({}, "Use at least twelve characters."),
        ],
    )
    async def test_refuses_what_is_no_password(self, stranger, link, fields, sentence) -> None:
        answer = await stranger.post(link, **fields)
        assert answer.status == 422
        assert sentence in answer.text
        assert NEW not in answer.text


class TestTheDemosDoor:
    async def test_there_is_none_in_a_real_clinic(self, stranger) -> None:
        assert (await stranger.get("/sign-in/demo/anything")).status == 404

    @pytest.fixture
    def doors(self, app, tmp_path) -> DemoDoors:
        app[keys.DEMO] = DemoDoors(mail_folder=tmp_path)
        return app[keys.DEMO]

    async def test_signs_in_with_its_own_links_only(self, doors, cast, new_visitor) -> None:
        opens = doors.link_for(cast.reyes, "/sign-in")
        visitor = await new_visitor()
        assert (await visitor.get("/sign-in/demo/anything")).status == 404
        assert (await visitor.get(opens)).location == "/sign-in"
        assert (await visitor.get("/sign-in")).location == "/clinic/day"
