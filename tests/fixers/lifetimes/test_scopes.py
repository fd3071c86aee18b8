"""Handles of effects, components and composables: React, Preact, Vue, Svelte."""

from __future__ import annotations

import pytest

from tests.fixers.judging import Row, check, jsx, svelte, tsx, vue

REACT = [
    jsx(
        "an effect that returns nothing",
        """
        import { useEffect } from 'react';
        export function Clock({ tick }) {
          useEffect(() => {
            setInterval(tick, 1000);
          }, [tick]);
          return null;
        }
        """,
        ("timer/never-released", "high", 4),
    ),
    jsx(
        "an effect whose cleanup ends it",
        """
        import { useEffect } from 'react';
        export function Clock({ tick }) {
          useEffect(() => {
            const timer = setInterval(tick, 1000);
            return () => clearInterval(timer);
          }, [tick]);
          return null;
        }
        """,
    ),
    jsx(
        "an effect whose cleanup is a named function",
        """
        import { useEffect } from 'react';
        export function Clock({ tick }) {
          useEffect(() => {
            const timer = setInterval(tick, 1000);
            function stop() {
              clearInterval(timer);
            }
            return stop;
          }, [tick]);
          return null;
        }
        """,
    ),
    jsx(
        "an effect whose cleanup forgets one of two",
        """
        import { useEffect } from 'react';
        export function Chat({ url, ping }) {
          useEffect(() => {
            const socket = new WebSocket(url);
            const timer = setInterval(() => socket.send(ping), 1000);
            return () => clearInterval(timer);
          }, [url]);
          return null;
        }
        """,
        ("socket/forgotten-by-teardown", "high", 4),
    ),
    jsx(
        "an early return without cleanup, before anything is acquired",
        """
        import { useEffect } from 'react';
        export function Clock({ tick, on }) {
          useEffect(() => {
            if (!on) return undefined;
            const timer = setInterval(tick, 1000);
            return () => clearInterval(timer);
          }, [tick, on]);
          return null;
        }
        """,
    ),
    jsx(
        "acquired under a condition, ended under the same",
        """
        import { useEffect } from 'react';
        export function Clock({ tick, on }) {
          useEffect(() => {
            let timer;
            if (on) timer = setInterval(tick, 1000);
            return () => {
              if (timer) clearInterval(timer);
            };
          }, [tick, on]);
          return null;
        }
        """,
    ),
    jsx(
        "a cleanup on one path only",
        """
        import { useEffect } from 'react';
        export function Clock({ tick, on }) {
          useEffect(() => {
            const timer = setInterval(tick, 1000);
            if (!on) return;
            return () => clearInterval(timer);
          }, [tick, on]);
          return null;
        }
        """,
        ("timer/forgotten-by-teardown", "high", 4),
    ),
    jsx(
        "a listener with a cleanup",
        """
        import { useEffect } from 'react';
        export function Menu({ close }) {
          useEffect(() => {
            const onKey = (event) => event.key === 'Escape' && close();
            window.addEventListener('keydown', onKey);
            return () => window.removeEventListener('keydown', onKey);
          }, [close]);
          return null;
        }
        """,
    ),
    jsx(
        "a listener taken off with another function",
        """
        import { useEffect } from 'react';
        export function Menu({ close }) {
          useEffect(() => {
            window.addEventListener('keydown', () => close());
            return () => window.removeEventListener('keydown', () => close());
          }, [close]);
          return null;
        }
        """,
        ("listener/forgotten-by-teardown", "high", 4),
    ),
    jsx(
        "a listener with a signal that the cleanup aborts",
        """
        import { useEffect } from 'react';
        export function Menu({ close }) {
          useEffect(() => {
            const controller = new AbortController();
            window.addEventListener('keydown', close, { signal: controller.signal });
            return () => controller.abort();
          }, [close]);
          return null;
        }
        """,
    ),
    jsx(
        "listeners for a list of events, taken off in the same way",
        """
        import { useEffect } from 'react';
        export function Idle({ wake }) {
          useEffect(() => {
            const events = ['mousemove', 'keydown'];
            events.forEach((name) => window.addEventListener(name, wake));
            return () => events.forEach((name) => window.removeEventListener(name, wake));
          }, [wake]);
          return null;
        }
        """,
    ),
    jsx(
        "a listener on a node of a ref",
        """
        import { useEffect, useRef } from 'react';
        export function Box({ onScroll }) {
          const box = useRef(null);
          useEffect(() => {
            const node = box.current;
            node?.addEventListener('scroll', onScroll);
            return () => node?.removeEventListener('scroll', onScroll);
          }, [onScroll]);
          return <div ref={box} />;
        }
        """,
    ),
    jsx(
        "a listener on what the effect makes",
        """
        import { useEffect } from 'react';
        export function Picture({ url, done }) {
          useEffect(() => {
            const image = new Image();
            image.addEventListener('load', done);
            image.src = url;
          }, [url]);
          return null;
        }
        """,
    ),
    jsx(
        "a ref that a second effect clears",
        """
        import { useEffect, useRef } from 'react';
        export function Clock({ tick }) {
          const timer = useRef(null);
          useEffect(() => {
            timer.current = setInterval(tick, 1000);
          }, []);
          useEffect(() => () => clearInterval(timer.current), []);
          return null;
        }
        """,
    ),
    jsx(
        "a ref that nobody clears",
        """
        import { useEffect, useRef } from 'react';
        export function Clock({ tick }) {
          const timer = useRef(null);
          useEffect(() => {
            timer.current = setInterval(tick, 1000);
          }, []);
          return null;
        }
        """,
        ("timer/never-released", "high", 5),
    ),
    jsx(
        "a ref that is filled by an event handler and cleared at unmount",
        """
        import { useEffect, useRef } from 'react';
        export function Search({ find }) {
          const timer = useRef();
          const onInput = (event) => {
            clearTimeout(timer.current);
            timer.current = setTimeout(() => find(event.target.value), 200);
          };
          useEffect(() => {
            return () => {
              clearTimeout(timer.current);
            };
          }, []);
          return <input onInput={onInput} />;
        }
        """,
    ),
    jsx(
        "a ref that is filled by an event handler and never cleared at unmount",
        """
        import { useRef } from 'react';
        export function Search({ find }) {
          const timer = useRef();
          const onInput = (event) => {
            clearTimeout(timer.current);
            timer.current = setTimeout(() => find(event.target.value), 200);
          };
          return <input onInput={onInput} />;
        }
        """,
        ("timer/forgotten-by-teardown", "high", 6),
    ),
    jsx(
        "a custom hook of the unmount clears the ref",
        """
        import { useRef } from 'react';
        import { useUnmount } from './hooks';
        export function Search({ find }) {
          const timer = useRef();
          const onInput = (event) => {
            clearTimeout(timer.current);
            timer.current = setTimeout(() => find(event.target.value), 200);
          };
          useUnmount(() => clearTimeout(timer.current));
          return <input onInput={onInput} />;
        }
        """,
    ),
    jsx(
        "a helper of the component clears it",
        """
        import { useCallback, useEffect, useRef } from 'react';
        export function Clock({ tick }) {
          const timer = useRef(null);
          const stop = useCallback(() => {
            clearInterval(timer.current);
            timer.current = null;
          }, []);
          useEffect(() => {
            timer.current = setInterval(tick, 1000);
            return stop;
          }, [stop, tick]);
          return null;
        }
        """,
    ),
    jsx(
        "an event handler that starts and forgets",
        """
        import { useState } from 'react';
        export function Button({ poll }) {
          const [on, setOn] = useState(false);
          const start = () => {
            setOn(true);
            setInterval(poll, 1000);
          };
          return <button onClick={start}>{on}</button>;
        }
        """,
        ("timer/never-released", "medium", 6),
    ),
    jsx(
        "a component's body starts an interval each time it renders",
        """
        import { useState } from 'react';
        export function Clock() {
          const [now, setNow] = useState(0);
          setInterval(() => setNow(Date.now()), 1000);
          return <b>{now}</b>;
        }
        """,
        ("timer/never-released", "high", 4),
    ),
    jsx(
        "an async effect that lets go before it begins",
        """
        import { useEffect } from 'react';
        export function Live({ load, show }) {
          useEffect(() => {
            let socket;
            let cancelled = false;
            async function start() {
              const url = await load();
              if (cancelled) return;
              socket = new WebSocket(url);
              socket.onmessage = (event) => show(event.data);
            }
            start();
            return () => {
              cancelled = true;
              socket?.close();
            };
          }, [load, show]);
          return null;
        }
        """,
    ),
    jsx(
        "an async effect that never lets go",
        """
        import { useEffect } from 'react';
        export function Live({ load, show }) {
          useEffect(() => {
            async function start() {
              const url = await load();
              const socket = new WebSocket(url);
              socket.onmessage = (event) => show(event.data);
            }
            start();
          }, [load, show]);
          return null;
        }
        """,
        ("socket/never-released", "high", 6),
    ),
    tsx(
        "a custom hook that returns a disposer",
        """
        import { useCallback, useRef } from 'react';
        export function usePoll(run: () => void): [() => void, () => void] {
          const timer = useRef<ReturnType<typeof setInterval> | null>(null);
          const start = useCallback(() => {
            timer.current = setInterval(run, 1000);
          }, [run]);
          const stop = useCallback(() => {
            if (timer.current) clearInterval(timer.current);
          }, []);
          return [start, stop];
        }
        """,
        ("timer/forgotten-by-teardown", "medium", 5),
    ),
    jsx(
        "React.useLayoutEffect and Preact are effects too",
        """
        import React from 'react';
        import { useEffect } from 'preact/hooks';
        export function One({ tick }) {
          React.useLayoutEffect(() => {
            setInterval(tick, 1000);
          }, []);
          useEffect(() => {
            setInterval(tick, 2000);
          }, []);
          return null;
        }
        """,
        ("timer/never-released", "high", 5),
        ("timer/never-released", "high", 8),
    ),
    jsx(
        "a sleep in an async helper of an effect",
        """
        import { useEffect } from 'react';
        export function Later({ run }) {
          useEffect(() => {
            async function go() {
              await new Promise((resolve) => setTimeout(resolve, 500));
              run();
            }
            go();
          }, []);
          return null;
        }
        """,
    ),
    jsx(
        "a one-shot timeout in an effect",
        """
        import { useEffect } from 'react';
        export function Focus({ node }) {
          useEffect(() => {
            setTimeout(() => node.focus(), 100);
          }, [node]);
          return null;
        }
        """,
        ("timer/never-released", "medium", 4),
    ),
    jsx(
        "a helper of this name from elsewhere returns an unsubscribe",
        """
        import { useEffect } from 'react';
        import { addEventListener } from './bus';
        export function Live({ run }) {
          useEffect(() => addEventListener('message', run), [run]);
          return null;
        }
        """,
    ),
    jsx(
        "no effect of React",
        """
        import { useEffect } from './my-hooks';
        export function Live({ run }) {
          useEffect(() => {
            return setTimeout(run, 10);
          });
        }
        """,
    ),
]

