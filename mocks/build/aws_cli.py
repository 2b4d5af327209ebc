#!/usr/bin/env python3
"""The AWS CLI (awscli from PyPI) without its start-up: a process that has it loaded forks for each command.

    aws_cli.py serve SOCKET      until it is ended; one line on standard output when it is ready

`write_command` makes a program `aws` that hands its arguments, folder, environment and open files to that
process. What runs is the CLI's own entry point. Two things differ from `aws`: models of services stay
loaded, and what the CLI waits between two questions of `aws … wait` is shortened, because the mock does
not need it.
"""

import array
import functools
import json
import os
import signal
import socket
import stat
import struct
import sys
import time
import traceback
from pathlib import Path

SERVICES = [
    "acm", "application-autoscaling", "cloudfront", "cloudwatch", "ec2", "ecr", "ecs", "elbv2", "events", "iam",
    "kms", "logs", "rds", "route53", "s3", "s3api", "secretsmanager", "sns", "ssm", "sts", "wafv2",
]  # fmt: skip

CLIENT = """#!{python} -ISE
import array, json, os, socket, struct, sys
with socket.socket(socket.AF_UNIX) as service:
    service.connect({address!r})
    asked = json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()
    opened = [0, 1, 2]
    service.sendmsg([struct.pack("!I", len(asked))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", opened))])
    service.sendall(asked)
    answer = b""
    while part := service.recv(16):
        answer += part
sys.exit(int(answer or b"255"))
"""


def write_command(folder, address):
    """The program `aws` of a folder."""
    path = Path(folder) / "aws"
    path.write_text(CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def received(connection):
    """Arguments, folder, environment and the three open files of a caller."""
    header, ancillary, _flags, _address = connection.recvmsg(4, socket.CMSG_SPACE(3 * 4))
    opened = array.array("i")
    for _level, _kind, data in ancillary:
        opened.frombytes(data[: len(data) - len(data) % opened.itemsize])
    size = struct.unpack("!I", header)[0]
    asked = b""
    while len(asked) < size:
        asked += connection.recv(size - len(asked))
    arguments, folder, environment = json.loads(asked)
    return arguments, folder, environment, list(opened)


def run(arguments, folder, environment, opened):
    """What the command ends with."""
    from awscli.clidriver import main

    for number, descriptor in enumerate(opened):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    # Where the CLI's own models are, which it sets when it is loaded.
    models = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(environment, AWS_DATA_PATH=models)
    sys.argv = arguments
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.02))
    sys.stdin = os.fdopen(0, "r", encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8")
    try:
        code = main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - as Python itself would end
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            pass
    return code


def warmed():
    """The CLI's modules and the models of the services, loaded once."""
    import awscli.clidriver
    import botocore.loaders

    loader = botocore.loaders.JSONFileLoader
    loader.load_file = functools.cache(loader.load_file)
    # Each session has a loader of its own, and all of them read the same files.
    loader.__eq__, loader.__hash__ = (lambda one, other: type(one) is type(other)), (lambda one: 0)
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1")
    driver = awscli.clidriver.create_clidriver()
    session = driver.session
    for service in SERVICES:
        if service in session.get_available_services():
            session.get_service_model(service)
            session.create_client(service)


def serve(address):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warmed()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            connection, _ = listener.accept()
            if os.fork():
                connection.close()
                continue
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = 255
            try:
                code = run(*received(connection))
            finally:
                connection.sendall(str(code).encode())
                os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "serve":
        sys.exit(__doc__)
    serve(sys.argv[2])
