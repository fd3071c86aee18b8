"""A service with FastAPI on uvicorn, as PyPI has them: an answer that waits, a task in the background."""

from __future__ import annotations

import asyncio
import os
import random

import uvicorn
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


async def remember(number: float) -> None:
    """Takes a moment."""
    await asyncio.sleep(number / 1000)


@app.get("/")
async def answer(tasks: BackgroundTasks) -> dict[str, float]:
    """Answers."""
    number = random.random()
    tasks.add_task(remember, number)
    await asyncio.sleep(number / 1000)
    return {"number": number}


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")
