# pulled_plug.py
import base64
import json
import os
import socket
import struct
import unittest
import urllib.request
from urllib.parse import urlsplit

VENUE = os.environ.get("DERIBIT_WS_URL", "ws://127.0.0.1:8081/ws/api/v2")
CONTROL = os.environ.get("CONTROL_URL", "http://127.0.0.1:8082")
CLIENT_ID = os.environ.get("DERIBIT_CLIENT_ID", "id")
CLIENT_SECRET = os.environ.get("DERIBIT_CLIENT_SECRET", "secret")


class Bot:
    """Stands for your bot: a WebSocket client in the standard library, for frames below 64 kB."""

    def __init__(self, url):
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=2)
        self.stream = self.socket.makefile("rb")
        lines = [
            f"GET {address.path} HTTP/1.1",
            f"Host: {address.netloc}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        ]
        self.socket.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        while self.stream.readline().strip():
            pass

    def call(self, method, **params):
        text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + struct.pack("!H", len(text))
        # A mask of zeros leaves the text as it is.
        self.socket.sendall(b"\x81" + length + bytes(4) + text)
        size = self.stream.read(2)[1]
        if size == 126:
            (size,) = struct.unpack("!H", self.stream.read(2))
        return json.loads(self.stream.read(size))["result"]

    def close(self):
        self.stream.close()
        self.socket.close()


def control(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{CONTROL}/deribit/{path}", data, headers), timeout=2) as reply:
        return json.load(reply)


class PulledPlug(unittest.TestCase):
    def test_a_pulled_plug_cancels_the_order_of_an_armed_connection(self):
        bot = Bot(VENUE)
        self.addCleanup(bot.close)
        bot.call("public/auth", grant_type="client_credentials", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        bot.call("private/enable_cancel_on_disconnect", scope="connection")
        placed = bot.call("private/buy", instrument_name="BTC-PERPETUAL", amount=10, type="limit", price=1)["order"]
        control("drop", {})
        [order] = control("orders")
        self.assertEqual(placed["order_id"], order["id"])
        self.assertEqual(["cancelled", "cancel_on_disconnect"], [order["state"], order.get("cancelReason")])


if __name__ == "__main__":
    unittest.main()
