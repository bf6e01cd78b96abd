"""/admin/accounts: people are added, changed, shut out and let in again; what was typed is never lost."""

import re
from collections.abc import Awaitable, Callable

import pytest

from server.services import accounts, second_factor
from server.store import second_factors
from server.store.database import Database
from tests.conftest import Page, Visitor
from tests.http.phones import actions
from tests.people import Cast

CLINICIAN = {
    "name": "Dr. Nova Lindgren",
    "email": "nova@harbor.example",
    "role-clinician": "yes",
    "role-administrator": "yes",
    "shown_name": "Dr. Lindgren",
    "time_zone": "America/Chicago",
    "day-0": "9:00–12:00, 13:00–17:00",
    "day-4": "9-12",
}
ADA = {"name": "Ada Quill", "email": "ada@harbor.example", "role-front-desk": "yes"}
PETRA = {"name": "Petra Lund", "email": "petra@harbor.example", "role-administrator": "yes"}


@pytest.fixture
def everybody(database: Database) -> Callable[[], Awaitable[dict[str, accounts.Account]]]:
    """Accounts by address."""

    async def read() -> dict[str, accounts.Account]:
        async with database.read() as tx:
            return {each.email: each for each in await accounts.everybody(tx)}

    return read


async def test_the_list_shows_everybody_with_their_roles(petra: Visitor) -> None:
    page = await petra.get("/admin/accounts")
    assert page.status == 200
    for said in ("Ada Quill", "Dr. Chidi Okafor", "okafor@harbor.example", "Front desk", "Psychiatrist"):
        assert said in page.text
    assert page.text.count("(you)") == 1


async def test_a_clinician_is_added_with_roles_zone_and_hours(petra: Visitor, everybody) -> None:  # type: ignore[no-untyped-def]
    page = await petra.post("/admin/accounts", **CLINICIAN)
    made = (await everybody())["nova@harbor.example"]
    assert (page.status, page.location) == (303, f"/admin/accounts/{made.id}")
    assert made.roles == {"clinician", "administrator"}
    assert not made.has_password
    assert made.practice is not None
    assert (made.practice.name, made.practice.time_zone) == ("Dr. Lindgren", "America/Chicago")
    spans = [(day, opens.hour, closes.hour) for day, opens, closes in made.practice.hours]
    assert spans == [(0, 9, 12), (0, 13, 17), (4, 9, 12)]
    shown = (await petra.get(page.location)).text
    assert 'value="09:00–12:00, 13:00–17:00"' in shown
    assert "No password yet" in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Type the person"),
        ({"email": "nova"}, "Type an e-mail address"),
        ({"email": "nova@harbor.example, eve@elsewhere.example"}, "Type an e-mail address"),
        ({"time_zone": "Mars/Olympus"}, "Choose the time zone"),
        ({"day-2": "mornings"}, "Write times like"),
        ({"day-2": "17:00-9:00"}, "The end comes before the beginning."),
        ({"day-2": "9-13, 12-15"}, "Write times like"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    wrong: dict[str, str],
    said: str,
    petra: Visitor,
    everybody,  # type: ignore[no-untyped-def]
) -> None:
    before = await everybody()
    page = await petra.post("/admin/accounts", **{**CLINICIAN, **wrong})
    assert page.status == 422
    assert said in page.text
    kept = {**CLINICIAN, **wrong}
    for name in ("shown_name", "day-0"):
        assert f'value="{kept[name]}"' in page.text
    for name in wrong:
        if name != "time_zone" and kept[name].strip():
            assert f'value="{kept[name]}"' in page.text
    assert re.search(r'id="role-clinician"[^>]*checked', page.text)
    assert await everybody() == before


async def test_somebody_without_a_role_is_not_added(petra: Visitor, everybody) -> None:  # type: ignore[no-untyped-def]
    page = await petra.post("/admin/accounts", name="No Body", email="nobody@harbor.example")
    assert page.status == 422
    assert "Choose at least one role." in page.text
    assert "nobody@harbor.example" not in await everybody()


async def test_a_role_nobody_knows_is_not_given(petra: Visitor, everybody) -> None:  # type: ignore[no-untyped-def]
    await petra.post("/admin/accounts", **{**ADA, "email": "new@harbor.example", "role-owner": "yes"})
    assert (await everybody())["new@harbor.example"].roles == {"front-desk"}


