"""The link that `triage serve` prints on this machine before there are accounts, on an installation of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.installation import PASSWORD, Installation, serving


@pytest.fixture(scope="module")
def new(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:  # noqa: ARG001
    """An installation without accounts and alerts."""
    with serving(tmp_path_factory.mktemp("new")) as installation:
        yield installation


def test_it_opens_the_desk_once_until_there_is_an_account(visit: Visit, desk: Installation, new: Installation) -> None:
    """One story, since what the link opens can be opened once."""
    stranger = visit(name=None, at=new)
    stranger.expect(403)
    assert stranger.open("/review").status == 403
    expect(stranger.find("main")).to_contain_text("triage user add")
    assert stranger.open("/review/sign-in").status == 403

    owner = visit(name=None, at=new)
    owner.page.goto(new.one_time_link)
    assert owner.page.url == f"{new.base}/review"
    expect(owner.find("#empty h1")).to_have_text("Tout est traité")
    expect(owner.find("#nav-supervisor")).to_be_visible()
    owner.open("/review/supervisor")
    expect(owner.find("h1")).to_have_text("Supervision")
    alert = new.send("Bonjour, il y a un souci ici")
    owner.open()
    owner.settled()
    assert owner.alert_id() == alert
    owner.press("Enter")
    owner.left(alert)
    assert new.history(alert)[0].reviewer == "local"

    stranger.page.goto(new.one_time_link)
    expect(stranger.find("#problem")).to_have_attribute("data-code", "link_refused")
    stranger.open("/review")
    expect(stranger.find("#desk")).to_have_count(0)

    add_account(new, "a.petit")
    owner.open()
    assert owner.path() == "/review/sign-in"
    owner.find("#name").fill("a.petit")
    owner.find("#password").fill(PASSWORD)
    owner.find("#sign-in").click()
    owner.page.wait_for_url("**/review")
    expect(owner.find("#member")).to_have_text("A. Petit")

    # A cookie of one installation opens no other one, be it under the right name and for an account that both have.
    desk.account(name="a.petit")
    [right] = [cookie for cookie in owner.context.cookies() if "_session_" in cookie["name"]]
    thief = visit(name=None, at=new)
    thief.context.add_cookies([{"name": right["name"], "value": desk.session_cookie("a.petit")[1], "url": new.base}])
    thief.open()
    assert thief.path() == "/review/sign-in"


def add_account(installation: Installation, name: str) -> None:
    """What the page says to do."""
    command = [str(Path(sys.executable).with_name("triage")), "user", "add", name, "--display-name", "A. Petit"]
    subprocess.run(
        [*command, "--role", "administrator", "--password-stdin"],
        env={"TRIAGE_STATE_DIR": str(installation.settings.state_dir), "PATH": ""},
        input=f"{PASSWORD}\n",
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
