"""Observers of browsers, and of files in Node."""

from fixers.findings import Family
from fixers.resources.model import Clean, Counts, Example, Method, Resource, Tables

_NAMES = ("ResizeObserver", "IntersectionObserver", "MutationObserver", "PerformanceObserver", "ReportingObserver")

RESOURCES = (
    Resource(
        id="web:ResizeObserver",
        family=Family.OBSERVER,
        tables=Tables.JAVASCRIPT,
        label="ResizeObserver",
        noun="observer",
        ended="disconnected",
        acquired_by=(*(f"global.{name}" for name in _NAMES), "perf_hooks.PerformanceObserver"),
        released_by=(Method("disconnect"), Method("unobserve")),
        words=tuple(name.encode() for name in _NAMES),
        form="new",
        given_to_callback=1,
        error_leaks=False,
        source="https://drafts.csswg.org/resize-observer/#lifetime: it lives while it observes something that does",
        leaking=(
            Example(
                "src/Chart.jsx",
                "never-released",
                "import { useEffect, useRef } from 'react';\n"
                "\n"
                "export function Chart({ draw }) {\n"
                "  const box = useRef(null);\n"
                "  useEffect(() => {\n"
                "    const observer = new ResizeObserver(() => draw(box.current));\n"
                "    observer.observe(box.current);\n"
                "  }, [draw]);\n"
                "  return <div ref={box} />;\n"
                "}\n",
                "import { useEffect, useRef } from 'react';\n"
                "\n"
                "export function Chart({ draw }) {\n"
                "  const box = useRef(null);\n"
                "  useEffect(() => {\n"
                "    const observer = new ResizeObserver(() => draw(box.current));\n"
                "    observer.observe(box.current);\n"
                "    return () => observer.disconnect();\n"
                "  }, [draw]);\n"
                "  return <div ref={box} />;\n"
                "}\n",
            ),
            Example(
                "src/outline.js",
                "forgotten-by-teardown",
                "export class Outline {\n"
                "  constructor(root, list) {\n"
                "    this.list = list;\n"
                "    this.observer = new MutationObserver(() => this.list.refresh());\n"
                "    this.observer.observe(root, { childList: true });\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    this.list.remove();\n"
                "  }\n"
                "}\n",
                "export class Outline {\n"
                "  constructor(root, list) {\n"
                "    this.list = list;\n"
                "    this.observer = new MutationObserver(() => this.list.refresh());\n"
                "    this.observer.observe(root, { childList: true });\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    this.observer.disconnect();\n"
                "    this.list.remove();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/Lazy.jsx",
                "it disconnects itself, by its own name or the one that its callback gets",
                "import { useEffect, useRef } from 'react';\n"
                "\n"
                "export function Lazy({ load }) {\n"
                "  const box = useRef(null);\n"
                "  useEffect(() => {\n"
                "    const near = new IntersectionObserver((entries) => {\n"
                "      if (entries[0].isIntersecting) {\n"
                "        near.disconnect();\n"
                "        load();\n"
                "      }\n"
                "    });\n"
                "    near.observe(box.current);\n"
                "    new IntersectionObserver((entries, self) => self.disconnect()).observe(box.current);\n"
                "  }, [load]);\n"
                "  return <div ref={box} />;\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="node:fs.watch",
        family=Family.OBSERVER,
        tables=Tables.JAVASCRIPT,
        label="fs.watch",
        noun="watcher",
        ended="closed",
        acquired_by=("fs.watch", "fs-extra.watch", "chokidar.watch"),
        released_by=(Method("close"),),
        words=(b"watch",),
        counts=Counts.OWNED,
        gives=frozenset({"on", "once", "addListener", "ref"}),
        detached_by=frozenset({"unref"}),
        released_by_options=("signal",),
        error_leaks=False,
        source="https://nodejs.org/api/fs.html#class-fsfswatcher",
        leaking=(
            Example(
                "src/templates.js",
                "forgotten-by-teardown",
                "import chokidar from 'chokidar';\n"
                "\n"
                "export class Templates {\n"
                "  constructor(folder, cache) {\n"
                "    this.cache = cache;\n"
                "    this.watcher = chokidar.watch(folder).on('change', (file) => this.cache.drop(file));\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.cache.clear();\n"
                "  }\n"
                "}\n",
                "import chokidar from 'chokidar';\n"
                "\n"
                "export class Templates {\n"
                "  constructor(folder, cache) {\n"
                "    this.cache = cache;\n"
                "    this.watcher = chokidar.watch(folder).on('change', (file) => this.cache.drop(file));\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.watcher.close();\n"
                "    this.cache.clear();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/watch.js",
                "the caller gets the watcher",
                "import fs from 'node:fs';\n"
                "\n"
                "export const watchConfig = (file, run) => fs.watch(file, { persistent: false }, run);\n",
            ),
        ),
    ),
)
