"""Somebody's first sign-in with a phone to set up, and the second one with a code from it."""

import re

import zxingcpp
from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.phones import code_of, give_a_password, shown_key

ADA = "ada@harbor.example"
PASSWORD = "eleven gulls on the breakwater"
CODE = "Code from your authenticator app"
# The picture as a camera sees it, a byte a dot.
SEEN = """async () => {
  const picture = document.querySelector('.key img');
  await picture.decode();
  const side = 4 * picture.naturalWidth;
  const context = new OffscreenCanvas(side, side).getContext('2d');
  context.drawImage(picture, 0, 0, side, side);
  return [side, [...context.getImageData(0, 0, side, side).data].filter((_, n) => n % 4 === 0)];
}"""


async def password(page: Page, clinic: Clinic) -> None:
    await page.goto(f"{clinic['base_url']}/sign-in")
    await page.get_by_label("E-mail address").fill(ADA)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()


async def test_first_with_setting_it_up_and_then_with_a_code(clinic: Clinic, new_person: OpenPerson):
    person = await new_person(phone=True)
    page = person.page
    await give_a_password(clinic, ADA, PASSWORD)
    await password(page, clinic)
    await expect(page.get_by_role("heading", name="Set up your phone")).to_be_visible()
    key = await shown_key(page)
    side, dots = await page.evaluate(SEEN)
    (seen,) = zxingcpp.read_barcodes(memoryview(bytes(dots)).cast("B", (side, side)))
    assert f"secret={key}&" in f"{seen.text}&"

    await page.get_by_label(CODE).fill("000 000")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_text("This code does not fit")).to_be_visible()
    assert await shown_key(page) == key
    await page.get_by_label(CODE).fill(code_of(key))
    await page.get_by_role("button", name="Continue").click()

    codes = page.locator(".codes li")
    await expect(codes).to_have_count(10)
    kept = await codes.all_inner_texts()
    await page.evaluate("window.print = () => document.body.dataset.printed = 'yes'")
    await page.get_by_role("button", name="Print").click()
    await expect(page.locator("body[data-printed]")).to_be_attached()
    # Without the tick the browser itself stays on the page.
    await page.get_by_role("button", name="Continue").click()
    await expect(codes).to_have_count(10)
    await page.get_by_label("I have kept them").check()
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url("**/desk/today")

    await page.get_by_role("button", name="Sign out").click()
    await password(page, clinic)
    await page.wait_for_url("**/sign-in/code")
    # Reloaded, as phones do while one looks into another app.
    await page.reload()
    # Pasted with a space. The code of a moment later, because the one of now was used above.
    code = code_of(key, later=30)
    await page.get_by_label(CODE).fill(f" {code[:3]} {code[3:]} ")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/desk/today")

    await page.goto(f"{clinic['base_url']}/account")
    await expect(page.get_by_text(re.compile("10 recovery codes are left"))).to_be_visible()
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await password(page, clinic)
    await page.get_by_label(CODE).fill(kept[0])
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/desk/today")
