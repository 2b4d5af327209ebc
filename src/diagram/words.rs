//! What the picture says, in both languages.

use super::{BandKind, FacetText, Presence};
use crate::conclude::scaling::Autoscaling;
use crate::finding::Severity;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::ecs::{Service, TaskStarter};
use crate::snapshot::elb::{ClassicLoadBalancer, LoadBalancer};
use crate::snapshot::rds::{DbCluster, DbInstance};
use crate::snapshot::sns::Topic;
use crate::snapshot::wafv2::WebAcl;
use crate::snapshot::{GapId, Known};
use crate::text::{Lang, Text, counted, number};

/// Services are counted by their cluster first.
pub(super) const CLUSTER: &str = "cluster";
/// What is counted by what it is.
pub(super) const KIND: &str = "kind";

/// What people are to call something that only a simulation has added: its name there says so, and so
/// does the picture.
pub(super) fn name(name: &str) -> Text {
    Text::same(name.strip_prefix("simulated-").unwrap_or(name))
}

/// Words that are true in the state that is drawn.
pub(super) fn facet(text: Text) -> FacetText {
    FacetText { text, presence: Presence::TODAY }
}

fn facets(texts: impl IntoIterator<Item = Text>) -> Vec<FacetText> {
    texts.into_iter().filter(|text| !text.en.is_empty()).map(facet).collect()
}

pub(super) fn today() -> Text {
    Text::new("today", "現状")
}

pub(super) fn internet() -> Text {
    Text::new("Internet", "インターネット")
}

pub(super) fn no_vpc() -> Text {
    Text::new("VPC not known", "VPC 不明")
}

/// What a kind of band is called.
pub(crate) fn kind(kind: BandKind, lang: Lang) -> &'static str {
    match kind {
        BandKind::Internet => lang.pick("Internet", "インターネット"),
        BandKind::Vpc => "VPC",
        BandKind::Distribution => "CloudFront",
        BandKind::WebAcl => "AWS WAF",
        BandKind::InternetGateway => lang.pick("Internet gateway", "インターネットゲートウェイ"),
        BandKind::NatGateway => lang.pick("NAT gateway", "NAT ゲートウェイ"),
        BandKind::LoadBalancer => lang.pick("Load balancer", "ロードバランサー"),
        BandKind::ClassicLoadBalancer => "Classic Load Balancer",
        BandKind::Service => lang.pick("ECS service", "ECS サービス"),
        BandKind::TaskStarter => lang.pick("Tasks without a service", "サービスに属さないタスク"),
        BandKind::DbCluster => lang.pick("DB cluster", "DB クラスター"),
        BandKind::DbInstance => lang.pick("DB instance", "DB インスタンス"),
        BandKind::Alarms => lang.pick("CloudWatch alarms", "CloudWatch アラーム"),
        BandKind::Topic => lang.pick("SNS topic", "SNS トピック"),
    }
}

/// The initials in a kind's glyph.
pub(crate) fn initials(kind: BandKind) -> &'static str {
    match kind {
        BandKind::Internet => "NET",
        BandKind::Vpc => "VPC",
        BandKind::Distribution => "CF",
        BandKind::WebAcl => "WAF",
        BandKind::InternetGateway => "IGW",
        BandKind::NatGateway => "NAT",
        BandKind::LoadBalancer => "ELB",
        BandKind::ClassicLoadBalancer => "CLB",
        BandKind::Service => "ECS",
        BandKind::TaskStarter => "TASK",
        BandKind::DbCluster | BandKind::DbInstance => "RDS",
        BandKind::Alarms => "CW",
        BandKind::Topic => "SNS",
    }
}

/// The name of what stands for a list that was not shown whole.
pub(super) fn seen_words(kind_of_band: BandKind) -> Text {
    Text::of(|lang| match lang {
        Lang::En => format!("{}: more may exist", kind(kind_of_band, lang)),
        Lang::Ja => format!("{}: ほかにもある可能性", kind(kind_of_band, lang)),
    })
}

