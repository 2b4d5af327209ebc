#!/usr/bin/env python3
"""smithy rpc-v2-cbor in front of a server that only speaks AWS JSON.

moto 5.2 answers /service/<id>/operation/<op> with 404, and aws-sdk-cloudwatch for
Rust speaks nothing else.  Requests are turned into AWS JSON 1.0 (X-Amz-Target) and
answers back, with botocore's model naming which members are timestamps.
"""
import datetime
import io
import json
import math
import struct

import botocore.session

SERVICES = {"GraniteServiceVersion20100801": "cloudwatch"}
_models = {}


def model(service):
    if service not in _models:
        _models[service] = botocore.session.get_session().get_service_model(service)
    return _models[service]


# ---- CBOR ---------------------------------------------------------------------
class Tag:
    def __init__(self, tag, value):
        self.tag, self.value = tag, value


def loads(b):
    value, _ = _read(b, 0)
    return value


def _read(b, i):
    head = b[i]
    major, info = head >> 5, head & 31
    i += 1
    if info < 24:
        n = info
    elif info == 24:
        n, i = b[i], i + 1
    elif info == 25:
        n, i = struct.unpack(">H", b[i:i + 2])[0], i + 2
    elif info == 26:
        n, i = struct.unpack(">I", b[i:i + 4])[0], i + 4
    elif info == 27:
        n, i = struct.unpack(">Q", b[i:i + 8])[0], i + 8
    else:
        n = None  # indefinite
    if major == 0:
        return n, i
    if major == 1:
        return -1 - n, i
    if major in (2, 3):
        if n is None:
            out = b""
            while b[i] != 0xFF:
                part, i = _read(b, i)
                out += part if isinstance(part, bytes) else part.encode()
            return (out if major == 2 else out.decode()), i + 1
        raw = b[i:i + n]
        return (raw if major == 2 else raw.decode()), i + n
    if major == 4:
        out = []
        while (n is None and b[i] != 0xFF) or (n is not None and len(out) < n):
            v, i = _read(b, i)
            out.append(v)
        return out, i + (1 if n is None else 0)
    if major == 5:
        out, count = {}, 0
        while (n is None and b[i] != 0xFF) or (n is not None and count < n):
            k, i = _read(b, i)
            out[k], i = _read(b, i)
            count += 1
        return out, i + (1 if n is None else 0)
    if major == 6:
        v, i = _read(b, i)
        return Tag(n, v), i
    if info == 20:
        return False, i
    if info == 21:
        return True, i
    if info in (22, 23):
        return None, i
    if info == 25:  # half float
        e, m = (n >> 10) & 31, n & 1023
        v = math.ldexp(m, -24) if e == 0 else (math.inf if m == 0 else math.nan) if e == 31 else math.ldexp(m + 1024, e - 25)
        return (-v if n >> 15 else v), i
    if info == 26:
        return struct.unpack(">f", struct.pack(">I", n))[0], i
    if info == 27:
        return struct.unpack(">d", struct.pack(">Q", n))[0], i
    raise ValueError(f"cbor head {head:#x}")


def _head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for info, fmt, top in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32), (27, ">Q", 1 << 64)):
        if n < top:
            return bytes([major << 5 | info]) + struct.pack(fmt, n)
    raise ValueError(n)


def dumps(v):
    if v is None:
        return b"\xf6"
    if v is True:
        return b"\xf5"
    if v is False:
        return b"\xf4"
    if isinstance(v, int):
        return _head(0, v) if v >= 0 else _head(1, -1 - v)
    if isinstance(v, float):
        return b"\xfb" + struct.pack(">d", v)
    if isinstance(v, str):
        e = v.encode()
        return _head(3, len(e)) + e
    if isinstance(v, bytes):
        return _head(2, len(v)) + v
    if isinstance(v, Tag):
        return _head(6, v.tag) + dumps(v.value)
    if isinstance(v, (list, tuple)):
        return _head(4, len(v)) + b"".join(map(dumps, v))
    if isinstance(v, dict):
        return _head(5, len(v)) + b"".join(dumps(k) + dumps(x) for k, x in v.items())
    raise TypeError(type(v))


# ---- shapes ---------------------------------------------------------------------
def to_json(v):
    if isinstance(v, Tag):
        return v.value
    if isinstance(v, dict):
        return {k: to_json(x) for k, x in v.items()}
    if isinstance(v, list):
        return [to_json(x) for x in v]
    return v


def _epoch(v):
    if isinstance(v, (int, float)):
        return float(v)
    return datetime.datetime.fromisoformat(str(v).replace("Z", "+00:00")).timestamp()


def typed(shape, v):
    """JSON answer -> values typed as the model says (timestamps tagged)."""
    if v is None or shape is None:
        return v
    t = shape.type_name
    if t == "structure":
        return {k: typed(shape.members[k], x) for k, x in v.items() if k in shape.members and x is not None}
    if t == "list":
        return [typed(shape.member, x) for x in v]
    if t == "map":
        return {k: typed(shape.value, x) for k, x in v.items()}
    if t == "timestamp":
        return Tag(1, _epoch(v))
    if t in ("double", "float"):
        return float(v)
    if t in ("integer", "long"):
        return int(v)
    return v


def wrap(app):
    def shim(environ, start_response):
        path = environ.get("PATH_INFO", "")
        if environ.get("HTTP_SMITHY_PROTOCOL") != "rpc-v2-cbor" or "/operation/" not in path:
            return app(environ, start_response)
        _, _, target, _, op = path.split("/", 4)
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size) if size else b""
        request = json.dumps(to_json(loads(body)) if body else {}).encode()
        env = dict(environ)
        for k in ("HTTP_SMITHY_PROTOCOL", "HTTP_ACCEPT", "HTTP_TRANSFER_ENCODING"):
            env.pop(k, None)
        env.update(
            PATH_INFO="/", RAW_URI="/", REQUEST_URI="/", CONTENT_TYPE="application/x-amz-json-1.0",
            HTTP_X_AMZ_TARGET=f"{target}.{op}", CONTENT_LENGTH=str(len(request)), **{"wsgi.input": io.BytesIO(request)},
        )
        seen = {}

        def start(status, headers, exc_info=None):
            seen["status"], seen["headers"] = status, headers
            return lambda _: None

        answer = b"".join(app(env, start))
        ok = seen["status"].startswith("2")
        try:
            data = json.loads(answer or b"{}")
        except ValueError:
            data = {"__type": "InternalFailure", "message": answer[:200].decode("latin-1")}
        if ok:
            m = model(SERVICES[target]).operation_model(op)
            data = typed(m.output_shape, data) if m.output_shape else {}
        else:
            data = {"__type": data.get("__type") or data.get("Code") or "InternalFailure",
                    "message": data.get("message") or data.get("Message") or ""}
        out = dumps(data)
        start_response(seen["status"], [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"),
                                        ("Content-Length", str(len(out)))])
        return [out]

    return shim
