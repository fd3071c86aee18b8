"""The setup page: from the link to the credentials, once, and for nobody else."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from bot.decisions.onboarding import TERMS, onboarding_file
from bot.github.errors import NotFound
from bot.github.manifest import PERMISSIONS, Size
from bot.service.setup.flow import LINK_SECONDS, STATE_SECONDS, Setup
from bot.service.setup.pages import PERMISSION_WORDS, what_it_may
from tests.bot.service.doubles import BODY, MemoryCredentials, ScriptedGitHub, Web, make_web, signed

if TYPE_CHECKING:
    import httpx

PUBLIC = "https://stanch.example.com"
FORM = {
    "size": "review",
    "owner": "person",
    "organisation": "",
    "github": "github.com",
    "github_url": "",
    "webhook_url": f"{PUBLIC}/webhook",
}


class Scene:
    """A fresh service, and a person with its link."""

    def __init__(self, *, base_url: str = PUBLIC, failing: OSError | None = None) -> None:
        self.now = 1_000_000.0
        self.github = ScriptedGitHub()
        self.store = MemoryCredentials(None, failing)
        self.setup = Setup(
            self.store,
            self.github.convert,
            base_url=base_url,
            public_url=PUBLIC,
            github_url="https://github.com",
            clock=lambda: self.now,
        )
        self.web: Web = make_web(credentials=self.store, setup=self.setup, base_url=base_url)
        self.path = self.setup.new_link().removeprefix(base_url)

    def choose(self, **changed: str) -> httpx.Response:
        return self.web.client.post(self.path, data={**FORM, **changed})

    def come_back(self, state: str, code: str = "abc") -> httpx.Response:
        return self.web.client.get("/setup/callback", params={"code": code, "state": state})


class Form(HTMLParser):
    """Where a page's form goes, and what is in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if tag == "form":
            self.action = values.get("action") or ""
        elif tag == "input":
            self.fields[values["name"] or ""] = values.get("value") or ""


def state_of(page: httpx.Response) -> str:
    return Form(page.text).action.partition("?state=")[2]


def test_from_the_link_to_the_first_delivery() -> None:
    scene = Scene()
    assert scene.web.client.get(scene.path).status_code == 200
    confirm = scene.choose()
    form = Form(confirm.text)
    assert form.action.startswith("https://github.com/settings/apps/new?state=")
    manifest = json.loads(form.fields["manifest"])
    assert manifest["redirect_url"] == f"{PUBLIC}/setup/callback"
    assert manifest["hook_attributes"] == {"url": f"{PUBLIC}/webhook", "active": True}
    assert manifest["default_permissions"] == PERMISSIONS[Size.REVIEW]
    assert manifest["public"] is False
    done = scene.come_back(state_of(confirm), "the-code")
    assert done.status_code == 200
    assert "https://github.com/apps/stanch-of-robin/installations/new" in done.text
    assert scene.github.codes == [("https://api.github.com", "the-code")]
    assert scene.web.client.post("/webhook", content=BODY, headers=signed(BODY, secret="new secret")).is_success


@pytest.mark.parametrize(("size", "said"), [("review", "may not write, so it opens none"), ("fix", "that asks")])
def test_the_terms_of_pull_requests_that_fix_are_shown(size: str, said: str) -> None:
    scene = Scene()
    done = scene.come_back(state_of(scene.choose(size=size)))
    assert said in " ".join(done.text.split())
    shown = unescape(done.text.replace("<code>", "`").replace("</code>", "`"))
    assert [term for term in TERMS if f"<li>{term}</li>" not in shown] == []
    assert onboarding_file().decode() in shown


