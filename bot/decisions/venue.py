"""Through what Stanch works in a repository, the App or the Action, as far as what it writes there shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.decisions.keys import check_key

KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
ACTION_PREFIX: Final = "action/"
MAX_KEY: Final = 40
"""GitHub's checks are listed by name, and so is what becomes of a key."""


@dataclass(frozen=True)
class Venue:
    """The App or the Action.

    Attributes:
        grantor: who grants permissions, in a sentence.
        again: how a scan is asked for again, at a check; a sentence.
        retry: the same in a comment.
        hints: what can be done about a finding, for the end of a comment.
        no_fixes: why no fixes are written, where they are not wanted; a sentence.
        has_buttons: whether somebody hears of presses of a check's buttons.
        remembers: whether what is said by command is remembered.
        key: tells the Action's jobs in a repository apart (see `KEY`); empty for the only one.
        check_prefix: begins the external ids of check runs. All workflows share an App, in whose name GitHub keeps a
            check run of each job too, maybe of the same name; so ours are told by this.
    """

    grantor: str
    again: str
    retry: str
    hints: str
    no_fixes: str
    has_buttons: bool
    remembers: bool
    key: str = ""
    check_prefix: str = ""

    def check_key(self, name: str, commit: str, run: int = 1) -> str:
        """The key of a check run, as its external id; see `bot.decisions.keys.check_key`."""
        return f"{self.check_prefix}{check_key(name, commit, run)}"

    def is_ours(self, external_id: str) -> bool:
        """Whether a check run of our App is one that we made."""
        return not self.check_prefix or external_id.startswith(self.check_prefix)

    def check_name(self, name: str) -> str:
        """The name of a check run here."""
        return f"{name} {self.key}" if self.key else name

    def not_granted(self, permission: str, level: str = "write") -> str:
        """The sentence, without its end, that a permission is missing; `permission` by the API's name."""
        shown = permission if self.has_buttons else permission.replace("_", "-")
        return f"{self.grantor} does not grant `{shown}: {level}`"


APP: Final = Venue(
    grantor="the installation",
    again="Scanning it again may help: use the button above, or comment `/perf-scan`.",
    retry="`/perf-scan` tries again.",
    hints="`/perf-scan explain ID` tells more · `/perf-scan ignore ID reason` silences a finding",
    no_fixes="Fix pull requests are not switched on in this installation.",
    has_buttons=True,
    remembers=True,
)


def action(key: str = "") -> Venue:
    """The Action, in the job of this key."""
    return Venue(
        grantor="the job's token",
        again="Scanning it again may help: run the job again.",
        retry="Running the job again may help.",
        hints="`stanch explain ID` tells more · `stanch-ignore RULE: reason` at the line silences a finding",
        no_fixes="The workflow does not say `fix: true`, so no fixes are written here.",
        has_buttons=False,
        remembers=False,
        key=key,
        check_prefix=ACTION_PREFIX,
    )
