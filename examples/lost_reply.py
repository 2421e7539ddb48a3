# lost_reply.py
import base64
import json
import os
import unittest
import urllib.request

VENUE = os.environ.get("DERIBIT_HTTP_URL", "http://127.0.0.1:8081/api/v2")
CONTROL = os.environ.get("CONTROL_URL", "http://127.0.0.1:8082")
CLIENT_ID = os.environ.get("DERIBIT_CLIENT_ID", "id")
CLIENT_SECRET = os.environ.get("DERIBIT_CLIENT_SECRET", "secret")
LOGIN = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()


def request(url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=2) as reply:
        return json.load(reply)


def call(method, **params):
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return request(f"{VENUE}/{method}", body, {"authorization": f"Basic {LOGIN}"})["result"]


def place_once(label):
    """The bot: it looks for an order whose reply was lost before it sends the order again."""
    order = {"instrument_name": "BTC-PERPETUAL", "amount": 10, "type": "limit", "price": 1, "label": label}
    try:
        return call("private/buy", **order)["order"]
    except TimeoutError:
        found = call("private/get_open_orders_by_label", currency="BTC", label=label)
        return found[0] if found else call("private/buy", **order)["order"]


class LostReply(unittest.TestCase):
    def test_an_order_whose_reply_is_lost_is_not_sent_twice(self):
        request(f"{CONTROL}/deribit/suppressAnswers", {"methods": ["private/buy"]})
        placed = place_once("bot-1")
        orders = request(f"{CONTROL}/deribit/orders")
        self.assertEqual([placed["order_id"]], [order["id"] for order in orders])


if __name__ == "__main__":
    unittest.main()