def test_the_link_is_dead_after_setup() -> None:
    scene = Scene()
    state = state_of(scene.choose())
    assert scene.come_back(state).status_code == 200
    answers = [scene.web.client.get(scene.path), scene.choose(), scene.come_back(state)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_only_the_newest_link_is_alive_and_only_for_a_day() -> None:
    scene = Scene()
    newer = scene.setup.new_link().removeprefix(PUBLIC)
    assert scene.web.client.get(scene.path).status_code == 404
    assert scene.web.client.get("/setup/").status_code == 404
    assert scene.web.client.get(newer).status_code == 200
    scene.now += LINK_SECONDS
    assert scene.web.client.get(newer).status_code == 404


@pytest.mark.parametrize("state", ["", "x", "\u00e9", "a" * 1000])
def test_a_state_that_we_did_not_give_is_refused(state: str) -> None:
    scene = Scene()
    scene.choose()
    assert scene.come_back(state).status_code == 400
    assert scene.github.codes == []


def test_a_state_counts_once_in_one_browser_for_an_hour() -> None:
    scene = Scene()
    state = state_of(scene.choose())
    scene.web.client.cookies.clear()
    assert "another browser" in scene.come_back(state).text
    late = state_of(scene.choose())
    scene.now += STATE_SECONDS
    assert scene.come_back(late).status_code == 400
    scene.github.failing = NotFound("The code is not known.")
    failed = state_of(scene.choose())
    assert "The code is not known." in scene.come_back(failed).text
    scene.github.failing = None
    assert scene.come_back(failed).status_code == 400
    assert scene.store.credentials is None
    assert scene.come_back(state_of(scene.choose())).status_code == 200


def test_a_full_disk_is_said() -> None:
    scene = Scene(failing=OSError(28, "No space left on device"))
    answer = scene.come_back(state_of(scene.choose()))
    assert answer.status_code == 400
    assert "No space left on device" in answer.text
    assert scene.store.credentials is None


@pytest.mark.parametrize(("base_url", "is_secure"), [(PUBLIC, True), ("http://localhost:8080", False)])
def test_the_only_cookie_is_the_nonce(base_url: str, is_secure: bool) -> None:
    scene = Scene(base_url=base_url)
    assert "set-cookie" not in scene.web.client.get(scene.path).headers
    cookie = scene.choose().headers["set-cookie"].lower()
    assert cookie.startswith("stanch-setup=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/setup" in cookie
    assert ("secure" in cookie) == is_secure


@pytest.mark.parametrize(
    ("changed", "action"),
    [
        ({"owner": "organisation", "organisation": "acme"}, "https://github.com/organizations/acme/settings/apps/new"),
        (
            {"github": "elsewhere", "github_url": "https://github.acme.example/"},
            "https://github.acme.example/settings/apps/new",
        ),
        ({"owner": "person", "organisation": "ignored !"}, "https://github.com/settings/apps/new"),
    ],
)
def test_where_the_app_is_registered(changed: dict[str, str], action: str) -> None:
    assert Form(Scene().choose(**changed).text).action.partition("?")[0] == action


def test_an_enterprise_server_has_its_own_api_and_pages() -> None:
    scene = Scene()
    state = state_of(scene.choose(github="elsewhere", github_url="https://github.acme.example"))
    done = scene.come_back(state)
    assert scene.github.codes == [("https://github.acme.example/api/v3", "abc")]
    assert "https://github.acme.example/github-apps/stanch-of-robin/installations/new" in done.text


def test_the_fix_app_may_write_code() -> None:
    page = Scene().choose(size="fix").text
    assert json.loads(Form(page).fields["manifest"])["default_permissions"]["contents"] == "write"
    assert "push branches with fixes" in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"size": "all"}, "Choose what the App may do."),
        ({"owner": ""}, "Choose who will own the App."),
        ({"owner": "organisation"}, "Write the organisation&#39;s name"),
        ({"owner": "organisation", "organisation": "a/b"}, "Write the organisation&#39;s name"),
        ({"github": "elsewhere"}, "Write your GitHub&#39;s address"),
        ({"github": "elsewhere", "github_url": "http://github.acme.example"}, "Write your GitHub&#39;s address"),
        ({"github": "elsewhere", "github_url": "https://u:p@github.acme.example"}, "Write your GitHub&#39;s address"),
        ({"github": "elsewhere", "github_url": "https://github.acme.example/path"}, "Write your GitHub&#39;s address"),
        ({"webhook_url": ""}, "Write an address such as"),
        ({"webhook_url": "stanch.example.com"}, "Write an address such as"),
        ({"webhook_url": "https://[::1"}, "Write an address such as"),
        ({"webhook_url": "https://stanch.example.com:99999"}, "Write an address such as"),
        ({"webhook_url": "javascript:alert(1)"}, "Write an address such as"),
        ({"webhook_url": "http://stanch.example.com"}, "must begin with https://"),
        ({"webhook_url": "https://u@stanch.example.com"}, "Leave out the user"),
        ({"webhook_url": "https://localhost/webhook"}, "GitHub cannot reach localhost"),
        ({"webhook_url": "https://stanch.localhost"}, "GitHub cannot reach stanch.localhost"),
        ({"webhook_url": "https://127.0.0.2"}, "GitHub cannot reach 127.0.0.2"),
        ({"webhook_url": "https://[::1]/webhook"}, "GitHub cannot reach ::1"),
        ({"webhook_url": "https://0.0.0.0"}, "GitHub cannot reach 0.0.0.0"),
        ({"webhook_url": "https://stanch"}, "not the full name of a machine"),
        ({"webhook_url": "https://10.1.2.3"}, "an address within your network"),
    ],
)
def test_what_the_form_does_not_take(changed: dict[str, str], words: str) -> None:
    answer = Scene().choose(**changed)
    assert answer.status_code == 422
    assert words in answer.text
    assert "one answer needs another look" in answer.text