async def test_an_address_belongs_to_one_account(petra: Visitor, everybody) -> None:  # type: ignore[no-untyped-def]
    before = await everybody()
    page = await petra.post("/admin/accounts", **{**CLINICIAN, "email": "ADA@harbor.example"})
    assert page.status == 409
    assert "Another account has this address." in page.text
    assert 'value="Dr. Lindgren"' in page.text
    assert await everybody() == before


async def test_roles_hours_and_name_can_be_changed(petra: Visitor, cast: Cast, everybody) -> None:  # type: ignore[no-untyped-def]
    changed = {**CLINICIAN, "email": "reyes@harbor.example"}
    page = await petra.post(f"/admin/accounts/{cast.reyes}", **changed)
    assert (page.status, page.location) == (303, "/admin/accounts")
    reyes = (await everybody())["reyes@harbor.example"]
    assert reyes.name == "Dr. Nova Lindgren"
    assert reyes.practice is not None
    # The same person for the visits they have.
    assert reyes.practice.practitioner_id == cast.dr_reyes
    assert len(reyes.practice.hours) == 3


async def test_who_is_no_clinician_any_more_has_no_hours(petra: Visitor, cast: Cast, everybody) -> None:  # type: ignore[no-untyped-def]
    await petra.post(f"/admin/accounts/{cast.reyes}", **{**ADA, "email": "reyes@harbor.example"})
    reyes = (await everybody())["reyes@harbor.example"]
    assert reyes.roles == {"front-desk"}
    assert reyes.practice is not None
    assert reyes.practice.hours == ()


async def test_a_change_that_is_refused_keeps_what_was_typed(petra: Visitor, cast: Cast) -> None:
    page = await petra.post(f"/admin/accounts/{cast.okafor}", **{**CLINICIAN, "email": "ada@harbor.example"})
    assert page.status == 409
    assert 'value="Dr. Lindgren"' in page.text
    assert "Dr. Chidi Okafor" in page.text  # whose page it is


async def test_the_last_administrator_stays_one(petra: Visitor, cast: Cast, everybody) -> None:  # type: ignore[no-untyped-def]
    before = await everybody()
    page = await petra.post(f"/admin/accounts/{cast.petra}", **{**ADA, "email": "petra@harbor.example"})
    assert page.status == 409
    assert "the only administrator" in page.text
    closing = await petra.post(f"/admin/accounts/{cast.petra}/disabling")
    assert closing.status == 409
    assert "the last administrator" in closing.text
    assert await everybody() == before


async def test_one_of_two_administrators_may_go(petra: Visitor, cast: Cast, everybody) -> None:  # type: ignore[no-untyped-def]
    await petra.post(f"/admin/accounts/{cast.ada}", **{**ADA, "role-administrator": "yes"})
    assert (await petra.post(f"/admin/accounts/{cast.petra}/disabling")).status == 303
    assert (await everybody())["petra@harbor.example"].disabled_at is not None
    assert (await petra.get("/admin/accounts")).location.startswith("/sign-in")


async def test_disabling_ends_what_is_open(petra: Visitor, ada: Visitor, cast: Cast, everybody) -> None:  # type: ignore[no-untyped-def]
    assert (await ada.get("/desk/today")).status == 200
    await petra.post(f"/admin/accounts/{cast.ada}/disabling")
    assert (await ada.get("/desk/today")).location.startswith("/sign-in")
    assert "Disabled since" in (await petra.get("/admin/accounts")).text
    await petra.post(f"/admin/accounts/{cast.ada}/enabling")
    assert (await everybody())["ada@harbor.example"].disabled_at is None
    # The old session does not come back with the account.
    assert (await ada.get("/desk/today")).location.startswith("/sign-in")


async def test_the_owner_chooses_a_password_by_link(
    petra: Visitor, stranger: Visitor, cast: Cast, everybody
) -> None:  # type: ignore[no-untyped-def]
    page = await petra.post(f"/admin/accounts/{cast.ada}/password-link")
    (path,) = re.findall(r'value="http://[^/"]+(/sign-in/password/[^"]+)"', page.text)
    assert path not in (await petra.get(f"/admin/accounts/{cast.ada}")).text
    await stranger.post(path, password="a lantern for every pier", again="a lantern for every pier")
    assert (await everybody())["ada@harbor.example"].has_password


