//! A run by hand: the account of a small shop, with what makes reports difficult.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tenken::finding::{
    Evidence, Finding, Pillar, PolicyInfo, Remedy, Run, Severity, Verdict, finding_id, order,
};
use tenken::snapshot::{Cause, Gap, GapId};
use tenken::text::Text;

const REGION: &str = "ap-northeast-1";

pub(crate) fn text(en: &str, ja: &str) -> Text {
    Text { en: en.into(), ja: ja.into() }
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:123456789012:{resource}")
}

type Policy = (&'static str, Severity, Pillar);

const REACHABLE: Policy = ("rds-reachable-from-internet", Severity::Critical, Pillar::Security);
const SECRET: Policy = ("ecs-plaintext-secret", Severity::Critical, Pillar::Security);
const NO_HTTPS: Policy = ("elb-no-https", Severity::High, Pillar::Security);
const SINGLE_AZ: Policy = ("rds-single-az", Severity::High, Pillar::Reliability);
const NO_WAF: Policy = ("elb-no-waf", Severity::Medium, Pillar::Security);
const SILENT_ALARM: Policy = ("cloudwatch-alarm-reaches-nobody", Severity::Medium, Pillar::Operations);
const RETENTION: Policy = ("logs-kept-forever", Severity::Low, Pillar::Cost);
const MUTABLE_TAGS: Policy = ("ecr-mutable-tags", Severity::Low, Pillar::Security);
const TASK_SIZE: Policy = ("ecs-task-size-unproven", Severity::Info, Pillar::Performance);

fn finding(policy: Policy, resource: &str, discriminator: &str, verdict: Verdict, message: Text) -> Finding {
    let (id, severity, pillar) = policy;
    Finding {
        id: finding_id(id, resource, discriminator),
        policy: id.into(),
        severity,
        pillar,
        resource: resource.into(),
        region: REGION.into(),
        discriminator: discriminator.into(),
        verdict,
        message,
        evidence: Vec::new(),
        options: Vec::new(),
        accepted: None,
    }
}

fn evidence(facts: &[(&str, Value)]) -> Vec<Evidence> {
    facts.iter().map(|(path, value)| Evidence { path: (*path).into(), value: value.clone() }).collect()
}

fn remedy(id: &str, title: Text, steps: &[(&str, &str)], cli: &str) -> Remedy {
    Remedy {
        id: id.into(),
        title,
        steps: tenken::text::Bilingual {
            en: steps.iter().map(|step| step.0.to_owned()).collect(),
            ja: steps.iter().map(|step| step.1.to_owned()).collect(),
        },
        cli: Text { en: cli.into(), ja: cli.into() },
        check: Text::default(),
        undo: Text::default(),
        terraform: Text::default(),
        ..Remedy::default()
    }
}

fn reachable(protocol: &str, range: &str, flag: &str) -> Finding {
    let mut found = finding(
        REACHABLE,
        &arn("rds", "db:ec-db"),
        &format!("tcp/5432/{range}"),
        Verdict::Fail,
        text(
            &format!("ec-db (tag Name: 本番データベース) admits {range} to tcp/5432 (sg-0b5f1e2d3c4a59687)."),
            &format!(
                "ec-db（Name タグ: 本番データベース）は {range} から tcp/5432 への接続を許可している（sg-0b5f1e2d3c4a59687）。"
            ),
        ),
    );
    found.evidence = evidence(&[
        ("db.publicly_accessible", json!(true)),
        ("rule.sources", json!([range])),
        (
            "rule.path",
            json!(["igw-0a1b2c3d4e5f60718", "rtb-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60718", protocol]),
        ),
    ]);
    found.options = vec![
        remedy(
            "revoke",
            text("Take the rule out of the security group", "セキュリティグループから該当ルールを削除する"),
            &[],
            &format!(
                "aws ec2 revoke-security-group-ingress --region ap-northeast-1 \\\n  --group-id sg-0b5f1e2d3c4a59687 \\\n  --ip-permissions 'IpProtocol=tcp,FromPort=5432,ToPort=5432,{flag}'\n"
            ),
        ),
        remedy(
            "private",
            text("Move the database into private subnets", "データベースをプライベートサブネットへ移す"),
            &[],
            "",
        ),
    ];
    found
}

fn secret() -> Finding {
    let mut found = finding(
        SECRET,
        &arn("ecs", "service/shop/shop-api"),
        "app/DB_PASSWORD",
        Verdict::Fail,
        text(
            "shop/shop-api hands the password in DB_PASSWORD to container app in plain text.",
            "shop/shop-api はコンテナ app に DB_PASSWORD のパスワードを平文で渡している。",
        ),
    );
    found.evidence =
        evidence(&[("variable.kind", json!("password")), ("variable.is_reference", json!(false))]);
    found.options = vec![
        remedy(
            "secrets-manager",
            text("Keep it in Secrets Manager and refer to it", "Secrets Manager に保管して参照する"),
            &[
                (
                    "Change the password: everyone who could read the task definition may know it.",
                    "パスワードを変更する。タスク定義を閲覧できた全員が知っている可能性がある。",
                ),
                (
                    "Store the new one as a secret in Secrets Manager.",
                    "新しいパスワードを Secrets Manager のシークレットとして保存する。",
                ),
                (
                    "Replace `environment` by `secrets` for DB_PASSWORD in a new revision of the task definition, and let the execution role read the secret.",
                    "タスク定義の新しいリビジョンで DB_PASSWORD を `environment` から `secrets` に移し、タスク実行ロールにシークレットの読み取りを許可する。",
                ),
            ],
            "",
        ),
        remedy(
            "parameter-store",
            text(
                "Keep it in Parameter Store as a SecureString, free of charge",
                "Parameter Store の SecureString に保管する（無料）",
            ),
            &[],
            "",
        ),
    ];
    found
}

fn single_az(id: &str) -> Finding {
    let mut found = finding(
        SINGLE_AZ,
        &arn("rds", &format!("db:{id}")),
        "",
        Verdict::Fail,
        text(
            &format!("{id} runs in ap-northeast-1a alone."),
            &format!("{id} は ap-northeast-1a のみで稼働している。"),
        ),
    );
    found.evidence = evidence(&[("db.multi_az", json!(false))]);
    found.options = vec![remedy(
        "multi-az",
        text("Turn on Multi-AZ", "マルチ AZ 配置を有効にする"),
        &[
            (
                "Do it in a quiet hour: writes are slower while AWS copies the data to the standby.",
                "利用の少ない時間帯に実施する。スタンバイへ複製する間は書き込みが遅くなる。",
            ),
            ("Expect about twice the price of the instance.", "インスタンスの料金は約 2 倍になる。"),
        ],
        &format!(
            "aws rds modify-db-instance --region ap-northeast-1 --db-instance-identifier {id} --multi-az --apply-immediately"
        ),
    )];
    found
}

fn no_https() -> Finding {
    let mut found = finding(
        NO_HTTPS,
        &arn("elasticloadbalancing", "loadbalancer/app/shop-alb/50dc6c495c0c9188"),
        "",
        Verdict::Fail,
        text(
            "shop-alb listens on HTTP port 80 alone.",
            "shop-alb は HTTP（ポート 80）だけで待ち受けている。",
        ),
    );
    found.evidence = evidence(&[("balancer.listeners.map(l, l.protocol)", json!(["HTTP"]))]);
    found.options = vec![remedy(
        "https-listener",
        text(
            "Add an HTTPS listener with a certificate from ACM",
            "ACM の証明書を使う HTTPS リスナーを追加する",
        ),
        &[],
        "CERTIFICATE_ARN=arn:aws:acm:ap-northeast-1:123456789012:certificate/…  # your certificate\n\
         aws elbv2 create-listener --region ap-northeast-1 --protocol HTTPS --port 443 \\\n  \
         --load-balancer-arn arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc6c495c0c9188 \\\n  \
         --certificates CertificateArn=$CERTIFICATE_ARN \\\n  \
         --default-actions Type=forward,TargetGroupArn=arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/shop-tg/73e2d6bc24d8a067\n",
    )];
    found
}

fn small_failures() -> Vec<Finding> {
    let mut alarm = finding(
        SILENT_ALARM,
        &arn("cloudwatch", "alarm:本番データベースのCPU使用率が高い状態が続いている（要確認）"),
        "",
        Verdict::Fail,
        text(
            "本番データベースのCPU使用率が高い状態が続いている（要確認） has no action when it goes off, so that nobody learns of it.",
            "本番データベースのCPU使用率が高い状態が続いている（要確認） はアラーム状態になっても通知先がなく、誰も気付けない。",
        ),
    );
    alarm.evidence = evidence(&[("alarm.alarm_actions", json!([]))]);
    alarm.options = vec![remedy(
        "topic",
        text("Send it to a topic that a person reads", "担当者が購読するトピックに送る"),
        &[
            (
                "Choose or create an SNS topic with a confirmed subscription.",
                "確認済みのサブスクリプションを持つ SNS トピックを選ぶか、作成する。",
            ),
            (
                "Add it to the alarm's actions for the ALARM state.",
                "アラームの ALARM 状態のアクションに追加する。",
            ),
        ],
        "",
    )];
    // The repository's tag holds a sequence that would clear the screen and turn text around.
    let mut repository = finding(
        MUTABLE_TAGS,
        &arn("ecr", "repository/shop/api"),
        "",
        Verdict::Fail,
        text(
            "shop/api (owner: \u{1b}[2J\u{1b}[31mops\u{202e}\u{9b}0m\nteam) lets tags be overwritten.",
            "shop/api（owner: \u{1b}[2J\u{1b}[31mops\u{202e}\u{9b}0m\nteam）はタグの上書きを許可している。",
        ),
    );
    repository.evidence = evidence(&[
        ("repository.tag_mutability", json!("MUTABLE")),
        ("repository.tags[\"owner\"]", json!("\u{1b}[2J\u{1b}[31mops\u{202e}\u{9b}0m\nteam")),
    ]);
    repository.options = vec![remedy(
        "immutable",
        text("Make tags immutable", "タグを変更不可にする"),
        &[],
        "aws ecr put-image-tag-mutability --region ap-northeast-1 \\\n  --repository-name shop/api --image-tag-mutability IMMUTABLE\n",
    )];
    vec![alarm, repository]
}

fn gap(operation: &str, permissions: &[&str], about: Option<&str>, cause: Cause, code: &str) -> Gap {
    Gap {
        operation: operation.into(),
        permissions: permissions.iter().map(|&permission| permission.to_owned()).collect(),
        region: REGION.into(),
        about: about.map(str::to_owned),
        cause,
        code: code.into(),
    }
}

fn gaps() -> Vec<Gap> {
    let acl = arn("wafv2", "regional/webacl/shop-acl/3f1c9a52-8a7e-4a0c-9c3b-2f8d7f1f0c11");
    vec![
        gap(
            "wafv2:ListResourcesForWebACL",
            &["wafv2:ListResourcesForWebACL", "elasticloadbalancing:DescribeWebACLAssociation"],
            Some(&acl),
            Cause::Denied,
            "WAFAccessDeniedException",
        ),
        gap(
            "logs:DescribeLogGroups",
            &["logs:DescribeLogGroups"],
            None,
            Cause::Throttled,
            "ThrottlingException",
        ),
        gap(
            "ssm:DescribeParameters",
            &["ssm:DescribeParameters"],
            None,
            Cause::Denied,
            "AccessDeniedException",
        ),
    ]
}

fn unknowns(gaps: &[Gap]) -> Vec<Finding> {
    let id = |operation: &str| gaps.iter().find(|gap| gap.operation == operation).unwrap().id();
    let nothing = || text("", "");
    let balancer =
        |name: &str| arn("elasticloadbalancing", &format!("loadbalancer/app/{name}/50dc6c495c0c9188"));
    let waf = || Verdict::Unknown(vec![id("wafv2:ListResourcesForWebACL")]);
    vec![
        finding(NO_WAF, &balancer("shop-alb"), "", waf(), nothing()),
        finding(NO_WAF, &balancer("admin-alb"), "", waf(), nothing()),
        finding(
            RETENTION,
            &arn("logs", "log-group:*"),
            "",
            Verdict::Unknown(vec![id("logs:DescribeLogGroups")]),
            nothing(),
        ),
        finding(
            SECRET,
            &arn("ecs", "service/shop/管理画面"),
            "",
            Verdict::Unknown(vec![GapId::default()]),
            nothing(),
        ),
    ]
}

fn passes_and_skips() -> Vec<Finding> {
    let pass = |policy, service: &str, resource: &str, en: &str, ja: &str| {
        finding(policy, &arn(service, resource), "", Verdict::Pass, text(en, ja))
    };
    let balancer = "loadbalancer/app/admin-alb/50dc6c495c0c9188";
    vec![
        pass(
            NO_HTTPS,
            "elasticloadbalancing",
            balancer,
            "admin-alb speaks HTTPS.",
            "admin-alb は HTTPS に対応している。",
        ),
        pass(REACHABLE, "rds", "db:report-db", "", ""),
        pass(MUTABLE_TAGS, "ecr", "repository/shop/worker", "", ""),
        finding(SINGLE_AZ, &arn("rds", "db:aurora-1"), "", Verdict::Skip, text("", "")),
    ]
}

fn policy(policy: Policy, title: Text, risk: Text, compliance: &[(&str, &[&str])]) -> PolicyInfo {
    let (id, severity, pillar) = policy;
    let controls = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
    PolicyInfo {
        id: id.into(),
        severity,
        pillar,
        title,
        risk,
        compliance: compliance
            .iter()
            .map(|(framework, ids)| ((*framework).to_owned(), controls(ids)))
            .collect::<BTreeMap<String, Vec<String>>>(),
        references: vec!["https://docs.aws.amazon.com/wellarchitected/latest/framework/welcome.html".into()],
    }
}

fn policies() -> Vec<PolicyInfo> {
    vec![
        policy(
            SILENT_ALARM,
            text("Alarm reaches nobody", "アラームが誰にも届かない"),
            text("An outage goes on until a customer complains.", "顧客から苦情が来るまで障害が続く。"),
            &[],
        ),
        policy(
            MUTABLE_TAGS,
            text("Image tags can be overwritten", "イメージのタグを上書きできる"),
            text(
                "What runs under a tag may not be what was tested under it.",
                "タグが同じでも、テストしたものと稼働しているものが異なる可能性がある。",
            ),
            &[("aws-fsbp", &["ECR.2"])],
        ),
        policy(
            SECRET,
            text("Secret in plain text in a task definition", "タスク定義に秘密情報が平文で書かれている"),
            text(
                "Everyone who may read task definitions, and every log of them, holds the key to the customer data.",
                "タスク定義を閲覧できる全員と、その内容を記録したログのすべてが、顧客データへの鍵を持つことになる。",
            ),
            &[("aws-fsbp", &["ECS.8"]), ("aws-well-architected", &["SEC02-BP03"])],
        ),
        policy(
            TASK_SIZE,
            text("Task size was never measured", "タスクのサイズが実測に基づいていない"),
            text("", ""),
            &[],
        ),
        policy(
            NO_HTTPS,
            text("Load balancer has no HTTPS listener", "ロードバランサーに HTTPS リスナーがない"),
            text(
                "Names, addresses and session cookies cross the internet readable by anyone on the way, and browsers tell customers so.",
                "氏名、住所、セッション Cookie が経路上で読み取れる状態で流れ、ブラウザーも「保護されていない通信」と警告する。",
            ),
            &[("aws-fsbp", &["ELB.1"])],
        ),
        policy(
            NO_WAF,
            text("Load balancer has no web ACL", "ロードバランサーに Web ACL がない"),
            text("Attacks reach the application unfiltered.", "攻撃がそのままアプリケーションに届く。"),
            &[],
        ),
        policy(
            RETENTION,
            text("Log group never expires", "ロググループに保持期間がない"),
            text("The bill grows for ever.", "費用が増え続ける。"),
            &[],
        ),
        policy(
            REACHABLE,
            text("Database can be reached from the internet", "データベースにインターネットから到達できる"),
            text(
                "Anyone can try passwords against the order database day and night; one hit exposes every customer.",
                "注文データベースに対して誰でもいつでもパスワードを試せる。一度でも当たれば全顧客の情報が漏えいする。",
            ),
            &[("aws-fsbp", &["RDS.2"]), ("cis-aws-5.0", &["2.2.3", "5.3"])],
        ),
        policy(
            SINGLE_AZ,
            text(
                "Database has no standby in another Availability Zone",
                "データベースが別のアベイラビリティゾーンにスタンバイを持っていない",
            ),
            text(
                "The failure of one Availability Zone stops the shop until somebody restores the database by hand.",
                "1 つのアベイラビリティゾーンの障害で、手動で復旧するまで店舗全体が止まる。",
            ),
            &[("aws-fsbp", &["RDS.5"]), ("aws-well-architected", &["REL10-BP01"])],
        ),
    ]
}

/// The whole run.
pub(crate) fn run() -> Run {
    let gaps = gaps();
    let mut findings = vec![
        reachable("tcp", "0.0.0.0/0", "IpRanges=[{CidrIp=0.0.0.0/0}]"),
        reachable("tcp", "::/0", "Ipv6Ranges=[{CidrIpv6=::/0}]"),
        secret(),
        no_https(),
        single_az("ec-db"),
        single_az("report-db"),
    ];
    findings.extend(small_failures());
    findings.extend(unknowns(&gaps));
    findings.extend(passes_and_skips());
    findings.sort_by(order);
    Run {
        account: "123456789012".into(),
        partition: "aws".into(),
        taken_at: "2026-07-01T09:00:00Z".into(),
        regions: vec![REGION.into(), "us-east-1".into()],
        empty_regions: Vec::new(),
        findings,
        gaps: gaps.into_iter().map(|gap| (gap.id(), gap)).collect(),
        policies: policies(),
        past: None,
    }
}
