"""Python `websockets` on the other side: as client of `sansocket serve`, as server of our clients.

SANSOCKET names the command line, CLIENT_TOKIO and CLIENT_SMOL the echoing clients (the `autobahn_client` examples);
`cargo xtask test --only interop-python` sets all three.
"""

import asyncio
import os
import re
import unittest

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)

RUNTIMES = ("tokio", "smol")

# Lengths on both sides of each step of the length encoding. The last leaves room below 1 MiB: noise grows when it is
# deflated.
LENGTHS = (0, 1, 125, 126, 127, 1023, 65535, 65536, 262144, 900_000)
TEXTS = ("", "a", "Sans socket", "ü – 日本語 – 𝄞", "x" * 100_000)

# Longer than anything here takes.
PATIENCE = 30

OFFERS = {
    "no compression": None,
    "permessage-deflate": {},
    "server window of 9 bits": {"server_max_window_bits": 9},
    "server window of 15 bits": {"server_max_window_bits": 15},
    "client window of 9 bits": {"client_max_window_bits": 9},
    "client window of 15 bits": {"client_max_window_bits": 15},
    "no server context takeover": {"server_no_context_takeover": True},
    "no client context takeover": {"client_no_context_takeover": True},
}

CHOICES = {
    "no compression": None,
    "permessage-deflate": {},
    "server window of 9 bits": {"server_max_window_bits": 9},
    "client window of 9 bits": {"client_max_window_bits": 9},
    "both windows of 15 bits": {"server_max_window_bits": 15, "client_max_window_bits": 15},
    "no server context takeover": {"server_no_context_takeover": True},
    "no client context takeover": {"client_no_context_takeover": True},
}


class Served:
    """`sansocket serve` on a free port, for the time of an `async with`."""

    def __init__(self, runtime, *options):
        self.words = ["serve", "--listen", "127.0.0.1:0", "--runtime", runtime, *options]

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            os.environ["SANSOCKET"], *self.words, stdout=asyncio.subprocess.PIPE
        )
        line = (await self.process.stdout.readline()).decode()
        match = re.fullmatch(r"listening on http://(\S+) \(\w+\)\n", line)
        assert match, f"serve said {line!r}"
        self.url = f"ws://{match[1]}/echo"
        return self

    async def __aexit__(self, *_):
        self.process.terminate()
        await self.process.wait()


async def whole_dialogue(case, connection):
    """Says everything to an echoing peer, and closes."""
    for text in TEXTS:
        await connection.send(text)
        case.assertEqual(await connection.recv(), text)
    for length in LENGTHS:
        for data in (bytes(length), os.urandom(length)):
            await connection.send(data)
            case.assertEqual(await connection.recv(), data)
    # Fragments, and a ping between messages.
    await connection.send(["The quick ", "brown ", "fox 🦊"])
    case.assertEqual(await connection.recv(), "The quick brown fox 🦊")
    await (await connection.ping())
    # Many on the way at once come back in order.
    texts = [f"{number} " * (number % 50) for number in range(1000)]
    sending = asyncio.create_task(send_all(connection, texts))
    case.assertEqual([await connection.recv() for _ in texts], texts)
    await sending
    await connection.close(4001, "enough said")
    # RFC 6455 §5.5.1: the answer "typically echos the status code"; the reason need not come back.
    case.assertEqual(connection.close_code, 4001)


async def send_all(connection, messages):
    for message in messages:
        await connection.send(message)


def agreed(connection):
    """The names of the extensions in use."""
    return [extension.name for extension in connection.protocol.extensions]


class AsClient(unittest.IsolatedAsyncioTestCase):
    """Against `sansocket serve --deflate on`."""

    async def test_every_offer(self):
        for runtime in RUNTIMES:
            async with Served(runtime, "--deflate", "on") as server:
                for name, offer in OFFERS.items():
                    with self.subTest(runtime=runtime, offer=name):
                        async with asyncio.timeout(PATIENCE):
                            await self.talk(server.url, offer)

    async def talk(self, url, offer):
        extensions = None if offer is None else [ClientPerMessageDeflateFactory(**offer)]
        connection = await connect(url, compression=None, extensions=extensions)
        self.assertEqual(agreed(connection), [] if offer is None else ["permessage-deflate"])
        await whole_dialogue(self, connection)

    async def test_an_offer_is_passed_over_when_deflate_is_off(self):
        for runtime in RUNTIMES:
            async with Served(runtime, "--deflate", "off") as server, asyncio.timeout(PATIENCE):
                connection = await connect(server.url)
                self.assertEqual(agreed(connection), [])
                await whole_dialogue(self, connection)


class AsServer(unittest.IsolatedAsyncioTestCase):
    """For our echoing clients, which ask as the Autobahn suite wants it: how many cases, each case, the end."""

    async def test_every_choice(self):
        for runtime in RUNTIMES:
            for name, choice in CHOICES.items():
                with self.subTest(runtime=runtime, choice=name):
                    async with asyncio.timeout(PATIENCE):
                        await self.talk(runtime, choice)

    async def talk(self, runtime, choice):
        done = asyncio.get_running_loop().create_future()

        async def handle(connection):
            path = connection.request.path
            if path.startswith("/getCaseCount"):
                await connection.send("1")
            if not path.startswith("/runCase"):
                return
            try:
                self.assertEqual(agreed(connection), [] if choice is None else ["permessage-deflate"])
                await whole_dialogue(self, connection)
                done.set_result(None)
            except (AssertionError, ConnectionClosed) as error:
                done.set_exception(error)

        extensions = None if choice is None else [ServerPerMessageDeflateFactory(**choice)]
        async with serve(handle, "127.0.0.1", 0, compression=None, extensions=extensions) as server:
            port = server.sockets[0].getsockname()[1]
            client = await asyncio.create_subprocess_exec(
                os.environ[f"CLIENT_{runtime.upper()}"], f"ws://127.0.0.1:{port}", f"sansocket-{runtime}"
            )
            try:
                self.assertEqual(await client.wait(), 0)
                self.assertTrue(done.done(), "the client ended without the case")
                done.result()
            finally:
                if client.returncode is None:
                    client.kill()


if __name__ == "__main__":
    unittest.main()