VUE = [
    vue(
        "script setup that ends it",
        """
        <script setup>
        import { onMounted, onUnmounted, ref } from 'vue';
        const now = ref(0);
        let timer;
        onMounted(() => {
          timer = setInterval(() => { now.value = Date.now(); }, 1000);
        });
        onUnmounted(() => clearInterval(timer));
        </script>
        <template><time>{{ now }}</time></template>
        """,
    ),
    vue(
        "script setup that forgets it",
        """
        <script setup>
        import { onMounted, ref } from 'vue';
        const now = ref(0);
        let timer;
        onMounted(() => {
          timer = setInterval(() => { now.value = Date.now(); }, 1000);
        });
        </script>
        <template><time>{{ now }}</time></template>
        """,
        ("timer/never-released", "high", 6),
    ),
    vue(
        "script setup that starts at once",
        """
        <script setup lang="ts">
        import { ref } from 'vue';
        const now = ref<number>(0);
        setInterval(() => { now.value = Date.now(); }, 1000);
        </script>
        <template><time>{{ now }}</time></template>
        """,
        ("timer/never-released", "high", 4),
    ),
    vue(
        "a listener that onBeforeUnmount takes off",
        """
        <script setup>
        import { onBeforeUnmount, onMounted } from 'vue';
        const onResize = () => console.log('resized');
        onMounted(() => window.addEventListener('resize', onResize));
        onBeforeUnmount(() => window.removeEventListener('resize', onResize));
        </script>
        """,
    ),
    vue(
        "a listener that nobody takes off",
        """
        <script setup>
        import { onMounted, onUnmounted } from 'vue';
        const onResize = () => console.log('resized');
        onMounted(() => window.addEventListener('resize', onResize));
        onUnmounted(() => console.log('gone'));
        </script>
        """,
        ("listener/forgotten-by-teardown", "high", 4),
    ),
    vue(
        "a composable in the script beside",
        """
        <script>
        import { onScopeDispose } from 'vue';
        export function useClock(run) {
          const timer = setInterval(run, 1000);
          onScopeDispose(() => clearInterval(timer));
        }
        </script>
        <script setup>
        useClock(() => console.log('tick'));
        </script>
        """,
    ),
    vue(
        "a composable in the script beside that keeps it",
        """
        <script>
        import { onScopeDispose } from 'vue';
        export function useClock(run) {
          const timer = setInterval(run, 1000);
          onScopeDispose(() => console.log(timer));
        }
        </script>
        <script setup>
        useClock(() => console.log('tick'));
        </script>
        """,
        ("timer/forgotten-by-teardown", "high", 4),
    ),
    vue(
        "options: beforeUnmount ends it",
        """
        <script>
        export default {
          mounted() {
            this.timer = setInterval(() => this.tick(), 1000);
          },
          beforeUnmount() {
            clearInterval(this.timer);
          },
          methods: {
            tick() {},
          },
        };
        </script>
        """,
    ),
    vue(
        "options: beforeDestroy forgets it",
        """
        <script>
        export default {
          mounted() {
            this.timer = setInterval(() => this.tick(), 1000);
          },
          beforeDestroy() {
            this.gone = true;
          },
          methods: {
            tick() {},
          },
        };
        </script>
        """,
        ("timer/forgotten-by-teardown", "high", 4),
    ),
    vue(
        "options: a method starts it, beforeUnmount ends it through another one",
        """
        <script>
        export default {
          beforeUnmount() {
            this.stop();
          },
          methods: {
            start() {
              this.stop();
              this.timer = setInterval(() => this.tick(), 1000);
            },
            stop() {
              clearInterval(this.timer);
            },
            tick() {},
          },
        };
        </script>
        """,
    ),
]