pub(super) fn hidden_words(gap: &GapId) -> Text {
    match gap.operation() {
        "" => Text::new("not asked", "未取得"),
        operation => Text::new(format!("{operation} not answered"), format!("{operation} の応答なし")),
    }
}

pub(super) fn unplaced_words(numbers: &[usize]) -> Text {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Text::new(
        format!("Problems of resources that are not drawn: {}", numbers.join(", ")),
        format!("図にないリソースの指摘: {}", numbers.join("、")),
    )
}

pub(super) fn facet_free(count: usize) -> Text {
    Text::new(
        format!("Further subnets that hold nothing drawn here: {}", number(count)),
        format!("図示するリソースのないサブネット: ほか {} 個", number(count)),
    )
}

pub(super) fn idle_vpcs(names: &[&str], subnets: usize) -> Text {
    const MOST: usize = 4;
    let mut shown: Vec<&str> = names.iter().copied().take(MOST).collect();
    let more = names.len().saturating_sub(MOST);
    let rest = format!("+{more}");
    if more > 0 {
        shown.push(&rest);
    }
    Text::new(
        format!(
            "VPCs that hold nothing drawn here: {} ({} {}): {}",
            number(names.len()),
            number(subnets),
            counted(subnets, "subnet"),
            shown.join(", ")
        ),
        format!(
            "図示するリソースのない VPC: {} 個、サブネット {} 個（{}）",
            number(names.len()),
            number(subnets),
            shown.join("、")
        ),
    )
}

pub(super) fn idle_gateways(count: usize) -> Text {
    Text::new(
        format!("Their internet gateways: {}", number(count)),
        format!("上記 VPC のインターネットゲートウェイ: {} 個", number(count)),
    )
}

/// Where a subnet's default route leads.
pub(super) fn way_out_words(route: &Known<Option<String>>) -> Text {
    match route {
        Known::Yes(Some(target)) if target.starts_with("igw-") => Text::new("→ internet gateway", "→ IGW"),
        Known::Yes(Some(target)) if target.starts_with("nat-") => Text::new("→ NAT gateway", "→ NAT"),
        Known::Yes(Some(target)) => Text::same(format!("→ {target}")),
        Known::Yes(None) => Text::new("· no default route", "· デフォルトルートなし"),
        Known::No(_) => Text::new("· route not known", "· ルート不明"),
    }
}

fn scheme(scheme: &str) -> Text {
    match scheme {
        "internet-facing" => Text::new("internet-facing", "インターネット向け"),
        "internal" => Text::new("internal", "内部"),
        other => Text::same(other),
    }
}

pub(super) fn load_balancer(lb: &LoadBalancer) -> Vec<FacetText> {
    let kind = match lb.kind.as_str() {
        "application" => "ALB",
        "network" => "NLB",
        "gateway" => "GWLB",
        other => other,
    };
    let listeners = match &lb.listeners {
        Known::Yes(listeners) if listeners.is_empty() => Text::new("no listener", "リスナーなし"),
        Known::Yes(listeners) => {
            let shown = listeners.iter().map(|listener| {
                let protocol = listener.protocol.as_deref().unwrap_or("?");
                listener.port.map_or(protocol.to_owned(), |port| format!("{protocol}:{port}"))
            });
            Text::same(shown.collect::<Vec<_>>().join(", "))
        }
        Known::No(_) => Text::new("listeners not known", "リスナー不明"),
    };
    facets([Text::same(kind), scheme(&lb.scheme), listeners])
}

pub(super) fn classic_load_balancer(lb: &ClassicLoadBalancer) -> Vec<FacetText> {
    let ports: Vec<String> = lb.listener_ports.iter().map(ToString::to_string).collect();
    let targets = lb.instance_ids.len();
    facets([
        scheme(&lb.scheme),
        Text::same(ports.join(", ")),
        Text::new(
            format!("{} {}", number(targets), counted(targets, "instance")),
            format!("インスタンス {} 台", number(targets)),
        ),
    ])
}

