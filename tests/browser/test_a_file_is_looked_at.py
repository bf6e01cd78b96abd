"""A CSV file as an administrator chooses it: the page carries it as text, whole, and the server says what it sees."""

from playwright.async_api import FilePayload, expect

from tests.browser.conftest import Clinic, OpenPerson

HEAD = "name,date_of_birth,email,phone,time_zone,language,state\n"


def csv(text: str) -> FilePayload:
    return {"name": "patients.csv", "mimeType": "text/csv", "buffer": text.encode()}


async def test_a_chosen_file_is_shown_row_by_row_or_refused_in_words(
    shared_clinic: Clinic, new_person: OpenPerson
) -> None:
    page = (await new_person()).page
    await page.goto(shared_clinic["admin_url"])
    await page.get_by_role("link", name="Import").click()
    chosen, look = page.get_by_label("CSV file"), page.get_by_role("button", name="Look at it")

    # Pressed without a file, and with one that is larger than the server takes: the same page says so.
    await look.click()
    await expect(page.get_by_role("alert")).to_have_text("Choose a file first.")
    await chosen.set_input_files(csv(HEAD + "x" * 70_000))
    await look.click()
    await expect(page.get_by_role("alert")).to_contain_text("64 KB")

    # Longer than the pieces it is carried in, with letters of two and four bytes at any place of them.
    rows = [f"Zoë 🌿 Ångström{n},1979-02-03,zoe{n}@example.org,,America/Denver,en,NM\n" for n in range(150)]
    await chosen.set_input_files(csv(HEAD + "".join(rows)))
    await look.click()
    await expect(page.get_by_text("150 new")).to_be_visible()
    await expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    await expect(page.get_by_role("rowheader", name="Zoë 🌿 Ångström149")).to_be_visible()
    await expect(page.get_by_role("button", name="Import these 150 rows")).to_be_visible()
