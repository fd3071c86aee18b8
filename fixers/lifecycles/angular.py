"""Angular: components, directives and pipes, which end with their view, and services.

Sources: angular.dev/guide/components/lifecycle, .../guide/di/defining-dependency-providers. A service ends with the
injector that made it, which for most is the application's, so that its `ngOnDestroy` is a teardown where there is
one, and none has to be added.
"""

from fixers.lifecycles.model import ClassLifecycle, Hook, Runs
from fixers.resources.model import Tables

_MODULES = ("@angular/core", "global")

HOOKS = (Hook(frozenset({"*.onDestroy"}), Runs.TEARDOWN, Tables.JAVASCRIPT),)

CLASSES = (
    ClassLifecycle(
        noun="Angular component",
        tables=Tables.JAVASCRIPT,
        final=("ngOnDestroy",),
        decorators=frozenset(f"{module}.{name}" for module in _MODULES for name in ("Component", "Directive", "Pipe")),
        roots=frozenset({"AppComponent", "App"}),
        called_by_framework=True,
        written_as="ngOnDestroy(): void {",
    ),
    ClassLifecycle(
        noun="Angular service",
        tables=Tables.JAVASCRIPT,
        final=("ngOnDestroy",),
        decorators=frozenset(f"{module}.Injectable" for module in _MODULES),
    ),
    ClassLifecycle(
        noun="Angular class",
        tables=Tables.JAVASCRIPT,
        final=("ngOnDestroy",),
        members=frozenset({"ngOnDestroy"}),
    ),
)
