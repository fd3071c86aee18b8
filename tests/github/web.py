"""The pages of the fake GitHub's website that an App's set-up goes through: the manifest form, and installing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode

from tests.github.answers import Answer, Refusal
from tests.github.domain.installations import submit_manifest
from tests.github.state import Kind

if TYPE_CHECKING:
    from tests.github.api import Incoming, Outcome
    from tests.github.world import World

FORM: Final = re.compile(r"(?:/organizations/(?P<organization>[^/]+))?/settings/apps/new")
INSTALL: Final = re.compile(r"/apps/[^/]+/installations/new(/permissions)?")
SIGNED_IN: Final = "operator"
"""The person whom the website takes its visitors for."""


@dataclass
class Website:
    """The website."""

    world: World

    def owns(self, path: str) -> bool:
        """Whether a path is a page of the website."""
        return bool(FORM.fullmatch(path) or INSTALL.fullmatch(path))

    def handle(self, incoming: Incoming, outcome: Outcome) -> Answer:
        """Show a page, or take the manifest and lead back with a code, as the person's click on "Create" does."""
        outcome.operation = "website"
        match = FORM.fullmatch(incoming.path)
        if match is None or incoming.method != "POST":
            return Answer(200, "<!doctype html><title>GitHub</title>", content_type="text/html; charset=utf-8")
        form = parse_qs(incoming.data.decode())
        organization = match["organization"]
        with self.world.lock:
            kind = Kind.ORGANIZATION if organization else Kind.USER
            owner = self.world.account(organization or SIGNED_IN, kind)
            try:
                manifest = json.loads(form.get("manifest", ["null"])[0])
                code = submit_manifest(self.world, manifest if isinstance(manifest, dict) else {}, owner)
            except (Refusal, json.JSONDecodeError) as error:
                return Answer(422, f"<!doctype html><p>{error}</p>", content_type="text/html; charset=utf-8")
        state = (form.get("state") or [incoming.query.get("state", "")])[0]
        query = urlencode({"code": code, **({"state": state} if state else {})})
        url = manifest["redirect_url"]
        return Answer(302, None, {"Location": f"{url}{'&' if '?' in url else '?'}{query}"})