async def test_a_password_set_here_signs_out_everywhere(
    petra: Visitor,
    ada: Visitor,
    cast: Cast,
    everybody,  # type: ignore[no-untyped-def]
) -> None:
    words = "a lantern for every pier"
    page = await petra.post(f"/admin/accounts/{cast.ada}/password", password=words, again=words)
    assert page.status == 303
    assert (await everybody())["ada@harbor.example"].has_password
    assert (await ada.get("/desk/today")).location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), ("a lantern for every pier", "another"), ("", "")]
)
async def test_an_unfit_password_is_not_set_and_not_sent_back(
    password: str,
    again: str,
    petra: Visitor,
    ada: Visitor,
    cast: Cast,
    everybody,  # type: ignore[no-untyped-def]
) -> None:
    page: Page = await petra.post(f"/admin/accounts/{cast.ada}/password", password=password, again=again)
    assert page.status == 422
    assert not password or password not in page.text
    assert not (await everybody())["ada@harbor.example"].has_password
    assert (await ada.get("/desk/today")).status == 200


@pytest.mark.parametrize(
    "verb", ["", "/password", "/password-link", "/second-factor-reset", "/disabling", "/enabling"]
)
async def test_nobody_is_changed_who_does_not_exist(verb: str, petra: Visitor) -> None:
    words = "a lantern for every pier"
    page = await petra.post(f"/admin/accounts/nobody{verb}", **ADA, password=words, again=words)
    assert page.status == 404


async def test_what_is_typed_is_shown_as_text(petra: Visitor) -> None:
    page = await petra.post("/admin/accounts", **{**CLINICIAN, "name": "<script>x</script>"})
    shown = (await petra.get(page.location)).text
    assert "<script>x" not in shown
    assert "&lt;script&gt;x&lt;/script&gt;" in shown


class TestALostPhone:
    async def test_is_reset_and_the_next_sign_in_sets_up_another(
        self, petra, ada, stranger, cast, database, give_password, give_phone
    ) -> None:
        password, phone = await give_password(cast.ada), await give_phone(cast.ada)
        page = (await petra.get(f"/admin/accounts/{cast.ada}")).text
        assert "with a code from their phone since Sunday, November 22, 2026" in page
        answer = await petra.post(f"/admin/accounts/{cast.ada}/second-factor-reset")
        assert (answer.status, answer.location) == (303, f"/admin/accounts/{cast.ada}")
        assert "Not set up yet" in (await petra.get(answer.location)).text
        assert (await actions(database, cast.ada))[-1] == "second-factor-reset"
        # Out everywhere, and the old phone and codes are worth nothing.
        assert (await ada.get("/desk/today")).location.startswith("/sign-in")
        half = await stranger.post("/sign-in", email="ada@harbor.example", password=password)
        assert half.location == "/sign-in/set-up"
        assert (await stranger.post("/sign-in/set-up", code=phone.code())).status == 403

    async def test_ends_the_recovery_codes_too(self, petra, cast, database, clock, give_phone) -> None:
        await give_phone(cast.ada)
        async with database.write() as tx:
            await second_factor.new_codes(tx, account_id=cast.ada, now=clock.now())
        await petra.post(f"/admin/accounts/{cast.ada}/second-factor-reset")
        async with database.read() as tx:
            assert await second_factors.codes_left(tx, cast.ada) == 0
            assert await second_factor.status(tx, cast.ada) is None

    async def test_is_not_for_oneself(self, petra, cast, database, give_phone) -> None:
        phone = await give_phone(cast.petra)
        own = await petra.get(f"/admin/accounts/{cast.petra}")
        assert "second-factor-reset" not in own.text
        answer = await petra.post(f"/admin/accounts/{cast.petra}/second-factor-reset")
        assert answer.status == 409
        assert "Another administrator has to do this for you" in answer.text
        async with database.read() as tx:
            assert (await second_factors.of_account(tx, cast.petra)).secret == phone.secret

    async def test_nobody_else_resets_it(self, reyes, cast, database, give_phone) -> None:
        phone = await give_phone(cast.ada)
        assert (await reyes.post(f"/admin/accounts/{cast.ada}/second-factor-reset")).status == 403
        async with database.read() as tx:
            assert (await second_factors.of_account(tx, cast.ada)).secret == phone.secret
