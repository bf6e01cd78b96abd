"""The page a phone keeps for "no network": it knows nobody, and is the same for everybody."""


async def test_it_is_the_same_for_everybody_and_names_nobody(mira, new_visitor, words) -> None:
    read = words((await (await new_visitor()).get("/home/offline")).text)
    for said in ("You have no connection", "Call 988", "Call 911", "Something feels wrong", "Stop treatment"):
        assert said in read
    assert "Mira" not in (await mira.get("/home/offline")).text
