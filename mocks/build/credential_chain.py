"""Whose account does a command reach, and in which region? Runs `aws sts get-caller-identity` (awscli from PyPI) and
`tenken scan` in the same surroundings, each with a home folder of its own, against one small server, and compares what
the server saw. An access key says the account that it belongs to.

    python mocks/build/credential_chain.py target/release/tenken
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# One home for all runs of the AWS CLI: some of its modules look for it when they are loaded, which takes longer than
# any run, and happens once.
HOME = Path(tempfile.mkdtemp())
os.environ["HOME"] = str(HOME)

import awscli.clidriver  # noqa: E402

LATER = "2099-01-01T00:00:00Z"
REFUSED = "refused"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = None  # the first GetCallerIdentity: account and region
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def json(self, value):
        self.answer(200, json.dumps(value), "application/json")

    def keys(self, account, token_name="Token"):
        return {
            "Code": "Success",
            "Type": "AWS-HMAC",
            "LastUpdated": "2026-01-01T00:00:00Z",
            "AccessKeyId": f"ASIA{account}",
            "SecretAccessKey": SECRET,
            token_name: f"token-{account}",
            "Expiration": LATER,
        }

    def do_PUT(self):
        if not self.path.endswith("/latest/api/token"):
            return self.refuse(404)
        self.send_response(200)
        self.send_header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"imds-token")

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path == "/federation/credentials":
            account = query["account_id"][0]
            if self.headers.get("x-amz-sso_bearer_token") != "sso-token":
                return self.refuse(401)
            keys = {"accessKeyId": f"ASIA{account}", "secretAccessKey": SECRET, "sessionToken": "t", "expiration": 4070908800000}
            return self.json({"roleCredentials": keys})
        if url.path == "/container":
            return self.json(self.keys("555555555555"))
        if url.path == "/guarded":
            if self.headers.get("authorization") != "container-token":
                return self.refuse(403)
            return self.json(self.keys("565656565656"))
        if self.headers.get("x-aws-ec2-metadata-token") == "imds-token":
            if url.path == "/latest/meta-data/iam/security-credentials/":
                return self.answer(200, "instance-role", "text/plain")
            if url.path == "/latest/meta-data/iam/security-credentials/instance-role":
                return self.json(self.keys("666666666666"))
        self.refuse(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        action = form.get("Action")
        if action == "AssumeRoleWithWebIdentity" and form["WebIdentityToken"].strip() == "web-token":
            return self.assumed(action, form["RoleArn"].split(":")[4])
        scope = self.headers.get("authorization", "").partition("Credential=")[2].split(",")[0].split("/")
        if len(scope) < 3:
            return self.refuse(403)
        if action == "AssumeRole":
            account = form["RoleArn"].split(":")[4]
            # The role admits one account, and one external id where it has one.
            if form["RoleArn"].endswith("/external") and form.get("ExternalId") != "external-id":
                return self.refuse(403)
            return self.assumed(action, account)
        if action == "GetCallerIdentity":
            account = scope[0][4:]
            with Server.lock:
                if Server.seen is None:
                    Server.seen = (account, scope[2], self.headers["host"].split(":")[0])
            result = f"<Arn>arn:aws:iam::{account}:user/u</Arn><UserId>u</UserId><Account>{account}</Account>"
            return self.xml(action, result)
        self.refuse(403)

    def assumed(self, action, account):
        keys = (
            f"<Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
            f"<SessionToken>t</SessionToken><Expiration>{LATER}</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/r/s</Arn><AssumedRoleId>i:s</AssumedRoleId></AssumedRoleUser>"
        )
        self.xml(action, keys)

    def xml(self, action, result):
        name = "https://sts.amazonaws.com/doc/2011-06-15/"
        meta = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
        body = f'<{action}Response xmlns="{name}"><{action}Result>{result}</{action}Result>{meta}</{action}Response>'
        self.answer(200, body, "text/xml")

    def refuse(self, status):
        error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>"
        self.answer(status, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>", "text/xml")


def keys(account):
    return f"aws_access_key_id = AKIA{account}\naws_secret_access_key = {SECRET}\n"


def variables(account):
    return {"AWS_ACCESS_KEY_ID": f"AKIA{account}", "AWS_SECRET_ACCESS_KEY": SECRET}


ONE, TWO, THREE, FOUR = ("111111111111", "222222222222", "333333333333", "444444444444")
ROLE, WEB, SSO = ("777777777777", "888888888888", "999999999999")
CONTAINER, GUARDED, INSTANCE = ("555555555555", "565656565656", "666666666666")
DEV = f"[dev]\n{keys(TWO)}"
ROLES = f"role_arn = arn:aws:iam::{ROLE}:role/r\n"
SSO_SESSION = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
SSO_PROFILE = f"sso_account_id = {SSO}\nsso_role_name = audit\n"
SSO_OLD = "sso_start_url = https://old.awsapps.com/start\nsso_region = eu-west-1\n"
IMDS = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "URL"}
POD = {"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/web-token", "AWS_ROLE_ARN": f"arn:aws:iam::{WEB}:role/w"}
PROCESS = "credential_process = HOME/process 'a b'\n"

# name, expected account, environment, config, credentials, arguments. The AWS CLI decides; `expected` says what the
# case is about, so that both cannot be wrong together. A region is compared in every case.
CASES = [
    ("environment", ONE, variables(ONE), "", DEV, []),
    ("environment-over-default-profile", ONE, variables(ONE), "", f"[default]\n{keys(TWO)}", []),
    ("profile-flag-over-environment", TWO, variables(ONE), "", DEV, ["--profile", "dev"]),
    ("environment-over-AWS_PROFILE", ONE, variables(ONE) | {"AWS_PROFILE": "dev"}, "", DEV, []),
    ("AWS_PROFILE", TWO, {"AWS_PROFILE": "dev"}, "", DEV, []),
    ("AWS_DEFAULT_PROFILE", TWO, {"AWS_DEFAULT_PROFILE": "dev"}, "", DEV, []),
    ("AWS_DEFAULT_PROFILE-over-AWS_PROFILE", TWO, {"AWS_DEFAULT_PROFILE": "dev", "AWS_PROFILE": "two"}, "", DEV + f"[two]\n{keys(THREE)}", []),
    ("profile-flag-over-AWS_PROFILE", TWO, {"AWS_PROFILE": "two"}, "", DEV + f"[two]\n{keys(THREE)}", ["--profile", "dev"]),
    ("default-flag-over-environment", TWO, variables(ONE), "", f"[default]\n{keys(TWO)}", ["--profile", "default"]),
    ("unknown-profile-flag", REFUSED, variables(ONE), "", DEV, ["--profile", "nope"]),
    ("unknown-AWS_PROFILE", REFUSED, variables(ONE) | {"AWS_PROFILE": "nope"}, "", DEV, []),
    ("empty-AWS_PROFILE", REFUSED, variables(ONE) | {"AWS_PROFILE": ""}, "", DEV, []),
    ("unknown-AWS_DEFAULT_PROFILE", REFUSED, {"AWS_DEFAULT_PROFILE": "nope"}, "", DEV, []),
    ("nothing-at-all", REFUSED, {}, "", "", []),
    ("half-of-the-variables", REFUSED, {"AWS_ACCESS_KEY_ID": f"AKIA{ONE}"}, "", f"[default]\n{keys(TWO)}", []),
    ("SECRET_ACCESS_KEY-is-no-variable", REFUSED, {"AWS_ACCESS_KEY_ID": f"AKIA{ONE}", "SECRET_ACCESS_KEY": SECRET}, "", "", []),
    ("empty-variables", TWO, {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "", f"[default]\n{keys(TWO)}", []),
    ("half-of-a-profile", REFUSED, {}, "", f"[default]\naws_access_key_id = AKIA{ONE}\n", []),
    ("security-token", ONE, variables(ONE) | {"AWS_SECURITY_TOKEN": "t"}, "", "", []),
    ("config-file-alone", TWO, {}, f"[profile dev]\n{keys(TWO)}", "", ["--profile", "dev"]),
    ("credentials-file-over-config-file", TWO, {}, f"[profile dev]\n{keys(ONE)}", DEV, ["--profile", "dev"]),
    ("config-section-without-profile", REFUSED, {}, f"[dev]\n{keys(TWO)}", "", ["--profile", "dev"]),
    ("profile-default-and-default", TWO, {}, f"[default]\n{keys(ONE)}[profile default]\n{keys(TWO)}", "", []),
    ("default-after-profile-default", TWO, {}, f"[profile default]\n{keys(ONE)}[default]\n{keys(TWO)}", "", []),
    ("quoted-profile-name", TWO, {}, f'[profile "my team"]\n{keys(TWO)}', "", ["--profile", "my team"]),
    ("colons-and-capitals", TWO, {}, f"[profile dev]\nAWS_Access_Key_Id: AKIA{TWO}\naws_secret_access_key : {SECRET}\n", "", ["--profile", "dev"]),
    ("section-twice", REFUSED, {}, "", f"{DEV}[dev]\nregion = eu-west-1\n", ["--profile", "dev"]),
    ("key-before-a-section", REFUSED, {}, f"region = eu-west-1\n[profile dev]\n{keys(TWO)}", "", ["--profile", "dev"]),
    ("line-without-meaning", REFUSED, {}, f"[profile dev]\n{keys(TWO)}nonsense\n", "", ["--profile", "dev"]),
    ("DEFAULT-for-every-section", TWO, {}, f"[DEFAULT]\n{keys(TWO)}[profile dev]\nregion = eu-west-1\n", "", ["--profile", "dev"]),
    ("other-files", TWO, {"AWS_CONFIG_FILE": "HOME/other-config", "AWS_SHARED_CREDENTIALS_FILE": "~/none"}, "", f"[default]\n{keys(ONE)}", []),
    ("source_profile", ROLE, {}, f"[profile a]\n{ROLES}source_profile = dev\n", DEV, ["--profile", "a"]),
    ("source_profile-over-environment", ROLE, variables(ONE), f"[profile a]\n{ROLES}source_profile = dev\n", DEV, ["--profile", "a"]),
    ("environment-over-source_profile", ONE, variables(ONE) | {"AWS_PROFILE": "a"}, f"[profile a]\n{ROLES}source_profile = dev\n", DEV, []),
    ("source_profile-itself", ROLE, {}, "", f"[a]\n{ROLES}source_profile = a\n{keys(TWO)}", ["--profile", "a"]),
    ("source_profile-itself-without-keys", REFUSED, {}, f"[profile a]\n{ROLES}source_profile = a\n", "", ["--profile", "a"]),
    ("source_profile-missing", REFUSED, {}, f"[profile a]\n{ROLES}source_profile = none\n", "", ["--profile", "a"]),
    ("source_profile-without-credentials", REFUSED, {}, f"[profile a]\n{ROLES}source_profile = b\n[profile b]\nregion = eu-west-1\n", "", ["--profile", "a"]),
    ("chained-roles", ROLE, {}, f"[profile a]\n{ROLES}source_profile = b\n[profile b]\nrole_arn = arn:aws:iam::{THREE}:role/b\nsource_profile = dev\n", DEV, ["--profile", "a"]),
    ("chain-in-a-circle", REFUSED, {}, f"[profile a]\n{ROLES}source_profile = b\n[profile b]\nrole_arn = arn:aws:iam::{THREE}:role/b\nsource_profile = a\n", "", ["--profile", "a"]),
    ("role-without-source", REFUSED, {}, f"[profile a]\n{ROLES}", "", ["--profile", "a"]),
    ("role-with-both-sources", REFUSED, variables(ONE), f"[profile a]\n{ROLES}source_profile = dev\ncredential_source = Environment\n", DEV, ["--profile", "a"]),
    ("external-id", ROLE, {}, f"[profile a]\nrole_arn = arn:aws:iam::{ROLE}:role/external\nexternal_id = external-id\nsource_profile = dev\n", DEV, ["--profile", "a"]),
    ("external-id-missing", REFUSED, {}, f"[profile a]\nrole_arn = arn:aws:iam::{ROLE}:role/external\nsource_profile = dev\n", DEV, ["--profile", "a"]),
    ("role-session-and-duration", ROLE, {}, f"[profile a]\n{ROLES}role_session_name = session\nduration_seconds = 900\nsource_profile = dev\n", DEV, ["--profile", "a"]),
    ("multi-factor", REFUSED, {}, f"[profile a]\n{ROLES}mfa_serial = arn:aws:iam::{TWO}:mfa/u\nsource_profile = dev\n", DEV, ["--profile", "a"]),
    ("source-Environment", ROLE, variables(ONE), f"[profile a]\n{ROLES}credential_source = Environment\n", "", ["--profile", "a"]),
    ("source-Environment-without", REFUSED, {}, f"[profile a]\n{ROLES}credential_source = Environment\n", "", ["--profile", "a"]),
    ("source-EcsContainer", ROLE, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/container"}, f"[profile a]\n{ROLES}credential_source = EcsContainer\n", "", ["--profile", "a"]),
    ("source-Ec2InstanceMetadata", ROLE, IMDS, f"[profile a]\n{ROLES}credential_source = Ec2InstanceMetadata\n", "", ["--profile", "a"]),
    ("source-of-another-name", REFUSED, variables(ONE), f"[profile a]\n{ROLES}credential_source = Nowhere\n", "", ["--profile", "a"]),
    ("credential_source-without-role", TWO, IMDS, "[profile dev]\ncredential_source = Ec2InstanceMetadata\n", DEV, ["--profile", "dev"]),
    ("source_profile-with-process", ROLE, {}, f"[profile a]\n{ROLES}source_profile = b\n[profile b]\n{PROCESS}", "", ["--profile", "a"]),
    ("source_profile-with-sso", ROLE, {}, f"[profile a]\n{ROLES}source_profile = b\n[profile b]\nsso_session = corp\n{SSO_PROFILE}{SSO_SESSION}", "", ["--profile", "a"]),
    ("source_profile-with-web-identity", ROLE, {}, f"[profile a]\n{ROLES}source_profile = b\n[profile b]\nweb_identity_token_file = HOME/web-token\nrole_arn = arn:aws:iam::{WEB}:role/w\n", "", ["--profile", "a"]),
    ("sso-session", SSO, {}, f"[profile s]\nsso_session = corp\n{SSO_PROFILE}{SSO_SESSION}", "", ["--profile", "s"]),
    ("sso-session-said-twice", SSO, {}, f"[profile s]\nsso_session = corp\nsso_region = eu-west-1\n{SSO_PROFILE}{SSO_SESSION}", "", ["--profile", "s"]),
    ("sso-session-said-otherwise", REFUSED, {}, f"[profile s]\nsso_session = corp\nsso_region = eu-west-2\n{SSO_PROFILE}{SSO_SESSION}", "", ["--profile", "s"]),
    ("sso-session-missing", REFUSED, {}, f"[profile s]\nsso_session = none\n{SSO_PROFILE}", "", ["--profile", "s"]),
    ("sso-old-form", SSO, {}, f"[profile s]\n{SSO_OLD}{SSO_PROFILE}", "", ["--profile", "s"]),
    ("sso-without-token", REFUSED, {}, f"[profile s]\nsso_start_url = https://none.awsapps.com/start\nsso_region = eu-west-1\n{SSO_PROFILE}", "", ["--profile", "s"]),
    ("sso-ended", REFUSED, {}, f"[profile s]\nsso_start_url = https://ended.awsapps.com/start\nsso_region = eu-west-1\n{SSO_PROFILE}", "", ["--profile", "s"]),
    ("sso-without-role", REFUSED, {}, f"[profile s]\n{SSO_OLD}sso_account_id = {SSO}\n", "", ["--profile", "s"]),
    ("sso-over-keys", SSO, {}, f"[profile dev]\n{SSO_OLD}{SSO_PROFILE}", DEV, ["--profile", "dev"]),
    ("environment-over-sso", ONE, variables(ONE) | {"AWS_PROFILE": "s"}, f"[profile s]\n{SSO_OLD}{SSO_PROFILE}", "", []),
    ("process", THREE, {}, f"[profile p]\n{PROCESS}", "", ["--profile", "p"]),
    ("process-fails", REFUSED, {}, "[profile p]\ncredential_process = false\n", "", ["--profile", "p"]),
    ("keys-over-process", TWO, {}, f"[profile dev]\n{PROCESS}", DEV, ["--profile", "dev"]),
    ("process-over-keys-in-config", THREE, {}, f"[profile dev]\n{PROCESS}{keys(TWO)}", "", ["--profile", "dev"]),
    ("process-is-no-shell", REFUSED, {}, "[profile p]\ncredential_process = false ; HOME/process 'a b'\n", "", ["--profile", "p"]),
    ("web-identity-variables", WEB, POD, "", "", []),
    ("web-identity-over-default-profile", WEB, POD, "", f"[default]\n{keys(TWO)}", []),
    ("environment-over-web-identity", ONE, variables(ONE) | POD, "", "", []),
    ("profile-flag-over-web-identity", TWO, POD, "", DEV, ["--profile", "dev"]),
    ("role-of-profile-over-web-identity", ROLE, POD, f"[default]\n{ROLES}source_profile = dev\n", DEV, []),
    ("web-identity-in-profile", WEB, {}, f"[profile w]\nweb_identity_token_file = HOME/web-token\nrole_arn = arn:aws:iam::{WEB}:role/w\n", "", ["--profile", "w"]),
    ("web-identity-without-role", REFUSED, {"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/web-token"}, "", "", []),
    ("web-identity-without-token", REFUSED, POD | {"AWS_WEB_IDENTITY_TOKEN_FILE": "HOME/none"}, "", "", []),
    ("container-full-uri", CONTAINER, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/container"}, "", "", []),
    ("container-token", GUARDED, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/guarded", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token"}, "", "", []),
    ("container-token-file", GUARDED, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/guarded", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "HOME/container-token"}, "", "", []),
    ("container-token-wrong", REFUSED, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/guarded", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x"} | IMDS, "", "", []),
    ("container-on-foreign-host", REFUSED, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/container"} | IMDS, "", "", []),
    ("profile-over-container", TWO, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/container"}, "", f"[default]\n{keys(TWO)}", []),
    ("container-over-instance", CONTAINER, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/container"} | IMDS, "", "", []),
    ("empty-profile-to-container", CONTAINER, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/container"}, "[profile e]\nregion = eu-west-1\n", "", ["--profile", "e"]),
    ("instance", INSTANCE, IMDS, "", "", []),
    ("instance-disabled", REFUSED, IMDS | {"AWS_EC2_METADATA_DISABLED": "TRUE"}, "", "", []),
    ("instance-in-profile", INSTANCE, {"AWS_EC2_METADATA_DISABLED": "false"}, "[default]\nec2_metadata_service_endpoint = URL\n", "", []),
    ("old-credential-file", FOUR, {"AWS_CREDENTIAL_FILE": "HOME/old"}, "", "", []),
    ("boto-config", FOUR, {"BOTO_CONFIG": "HOME/boto"} | IMDS, "", "", []),
    ("region-flag", ONE, variables(ONE), "[default]\nregion = eu-west-1\n", "", ["--region", "eu-west-2"]),
    ("region-of-profile", TWO, {"AWS_DEFAULT_REGION": None}, "[profile dev]\nregion = eu-west-3\n", DEV, ["--profile", "dev"]),
    ("region-of-variable-over-profile", TWO, {}, "[profile dev]\nregion = eu-west-3\n", DEV, ["--profile", "dev"]),
    ("region-of-the-profile-not-of-its-source", REFUSED, {"AWS_DEFAULT_REGION": None}, f"[profile a]\n{ROLES}source_profile = b\n[profile b]\nregion = eu-west-3\n{keys(TWO)}", "", ["--profile", "a"]),
    ("endpoint-of-service-variable", ONE, variables(ONE) | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_STS": "URL"}, "", "", []),
    ("endpoint-of-profile", TWO, {"AWS_ENDPOINT_URL": None}, "[profile dev]\nendpoint_url = URL\n", DEV, ["--profile", "dev"]),
    ("endpoint-of-services", TWO, {"AWS_ENDPOINT_URL": None}, "[profile dev]\nendpoint_url = http://127.0.0.1:9\nservices = local\n[services local]\nsts =\n  endpoint_url = URL\n", DEV, ["--profile", "dev"]),
    ("endpoint-of-variable-over-services", TWO, {}, "[profile dev]\nservices = local\n[services local]\nsts =\n  endpoint_url = http://127.0.0.1:9\n", DEV, ["--profile", "dev"]),
    ("endpoint-of-missing-services", REFUSED, {"AWS_ENDPOINT_URL": None}, "[profile dev]\nservices = none\n", DEV, ["--profile", "dev"]),
    ("endpoint-flag-over-variables", ONE, variables(ONE) | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"}, "", "", ["--endpoint-url", "URL"]),
    ("endpoint-flag-with-ignore", ONE, variables(ONE) | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "", "", ["--endpoint-url", "URL"]),
    ("endpoints-ignored", REFUSED, variables(ONE) | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "", "", []),
    ("endpoints-ignored-for-a-role", REFUSED, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, f"[profile a]\n{ROLES}source_profile = dev\n", DEV, ["--profile", "a", "--endpoint-url", "URL"]),
    ("role-by-endpoint-of-profile", ROLE, {"AWS_ENDPOINT_URL": None}, f"[profile a]\nendpoint_url = URL\n{ROLES}source_profile = dev\n", DEV, ["--profile", "a"]),
    ("sso-by-endpoint-of-services", SSO, {"AWS_ENDPOINT_URL": None}, f"[profile s]\nservices = local\n{SSO_OLD}{SSO_PROFILE}[services local]\nsso =\n  endpoint_url = URL\nsts =\n  endpoint_url = URL\n", "", ["--profile", "s"]),
]

# The AWS CLI of PyPI is version 1, which does not know AWS_REGION. Version 2 and every SDK do; expected from their
# documentation: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
OF_VERSION_2 = [
    ("AWS_REGION", (ONE, "eu-north-1"), variables(ONE) | {"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": None}, "", "", []),
    ("AWS_REGION-over-AWS_DEFAULT_REGION", (ONE, "eu-north-1"), variables(ONE) | {"AWS_REGION": "eu-north-1"}, "", "", []),
    ("AWS_REGION-over-profile", (TWO, "eu-north-1"), {"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": None}, "[profile dev]\nregion = eu-west-3\n", DEV, ["--profile", "dev"]),
    ("region-flag-over-AWS_REGION", (ONE, "eu-west-2"), variables(ONE) | {"AWS_REGION": "eu-north-1"}, "", "", ["--region", "eu-west-2"]),
]


def prepare(home, config, credentials, url):
    fill = lambda text: text.replace("HOME", str(home)).replace("URL", url)
    cache = home / ".aws/sso/cache"
    cache.mkdir(parents=True)
    for name, text in (("config", config), ("credentials", credentials)):
        if text:
            (home / ".aws" / name).write_text(fill(text))
    (home / "other-config").write_text(f"[default]\n{keys(TWO)}")
    for name in ("web-token", "container-token"):
        (home / name).write_text(name)
    (home / "old").write_text(f"AWSAccessKeyId=AKIA{FOUR}\nAWSSecretKey={SECRET}\n")
    (home / "boto").write_text(f"[Credentials]\n{keys(FOUR)}")
    printed = {"Version": 1, "AccessKeyId": f"AKIA{THREE}", "SecretAccessKey": SECRET}
    (home / "process").write_text(f"#!/bin/sh\n[ \"$#\" = 1 ] && [ \"$1\" = 'a b' ] && echo '{json.dumps(printed)}'\n")
    (home / "process").chmod(0o755)
    for start, ends in (("https://old.awsapps.com/start", LATER), ("corp", LATER), ("https://ended.awsapps.com/start", "2020-01-01T00:00:00Z")):
        token = {"startUrl": start, "region": "eu-west-1", "accessToken": "sso-token" if ends == LATER else "ended", "expiresAt": ends}
        (cache / f"{hashlib.sha1(start.encode()).hexdigest()}.json").write_text(json.dumps(token))


class Listening(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A command that has shown whose account it reaches is ended in the middle of a request."""


