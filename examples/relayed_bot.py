# relayed_bot.py
import base64
import json
import os
import signal
import time
import urllib.error
import urllib.request

AGENT = os.environ.get("KEEPALIVE_URL", "http://127.0.0.1:7300")
RELAY = os.environ.get("RELAY_URL", "http://127.0.0.1:7301/deribit/deribit/api/v2")
SESSION = os.environ.get("SESSION", "deribit")
PULSE = {"authorization": f"Bearer {os.environ['KEEPALIVE_TOKEN']}"}
LOGIN = {"authorization": "Basic " + base64.b64encode(f"market-maker:{os.environ['BOT_TOKEN']}".encode()).decode()}


def request(url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=5) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as refused:
        return json.load(refused)


def call(method, **params):
    """A call to Deribit, with the local token in place of the key. It goes over the agent's guarded connection."""
    return request(RELAY, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, LOGIN)


def end(*_):
    print("ending: the agent cancels the orders that are still open once the pulses have been missing for toleranceMs")
    raise SystemExit(0)


signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
while not (state := request(f"{AGENT}/v1/sessions/{SESSION}/armed")).get("armed"):
    pulse = request(f"{AGENT}/v1/strategies/market-maker/pulse", {}, PULSE)
    print("not armed:", state["detail"], pulse.get("detail", ""))
    time.sleep(0.5)
order = call("private/buy", instrument_name="BTC-PERPETUAL", amount=10, price=1000, label="relayed")
if "error" in order:
    raise SystemExit(f"refused: {order['error']}")
print("placed:", order["result"]["order"]["order_id"])
print("cancelled:", call("private/cancel_by_label", label="relayed")["result"])
