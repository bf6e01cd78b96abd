"""RFC 8445 section 7.3 as an ICE-lite agent: answer what is signed, nothing else, and never fall over."""

import random

import pytest
from aioice import stun as peer

from tests.media.checks import binding_request, read_answer
from webrtc import stun

UFRAG, PWD = "0123456789ab", "p" * 32
SOURCE = ("192.0.2.7", 40000)


def password_of(ufrag):
    return PWD if ufrag == UFRAG else None


def examine(data, source=SOURCE):
    return stun.examine(data, source=source, password_of=password_of)


def test_a_signed_check_is_answered_with_the_address_it_came_from():
    request = binding_request(ufrag=UFRAG, pwd=PWD)
    check = examine(request)
    answer = read_answer(check.response, pwd=PWD)
    assert answer.message_class == peer.Class.RESPONSE
    assert answer.transaction_id == request[8:20]
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == SOURCE
    assert (check.ufrag, check.nominated, check.role_conflict) == (UFRAG, False, False)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (("::ffff:192.0.2.7", 40000, 0, 0), ("192.0.2.7", 40000)),
        (("2001:db8::7", 40000, 0, 0), ("2001:db8::7", 40000)),
        (("fe80::7%eth0", 40000, 0, 2), ("fe80::7", 40000)),
    ],
)
def test_a_dual_stack_socket_does_not_show_in_the_answer(seen, told):
    check = examine(binding_request(ufrag=UFRAG, pwd=PWD), seen)
    assert read_answer(check.response, pwd=PWD).attributes["XOR-MAPPED-ADDRESS"] == told


@pytest.mark.parametrize("address", [("192.0.2.7", 40000), ("2001:db8::7", 65535), ("::1", 1)])
def test_the_answer_is_byte_for_byte_what_another_implementation_writes(address):
    request = binding_request(ufrag=UFRAG, pwd=PWD)
    answer = peer.Message(peer.Method.BINDING, peer.Class.RESPONSE, transaction_id=request[8:20])
    answer.attributes["XOR-MAPPED-ADDRESS"] = address
    answer.add_message_integrity(PWD.encode())
    assert examine(request, address).response == bytes(answer)


def test_a_refusal_too_is_byte_for_byte_what_another_implementation_writes():
    request = binding_request(ufrag=UFRAG, pwd=PWD, role="ICE-CONTROLLED")
    answer = peer.Message(peer.Method.BINDING, peer.Class.ERROR, transaction_id=request[8:20])
    answer.attributes["ERROR-CODE"] = (487, "Role Conflict")
    answer.add_message_integrity(PWD.encode())
    assert examine(request).response == bytes(answer)


def test_nomination_is_seen():
    assert examine(binding_request(ufrag=UFRAG, pwd=PWD, nominate=True)).nominated


def test_a_nomination_behind_the_signature_is_not_believed():
    """Anybody on the way can write there, and a nomination moves a leg."""
    message = peer.Message(peer.Method.BINDING, peer.Class.REQUEST)
    message.attributes = {"USERNAME": f"{UFRAG}:x", "PRIORITY": 1, "ICE-CONTROLLING": 1}
    message.add_message_integrity(PWD.encode())
    message.attributes.pop("FINGERPRINT")
    message.attributes["USE-CANDIDATE"] = None
    message.add_fingerprint()
    check = examine(bytes(message))
    assert (check.ufrag, check.nominated) == (UFRAG, False)


def test_of_two_names_the_first_counts_and_its_password_has_to_have_signed():
    """RFC 8489 section 14: of an attribute that comes twice the first. The other leg's signature does not help."""
    assert examine(two_names()).ufrag == UFRAG
    assert examine(two_names(signed_with="another")) is stun.Drop.BAD_INTEGRITY


def test_a_peer_that_also_thinks_it_is_controlled_is_told_to_change():
    """RFC 8445 section 7.3.1.1: 487, and a lite agent stays controlled."""
    check = examine(binding_request(ufrag=UFRAG, pwd=PWD, role="ICE-CONTROLLED", nominate=True))
    answer = read_answer(check.response, pwd=PWD)
    assert check.role_conflict
    assert answer.message_class == peer.Class.ERROR
    assert answer.error_code == 487


def test_the_ufrag_is_looked_up_before_anything_is_hashed(monkeypatch):
    def no_hash(*_):
        raise AssertionError("hashed for a stranger")

    request = binding_request(ufrag="stranger", pwd=PWD)
    monkeypatch.setattr(stun.hmac, "digest", no_hash)
    assert examine(request) is stun.Drop.UNKNOWN_UFRAG