class Forked:
    """`aws sts get-caller-identity` in a copy of this process."""

    def __init__(self, arguments, environment, said):
        self.returncode = None
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                # Where its models are, as its own modules say.
                models = os.environ["AWS_DATA_PATH"]
                os.environ.clear()
                os.environ.update(environment, AWS_DATA_PATH=models)
                sys.argv = ["aws", "sts", "get-caller-identity", *arguments]
                code = awscli.clidriver.main()
            except BaseException as error:
                print(f"{type(error).__name__}: {error}")
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)

    def poll(self):
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def kill(self):
        os.kill(self.pid, 9)

    def wait(self):
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def run(command, case, url):
    """The account and region that the server saw, or that it was refused; and what the command said."""
    _, _, environment, config, credentials, arguments = case
    shutil.rmtree(HOME)
    HOME.mkdir()
    folder, home = str(HOME), HOME
    with tempfile.TemporaryFile("w+") as output:
        prepare(home, config, credentials, url)
        clean = {
            "HOME": folder,
            "PATH": os.environ["PATH"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "AWS_MAX_ATTEMPTS": "1",
            # Nothing may leave this machine; the server itself is excepted.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "LANG": "C.UTF-8",
        }
        for name, value in environment.items():
            clean.pop(name, None)
            if value is not None:
                clean[name] = value.replace("HOME", folder).replace("URL", url)
        Server.seen = None
        arguments = [argument.replace("URL", url) for argument in arguments]
        if command is None:
            process = Forked(arguments, clean, output)
        else:
            process = subprocess.Popen(command + arguments, env=clean, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        deadline = time.monotonic() + 120
        while process.poll() is None and Server.seen is None and time.monotonic() < deadline:
            time.sleep(0.02)
        # Whose account it is was asked; the audit itself is not the question here. Where it has to be refused, for
        # instance for want of a region, that may come afterwards.
        while case[1] == REFUSED and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if process.poll() is None:
            process.kill()
        process.wait()
        output.seek(0)
        said = output.read()
        is_refused = Server.seen is None or (case[1] == REFUSED and process.returncode == 2)
        return (REFUSED if is_refused else Server.seen[:2]), said, process.returncode


def main():
    tenken, only = Path(sys.argv[1]).resolve(), sys.argv[2:]
    server = Listening(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    wrong = 0
    chosen = lambda cases: [case for case in cases if not only or case[0] in only]
    for case in chosen(CASES):
        name, expected = case[:2]
        of_aws, said_by_aws, _ = run(None, case, url)
        of_tenken, said, code = run([str(tenken), "scan", "--no-config"], case, url)
        account = of_aws if of_aws == REFUSED else of_aws[0]
        if of_aws != of_tenken or account != expected or (of_tenken == REFUSED and code != 2):
            wrong += 1
            print(f"{name}: expected {expected}, the AWS CLI {of_aws}, tenken {of_tenken} (exit code {code})\n{said_by_aws}\n{said}")
        elif only:
            print(f"{name}: {of_aws}\n{said_by_aws}\n{said}")
        if SECRET in said:
            wrong += 1
            print(f"{name}: tenken says the secret")
    for case in chosen(OF_VERSION_2):
        of_tenken, said, _ = run([str(tenken), "scan", "--no-config"], case, url)
        if of_tenken != case[1]:
            wrong += 1
            print(f"{case[0]}: expected {case[1]}, tenken {of_tenken}\n{said}")
    count = len(chosen(CASES))
    print(f"credentials, regions and endpoints: {count} cases beside the AWS CLI, {len(chosen(OF_VERSION_2))} of version 2, {wrong} differ")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
