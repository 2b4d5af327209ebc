//! Further places in which AWS keeps what somebody wrote: one secret of every kind in each.

use super::{Account, Planted, escaped};
use serde_json::{Value as Json, json};

const REGION: &str = "ap-northeast-1";

/// All of them in one text, as somebody who notes something down writes them.
fn noted(planted: &[Planted]) -> String {
    let pairs: Vec<String> = planted.iter().map(|one| format!("{}='{}'", one.name, one.value)).collect();
    pairs.join(" ")
}

/// Pairs of tags.
fn tags(planted: &[Planted], (name, value): (&str, &str)) -> Json {
    planted.iter().map(|one| json!({ name: one.name, value: one.value })).collect()
}

impl Account {
    /// Everywhere else.
    pub(super) fn further_places(&mut self) {
        self.more_of_task_definitions();
        self.running_tasks();
        self.told_targets();
        self.rules_of_listeners();
        self.described_in_json();
        self.described_in_xml();
        self.policies();
    }

    fn note(&mut self, place: &str) -> String {
        noted(&self.of_every_kind(place))
    }

    fn more_of_task_definitions(&mut self) {
        let options = self.of_every_kind("driverOpts");
        let options: Json =
            options.iter().map(|one| (format!("{}-{}", one.kind, one.name), json!(one.value))).collect();
        let routed = self.of_every_kind("firelensConfiguration");
        let routed: Json =
            routed.iter().map(|one| (format!("{}-{}", one.kind, one.name), json!(one.value))).collect();
        let tagged = tags(&self.of_every_kind("tags of a task definition"), ("key", "value"));
        let texts: Vec<String> = [
            "extraHosts",
            "workingDirectory",
            "hostname",
            "links",
            "dockerSecurityOptions",
            "systemControls",
        ]
        .iter()
        .map(|place| self.note(place))
        .collect();
        // Four of the environment that a scan reports, with what stands around the secret.
        let token = self.of_every_kind("options in the environment");
        let password = token.iter().find(|one| one.kind == "password").unwrap().value.clone();
        let variables = [
            ("JAVA_OPTS", format!("-Xmx512m -Dspring.datasource.password={password}")),
            (
                "KAFKA_JAAS",
                format!(
                    "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"shop\" password=\"{password}\";"
                ),
            ),
            ("CURLRC", format!("header = \"Authorization: Bearer {password}\"")),
            (
                "EXPORT_URL",
                format!(
                    "https://b.s3.amazonaws.com/x?X-Amz-Credential=shop&X-Amz-Signature={password}{password}"
                ),
            ),
        ];
        let file = "ap-northeast-1/ecs/DescribeTaskDefinition@taskDefinition=shop-api~2.json";
        self.edit_json(file, |json| {
            json["tags"] = tagged;
            let definition = &mut json["taskDefinition"];
            definition["volumes"] = json!([{ "name": "exports", "dockerVolumeConfiguration": {
                "driver": "rexray/s3fs", "driverOpts": options.clone(), "labels": options,
            } }]);
            let first = &mut definition["containerDefinitions"][0];
            let environment = first["environment"].as_array_mut().unwrap();
            environment.extend(variables.iter().map(|(name, value)| json!({ "name": name, "value": value })));
            first["firelensConfiguration"] = json!({ "type": "fluentbit", "options": routed });
            first["extraHosts"] = json!([{ "hostname": texts[0], "ipAddress": "10.0.0.1" }]);
            first["workingDirectory"] = json!(texts[1]);
            first["hostname"] = json!(texts[2]);
            first["links"] = json!([texts[3]]);
            first["dockerSecurityOptions"] = json!([texts[4]]);
            first["systemControls"] = json!([{ "namespace": "net.core.somaxconn", "value": texts[5] }]);
        });
    }

    /// What was changed of a definition when a task was started, and who started it.
    fn running_tasks(&mut self) {
        let given = tags(&self.of_every_kind("overridden environment"), ("name", "value"));
        let command = self.of_every_kind("overridden command");
        let command: Vec<String> =
            command.iter().flat_map(|one| [super::flag(one.name), one.value.clone()]).collect();
        let tagged = tags(&self.of_every_kind("tags of a task"), ("key", "value"));
        let (by, reason) = (self.note("startedBy"), self.note("stoppedReason"));
        self.edit_json("ap-northeast-1/ecs/DescribeTasks@cluster=shop.json", |json| {
            let task = &mut json["tasks"][0];
            let name = task["containers"][0]["name"].clone();
            task["overrides"] =
                json!({ "containerOverrides": [{ "name": name, "environment": given, "command": command }] });
            task["tags"] = tagged;
            task["startedBy"] = json!(by);
            task["stoppedReason"] = json!(reason);
        });
        let event = self.note("events of a service");
        let tagged = tags(&self.of_every_kind("tags of a service"), ("key", "value"));
        self.edit_json("ap-northeast-1/ecs/DescribeServices@cluster=shop.json", |json| {
            json["services"][0]["tags"] = tagged;
            json["services"][0]["events"] = json!([{ "id": "1", "message": event }]);
        });
    }