def test_the_form_keeps_what_was_written_and_shows_it_inert() -> None:
    hostile = '"><script>alert(1)</script>'
    page = Scene().choose(owner="organisation", organisation=hostile, webhook_url=f"https://{hostile}").text
    assert Form(page).fields["organisation"] == hostile
    assert "script" not in Form(page).tags


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://stanch.example.com", "https://stanch.example.com/webhook"),
        ("https://stanch.example.com/", "https://stanch.example.com/webhook"),
        (" https://Stanch.Example.com/webhook ", "https://stanch.example.com/webhook"),
        ("https://example.com/bots/stanch/webhook", "https://example.com/bots/stanch/webhook"),
        ("https://stanch.example.com:8443", "https://stanch.example.com:8443/webhook"),
    ],
)
def test_the_path_of_the_door_is_added(written: str, sent: str) -> None:
    page = Scene().choose(webhook_url=written).text
    assert json.loads(Form(page).fields["manifest"])["hook_attributes"]["url"] == sent
    assert "passes each delivery" not in page


def test_a_relay_is_taken_with_a_warning() -> None:
    page = Scene().choose(webhook_url="https://smee.io/abc").text
    assert json.loads(Form(page).fields["manifest"])["hook_attributes"]["url"] == "https://smee.io/abc"
    assert "smee.io passes each delivery through machines of somebody else" in page


def test_a_private_address_is_reached_by_a_github_in_the_same_network() -> None:
    changed = {"github": "elsewhere", "github_url": "https://github.acme.example", "webhook_url": "https://10.1.2.3"}
    assert Scene().choose(**changed).status_code == 200


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a=1&" * 50, b"size=review&size=fix"])
def test_a_body_that_is_no_form(body: bytes) -> None:
    scene = Scene()
    assert scene.web.client.post(scene.path, content=body).status_code == 422
    assert scene.web.client.post(scene.path, content=b"a" * 20_000).status_code == 413


def test_the_pages_load_nothing_and_allow_only_their_own_style() -> None:
    scene = Scene()
    for answer in (scene.web.client.get(scene.path), scene.choose(), scene.come_back("x")):
        policy = answer.headers["content-security-policy"]
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'sha256-{digest}'" in policy
        assert not {"script", "link", "img", "iframe"} & set(Form(answer.text).tags)
        assert not re.search(r"style=|onclick|url\(|@import", answer.text)


def test_every_permission_has_words() -> None:
    asked = {(name, level) for size in Size for name, level in PERMISSIONS[size].items()}
    assert asked == set(PERMISSION_WORDS)
    assert set(what_it_may(Size.FIX)) - set(what_it_may(Size.REVIEW)) == {
        "push branches with fixes, which become pull requests"
    }


def test_without_a_setup_there_is_no_page() -> None:
    assert make_web().client.get("/setup/callback").status_code == 404
