//! Secrets of every kind, each of its own, and an account that has them wherever one can be.

#[path = "planted_places.rs"]
mod places;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use tenken::secret;
use tenken::secret::KINDS;

/// A secret, and where it was put.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    pub place: String,
    pub kind: &'static str,
    pub name: &'static str,
    pub value: String,
    /// The part that nothing else in the world has.
    pub core: String,
}

/// Letters and digits that follow from a number, as different from each other as can be.
fn letters(seed: u64, count: usize) -> String {
    let mut pool = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz".to_vec();
    let order = pick(seed, pool.len(), &(0..=u8::MAX).filter(u8::is_ascii_graphic).collect::<Vec<u8>>());
    for (index, letter) in order.bytes().enumerate() {
        let other = (usize::from(letter) * 7 + index) % pool.len();
        pool.swap(index, other);
    }
    // Digits are not left to chance.
    for (index, digit) in [(1, b'7'), (4, b'3')] {
        let other = pool.iter().position(|letter| *letter == digit).unwrap();
        pool.swap(index, other);
    }
    pool.iter().cycle().take(count).map(|letter| *letter as char).collect()
}

fn pick(seed: u64, count: usize, alphabet: &[u8]) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()] as char
    };
    (0..count).map(|_| letter()).collect()
}

/// A secret of a kind: the name it has, its value, and its own part. Put together here, so
/// that no file holds what looks like a live one.
fn secret_of(kind: &str, seed: u64) -> (&'static str, String, String) {
    let random = |count| letters(seed, count);
    let with = |name: &'static str, before: &str, core: String, after: &str| {
        (name, format!("{before}{core}{after}"), core)
    };
    match kind {
        "access-key" => with("STORAGE_ACCESS_KEY", "", random(22), ""),
        "anthropic-key" => with("SOMETHING", &format!("{}-", "sk-ant"), random(40), ""),
        "api-key" => with("API_KEY", "", random(20), ""),
        "aws-access-key-id" => {
            with("SOMETHING", "AKIA", pick(seed, 16, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), "")
        }
        "aws-bedrock-key" => with("SOMETHING", "ABSK", random(60), ""),
        "aws-secret-access-key" => with("AWS_SECRET_ACCESS_KEY", "", random(40), ""),
        "azure-storage-key" => {
            with("STORAGE", &format!("AccountName=shop;{}=", "AccountKey"), random(60), "==")
        }
        "connection-string" => with("DATABASE_URL", "postgres://shop:", random(18), "@db.internal:5432/shop"),
        "credentials" => with("CREDENTIALS", "", random(20), ""),
        "discord-webhook" => {
            let before = format!("https://{}.com/api/webhooks/{}/", "discord", "1".repeat(18));
            with("SOMETHING", &before, random(60), "")
        }
        "github-token" => with("SOMETHING", &format!("{}_", "ghp"), random(36), ""),
        "gitlab-token" => with("SOMETHING", &format!("{}-", "glpat"), random(20), ""),
        "google-key" => with("SOMETHING", "AIza", random(35), ""),
        "high-entropy-hex" => with("SOMETHING", "", pick(seed, 32, b"0123456789abcdef"), ""),
        "high-entropy-text" => with("SOMETHING", "", random(40), ""),
        "jwt" => {
            let before = format!("{}hbGciOiJIUzI1NiJ9.{}zdWIiOiJzaG9wIn0.", "eyJ", "eyJ");
            with("SOMETHING", &before, random(43), "")
        }
        "npm-token" => with("SOMETHING", &format!("{}_", "npm"), random(36), ""),
        "openai-key" => with("SOMETHING", &format!("{}-", "sk-proj"), random(48), ""),
        "password" => with("DB_PASSWORD", "", random(18), ""),
        "private-key" => {
            let line = |word: &str| format!("-----{word} {}-----", "PRIVATE KEY");
            let (begin, end) = (line("BEGIN") + "\n", format!("\n{}", line("END")));
            with("SOMETHING", &begin, random(64), &end)
        }
        "secret" => with("APP_TOP_SECRET", "", random(20), ""),
        "secret-key" => with("ENCRYPTION_KEY", "", random(32), ""),
        "sendgrid-key" => with("SOMETHING", &format!("SG.{}.", letters(seed + 7, 22)), random(43), ""),
        "slack-token" => with("SOMETHING", &format!("{}-", "xoxb"), random(30), ""),
        "slack-webhook" => {
            let before = format!("https://hooks.{}.com/services/T0AAAAAAA/B0BBBBBBB/", "slack");
            with("SOMETHING", &before, random(24), "")
        }
        "stripe-key" => with("SOMETHING", &format!("{}_{}_", "sk", "live"), random(24), ""),
        "token" => with("SESSION_TOKEN", "", random(24), ""),
        other => panic!("no secret of the kind {other}"),
    }
}

