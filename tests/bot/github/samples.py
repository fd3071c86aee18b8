"""What a review writes, made small."""

from __future__ import annotations

from bot.decisions.checks import RESCAN, Annotation, CheckRun, Output
from bot.decisions.reviews import InlineComment

CODE = "setInterval(poll, 9);\nexport {};\n"


def inline(line: int, body: str = "a leak", path: str = "src/poll.ts") -> InlineComment:
    return InlineComment(path=path, line=line, side="RIGHT", body=body)


def finished(annotations: int = 0) -> CheckRun:
    return CheckRun(
        conclusion="neutral",
        output=Output(
            title="1 leak introduced",
            summary="one leak",
            annotations=tuple(
                Annotation(
                    path="src/poll.ts",
                    start_line=1,
                    end_line=1,
                    annotation_level="warning",
                    title="timer/never-released",
                    message=f"leak {number}",
                )
                for number in range(annotations)
            ),
        ),
        actions=(RESCAN,),
    )
