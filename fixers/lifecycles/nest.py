"""NestJS: providers end when the application closes. Source: docs.nestjs.com/fundamentals/lifecycle-events."""

from fixers.lifecycles.model import ClassLifecycle
from fixers.resources.model import Tables

CLASSES = (
    ClassLifecycle(
        noun="NestJS provider",
        tables=Tables.JAVASCRIPT,
        final=("onModuleDestroy", "beforeApplicationShutdown", "onApplicationShutdown"),
        decorators=frozenset(f"@nestjs/common.{name}" for name in ("Injectable", "Controller", "Module")),
        members=frozenset({"onModuleDestroy", "onApplicationShutdown"}),
    ),
)
