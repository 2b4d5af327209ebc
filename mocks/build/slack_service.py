"""Slack's incoming webhook, with the limits that Slack documents (and one that it does not),
on the loopback. A message that breaks one is refused as Slack refuses it, and noted."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# docs.slack.dev: blocks, text of a section, of a header, fields, elements of a context.
BLOCKS, SECTION, HEADER, FIELDS, FIELD, CONTEXT = 50, 3000, 150, 10, 2000, 10
# Not documented: the sum over all blocks (slackapi/bolt-js#2509).
WHOLE = 13_200
# About one message a second for each channel; short bursts are let through.
BURST, SECONDS = 3, 1.0


def texts(value):
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "text" and isinstance(part, str):
                yield part
            else:
                yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def complaint(message):
    """Slack's word for what is wrong with a message."""
    blocks = message.get("blocks", [])
    if not message.get("text") and not blocks:
        return "no_text"
    if len(blocks) > BLOCKS:
        return "invalid_blocks: more than 50"
    for block in blocks:
        kind = block.get("type")
        if kind == "header":
            text = block["text"]
            if text.get("type") != "plain_text" or not 1 <= len(text["text"]) <= HEADER:
                return "invalid_blocks: header"
        elif kind == "section":
            if "text" not in block and "fields" not in block:
                return "invalid_blocks: empty section"
            if "text" in block and not 1 <= len(block["text"]["text"]) <= SECTION:
                return "invalid_blocks: section"
            fields = block.get("fields", [])
            if len(fields) > FIELDS or any(not 1 <= len(field["text"]) <= FIELD for field in fields):
                return "invalid_blocks: fields"
        elif kind == "context":
            elements = block["elements"]
            if not 1 <= len(elements) <= CONTEXT or any(not 1 <= len(part["text"]) <= FIELD for part in elements):
                return "invalid_blocks: context"
        elif kind != "divider":
            return f"invalid_blocks: {kind}"
    if sum(len(text) for text in texts(blocks)) > WHOLE:
        return "msg_blocks_too_long"
    return None


class Slack:
    """A channel. `messages` are those that were taken, `refused` why others were not."""

    PATH = "/services/T0000/B0000/planted-address-of-the-hook"

    def __init__(self):
        self.messages, self.refused, self.throttled = [], [], 0
        self.tokens, self.filled, self.lock = float(BURST), time.monotonic(), threading.Lock()
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, text = (404, "no_service") if self.path != slack.PATH else slack.take(body)
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}{self.PATH}"

    def take(self, body):
        with self.lock:
            now = time.monotonic()
            self.tokens = min(BURST, self.tokens + (now - self.filled) / SECONDS)
            self.filled = now
            if self.tokens < 1:
                self.throttled += 1
                return 429, "rate_limited"
            self.tokens -= 1
            message = json.loads(body)
            wrong = complaint(message)
            if wrong:
                self.refused.append(wrong)
                return 400, wrong.split(":")[0]
            self.messages.append(message)
            return 200, "ok"

    def said(self):
        """Everything that was said since the last call, as one text."""
        with self.lock:
            said, self.messages = self.messages, []
        return "\n".join(json.dumps(message, ensure_ascii=False) for message in said)