SVELTE = [
    svelte(
        "onMount that returns its cleanup",
        """
        <script>
          import { onMount } from 'svelte';
          let now = 0;
          onMount(() => {
            const timer = setInterval(() => { now = Date.now(); }, 1000);
            return () => clearInterval(timer);
          });
        </script>
        <time>{now}</time>
        """,
    ),
    svelte(
        "onMount that returns nothing",
        """
        <script>
          import { onMount } from 'svelte';
          let now = 0;
          onMount(() => {
            setInterval(() => { now = Date.now(); }, 1000);
          });
        </script>
        <time>{now}</time>
        """,
        ("timer/never-released", "high", 5),
    ),
    svelte(
        "onDestroy",
        """
        <script>
          import { onDestroy } from 'svelte';
          const timer = setInterval(() => console.log('tick'), 1000);
          onDestroy(() => clearInterval(timer));
        </script>
        """,
    ),
    svelte(
        "$effect that returns nothing",
        """
        <script>
          let { url } = $props();
          $effect(() => {
            const socket = new WebSocket(url);
            socket.onmessage = (event) => console.log(event);
          });
        </script>
        """,
        ("socket/never-released", "high", 4),
    ),
    svelte(
        "$effect that returns its cleanup",
        """
        <script>
          let { url } = $props();
          $effect(() => {
            const socket = new WebSocket(url);
            socket.onmessage = (event) => console.log(event);
            return () => socket.close();
          });
        </script>
        """,
    ),
    svelte(
        "an async onMount: its cleanup is never called",
        """
        <script>
          import { onMount } from 'svelte';
          onMount(async () => {
            const url = await fetch('/url').then((answer) => answer.text());
            const socket = new WebSocket(url);
            return () => socket.close();
          });
        </script>
        """,
        ("socket/never-released", "high", 5),
    ),
    svelte(
        "TypeScript",
        """
        <script lang="ts">
          import { onMount } from 'svelte';
          let now: number = 0;
          onMount(() => {
            const timer: ReturnType<typeof setInterval> = setInterval(() => { now = Date.now(); }, 1000);
          });
        </script>
        """,
        ("timer/never-released", "high", 5),
    ),
]


@pytest.mark.parametrize("row", REACT, ids=str)
def test_react(row: Row) -> None:
    check(row)


@pytest.mark.parametrize("row", VUE, ids=str)
def test_vue(row: Row) -> None:
    check(row)


@pytest.mark.parametrize("row", SVELTE, ids=str)
def test_svelte(row: Row) -> None:
    check(row)
