"""What the web side of the service is put together from, as protocols: it knows no database and no queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bot.github.models import Credentials
    from bot.service.metrics import Metrics
    from bot.service.setup.flow import Setup


class DeliveryStore(Protocol):
    """Where deliveries are kept until they are dealt with."""

    def record(self, guid: str, event: str, payload: bytes) -> object:
        """Keeps a delivery before the door answers, and has it dealt with.

        The same guid may come again: then nothing is kept twice, and what is not done is dealt with again.

        Raises:
            Exception: it could not be kept; the door answers 503, and GitHub has it sent again later.
        """


class CredentialsStore(Protocol):
    """Where the App's credentials are."""

    def load(self) -> Credentials | None:
        """The credentials now; None before setup.

        Raises:
            CredentialsError: they are there and cannot be used.
        """


@dataclass(frozen=True)
class Parts:
    """What `create_app` puts together.

    Attributes:
        deliveries: where deliveries are recorded; called in a thread.
        events: the events that are recorded; all others are answered and forgotten.
        credentials: where the webhook secrets are.
        checks: by name, for `/readyz`: each gives None, or a sentence that says what is missing. They are called in
            threads. That there are credentials is added to them.
        metrics: what is counted.
        setup: the setup page; None where the credentials come from the environment.
    """

    deliveries: DeliveryStore
    events: Collection[str]
    credentials: CredentialsStore
    checks: Mapping[str, Callable[[], str | None]]
    metrics: Metrics
    setup: Setup | None = None