    fn told_targets(&mut self) {
        let given = tags(&self.of_every_kind("schedule input"), ("name", "value"));
        let command: Vec<String> = self
            .of_every_kind("schedule command")
            .iter()
            .map(|one| format!("{}={}", super::flag(one.name), one.value))
            .collect();
        let input =
            json!({ "containerOverrides": [{ "name": "app", "environment": given, "command": command }] });
        let described = self.note("schedule description");
        self.edit_json(
            "ap-northeast-1/scheduler/GetSchedule@Name=hourly-cleanup+groupName=default.json",
            |json| {
                json["Target"]["Input"] = json!(input.to_string());
                json["Description"] = json!(described);
            },
        );
        let described = self.note("rule description");
        self.edit_json("ap-northeast-1/events/ListRules.json", |json| {
            json["Rules"][0]["Description"] = json!(described)
        });
        let headers = self.of_every_kind("target header");
        let headers: Json =
            headers.iter().map(|one| (format!("{}-{}", one.kind, one.name), json!(one.value))).collect();
        let paths = self.note("input path");
        let template = self.note("input template");
        let other = json!({
            "Id": "other", "Arn": "arn:aws:sqs:ap-northeast-1:123456789012:exports",
            "HttpParameters": { "HeaderParameters": headers, "PathParameterValues": [paths] },
            "InputTransformer": { "InputPathsMap": { "detail": "$.detail" }, "InputTemplate": template },
        });
        let targets = self.find("ap-northeast-1/events", "EcsParameters");
        self.edit_json(&targets, |json| json["Targets"].as_array_mut().unwrap().push(other));
    }

    fn rules_of_listeners(&mut self) {
        let paths = super::members(&self.of_every_kind("path pattern"));
        let hosts = self.of_every_kind("host header");
        let hosts = super::members(&hosts);
        let (path, query, body) =
            (self.note("redirect path"), self.note("redirect query"), self.note("fixed response"));
        let actions = format!(
            "<member><Type>redirect</Type><RedirectConfig><Protocol>HTTPS</Protocol><Port>443</Port><Host>#{{host}}</Host>\
             <Path>/{}</Path><Query>{}</Query><StatusCode>HTTP_302</StatusCode></RedirectConfig></member>\
             <member><Type>fixed-response</Type><FixedResponseConfig><MessageBody>{}</MessageBody><StatusCode>503</StatusCode>\
             <ContentType>text/plain</ContentType></FixedResponseConfig></member>",
            escaped(&path),
            escaped(&query),
            escaped(&body)
        );
        let rule = format!(
            "<member><RuleArn>arn:aws:elasticloadbalancing:{REGION}:123456789012:listener-rule/app/shop-alb/1/2/3</RuleArn>\
             <Priority>49000</Priority><Conditions>\
             <member><Field>path-pattern</Field><PathPatternConfig><Values>{paths}</Values></PathPatternConfig></member>\
             <member><Field>host-header</Field><HostHeaderConfig><Values>{hosts}</Values></HostHeaderConfig></member>\
             </Conditions><Actions>{actions}</Actions><IsDefault>false</IsDefault></member></Rules>"
        );
        let rules = self.find("ap-northeast-1/elasticloadbalancing", "<HttpHeaderConfig>");
        self.edit(&rules, |text| text.replacen("</Rules>", &rule, 1));
        let (target, policy) = (
            self.note("health check of a classic load balancer"),
            self.note("policy of a classic load balancer"),
        );
        let classic = format!(
            "<LoadBalancerDescriptions><member><LoadBalancerName>old</LoadBalancerName><Scheme>internal</Scheme>\
             <VPCId>vpc-00000000000000001</VPCId><HealthCheck><Target>HTTP:80/{}</Target></HealthCheck><Policies><OtherPolicies>\
             <member>{}</member></OtherPolicies></Policies></member></LoadBalancerDescriptions>",
            escaped(&target),
            escaped(&policy)
        );
        self.edit("ap-northeast-1/elasticloadbalancing/DescribeClassicLoadBalancers.xml", |text| {
            text.replacen("<LoadBalancerDescriptions />", &classic, 1)
        });
        let path = self.note("health check path");
        self.edit("ap-northeast-1/elasticloadbalancing/DescribeTargetGroups.xml", |text| {
            let (before, rest) = text.split_once("<HealthCheckPath>").unwrap();
            let (_, after) = rest.split_once("</HealthCheckPath>").unwrap();
            format!("{before}<HealthCheckPath>/health?{}</HealthCheckPath>{after}", escaped(&path))
        });
        let header = self.note("header that a listener adds");
        let listener = self.find("ap-northeast-1/elasticloadbalancing", "DescribeListenerAttributesResult");
        self.edit(&listener, |text| {
            let added = format!(
                "<member><Key>routing.http.response.content_security_policy.header_value</Key><Value>{}</Value></member></Attributes>",
                escaped(&header)
            );
            text.replacen("</Attributes>", &added, 1)
        });
    }

