"""A server whose handler does next to nothing, so that what hooks cost shows most."""

import asyncio
import json


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers the requests of a connection."""
    while head := await reader.readline():
        while await reader.readline() not in (b"\r\n", b""):
            pass
        work = asyncio.create_task(respond(head))
        body = await work
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
    writer.close()


async def respond(head: bytes) -> bytes:
    """What a request is answered with; reading a file is what a handler may well do."""
    with open(__file__, encoding="utf-8") as file:  # noqa: PTH123 - as programs do
        return json.dumps({"url": head.split()[1].decode(), "read": len(file.read())}).encode()


async def main() -> None:
    """Serves for ever, on the port that it prints."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