pub(super) fn service(service: &Service, scaling: &Autoscaling, size: Option<(i64, i64)>) -> Vec<FacetText> {
    let platform = match (service.is_on_fargate(), service.launch_type.as_deref()) {
        (true, _) => {
            let is_spot = |provider: &str| provider == "FARGATE_SPOT";
            let spot = service.capacity_provider_strategy.iter().any(|item| is_spot(&item.capacity_provider));
            Text::same(if spot { "Fargate + Spot" } else { "Fargate" })
        }
        (false, Some(kind)) => Text::same(kind),
        (false, None) => Text::new("EC2 hosts", "EC2 ホスト"),
    };
    let size = size.map(|(cpu, memory)| {
        Text::same(format!("{} vCPU / {} GB", decimals(cpu, 1024), decimals(memory, 1024)))
    });
    let desired = service.desired_count;
    let tasks = match (&scaling.min_capacity, &scaling.max_capacity) {
        (Known::Yes(Some(min)), Known::Yes(Some(max))) => {
            Text::new(format!("scales {min}–{max} tasks"), format!("タスク {min}〜{max} で自動スケーリング"))
        }
        (Known::Yes(_), Known::Yes(_)) => Text::new(
            format!("{desired} {}, no scaling", counted(desired, "task")),
            format!("タスク {desired} 固定"),
        ),
        _ => Text::new(
            format!("{desired} {}, scaling not known", counted(desired, "task")),
            format!("タスク {desired}、スケーリング不明"),
        ),
    };
    let address = match service.assign_public_ip {
        true => Text::new("public addresses", "パブリック IP あり"),
        false => Text::default(),
    };
    facets([platform, size.unwrap_or_default(), tasks, address])
}

