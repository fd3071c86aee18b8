"""Vue: composition API. Source: vuejs.org/api/composition-api-lifecycle, .../reactivity-advanced (onScopeDispose)."""

from fixers.lifecycles.model import Component, Hook, Runs
from fixers.resources.model import Tables

_TEARDOWNS = frozenset(
    {
        *(
            f"{module}.{name}"
            for module in ("vue", "@vue/composition-api")
            for name in ("onUnmounted", "onBeforeUnmount", "onScopeDispose", "onDeactivated")
        ),
        *(f"global.{name}" for name in ("onUnmounted", "onBeforeUnmount", "onScopeDispose", "onDeactivated")),
        "@vueuse/core.tryOnScopeDispose",
        "@vueuse/shared.tryOnScopeDispose",
        "@vueuse/core.tryOnUnmounted",
        "@vueuse/core.tryOnBeforeUnmount",
    }
)
_SETUPS = frozenset(
    f"{module}.{name}" for module in ("vue", "global") for name in ("onMounted", "onBeforeMount", "onActivated")
)

HOOKS = (
    Hook(_TEARDOWNS, Runs.TEARDOWN, Tables.JAVASCRIPT),
    Hook(_SETUPS, Runs.SETUP, Tables.JAVASCRIPT),
)

COMPONENTS = (Component("Vue component", hooks=_TEARDOWNS | _SETUPS, kinds=frozenset({"setup"})),)
