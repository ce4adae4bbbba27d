"""Keys and tokens by libraries that were not written here: public_keys.py writes ec.pem, rsa.pem, first.jwks, second.jwks,
short.jwks, mixed.jwks and tokens.json into the working directory."""

import base64
import json
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

keys = {
    "a": ec.generate_private_key(ec.SECP256R1()),
    "b": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "c": ec.generate_private_key(ec.SECP256R1()),
}
while "short" not in keys:
    key = ec.generate_private_key(ec.SECP256R1())
    if key.public_key().public_numbers().x < 1 << 248:
        keys["short"] = key
algorithms = {"a": "ES256", "b": "RS256", "c": "ES256", "short": "ES256"}


def public_pem(name):
    return keys[name].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def coordinate(number):
    return encode(number.to_bytes(32, "big"))


def jwk(name):
    public = keys[name].public_key()
    if algorithms[name] == "RS256":
        members = json.loads(RSAAlgorithm.to_jwk(public))
    else:
        numbers = public.public_numbers()
        members = {"kty": "EC", "crv": "P-256",
                   "x": coordinate(numbers.x), "y": coordinate(numbers.y)}
    return members | {"kid": name, "alg": algorithms[name], "use": "sig"}


claims = {"sub": "s", "role": "clinician", "exp": int(time.time()) + 3600}


def token(name, **header):
    return jwt.encode(claims, keys[name], algorithm=algorithms[name], headers=header)


def by_hand(key, algorithm, signature=None):
    """A token that a library would refuse to make: signed with a public key as if it were a secret, or not at all."""
    import hashlib
    import hmac

    text = encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()) + "." + encode(json.dumps(claims).encode())
    return text + "." + (encode(hmac.new(key, text.encode(), hashlib.sha256).digest()) if key else "")


tokens = {name: token(name) for name in keys} | {f"{name} by kid": token(name, kid=name) for name in keys}
tokens["a by the kid of b"] = token("a", kid="b")
tokens["none"] = by_hand(None, "none")
tokens["public key as secret"] = by_hand(public_pem("a"), "HS256")
header, payload, signature = tokens["a"].split(".")
tokens["tampered"] = ".".join([header, payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB"), signature])

open("ec.pem", "wb").write(public_pem("a"))
open("rsa.pem", "wb").write(public_pem("b"))
json.dump({"keys": [jwk("a"), jwk("b")]}, open("first.jwks", "w"))
json.dump({"keys": [jwk("b"), jwk("c")]}, open("second.jwks", "w"))
# As issuers write it that leave out the zeros that a number begins with.
numbers = keys["short"].public_key().public_numbers()
x = jwt.utils.to_base64url_uint(numbers.x).decode()
assert len(x) < len(coordinate(numbers.x))
json.dump({"keys": [jwk("short") | {"x": x}]}, open("short.jwks", "w"))
# Beside keys for other purposes, of other kinds, or broken.
json.dump({"keys": [
    jwk("b") | {"use": "enc"}, jwk("c") | {"key_ops": ["encrypt"]}, jwk("c") | {"key_ops": []}, jwk("b") | {"alg": "RSA-OAEP-256"}, jwk("b") | {"n": "AQAB"}, {"kty": "oct", "k": "AAAA"},
    jwk("c") | {"crv": "P-384"}, jwk("c") | {"crv": "secp256k1"}, jwk("c") | {"x": jwk("a")["x"]}, jwk("c") | {"y": 7},
    jwk("c") | {"x": None}, jwk("c") | {"x": "A" * 44}, {"kid": "c"}, 7, None, jwk("a")]}, open("mixed.jwks", "w"))
json.dump(tokens, open("tokens.json", "w"))