/// The secrets that are in a text, in clear or in base64.
pub(crate) fn leaks(label: &str, text: &str, planted: &[Planted]) -> Vec<String> {
    let is_in = |one: &&Planted| text.contains(&one.core) || text.contains(&BASE64.encode(&one.value));
    let found = planted.iter().filter(is_in);
    found.map(|one| format!("{label}: the {} of {}", one.kind, one.place)).collect()
}

/// A recorded account with secrets in it.
pub(crate) struct Account {
    folder: PathBuf,
    pub planted: Vec<Planted>,
}

impl Account {
    /// Copies a recorded account and plants a secret of every kind in every place.
    pub(crate) fn plant(from: &Path, folder: &Path) -> Account {
        copy(from, folder);
        let mut account = Account { folder: folder.to_owned(), planted: Vec::new() };
        account.containers();
        account.inputs();
        account.headers();
        account.firewall();
        account.people();
        account.databases();
        account.tags_and_descriptions();
        account.errors();
        account.further_places();
        account
    }

    /// One secret of each kind for a place.
    fn of_every_kind(&mut self, place: &str) -> Vec<Planted> {
        let plant = |(index, kind): (usize, &&'static str)| {
            let seed = place
                .bytes()
                .fold(index as u64 + 1, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
            let (name, value, core) = secret_of(kind, seed);
            let found = secret::classify(name, &value).map(|found| found.kind);
            assert_eq!(found, Some(*kind), "{name} of the kind {kind} is no secret to tenken");
            Planted { place: place.to_owned(), kind, name, value, core }
        };
        let new: Vec<Planted> = KINDS.iter().enumerate().map(plant).collect();
        self.planted.extend(new.iter().cloned());
        new
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Changes a file that has to change.
    fn edit(&self, file: &str, change: impl FnOnce(String) -> String) {
        let path = self.path(file);
        let before = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let after = change(before.clone());
        assert_ne!(before, after, "{file} has no place for a secret");
        fs::write(path, after).unwrap();
    }

    fn edit_json(&self, file: &str, change: impl FnOnce(&mut Json)) {
        self.edit(file, |text| {
            let mut json: Json = serde_json::from_str(&text).unwrap();
            change(&mut json);
            json.to_string()
        });
    }

    fn containers(&mut self) {
        let by_name = |planted: &[Planted]| -> Json {
            planted
                .iter()
                .map(|one| (format!("{}_{}", one.kind.replace('-', "_"), one.name), json!(one.value)))
                .collect()
        };
        let environment = self.of_every_kind("environment");
        let environment: Vec<Json> =
            environment.iter().map(|one| json!({ "name": one.name, "value": one.value })).collect();
        let command = self.of_every_kind("command");
        let flags = command.iter().flat_map(|one| [flag(one.name), one.value.clone()]);
        let command: Vec<String> = ["serve".to_owned()].into_iter().chain(flags).collect();
        let entry_point = self.of_every_kind("entryPoint");
        let assigned = entry_point.iter().map(|one| format!("{}={}", flag(one.name), one.value));
        let entry_point: Vec<String> = ["run".to_owned()].into_iter().chain(assigned).collect();
        let labels = by_name(&self.of_every_kind("dockerLabels"));
        let options = self.of_every_kind("logConfiguration");
        let options: Json = options
            .iter()
            .map(|one| (format!("{}-{}", one.kind, &flag(one.name)[2..]), json!(one.value)))
            .collect();
        let check: Vec<String> = self
            .of_every_kind("healthCheck")
            .iter()
            .map(|one| format!("{}='{}'", one.name, one.value))
            .collect();
        let check = format!("{} curl -f http://localhost/health", check.join(" "));
        self.edit_json("ap-northeast-1/ecs/DescribeTaskDefinition@taskDefinition=shop-api~2.json", |json| {
            let containers = json["taskDefinition"]["containerDefinitions"].as_array_mut().unwrap();
            let first = &mut containers[0];
            first["environment"] = json!(environment);
            first["command"] = json!(command);
            first["entryPoint"] = json!(entry_point);
            first["dockerLabels"] = labels;
            first["logConfiguration"] = json!({ "logDriver": "splunk", "options": options });
            first["healthCheck"] = json!({ "command": ["CMD-SHELL", check] });
        });
    }

    /// What a rule tells the tasks that it starts.
    fn inputs(&mut self) {
        let given = self.of_every_kind("target input");
        let given: Vec<Json> =
            given.iter().map(|one| json!({ "name": one.name, "value": one.value })).collect();
        let input = json!({ "containerOverrides": [{ "name": "app", "environment": given }] });
        let targets = self.find("ap-northeast-1/events", "EcsParameters");
        self.edit_json(&targets, |json| json["Targets"][0]["Input"] = json!(input.to_string()));
    }

    /// What CloudFront adds to requests, and what load balancers ask for in them.
    fn headers(&mut self) {
        let sent = self.of_every_kind("origin header");
        let sent: String = sent
            .iter()
            .map(|one| {
                let value = escaped(&one.value);
                format!("<OriginCustomHeader><HeaderName>X-Origin</HeaderName><HeaderValue>{value}</HeaderValue></OriginCustomHeader>")
            })
            .collect();
        let distributions = format!(
            "<DistributionList xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Marker/><MaxItems>100</MaxItems>\
             <IsTruncated>false</IsTruncated><Quantity>1</Quantity><Items><DistributionSummary><Id>E1</Id>\
             <ARN>arn:aws:cloudfront::123456789012:distribution/E1</ARN><Status>Deployed</Status>\
             <LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime><DomainName>d1.cloudfront.net</DomainName>\
             <Aliases><Quantity>0</Quantity></Aliases><Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id>\
             <DomainName>shop.example.com</DomainName><CustomHeaders><Quantity>1</Quantity><Items>{sent}</Items></CustomHeaders>\
             </Origin></Items></Origins><DefaultCacheBehavior><TargetOriginId>o</TargetOriginId>\
             <ViewerProtocolPolicy>https-only</ViewerProtocolPolicy></DefaultCacheBehavior><Comment/>\
             <PriceClass>PriceClass_All</PriceClass><Enabled>true</Enabled><WebACLId/><HttpVersion>http2</HttpVersion>\
             <ViewerCertificate><CloudFrontDefaultCertificate>true</CloudFrontDefaultCertificate></ViewerCertificate>\
             <IsIPV6Enabled>true</IsIPV6Enabled><Staging>false</Staging></DistributionSummary></Items></DistributionList>"
        );
        self.edit("us-east-1/cloudfront/ListDistributions.xml", |_| distributions);
        // Where there is a distribution, it is asked what it carried.
        let series = ["BytesDownloaded", "Requests"].map(|name| {
            (format!("AWS/CloudFront/{name}{{DistributionId=E1,Region=Global}} Sum 3600s"), json!({}))
        });
        let metrics = self.path("us-east-1/cloudwatch/GetMetricData.json");
        fs::create_dir_all(metrics.parent().unwrap()).unwrap();
        fs::write(metrics, Json::from_iter(series).to_string()).unwrap();

        // Where the origin's name leads is asked of DNS, where texts stand beside it.
        let texts = self.of_every_kind("DNS text");
        let texts: String = texts
            .iter()
            .map(|one| {
                format!("<ResourceRecord><Value>&quot;{}&quot;</Value></ResourceRecord>", escaped(&one.value))
            })
            .collect();
        let route53 = |file: &str, element: &str, content: &str| {
            let path = self.path(&format!("us-east-1/route53/{file}.xml"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let namespace = "https://route53.amazonaws.com/doc/2013-04-01/";
            fs::write(path, format!("<{element} xmlns=\"{namespace}\">{content}</{element}>")).unwrap();
        };
        route53(
            "ListHostedZones",
            "ListHostedZonesResponse",
            "<HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name><CallerReference>1</CallerReference>\
             <Config><PrivateZone>false</PrivateZone></Config></HostedZone></HostedZones>\
             <IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>",
        );
        route53(
            "ListResourceRecordSets@HostedZoneId=Z1+name=shop.example.com",
            "ListResourceRecordSetsResponse",
            &format!(
                "<ResourceRecordSets><ResourceRecordSet><Name>shop.example.com.</Name><Type>A</Type><TTL>60</TTL>\
                 <ResourceRecords><ResourceRecord><Value>203.0.113.10</Value></ResourceRecord></ResourceRecords>\
                 </ResourceRecordSet><ResourceRecordSet><Name>shop.example.com.</Name><Type>TXT</Type><TTL>60</TTL>\
                 <ResourceRecords>{texts}</ResourceRecords></ResourceRecordSet></ResourceRecordSets>\
                 <IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>"
            ),
        );

        let wanted = members(&self.of_every_kind("rule header"));
        let queried = self.of_every_kind("rule query");
        let queried: String = queried
            .iter()
            .map(|one| format!("<member><Key>key</Key><Value>{}</Value></member>", escaped(&one.value)))
            .collect();
        let conditions = format!(
            "<Conditions><member><Field>http-header</Field><HttpHeaderConfig><HttpHeaderName>X-Origin</HttpHeaderName>\
             <Values>{wanted}</Values></HttpHeaderConfig></member><member><Field>query-string</Field><QueryStringConfig>\
             <Values>{queried}</Values></QueryStringConfig></member>"
        );
        let rules = self.find("ap-northeast-1/elasticloadbalancing", "<Conditions>");
        self.edit(&rules, |text| text.replacen("<Conditions>", &conditions, 1));
    }

    fn firewall(&mut self) {
        let searched = self.of_every_kind("byte match");
        let statements: Vec<Json> = searched
            .iter()
            .map(|one| {
                json!({ "ByteMatchStatement": {
                    "SearchString": BASE64.encode(&one.value),
                    "FieldToMatch": { "SingleHeader": { "Name": "x-origin" } },
                    "TextTransformations": [{ "Priority": 0, "Type": "NONE" }],
                    "PositionalConstraint": "EXACTLY",
                } })
            })
            .collect();
        let inserted: Vec<Json> = self
            .of_every_kind("inserted header")
            .iter()
            .map(|one| json!({ "Name": "x-origin", "Value": one.value }))
            .collect();
        let rule = json!({
            "Name": "origin",
            "Priority": 90,
            "Statement": { "OrStatement": { "Statements": statements } },
            "Action": { "Allow": { "CustomRequestHandling": { "InsertHeaders": inserted } } },
            "VisibilityConfig": {
                "CloudWatchMetricsEnabled": true, "MetricName": "origin", "SampledRequestsEnabled": true
            },
        });
        let acl = self.find("ap-northeast-1/wafv2", "\"LockToken\"");
        let acl =
            if acl.contains("GetWebACL") { acl } else { self.find("ap-northeast-1/wafv2", "\"WebACL\":") };
        self.edit_json(&acl, |json| json["WebACL"]["Rules"].as_array_mut().unwrap().push(rule));
    }

    /// Addresses are people's, or hold the key to where they lead.
    fn people(&mut self) {
        let mut added = String::new();
        for one in self.of_every_kind("subscription") {
            let core = escaped(&one.core);
            for (protocol, endpoint) in [
                ("https", format!("https://hooks.example.com/notify/{core}?token={core}")),
                ("email", format!("{core}@corp.example.com")),
            ] {
                added.push_str(&format!(
                    "<member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Owner>123456789012</Owner>\
                     <Protocol>{protocol}</Protocol><Endpoint>{endpoint}</Endpoint>\
                     <TopicArn>arn:aws:sns:ap-northeast-1:123456789012:shop-alerts</TopicArn></member>"
                ));
            }
        }
        self.edit("ap-northeast-1/sns/ListSubscriptions.xml", |text| {
            text.replacen("</Subscriptions>", &format!("{added}</Subscriptions>"), 1)
        });
    }

    fn databases(&mut self) {
        let pending = self.of_every_kind("pending master password");
        let one = pending.iter().find(|one| one.kind == "password").unwrap();
        let value = format!(
            "<PendingModifiedValues><MasterUserPassword>{}</MasterUserPassword></PendingModifiedValues>",
            one.value
        );
        self.edit("ap-northeast-1/rds/DescribeDBInstances.xml", |text| {
            text.replacen("<PendingModifiedValues />", &value, 1)
        });
    }

    fn tags_and_descriptions(&mut self) {
        let tags = self.of_every_kind("tag");
        let tags: String = tags
            .iter()
            .map(|one| format!("<item><key>{}</key><value>{}</value></item>", one.name, escaped(&one.value)))
            .collect();
        self.edit("ap-northeast-1/ec2/DescribeVpcs.xml", |text| {
            text.replacen("<tagSet />", &format!("<tagSet>{tags}</tagSet>"), 1)
        });
        let described = self.of_every_kind("description");
        let described: Vec<String> =
            described.iter().map(|one| format!("{}='{}'", one.name, one.value)).collect();
        let described = described.join(" ");
        self.edit("ap-northeast-1/ec2/DescribeSecurityGroups.xml", |text| {
            let (before, rest) = text.split_once("<groupDescription>").unwrap();
            let (_, after) = rest.split_once("</groupDescription>").unwrap();
            format!("{before}<groupDescription>{}</groupDescription>{after}", escaped(&described))
        });
        let labelled: Vec<Json> = self
            .of_every_kind("tag in JSON")
            .iter()
            .map(|one| json!({ "key": one.name, "value": one.value }))
            .collect();
        self.edit_json("ap-northeast-1/ecs/DescribeClusters.json", |json| {
            json["clusters"][0]["tags"] = json!(labelled);
        });
    }

    /// Messages of AWS that say again what they were asked, and answers that break off.
    fn errors(&mut self) {
        let message: Vec<String> =
            self.of_every_kind("error message").iter().map(|one| one.value.clone()).collect();
        let message = message.join(" ");
        let xml = |code: &str| {
            let message = escaped(&message);
            format!("<Code>{code}</Code><Message>not with {message}</Message>")
        };
        let ec2 =
            format!("<Response><Errors><Error>{}</Error></Errors></Response>", xml("UnauthorizedOperation"));
        let query = format!("<ErrorResponse><Error>{}</Error></ErrorResponse>", xml("AccessDenied"));
        let s3 = format!("<Error>{}</Error>", xml("AccessDenied"));
        let json = json!({ "__type": "AccessDeniedException", "message": message, "Message": message });
        for (file, status, text) in [
            ("ap-northeast-1/ec2/DescribeNatGateways.xml", "403", &ec2),
            ("ap-northeast-1/rds/DescribeDBClusters.xml", "403", &query),
            ("us-east-1/s3/ListBuckets.xml", "403", &s3),
            ("ap-northeast-1/ecr/DescribeRepositories.json", "400", &json.to_string()),
        ] {
            fs::remove_file(self.path(file)).unwrap();
            let (stem, extension) = file.rsplit_once('.').unwrap();
            fs::write(self.path(&format!("{stem}.{status}.{extension}")), text).unwrap();
        }
        let cut: Vec<String> =
            self.of_every_kind("broken answer").iter().map(|one| one.value.clone()).collect();
        let policies = format!("{{\"ScalingPolicies\":[{{\"PolicyName\":{}", json!(cut.join(" ")));
        self.edit(
            "ap-northeast-1/application-autoscaling/DescribeScalingPolicies@ServiceNamespace=ecs.json",
            |_| policies,
        );
        let topics =
            format!("<ListTopicsResponse><ListTopicsResult><Topics><member>{}", escaped(&cut.join(" ")));
        self.edit("ap-northeast-1/sns/ListTopics.xml", |_| topics);
    }

    /// The file of a folder with this text in it.
    fn find(&self, folder: &str, text: &str) -> String {
        let entries = fs::read_dir(self.path(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut found: Vec<PathBuf> =
            entries.filter(|path| fs::read_to_string(path).unwrap().contains(text)).collect();
        found.sort();
        let name = found[0].file_name().unwrap().to_str().unwrap();
        format!("{folder}/{name}")
    }
}

/// `DB_PASSWORD` as a flag: `--db-password`.
fn flag(name: &str) -> String {
    format!("--{}", name.to_ascii_lowercase().replace('_', "-"))
}

fn members(planted: &[Planted]) -> String {
    planted.iter().map(|one| format!("<member>{}</member>", escaped(&one.value))).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
