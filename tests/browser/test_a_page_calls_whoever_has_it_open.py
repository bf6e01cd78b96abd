"""A page that calls somebody is not kept silent by another tab, nor by a cursor that was left in a field."""

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import until

# Like a tab that was opened by itself with the browser: nobody has pressed anything in it yet.
SILENT = """Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });
AudioContext.prototype.resume = () => new Promise(() => {});"""
CHIMES = """window.chimes = 0; document.addEventListener('chimed', () => window.chimes++);"""
CALL = """() => {
  const call = document.createElement('p');
  Object.assign(call.dataset, { alert: 'somebody', alertKind: 'task' });
  document.body.append(call);
}"""


async def test_a_tab_that_cannot_be_heard_does_not_silence_the_one_that_can(
    shared_clinic: Clinic, new_person: OpenPerson
) -> None:
    person = await new_person()
    person.expect_disconnects()
    await person.page.add_init_script(SILENT)
    await person.page.goto(shared_clinic["desk_url"])
    await until(person.page, "() => document.querySelector('[data-alerts]:not([hidden])') !== null")
    loud = await person.context.new_page()
    await loud.add_init_script(CHIMES)
    await loud.goto(person.page.url)
    await loud.evaluate(CALL)
    await until(loud, "() => window.chimes > 0")


async def test_a_cursor_left_in_a_field_holds_news_up_for_a_moment_only(
    shared_clinic: Clinic, new_person: OpenPerson
) -> None:
    person = await new_person()
    person.expect_disconnects()
    page = person.page
    await page.goto(shared_clinic["desk_url"])
    await until(page, "() => customElements.get('live-region') !== undefined")
    held = """() => {
      const region = document.querySelector('#board');
      const field = Object.assign(document.createElement('input'), { id: 'note-x' });
      field.dataset.keep = '';
      region.append(field);
      field.focus();
      region.dispatchEvent(new Event('refresh'));
      return region.contains(field);
    }"""
    assert await page.evaluate(held)
    # What the server says has no such field: it goes as soon as the board is the server's again. That takes ten
    # seconds, and twenty more where an answer was lost.
    await until(page, "() => document.querySelector('#note-x') === null", seconds=90)