def unsigned():
    message = peer.Message(peer.Method.BINDING, peer.Class.REQUEST, attributes={"USERNAME": f"{UFRAG}:x"})
    message.add_fingerprint()
    return bytes(message)


def name_after_signature():
    message = peer.Message(peer.Method.BINDING, peer.Class.REQUEST, attributes={"PRIORITY": 1})
    message.add_message_integrity(PWD.encode())
    message.attributes["USERNAME"] = f"{UFRAG}:x"
    return bytes(message)


def two_names(*, signed_with=PWD):
    message = peer.Message(peer.Method.BINDING, peer.Class.REQUEST)
    first = b"\x00\x06\x00\x0e" + f"{UFRAG}:x".encode() + b"\0\0"
    message.attributes = {"USERNAME": "other:x"}
    rest = bytes(message)[20:]
    body = first + rest
    header = peer.pack("!HHI12s", 1, len(body), peer.COOKIE, message.transaction_id)
    integrity = peer.message_integrity(header + body, signed_with.encode())
    return peer.set_body_length(header + body + b"\x00\x08\x00\x14" + integrity, len(body) + 24)


def wrong_fingerprint():
    good = binding_request(ufrag=UFRAG, pwd=PWD)
    return good[:-1] + bytes([good[-1] ^ 1])


def beyond_its_end():
    """Its last attribute says that it is longer than the message."""
    good = binding_request(ufrag=UFRAG, pwd=PWD)
    return good[:-6] + b"\x00\x08" + good[-4:]


@pytest.mark.parametrize(
    ("data", "drop"),
    [
        (b"", stun.Drop.NOT_A_REQUEST),
        (b"\x00\x01", stun.Drop.NOT_A_REQUEST),
        (binding_request(ufrag=UFRAG, pwd=PWD)[:-1], stun.Drop.NOT_A_REQUEST),
        (b"\x00\x11" + binding_request(ufrag=UFRAG, pwd=PWD)[2:], stun.Drop.NOT_A_REQUEST),
        (b"\x01\x01" + binding_request(ufrag=UFRAG, pwd=PWD)[2:], stun.Drop.NOT_A_REQUEST),
        (bytes(peer.Message(peer.Method.BINDING, peer.Class.REQUEST)), stun.Drop.MALFORMED),
        (binding_request(ufrag=UFRAG, pwd="wrong"), stun.Drop.BAD_INTEGRITY),
        (unsigned(), stun.Drop.BAD_INTEGRITY),
        (name_after_signature(), stun.Drop.MALFORMED),
        (wrong_fingerprint(), stun.Drop.MALFORMED),
        (beyond_its_end(), stun.Drop.MALFORMED),
    ],
    # The packets are random: without names of their own no two runs would have the same tests.
    ids=[
        "nothing",
        "two-bytes",
        "cut-short",
        "indication",
        "response",
        "no-name",
        "wrong-password",
        "unsigned",
        "name-after-signature",
        "wrong-fingerprint",
        "beyond-its-end",
    ],
)
def test_everything_else_gets_no_answer(data, drop):
    assert examine(data) is drop


def test_sixty_thousand_broken_packets_raise_nothing_and_get_no_answer():
    """Half noise behind a plausible header, half a good check with a few bytes changed."""
    chance = random.Random(8489)
    good = binding_request(ufrag=UFRAG, pwd=PWD, nominate=True)
    seen = set()
    for number in range(60_000):
        if number % 2:
            body = chance.randbytes(chance.randrange(0, 80) & ~3)
            name = b"\x00\x06\x00\x0e" + f"{UFRAG}:x".encode() + b"\0\0"
            body = name + body if number % 4 == 1 else body
            data = b"\x00\x01" + len(body).to_bytes(2, "big") + stun.COOKIE + chance.randbytes(12) + body
        else:
            changed = bytearray(good)
            for _ in range(chance.randrange(1, 5)):
                changed[chance.randrange(len(good))] ^= chance.randrange(1, 256)
            # Two changes may undo each other.
            data = bytes(changed) if changed != good else b""
        verdict = examine(data)
        # Attributes behind MESSAGE-INTEGRITY are not signed: a check with a broken tail there may still count.
        assert isinstance(verdict, stun.Drop) or data[:-8] == good[:-8]
        seen.add(verdict if isinstance(verdict, stun.Drop) else "check")
    assert set(stun.Drop) <= seen