// At most two digits behind the point, without zeros at the end.
fn decimals(value: i64, unit: i64) -> String {
    let hundredths = value.saturating_mul(100) / unit;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn starter(starter: &TaskStarter) -> Vec<FacetText> {
    let kind = match starter.kind.as_str() {
        "event-rule" => Text::new("EventBridge rule", "EventBridge ルール"),
        "schedule" => Text::new("EventBridge schedule", "EventBridge スケジュール"),
        _ => Text::new("started by hand or by a program", "手動またはプログラムから起動"),
    };
    let may_have = |known: Known<bool>| starter.runs.iter().any(|run| run.assign_public_ip == known);
    let hidden = starter.runs.iter().any(|run| run.assign_public_ip.ask().is_err());
    let address = match may_have(Known::Yes(true)) {
        true => Text::new("public addresses", "パブリック IP あり"),
        false if hidden => Text::new("public addresses unknown", "パブリック IP は不明"),
        false => Text::default(),
    };
    facets([kind, address])
}

fn known_flag(flag: &Known<bool>, yes: Text, no: Text, unknown: Text) -> Text {
    match flag {
        Known::Yes(true) => yes,
        Known::Yes(false) => no,
        Known::No(_) => unknown,
    }
}

fn backups(days: &Known<i64>) -> Text {
    match days {
        Known::Yes(0) => Text::new("no backups", "自動バックアップなし"),
        Known::Yes(days) => Text::new(format!("backups {days} d"), format!("バックアップ {days} 日")),
        Known::No(_) => Text::new("backups not known", "バックアップ不明"),
    }
}

fn encryption(encrypted: &Known<bool>) -> Text {
    known_flag(
        encrypted,
        Text::new("encrypted", "暗号化あり"),
        Text::new("not encrypted", "暗号化なし"),
        Text::new("encryption not known", "暗号化不明"),
    )
}

pub(super) fn database(db: &DbInstance) -> Vec<FacetText> {
    let version = db.engine_version.known().map_or("?", String::as_str);
    let multi_az = known_flag(
        &db.multi_az,
        Text::new("Multi-AZ", "マルチ AZ"),
        Text::new("Single-AZ", "シングル AZ"),
        Text::new("Multi-AZ not known", "マルチ AZ 不明"),
    );
    let address = match db.publicly_accessible {
        Known::Yes(true) => Text::new("publicly accessible", "パブリックアクセス可"),
        _ => Text::default(),
    };
    facets([
        Text::same(format!("{} {version}", db.engine)),
        Text::same(db.instance_class.known().map_or("?", String::as_str)),
        multi_az,
        backups(&db.backup_retention_days),
        encryption(&db.storage_encrypted),
        address,
    ])
}

pub(super) fn cluster(cluster: &DbCluster, member: Option<&DbInstance>) -> Vec<FacetText> {
    let version = cluster.engine_version.known().map_or("?", String::as_str);
    let class = member.and_then(|db| db.instance_class.known()).cloned().unwrap_or_default();
    facets([
        Text::same(format!("{} {version}", cluster.engine)),
        Text::same(class),
        backups(&cluster.backup_retention_days),
        encryption(&cluster.storage_encrypted),
    ])
}

pub(super) fn distribution(distribution: &Distribution) -> Vec<FacetText> {
    let name = distribution.aliases.first().unwrap_or(&distribution.domain_name);
    let state = match distribution.enabled {
        true => Text::default(),
        false => Text::new("disabled", "無効"),
    };
    facets([Text::same(name.as_str()), state])
}

pub(super) fn web_acl(acl: &WebAcl, is_in_use: bool) -> Vec<FacetText> {
    let rules = match &acl.rules {
        Known::Yes(rules) => Text::new(
            format!("{} {}", number(rules.len()), counted(rules.len(), "rule")),
            format!("ルール {} 件", number(rules.len())),
        ),
        Known::No(_) => Text::new("rules not known", "ルール不明"),
    };
    let used = match (is_in_use, acl.load_balancer_arns.known()) {
        (true, _) => Text::default(),
        (false, None) => Text::new("use not known", "適用先不明"),
        (false, Some(_)) => Text::new("protects nothing drawn here", "図中の適用先なし"),
    };
    facets([rules, used])
}

pub(super) fn topic(topic: &Topic) -> Vec<FacetText> {
    let Known::Yes(subscriptions) = &topic.subscriptions else {
        return facets([Text::new("subscriptions not known", "サブスクリプション不明")]);
    };
    if subscriptions.is_empty() {
        return facets([Text::new("no subscription", "サブスクリプションなし")]);
    }
    facets(subscriptions.iter().map(|one| match one.confirmed {
        true => Text::same(one.protocol.as_str()),
        false => {
            Text::new(format!("{} (not confirmed)", one.protocol), format!("{}（未確認）", one.protocol))
        }
    }))
}

pub(super) fn alarms(count: usize) -> Text {
    Text::new(
        format!("{} {}", number(count), counted(count, "alarm")),
        format!("アラーム {} 件", number(count)),
    )
}

pub(super) fn alarm_facets(silent: usize) -> Vec<FacetText> {
    match silent {
        0 => Vec::new(),
        _ => facets([Text::new(
            format!("{} without an action", number(silent)),
            format!("アクションなし {} 件", number(silent)),
        )]),
    }
}

pub(super) fn not_attached() -> Text {
    Text::new("not attached", "未アタッチ")
}

pub(super) fn task() -> Text {
    Text::new("task", "タスク")
}

pub(super) fn tasks(count: usize) -> Text {
    Text::new(format!("{} tasks", number(count)), format!("タスク ×{}", number(count)))
}

pub(super) fn no_task() -> Text {
    Text::new("no task", "タスクなし")
}

pub(super) fn primary() -> Text {
    Text::new("primary", "プライマリ")
}

pub(super) fn replica() -> Text {
    Text::new("read replica", "リードレプリカ")
}

pub(super) fn standby() -> Text {
    Text::new("standby", "スタンバイ")
}

pub(super) fn no_standby() -> Text {
    Text::new("no standby", "スタンバイなし")
}

pub(super) fn standby_unknown() -> Text {
    Text::new("standby not known", "スタンバイ不明")
}

pub(super) fn no_instance() -> Text {
    Text::new("no instance", "インスタンスなし")
}

/// The name of a group that stands for many bands.
pub(super) fn group(kind_of_band: BandKind, by: &str, value: &str, count: usize) -> Text {
    let shown = number(count);
    Text::of(|lang| {
        let what = kind(kind_of_band, lang);
        match (by, value, lang) {
            (KIND, _, Lang::En) | (_, "", Lang::En) => format!("{what} ×{shown}"),
            (KIND, _, Lang::Ja) | (_, "", Lang::Ja) => format!("{what} ×{shown}"),
            (CLUSTER, _, Lang::En) => format!("cluster {value}: {what} ×{shown}"),
            (CLUSTER, _, Lang::Ja) => format!("クラスター {value}: {what} ×{shown}"),
            (_, _, _) => format!("{by}={value}: {what} ×{shown}"),
        }
    })
}

/// A hop of a path, by what decides there.
pub(super) fn hop(kind: &str, id: &str, lang: Lang) -> String {
    let what = match kind {
        "public-address" => lang.pick("public address", "パブリックアドレス"),
        "internet-gateway" => lang.pick("internet gateway", "インターネットゲートウェイ"),
        "block-public-access" => lang.pick("VPC Block Public Access", "VPC ブロックパブリックアクセス"),
        "route-table" => lang.pick("route table", "ルートテーブル"),
        "network-acl" => lang.pick("network ACL", "ネットワーク ACL"),
        "security-group" => lang.pick("security group", "セキュリティグループ"),
        other => other,
    };
    format!("{what} {id}")
}

pub(super) fn chain_hops(hosts: &str, groups: &str, ports: &str, db: &str) -> Vec<Text> {
    vec![internet(), Text::same(hosts), Text::same(groups), Text::same(ports), Text::same(db)]
}

/// A tier's name.
pub(crate) fn tier(tier: super::PictureTier, lang: Lang) -> &'static str {
    use super::PictureTier;
    match tier {
        PictureTier::Edge => lang.pick("Edge", "エッジ"),
        PictureTier::Public => lang.pick("Public", "パブリック"),
        PictureTier::Private => lang.pick("Private", "プライベート"),
        PictureTier::Data => lang.pick("Data", "データ"),
        PictureTier::Aside => lang.pick("Beside the VPC", "VPC の外"),
    }
}

