"""What a function sees of AWS Lambda: the runtime API, on the loopback.

An event goes in, the function's answer or failure comes out. Lambda's own limits are kept:
one event at a time, and an invocation that takes longer than its time is ended.
"""

import json
import os
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A function that is ended leaves its question open."""


class Function:
    """A binary, started as Lambda starts it, with these variables and nothing else."""

    def __init__(self, binary, variables, folder, seconds=120):
        self.events, self.replies, self.seconds = queue.Queue(), queue.Queue(), seconds
        self.count = 0
        function = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                event = function.events.get()
                if event is None:
                    self.close_connection = True
                    return
                function.count += 1
                end = int((time.time() + function.seconds) * 1000)
                self.answer(
                    200,
                    json.dumps(event).encode(),
                    {
                        "Lambda-Runtime-Aws-Request-Id": f"00000000-0000-4000-8000-{function.count:012}",
                        "Lambda-Runtime-Deadline-Ms": str(end),
                        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:ap-northeast-1:123456789012:function:tenken",
                        "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                    },
                )

            def do_POST(self):
                body = self.body()
                kind = self.path.rsplit("/", 1)[-1]
                function.replies.put((kind, json.loads(body)))
                self.answer(202, b"")

            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)

            def answer(self, status, body, headers=()):
                self.send_response(status)
                for name, value in dict(headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "tenken",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "PATH": os.environ["PATH"],
            **variables,
        }
        self.log = open(os.path.join(folder, f"function-{self.server.server_port}.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([binary], env=environment, cwd=folder, stdout=self.log)

    def invoke(self, event):
        """`("response", answer)` or `("error", failure)`."""
        self.events.put(event)
        return self.replies.get(timeout=self.seconds + 5)

    def lines(self):
        self.log.flush()
        self.log.seek(0)
        return [json.loads(line) for line in self.log]

    def end(self):
        self.process.kill()
        self.process.wait()
        self.events.put(None)
        self.server.shutdown()
        self.log.close()
