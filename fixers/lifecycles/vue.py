"""Vue: the composition API, and objects and classes of options.

Sources: vuejs.org/api/composition-api-lifecycle, .../reactivity-advanced (onScopeDispose), .../options-lifecycle;
v2.vuejs.org/v2/guide/components-edge-cases.html (`hook:beforeDestroy`), class-component.vuejs.org,
router.vuejs.org/guide/advanced/navigation-guards.html (`beforeRouteLeave`).
"""

from fixers.lifecycles.model import ClassLifecycle, Component, Hook, ObjectForm, Runs
from fixers.resources.model import Tables
from fixers.source import Language

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
    Hook(
        frozenset({"*.$once", "*.$on"}),
        Runs.TEARDOWN,
        Tables.JAVASCRIPT,
        argument=1,
        events=frozenset({"hook:beforeDestroy", "hook:destroyed", "hook:beforeUnmount", "hook:unmounted"}),
    ),
)

COMPONENTS = (Component("Vue component", hooks=_TEARDOWNS | _SETUPS, kinds=frozenset({"setup"})),)

_STARTS = frozenset({"beforeCreate", "created", "beforeMount", "mounted"})
_ENDS = frozenset({"beforeDestroy", "destroyed", "beforeUnmount", "unmounted"})
_OPTIONS = frozenset({"data", "methods", "computed", "watch", "props", "components", "mixins", "render", "setup"})

CLASSES = (
    ClassLifecycle(
        noun="Vue component",
        tables=Tables.JAVASCRIPT,
        final=("beforeUnmount", "beforeDestroy", "unmounted", "destroyed"),
        pausing=("deactivated", "beforeRouteLeave"),
        bases=frozenset({"vue", "vue.Vue", "global.Vue", "vue-property-decorator.Vue", "vue-class-component.Vue"}),
        objects=ObjectForm(
            given_to=frozenset(
                {
                    *("*.defineComponent", "*.defineNuxtComponent"),
                    *(f"{vue}.{name}" for vue in ("vue", "global.Vue") for name in ("component", "extend", "mixin")),
                    *("vue.createApp().component", "vue.createApp().mixin"),
                }
            ),
            default_export_of=frozenset({Language.VUE}),
            marks=_STARTS | _ENDS,
            marks_beside=_ENDS | _OPTIONS,
            shares_this=frozenset({"methods", "computed", "watch"}),
            mixins=frozenset({"mixins", "extends"}),
            setup=frozenset({"setup"}),
        ),
        parts=frozenset({"$el", "$refs"}),
        roots=frozenset({"App", "app"}),
        called_by_framework=True,
        written_as="beforeUnmount() {",
    ),
)