    /// Fields of JSON that describe something.
    fn described_in_json(&mut self) {
        for (file, list, fields) in [
            (
                "codedeploy/GetDeploymentGroup@applicationName=back-office+deploymentGroupName=production.json",
                "",
                &["description"][..],
            ),
            (
                "kms/DescribeKey@KeyId=90244d4c-bab9-4feb-9479-0936f4539381.json",
                "KeyMetadata",
                &["Description"],
            ),
            ("secretsmanager/ListSecrets.json", "SecretList", &["Description"]),
            (
                "cloudwatch/DescribeAlarms.json",
                "MetricAlarms",
                &["AlarmDescription", "StateReason", "StateReasonData"],
            ),
            ("ssm/DescribeParameters.json", "Parameters", &["AllowedPattern", "Description"]),
        ] {
            let texts: Vec<(String, String)> = fields
                .iter()
                .map(|field| ((*field).to_owned(), self.note(&format!("{field} of {file}"))))
                .collect();
            self.edit_json(&format!("{REGION}/{file}"), |json| {
                let place = if list.is_empty() { json } else { &mut json[list] };
                let place = if place.is_array() { &mut place[0] } else { place };
                texts.iter().for_each(|(field, text)| place[field.as_str()] = json!(text));
            });
        }
        let tagged = tags(&self.of_every_kind("tags of a secret"), ("Key", "Value"));
        self.edit_json("ap-northeast-1/secretsmanager/ListSecrets.json", |json| {
            json["SecretList"][0]["Tags"] = tagged
        });
        let body = self.note("custom response body");
        let regex = self.note("regular expression of a rule");
        let acl = self.find("ap-northeast-1/wafv2", "\"origin\"");
        self.edit_json(&acl, |json| {
            json["WebACL"]["Description"] = json!(regex);
            json["WebACL"]["CustomResponseBodies"] =
                json!({ "sorry": { "ContentType": "TEXT_PLAIN", "Content": body } });
        });
    }

    /// Elements of XML that describe something.
    fn described_in_xml(&mut self) {
        for (file, before, element) in [
            ("ap-northeast-1/rds/DescribeDBInstances.xml", "</DBInstance>", "TagList/Tag"),
            ("ap-northeast-1/ec2/DescribeSubnets.xml", "</tagSet>", "item"),
            ("us-east-1/route53/ListHostedZones.xml", "</Config>", "Comment"),
            ("us-east-1/cloudfront/ListDistributions.xml", "<Staging>", "OriginPath"),
        ] {
            let planted = self.of_every_kind(&format!("{element} of {file}"));
            let added = match element {
                "TagList/Tag" | "item" => {
                    let (list, one) = element.split_once('/').unwrap_or(("", element));
                    let (key, value) = if one == "item" { ("key", "value") } else { ("Key", "Value") };
                    let pairs: String = planted
                        .iter()
                        .map(|tag| {
                            format!(
                                "<{one}><{key}>{}</{key}><{value}>{}</{value}></{one}>",
                                tag.name,
                                escaped(&tag.value)
                            )
                        })
                        .collect();
                    if list.is_empty() { pairs } else { format!("<{list}>{pairs}</{list}>") }
                }
                element => format!("<{element}>{}</{element}>", escaped(&noted(&planted))),
            };
            self.edit(file, |text| text.replacen(before, &format!("{added}{before}"), 1));
        }
        let described = self.note("description of a rule");
        self.edit("ap-northeast-1/ec2/DescribeSecurityGroups.xml", |text| {
            let described = format!(
                "<cidrIp>203.0.113.9/32</cidrIp><description>{}</description></item>",
                escaped(&described)
            );
            let (before, rest) = text.split_once("<cidrIp>").unwrap();
            let (_, after) = rest.split_once("</item>").unwrap();
            format!("{before}{described}{after}")
        });
    }

    /// Names of statements and values of conditions.
    fn policies(&mut self) {
        let (sid, condition) = (self.note("Sid"), self.note("condition of a policy"));
        let policy = json!({ "Version": "2012-10-17", "Id": sid, "Statement": [{
            "Sid": sid, "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" }, "Action": "kms:*",
            "Resource": "*", "Condition": { "StringEquals": { "kms:EncryptionContext:note": condition } },
        }] });
        let key = self.find("ap-northeast-1/kms", "\"Policy\"");
        self.edit_json(&key, |json| json["Policy"] = json!(policy.to_string()));
    }
}
