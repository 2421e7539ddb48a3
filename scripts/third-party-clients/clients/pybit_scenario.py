"""pybit (Bybit's own client) at Bybit, over HTTP and the private WebSocket."""

import logging
import time

from pybit import unified_trading
from scenario import WINDOW_SECONDS, end, equal, fault, order_at_venue, peer_fault, sims, step, until

logging.disable(logging.CRITICAL)
MARKET = {"category": "linear", "symbol": "BTCUSDT"}
KEY = {"api_key": sims["credentials"]["bybit"]["apiKey"], "api_secret": sims["credentials"]["bybit"]["apiSecret"]}

http = unified_trading.HTTP(**KEY)
http.endpoint = sims["bybit"]["http"]
pushed = {}
acknowledged = set()
current = {}


def on_message(message):
    if message.get("success"):
        acknowledged.add(message["op"])
    if message.get("topic") == "order":
        for order in message["data"]:
            pushed[order["orderId"]] = order


# Replaces a constant of pybit, which has no option for the address of the WebSocket.
unified_trading.PRIVATE_WSS = sims["bybit"]["ws"]
# pybit's own callback raises KeyError, and the connection is gone for good, when the reply to a subscribe arrives before subscribe()
# has stored its id. Over loopback this happens in one of five runs.
socket = unified_trading.WebSocket(
    testnet=False, channel_type="private", private_auth_expire=10, callback_function=on_message, **KEY
)


def protection():
    return fault("bybit", "truth")["DERIVATIVES"]["state"]


def status(order_id):
    return pushed.get(order_id, {}).get("orderStatus")


def log_in():
    # A countdown of the previous scenario may still be running.
    until(lambda: protection() != "counting")
    equal(http.get_account_info()["retCode"], 0)
    socket.order_stream(on_message)
    until(lambda: {"auth", "subscribe"} <= acknowledged)


def subscribe_plainly():
    try:
        socket.subscribe("dcp.future", on_message)
    except TypeError:
        return
    raise AssertionError("subscribe accepted the topic")


def arm():
    http.set_dcp(product="DERIVATIVES", timeWindow=WINDOW_SECONDS)
    # pybit accepts this topic only together with a symbol, although the topic contains none.
    socket.subscribe("dcp.future", on_message, "any")
    until(lambda: protection() == "armed")
    infos = http.query_dcp_info()["result"]["dcpInfos"]
    equal([each["timeWindow"] for each in infos if each["product"] == "DERIVATIVES"], [str(WINDOW_SECONDS)])


def place():
    terms = {"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": "30000"}
    reply = http.place_order(**MARKET, **terms, orderLinkId=f"py-{time.time_ns()}")
    current["id"] = reply["result"]["orderId"]
    until(lambda: status(current["id"]) == "New")


def amend():
    http.amend_order(**MARKET, orderId=current["id"], qty="0.02", price="31000")
    until(lambda: pushed[current["id"]]["qty"] == "0.02" and pushed[current["id"]]["price"] == "31000")


def cancel():
    http.cancel_order(**MARKET, orderId=current["id"])
    until(lambda: status(current["id"]) == "Cancelled")
    equal(pushed[current["id"]]["cancelType"], "CancelByUser")


def be_disconnected():
    place()
    fault("bybit", "drop")
    until(lambda: order_at_venue("bybit", current["id"])["state"] == "cancelled")


def see_cancel():
    # Reads the reason by HTTP, because a client that reconnects slowly misses the push.
    orders = http.get_order_history(**MARKET, orderId=current["id"])["result"]["list"]
    reasons = [order["cancelType"] for order in orders if order["orderId"] == current["id"]]
    equal(reasons, ["CancelByDCP"])
    return reasons[0]


step("log in", log_in)
peer_fault("arm, by subscribe(topic)", "raises TypeError: dcp.future is not in its list of topics", subscribe_plainly)
step("arm, by subscribe(topic, symbol)", arm)
step("place", place)
step("amend", amend)
step("cancel", cancel)
step("be disconnected", be_disconnected)
step("see the cancel and its reason", see_cancel)
end()
