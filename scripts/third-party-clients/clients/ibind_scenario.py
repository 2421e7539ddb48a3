"""ibind at IBKR. The argument says how it logs in: `gateway`, `oauth1`, or `relay`, at which only its URL differs."""

import logging
import os
import sys
import tempfile

from ibind import IbkrClient
from ibind.client.ibkr_utils import OrderRequest
from ibind.oauth.oauth1a import OAuth1aConfig
from scenario import end, equal, fault, not_offered, order_at_venue, sims, step, until

logging.disable(logging.CRITICAL)
is_oauth = sys.argv[1] == "oauth1"
is_relay = sys.argv[1] == "relay"
venue = "ibkr-oauth1" if is_oauth else "ibkr"
current = {}


def key_file(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def oauth_client():
    keys = sims["credentials"]["ibkrOauth1"]
    # ibind reads the keys when it logs in, and not again.
    with tempfile.TemporaryDirectory() as folder:
        config = OAuth1aConfig(
            oauth_rest_url=f"{sims['ibkrOauth1']['http']}/",
            access_token=keys["accessToken"],
            access_token_secret=keys["accessTokenSecret"],
            consumer_key=keys["consumerKey"],
            dh_prime=keys["dhPrime"],
            encryption_key_fp=key_file(folder, "encryption.pem", keys["encryptionKey"]),
            signature_key_fp=key_file(folder, "signature.pem", keys["signatureKey"]),
            realm=keys["realm"],
            init_brokerage_session=True,
            maintain_oauth=False,
        )
        return IbkrClient(use_oauth=True, oauth_config=config)


def is_authenticated():
    return current["client"].authentication_status().data["authenticated"]


def accounts():
    """Absent while the brokerage session loads, although the status says authenticated by then."""
    return current["client"].receive_brokerage_accounts().data.get("accounts")


def log_in():
    if is_oauth:
        current["client"] = oauth_client()
    elif is_relay:
        # No initialize_brokerage_session() here, because the agent has already opened the brokerage session.
        current["client"] = IbkrClient(url=f"{sims['ibkrRelay']['http']}/")
    else:
        current["client"] = IbkrClient(url=f"{sims['ibkr']['http']}/", cacert=sims["ibkr"]["ca"])
        current["client"].initialize_brokerage_session()
    current["account"] = until(accounts)[0]
    equal(is_authenticated(), True)
    equal(current["client"].check_health(), True)


def request(price):
    account = current["account"]
    return OrderRequest(conid=265598, side="BUY", quantity=1, order_type="LMT", acct_id=account, price=price, tif="GTC")


def status_at_venue():
    return order_at_venue(venue, current["id"])["state"]


def place():
    reply = current["client"].place_order(request(1.0), {}, current["account"]).data
    current["id"] = str((reply[0] if isinstance(reply, list) else reply)["order_id"])
    equal([str(each["orderId"]) for each in live_orders() if each["status"] == "Submitted"], [current["id"]])


def live_orders():
    return current["client"].live_orders().data["orders"]


def amend():
    current["client"].modify_order(current["id"], request(2.0), {}, current["account"])
    equal(order_at_venue(venue, current["id"])["price"], 2)


def be_disconnected():
    fault(venue, "idle")
    if is_relay:
        until(accounts)
        equal(status_at_venue(), "open")
        return "the relay had the brokerage session opened again, and repeated the call"
    equal(is_authenticated(), False)
    current["client"].initialize_brokerage_session()
    until(accounts)
    equal(status_at_venue(), "open")
    return "the brokerage session ended and was opened again; the order kept working"


def cancel():
    current["client"].cancel_order(current["id"], current["account"])
    until(lambda: status_at_venue() == "cancelled")


def see_cancel():
    statuses = [each["status"] for each in live_orders() if str(each["orderId"]) == current["id"]]
    equal(statuses, ["Cancelled"])
    return statuses[0]


step("log in", log_in)
not_offered("arm", "IBKR has no cancel on disconnect")
step("place", place)
step("amend", amend)
step("be disconnected", be_disconnected)
step("cancel", cancel)
step("see the cancel and its reason", see_cancel)
end()
