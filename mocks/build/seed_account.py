#!/usr/bin/env python3
"""Builds one of the recorded accounts in a mock AWS, and prints what is wrong with it.

    seed_account.py ec-site --endpoint http://127.0.0.1:5555

The mock is emptied first. The output is JSON:

    {"account": "ec-site", "findings": {policy: [ARN, …]}, "recorded": {…}}

`findings` are the policies that must fail against the mock, each with the ARNs it must
fail on (twice where there are two findings there); nothing else may fail. `recorded` are
those that come on top in the recording, where correct.py says what the mock cannot.
"""

import argparse
import json

from shop import ACCOUNT, REGION, Cloud, Shop
from worn import ADMIN_TOKEN_PARAMETER, WornShop


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def default_group(shop):
    """The group that AWS made with the VPC."""
    of_vpc = [{"Name": "vpc-id", "Values": [shop.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return shop.cloud("ec2").describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]["GroupId"]


def beside_the_review(shop):
    """What is so before and after phase 1 and is not in the review."""
    return {
        "alb-invalid-headers-not-dropped": [shop.alb],
        "alb-no-deletion-protection": [shop.alb],
        "default-security-group-has-rules": [arn("ec2", f"security-group/{default_group(shop)}")],
        "ecr-mutable-tags": [shop.repository],
        "ecr-no-scan-on-push": [shop.repository],
        "ecs-public-address": [shop.shop_api],
        "ecs-root-user": [shop.shop_api],
        "ecs-writable-root-filesystem": [shop.shop_api],
        "log-group-no-retention": [arn("logs", "log-group:/ecs/shop-api")],
        "rds-default-port": [shop.db],
        "rds-no-deletion-protection": [shop.db],
        "rds-no-enhanced-monitoring": [shop.db],
        "rds-no-log-export": [shop.db],
        "resources-not-managed": [f"arn:aws:iam::{ACCOUNT}:root"],
        "subnet-assigns-public-addresses": [arn("ec2", f"subnet/{subnet}") for subnet in shop.public],
        "vpc-no-flow-log": [arn("ec2", f"vpc/{shop.vpc}")],
    }


def for_later(shop):
    """The review's findings that phase 1 leaves for later."""
    return {
        "fargate-size-mismatch": [shop.shop_api],  # 4.1
        "ecs-no-fargate-spot": [shop.shop_api],  # 4.2
        "alb-no-cdn": [shop.alb],  # 5.2
    }


def before(shop):
    return {
        # 1.1
        "alb-no-https-listener": [shop.alb],
        "alb-http-not-redirected": [shop.http_listener],
        # 1.2
        "task-reachable-past-load-balancer": [shop.shop_api],
        "db-security-group-open-to-world": [shop.db],
        "db-admits-exposed-host": [shop.db],
        "security-group-open-to-world": [
            arn("ec2", f"security-group/{shop.ecs_group}"),
            arn("ec2", f"security-group/{shop.rds_group}"),
        ],
        # 1.3: DB_PASSWORD and DATABASE_URL
        "ecs-plaintext-secret": [shop.shop_api, shop.shop_api],
        # 1.4
        "rds-unencrypted-storage": [shop.db],
        # 2.1
        "rds-single-az": [shop.db],
        "private-subnets-in-one-az": [arn("ec2", f"vpc/{shop.vpc}")],
        "db-subnet-group-in-one-az": [arn("rds", "subgrp:ec-db-subnets")],
        "load-balancer-stops-with-one-loss": [shop.alb],
        # 2.2
        "rds-no-automated-backup": [shop.db],
        "rds-recovery-objectives-missed": [shop.db],
        # 2.3
        "ecs-no-autoscaling": [shop.shop_api],
        # 3.1
        "target-slow-failure-detection": [shop.target_group],
        "target-health-check-path-default": [shop.target_group],
        # 3.2
        "ecs-no-container-insights": [shop.cluster],
        "alb-no-access-log": [shop.alb],
        "alb-no-error-alarm": [shop.alb],
        "ecs-no-utilisation-alarm": [shop.shop_api],
        "rds-no-alarm": [shop.db],
        # 3.3
        "ecs-no-deployment-circuit-breaker": [shop.shop_api],
        # 5.1
        "alb-no-waf": [shop.alb],
        **for_later(shop),
        **beside_the_review(shop),
    }


def phase_1(shop):
    return {
        **for_later(shop),
        **beside_the_review(shop),
        "access-log-bucket-no-lifecycle": [shop.alb],
        "rds-backup-in-one-region": [shop.db],
        "waf-no-log": [shop.acl["ARN"]],
        "secret-no-rotation": [shop.secret],
        # The revision of before: DB_PASSWORD and DATABASE_URL
        "ecs-old-revision-secret": [shop.shop_api, shop.shop_api],
    }


def worn(shop):
    reports = arn("rds", "cluster:reports")
    reports_1 = arn("rds", "db:reports-1")
    findings = {
        **for_later(shop),
        **beside_the_review(shop),
        "access-log-bucket-no-lifecycle": [shop.internal],
        "access-log-bucket-public": [shop.internal],
        "alb-access-log-bucket-missing": [shop.alb],
        # The one in IAM.
        "alb-certificate-expiring": [shop.https_listener],
        "alb-in-one-az": [shop.internal],
        "alarm-on-missing-resource": [arn("cloudwatch", "alarm:shop-db-old-cpu")],
        "alb-desync-mitigation-off": [shop.campaign_alb],
        "alb-no-access-log": [shop.campaign_alb],
        "alb-no-error-alarm": [shop.campaign_alb],
        "alb-no-hsts": [shop.https_listener],
        # The distribution in front of it has none, either.
        "alb-no-waf": [shop.campaign_alb],
        "alb-plain-http-from-cloudfront": [shop.campaign_alb],
        "alb-reachable-past-cloudfront": [shop.alb],
        "alb-redirect-to-nowhere": [shop.alb],
        "alb-weak-ciphers": [shop.https_listener],
        "alb-weak-tls": [shop.https_listener],
        "cloudfront-default-certificate": [shop.distribution_arn],
        "cloudfront-no-waf": [shop.distribution_arn, shop.sale_arn],
        "cloudfront-origin-http": [shop.distribution_arn, shop.sale_arn],
        "cloudfront-viewer-http": [shop.sale_arn],
        "cloudfront-weak-tls": [shop.sale_arn],
        # The bastion by its group; the metrics tasks, which the internet reaches, by the range of the VPC.
        "db-admits-exposed-host": [shop.db, shop.db, reports_1, reports_1],
        "db-exposed-to-internet": [shop.db],
        "db-security-group-admits-network": [shop.db, reports_1],
        "db-security-group-open-to-world": [shop.db, reports_1],
        "db-subnet-group-in-one-az": [arn("rds", "subgrp:ec-db-public")],
        "default-security-group-in-use": [arn("ec2", f"security-group/{shop.default_group}")],
        "ecr-mutable-tags": [shop.legacy_repository, shop.repository],
        "ecr-no-scan-on-push": [shop.legacy_repository, shop.repository],
        # The daemon's second container waits for its log; the first one has none.
        "ecs-blocking-log-driver": [shop.shop_agent],
        "ecs-deployment-cannot-proceed": [shop.shop_admin],
        "ecs-deployment-drops-capacity": [shop.shop_api],
        "ecs-host-network": [shop.shop_agent],
        "ecs-host-processes": [shop.shop_agent],
        # The execution role may read secrets, not parameters.
        "ecs-new-task-would-not-start": [shop.shop_admin],
        "ecs-no-autoscaling": [shop.shop_admin, shop.shop_metrics],
        "ecs-no-fargate-spot": [shop.shop_api, shop.shop_metrics],
        "ecs-no-log-driver": [shop.shop_agent],
        "ecs-no-utilisation-alarm": [shop.shop_admin, shop.shop_metrics],
        "ecs-old-revision-secret": [shop.shop_api, shop.shop_api],
        "ecs-outdated-platform-version": [shop.shop_metrics],
        "ecs-plaintext-secret": [shop.shop_admin],
        "ecs-privileged-container": [shop.shop_agent],
        "ecs-public-address": [shop.shop_admin, shop.shop_api, shop.shop_metrics],
        "ecs-role-reads-every-secret": [shop.shop_admin, shop.shop_api, shop.shop_metrics],
        "ecs-root-user": [shop.shop_admin, shop.shop_agent, shop.shop_api, shop.shop_metrics],
        "ecs-secret-reference-broken": [shop.shop_admin],
        "ecs-secret-reference-unencrypted": [shop.shop_admin],
        "ecs-service-in-one-az": [shop.shop_admin],
        "ecs-short-health-check-grace-period": [shop.shop_admin],
        "ecs-single-task": [shop.shop_admin],
        "ecs-spot-stop-timeout-short": [shop.shop_admin],
        "ecs-task-role-administrator": [shop.shop_admin],
        "ecs-task-role-escalates": [shop.shop_metrics],
        "ecs-writable-root-filesystem": [shop.shop_admin, shop.shop_agent, shop.shop_api, shop.shop_metrics],
        "fargate-size-mismatch": [shop.shop_admin, shop.shop_api, shop.shop_metrics],
        "instance-exposed-to-internet": [arn("ec2", f"network-interface/{shop.bastion_interface}")],
        # One task and one zone for the administrators, one instance of the cluster.
        "load-balancer-stops-with-one-loss": [shop.alb],
        "nat-gateway-in-one-az": [arn("ec2", f"natgateway/{shop.nat}")],
        "rds-backup-in-one-region": [shop.db],
        "instance-public-address": [arn("ec2", f"network-interface/{shop.bastion_interface}")],
        "network-acl-admin-ports-open": [arn("ec2", f"network-acl/{shop.admin_acl}")],
        "rds-cluster-no-deletion-protection": [reports],
        "rds-cluster-short-backup-retention": [reports],
        "rds-cluster-single-az": [reports],
        "rds-cluster-tls-not-required": [reports],
        "rds-cluster-unencrypted-storage": [reports],
        "rds-extended-support": [shop.db],
        "rds-maintenance-due": [shop.db],
        "rds-no-alarm": [reports_1],
        "rds-no-enhanced-monitoring": [shop.db, reports_1],
        "rds-no-minor-version-upgrade": [shop.db],
        "rds-publicly-accessible-flag": [shop.db],
        "rds-short-backup-retention": [shop.db],
        "rds-snapshot-public": [arn("rds", "cluster-snapshot:reports-migration")],
        "rds-snapshot-unencrypted": [
            arn("rds", "cluster-snapshot:reports-migration"),
            arn("rds", "snapshot:ec-db-before-2024"),
        ],
        "rds-tls-not-required": [shop.db],
        "security-group-open-to-world": [
            arn("ec2", f"security-group/{group}")
            for group in (shop.rds_group, shop.bastion_group, shop.metrics_group)
        ],
        "security-group-icmp-open-to-world": [arn("ec2", f"security-group/{shop.bastion_group}")],
        "security-group-idle-open-to-world": [arn("ec2", f"security-group/{shop.idle_group}")],
        "standalone-task-exposed-to-internet": [shop.nightly_export],
        # In the definition, and in the rule's input.
        "standalone-task-plaintext-secret": [shop.nightly_export, shop.nightly_export],
        "standalone-task-role-administrator": [shop.nightly_export],
        "standalone-task-role-reads-every-secret": [shop.nightly_export, shop.hourly_cleanup],
        "standalone-task-secret-reference-broken": [shop.nightly_export],
        "standalone-task-secret-reference-unencrypted": [shop.nightly_export],
        "security-group-shared-with-lambda": [arn("ec2", f"security-group/{shop.metrics_group}")],
        "security-group-web-port-open-to-world": [arn("ec2", f"security-group/{shop.web_group}")],
        "service-subnets-short-of-addresses": [shop.shop_api],
        "secret-no-rotation": [shop.secret, shop.gateway_secret],
        "ssm-parameter-plain-secret": [arn("ssm", f"parameter{ADMIN_TOKEN_PARAMETER}")],
        "task-exposed-to-internet": [shop.shop_metrics],
        "task-open-inside-network": [shop.shop_admin, shop.shop_api],
        "waf-no-log": [shop.acl["ARN"]],
        "waf-no-managed-rules": [shop.acl["ARN"]],
        "waf-no-rules": [shop.empty_acl["ARN"]],
        "waf-no-rate-limit": [shop.acl["ARN"]],
    }
    findings["alb-no-deletion-protection"] = [shop.alb, shop.internal]
    del findings["alb-no-cdn"]  # there is a distribution
    return findings


def worn_recorded(shop):
    alarms = ("shop-cpu", "shop-memory", "shop-5xx", "shop-elb-5xx", "shop-db-cpu", "shop-db-storage", "shop-db-connections", "shop-db-old-cpu")
    return {
        "alarm-reaches-nobody": [arn("cloudwatch", f"alarm:{name}") for name in alarms],
        "alb-certificate-expiring": [shop.https_listener],
        "alb-zone-without-healthy-target": [shop.alb],
        "cloudfront-certificate-expiring": [shop.sale_arn],
        "ecs-deployment-failed": [shop.shop_admin],
        "ecs-service-short-of-tasks": [shop.shop_metrics],
        # Connections that leak: correct.py publishes them.
        "load-wall-near": [shop.shop_admin, shop.shop_api],
        "rds-backup-not-running": [shop.db],
        "rds-recovery-objectives-missed": [shop.db],
        "rds-certificate-expiring": [shop.db],
        "rds-cluster-backup-not-running": [arn("rds", "cluster:reports")],
        "secret-rotation-overdue": [shop.partner_secret],
        "secret-unused": [shop.gateway_secret],
        "route-to-missing-target": [arn("ec2", f"route-table/{shop.private_routes}")],
        "target-group-no-healthy-target": [shop.admin_targets],
    }


ACCOUNTS = {
    "ec-site": (lambda cloud: Shop(cloud, is_phase_1=False), before, lambda shop: {}),
    "ec-site-phase1": (lambda cloud: Shop(cloud, is_phase_1=True), phase_1, lambda shop: {}),
    "worn-site": (WornShop, worn, worn_recorded),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("account", choices=ACCOUNTS)
    parser.add_argument("--endpoint", required=True)
    arguments = parser.parse_args()
    make, findings, recorded = ACCOUNTS[arguments.account]
    cloud = Cloud(arguments.endpoint)
    cloud.reset()
    shop = make(cloud).build()
    shop.traffic()
    truth = {"account": arguments.account, "findings": findings(shop), "recorded": recorded(shop)}
    print(json.dumps(truth, indent=2))


if __name__ == "__main__":
    main()
