"""Finding a patient's chart."""

import pytest


@pytest.mark.parametrize("asked", ["Lind", "mira@example.org", "(303) 555-0142"])
async def test_a_patient_is_found_by_name_address_or_number(reyes, cast, asked: str) -> None:
    page = (await reyes.get("/clinic/patients", params={"q": asked})).text
    assert f'href="/clinic/chart/{cast.mira}"' in page
    assert "Tomas" not in page


async def test_without_a_question_nobody_is_listed(reyes, cast) -> None:
    page = await reyes.get("/clinic/patients")
    assert (page.status, "/clinic/chart/" in page.text) == (200, False)


async def test_nobody_found_is_said_and_the_question_stays(reyes, cast) -> None:
    page = (await reyes.get("/clinic/patients", params={"q": '"><b>zzz'})).text
    assert "Nobody found." in page
    assert 'value="&#34;&gt;&lt;b&gt;zzz"' in page


async def test_it_is_for_clinicians_only(stranger, ada, petra) -> None:
    for who, status in ((stranger, 303), (ada, 403), (petra, 403)):
        page = await who.get("/clinic/patients", params={"q": "Lind"})
        assert (page.status, "Mira" in page.text) == (status, False)
