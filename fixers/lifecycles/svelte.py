"""Svelte: onMount, onDestroy, $effect. Source: svelte.dev/docs/svelte/lifecycle-hooks, .../$effect."""

from fixers.lifecycles.model import Component, Hook, Runs
from fixers.resources.model import Tables

HOOKS = (
    Hook(frozenset({"svelte.onMount", "global.$effect", "global.$effect.pre"}), Runs.EFFECT, Tables.JAVASCRIPT),
    Hook(frozenset({"svelte.onDestroy"}), Runs.TEARDOWN, Tables.JAVASCRIPT),
)

COMPONENTS = (
    Component(
        "Svelte component",
        hooks=frozenset({"svelte.onMount", "svelte.onDestroy", "global.$effect"}),
        kinds=frozenset({"setup"}),
    ),
)