/// What the overview is called.
pub(super) fn overview(vpcs: usize) -> Text {
    Text::new(format!("Overview of {} VPCs", number(vpcs)), format!("VPC {} 個の全体図", number(vpcs)))
}

/// How many there are of a kind.
pub(super) fn counted_kind(kind_of_band: BandKind, count: usize) -> Text {
    Text::of(|lang| format!("{} ×{}", kind(kind_of_band, lang), number(count)))
}

/// How many problems there are, and how many of the worst of them.
pub(super) fn problem_count(all: usize, worst: Severity, of_worst: usize) -> Text {
    let word = match worst {
        Severity::Critical => Text::new("critical", "緊急"),
        Severity::High => Text::new("high", "高"),
        Severity::Medium => Text::new("medium", "中"),
        Severity::Low => Text::new("low", "低"),
        Severity::Info => Text::new("info", "情報"),
    };
    Text::new(
        format!("{} {}, {} of them {}", number(all), counted(all, "problem"), number(of_worst), word.en),
        format!("指摘 {} 種類（うち{} {}）", number(all), word.ja, number(of_worst)),
    )
}

/// A region's name, above its column.
pub(crate) fn region(name: &str, lang: Lang) -> String {
    format!("{} {name}", lang.pick("Region", "リージョン"))
}

/// An Availability Zone's name.
pub(crate) fn zone(name: &str, lang: Lang) -> String {
    match name {
        "" => lang.pick("Availability Zone not known", "アベイラビリティゾーン不明").to_owned(),
        name => match lang {
            Lang::En => format!("Availability Zone {name}"),
            Lang::Ja => format!("アベイラビリティゾーン {name}"),
        },
    }
}
