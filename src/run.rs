//! A whole run: collect or read, judge, and hand over what reporters need.

pub mod compare;
mod configure;
#[cfg(feature = "aws")]
mod live;
pub mod notify;
mod plan;

pub use configure::{ConfigPlace, Configured, configure};
#[cfg(feature = "aws")]
pub use live::{LivePrices, live_prices};
pub use plan::{plan, prices_of_plan};

use crate::config::{Config, ConfigError, Costs};
use crate::finding::{AcceptanceRule, Finding, Severity, Verdict};
use crate::finding::{PolicyInfo, Run};
use crate::history::pending::ChannelKind;
use crate::policy::{Policy, PolicyError, PolicySet};
use crate::price::{Currency, PriceTable, Prices};
use crate::report::Look;
use crate::simulate::Choice;
use crate::snapshot::operation::find;
use crate::snapshot::store::{self, StoreError};
use crate::snapshot::{Cause, Gap, GapId, Snapshot};
use crate::text::Lang;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The code of a question that a scan had no time left for.
#[cfg(feature = "aws")]
pub use crate::collect::ask::SCAN_TIMEOUT;

/// A snapshot as commands pass it on, without looking into it.
pub type SnapshotHandle = Snapshot;

/// Nothing at or above the threshold failed, and everything could be judged.
pub const EXIT_CLEAN: u8 = 0;
/// Something failed.
pub const EXIT_FINDINGS: u8 = 1;
/// The run was not possible: usage, configuration, credentials.
pub const EXIT_IMPOSSIBLE: u8 = 2;
/// Nothing failed, but something could not be judged.
pub const EXIT_UNKNOWN: u8 = 3;

/// Why a run was not possible.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Policies cannot be used.
    #[error("load the policies:\n{0}")]
    Policies(#[from] PolicyError),
    /// The configuration cannot be used.
    #[error("use the configuration:\n{0}")]
    Config(#[from] ConfigError),
    /// The configuration cannot be read.
    #[error("read {path}: {reason}")]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A policy was named that does not exist.
    #[error("find the policy `{id}`{hint}")]
    NoSuchPolicy {
        /// As it was named.
        id: String,
        /// What was probably meant.
        hint: String,
    },
    /// A snapshot cannot be read or written.
    #[error(transparent)]
    Snapshot(#[from] StoreError),
    /// AWS cannot be asked.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Collect(#[from] crate::collect::CollectError),
    /// A history cannot be used.
    #[error(transparent)]
    History(#[from] crate::history::store::HistoryError),
    /// There is no history yet.
    #[error("find the history {place}; `tenken scan --history` begins one")]
    NoHistory {
        /// Where it was looked for.
        place: String,
    },
    /// Something is in S3, and there is no client for it.
    #[error("use {place}: this tenken was built without AWS; name a file")]
    NoAws {
        /// What was named.
        place: String,
    },
    /// A channel was named that the configuration does not describe.
    #[error("tell {kind}: tenken.toml does not describe it; write [notify.{kind}] as docs/notify.md shows")]
    ChannelNotDescribed {
        /// The channel.
        kind: ChannelKind,
    },
    /// The address of a channel is not where it should be.
    #[error(
        "tell {kind}: the variable {name} is not set; set it to the address or token, see docs/notify.md"
    )]
    NoVariable {
        /// The channel.
        kind: ChannelKind,
        /// The variable.
        name: String,
    },
    /// There is no client for channels.
    #[error("tell {kind}: this tenken was built without AWS, and has no client for it")]
    NoClient {
        /// The channel.
        kind: ChannelKind,
    },
    /// Without a history, nobody knows what was told already.
    #[error(
        "tell anybody what changed: --notify needs --history, which keeps what was there and what was told"
    )]
    NotifyWithoutHistory,
    /// Two runs cannot be compared.
    #[error(transparent)]
    Diff(#[from] crate::history::diff::DiffError),
    /// A file cannot be compared.
    #[error("compare {path}: {reason}")]
    Compared {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Options cannot be carried out.
    #[error(transparent)]
    Simulate(#[from] crate::simulate::SimulateError),
    /// A policy file cannot be written.
    #[error("write {path}: {reason}")]
    PolicyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The program's own machinery failed.
    #[error("start: {0}")]
    Start(std::io::Error),
}

impl RunError {
    /// The whole message for people: what happened, and what to do.
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            #[cfg(feature = "aws")]
            (RunError::Collect(error), _) => {
                let is_japanese = lang == Lang::Ja;
                format!("{}\n{}", error.text(is_japanese), error.hint(is_japanese))
            }
            (RunError::Snapshot(error), Lang::Ja) => error.text_ja(),
            (RunError::History(error), _) => error.text(lang),
            (RunError::Diff(error), _) => error.text(lang),
            (RunError::Simulate(error), _) => error.text(lang),
            (RunError::NoHistory { place }, Lang::Ja) => {
                format!("履歴 {place} がない。`tenken scan --history` で記録を始める。")
            }
            (RunError::NoAws { place }, Lang::Ja) => {
                format!(
                    "{place} を使えない: この tenken は AWS 機能なしでビルドされている。ファイルを指定する。"
                )
            }
            (RunError::ChannelNotDescribed { kind }, Lang::Ja) => format!(
                "{kind} に通知できない: tenken.toml に設定がない。docs/notify.md を参照して [notify.{kind}] を追加する。"
            ),
            (RunError::NoVariable { kind, name }, Lang::Ja) => format!(
                "{kind} に通知できない: 環境変数 {name} が設定されていない。URL またはトークンを設定する（docs/notify.md を参照）。"
            ),
            (RunError::NoClient { kind }, Lang::Ja) => {
                format!("{kind} に通知できない: この tenken は AWS 機能なしでビルドされている。")
            }
            (RunError::NotifyWithoutHistory, Lang::Ja) => {
                "変化を通知できない: --notify には --history が必要。前回の状態と通知済みの内容を履歴に保持する。".to_owned()
            }
            (RunError::Compared { path, reason }, Lang::Ja) => {
                format!("{} を比較できない: {reason}", path.display())
            }
            (RunError::Config(error), Lang::Ja) => format!("設定ファイルを使えない。\n{}", error.text(lang)),
            (RunError::ConfigFile { path, reason }, Lang::Ja) => {
                format!("設定ファイル {} を読み込めない: {reason}", path.display())
            }
            (RunError::PolicyFile { path, reason }, Lang::Ja) => {
                format!("{} に書き込めない: {reason}", path.display())
            }
            (RunError::Start(reason), Lang::Ja) => format!("処理を開始できない: {reason}"),
            (RunError::Policies(error), Lang::Ja) => format!("ポリシーを読み込めない。\n{error}"),
            (RunError::NoSuchPolicy { id, .. }, Lang::Ja) => {
                format!("ポリシー `{id}` は存在しない。`tenken policies list` で一覧を確認できる。")
            }
            _ => format!("failed to {self}"),
        }
    }
}

/// The policies of a run: those built in, those of a folder, or a choice of them.
///
/// # Errors
/// A file of the folder has problems, or a chosen policy does not exist.
pub fn policies(folder: Option<&Path>, chosen: &[String]) -> Result<PolicySet, RunError> {
    let set = match folder {
        Some(folder) => PolicySet::with_folder(folder)?,
        None => PolicySet::embedded()?,
    };
    choose(set, chosen)
}

fn choose(mut set: PolicySet, chosen: &[String]) -> Result<PolicySet, RunError> {
    for id in chosen {
        if set.find(id).is_none() {
            let names = set.policies.iter().map(|policy| policy.id.as_str());
            let hint = crate::written::similar(id, names);
            let hint =
                if hint.is_empty() { "; `tenken policies list` names them all".to_owned() } else { hint };
            return Err(RunError::NoSuchPolicy { id: id.clone(), hint });
        }
    }
    if !chosen.is_empty() {
        set.policies.retain(|policy| chosen.contains(&policy.id));
    }
    Ok(set)
}

/// Reads a saved snapshot.
///
/// # Errors
/// See [`store::load`].
pub fn load_snapshot(path: &Path) -> Result<Snapshot, RunError> {
    Ok(store::load(path)?)
}

/// Writes a snapshot that only its owner can read.
///
/// # Errors
/// See [`store::save`].
pub fn save_snapshot(snapshot: &Snapshot, path: &Path) -> Result<(), RunError> {
    Ok(store::save(snapshot, path)?)
}

/// A snapshot as [`save_snapshot`] writes it; `name` is for messages.
///
/// # Errors
/// It cannot be written as JSON.
pub fn snapshot_bytes(snapshot: &Snapshot, name: &str) -> Result<Vec<u8>, RunError> {
    Ok(store::render(snapshot, Path::new(name))?)
}

/// The options of a scan that flags, an event or `tenken.toml` give.
#[cfg(feature = "aws")]
pub fn scan_options(settings: &crate::config::Settings) -> crate::collect::ScanOptions {
    let settings = settings.clone();
    let defaults = crate::collect::ScanOptions::default();
    crate::collect::ScanOptions {
        regions: settings.regions.unwrap_or_default(),
        profile: settings.profile,
        role_arn: settings.role_arn,
        external_id: settings.external_id,
        endpoint_url: settings.endpoint_url,
        timeout: settings.timeout.or(defaults.timeout),
        attempt_timeout: settings.attempt_timeout.unwrap_or(defaults.attempt_timeout),
        operation_timeout: settings.operation_timeout.unwrap_or(defaults.operation_timeout),
        replay: None,
        record: None,
    }
}

/// Asks AWS, or a recorded account.
///
/// # Errors
/// What makes a scan impossible: no credentials, no region, an unreadable recording.
#[cfg(feature = "aws")]
pub fn collect(
    options: &crate::collect::ScanOptions,
    progress: std::sync::Arc<dyn crate::collect::Progress>,
) -> Result<Snapshot, RunError> {
    // One thread: the answers of an account are read in milliseconds, and waiting needs none.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(RunError::Start)?;
    Ok(runtime.block_on(crate::collect::scan(options, progress))?)
}

/// Judges a snapshot, at the prices that tenken was built with.
pub fn judge(snapshot: &Snapshot, policies: &PolicySet) -> Run {
    judge_at_prices(snapshot, policies, PriceTable::embedded())
}

/// The same at other prices: verdicts do not depend on them, costs of options do.
pub fn judge_at_prices(snapshot: &Snapshot, policies: &PolicySet, prices: &dyn Prices) -> Run {
    let infos = policies.policies.iter().map(|policy| PolicyInfo {
        id: policy.id.clone(),
        severity: policy.severity,
        pillar: policy.pillar,
        title: policy.title.clone(),
        risk: policy.risk.clone(),
        compliance: policy.compliance.clone(),
        references: policy.references.clone(),
    });
    let findings = crate::policy::judge::judge_at_prices(snapshot, policies, prices);
    let mut gaps = snapshot.gaps.clone();
    gaps.extend(answered_without_data(&findings, &gaps));
    Run {
        account: snapshot.account.clone(),
        partition: snapshot.partition.clone(),
        taken_at: snapshot.taken_at.clone(),
        regions: snapshot.regions.clone(),
        findings,
        gaps,
        policies: infos.collect(),
        past: None,
    }
}

// A conclusion that finds an answer empty, as metrics of a new service are, names the
// operation as its gap although the call itself did not fail.
fn answered_without_data(findings: &[Finding], known: &BTreeMap<GapId, Gap>) -> BTreeMap<GapId, Gap> {
    let mut gaps = BTreeMap::new();
    for finding in findings {
        let Verdict::Unknown(ids) = &finding.verdict else {
            continue;
        };
        for id in ids.iter().filter(|id| !known.contains_key(*id)) {
            let operation = id.operation();
            let is_operation =
                operation.split_once(':').is_some_and(|(service, name)| find(service, name).is_some());
            if is_operation {
                let gap = Gap {
                    operation: operation.to_owned(),
                    permissions: Vec::new(),
                    region: id.region().to_owned(),
                    about: id.about().map(str::to_owned),
                    cause: Cause::NoData,
                    code: "NoData".to_owned(),
                };
                gaps.insert(id.clone(), gap);
            }
        }
    }
    gaps
}

/// Carries options out on a snapshot and says what that closes, opens and leaves, in a format
/// of [`crate::report::simulation::FORMATS`]; `judged` is the snapshot as it is.
///
/// # Errors
/// A choice names nothing, or an option whose policy does not say what it changes.
pub fn simulate(
    snapshot: &Snapshot,
    policies: &PolicySet,
    judged: &Run,
    choices: &[Choice],
    currency: &Currency,
    format: &str,
    look: &Look,
) -> Result<Vec<u8>, RunError> {
    let simulation = crate::simulate::simulate(snapshot, policies, &judged.findings, choices)?;
    Ok(crate::report::simulation::render(&simulation, judged, currency, format, look))
}

/// What the resources of a snapshot cost a month, as reports show it.
pub fn cost(
    snapshot: &Snapshot,
    prices: &PriceTable,
    costs: &Costs,
    currency: Currency,
) -> crate::cost::CostReport {
    let expected = costs.expected_in(&currency);
    crate::cost::report(snapshot, prices, &costs.assumptions, &expected, currency)
}

/// Applies the configuration's acceptances to a run, as of the day of the scan. Gives
/// those that cover no failure.
pub fn accept<'c>(run: &mut Run, config: &'c Config) -> Vec<&'c AcceptanceRule> {
    let day = crate::finding::day(&run.taken_at);
    crate::finding::accept(&mut run.findings, &config.acceptances, day)
}

/// The exit code of a run: `fail_on` is the least severity that counts as a finding.
pub fn exit_code(run: &Run, fail_on: Severity) -> u8 {
    let failed = |finding: &Finding| finding.is_open_failure() && finding.severity >= fail_on;
    let unknown =
        |finding: &Finding| matches!(finding.verdict, Verdict::Unknown(_)) && finding.severity >= fail_on;
    if run.findings.iter().any(failed) {
        EXIT_FINDINGS
    } else if run.findings.iter().any(unknown) || !run.gaps.is_empty() {
        EXIT_UNKNOWN
    } else {
        EXIT_CLEAN
    }
}

/// Checks the policies of a folder, or those built in, and runs their examples; gives
/// the number of policies and of examples.
///
/// # Errors
/// Every problem of every file, or every example that comes out otherwise.
pub fn test_policies(folder: Option<&Path>) -> Result<(usize, usize), RunError> {
    let set = match folder {
        Some(folder) => PolicySet::folder(folder)?,
        None => PolicySet::embedded()?,
    };
    let examples = set.run_examples()?;
    Ok((set.policies.len(), examples))
}

/// Writes the beginning of a policy into `folder/pillar/id.yaml`: a complete, sound
/// policy to change.
///
/// # Errors
/// The id or pillar is not usable, the file exists, or the file system says no.
pub fn new_policy(id: &str, folder: &Path, pillar: &str) -> Result<PathBuf, RunError> {
    let path = folder.join(pillar).join(format!("{id}.yaml"));
    let failed = |reason: String| RunError::PolicyFile { path: path.clone(), reason };
    let text = include_str!("policy/new.yaml").replace("ID", id).replace("PILLAR", pillar);
    if let Err(problems) = crate::policy::file::read(&path.display().to_string(), &text, &Default::default())
    {
        let first = problems.into_iter().next().map(|problem| problem.message).unwrap_or_default();
        return Err(failed(first.en));
    }
    if path.exists() {
        return Err(failed("it exists; choose another id".to_owned()));
    }
    std::fs::create_dir_all(folder.join(pillar)).map_err(|error| failed(error.to_string()))?;
    std::fs::write(&path, text).map_err(|error| failed(error.to_string()))?;
    Ok(path)
}

/// The least IAM policy that a scan with these policies needs, as JSON. What opens a
/// scan (naming the account, listing regions for `--region all`) is always in it.
pub fn permissions(policies: &PolicySet) -> String {
    let opening = crate::snapshot::operation::find("ec2", "DescribeRegions");
    let needed = policies.policies.iter().flat_map(crate::policy::reads::operations).chain(opening);
    let actions: std::collections::BTreeSet<&str> =
        needed.flat_map(|operation| operation.permissions).copied().collect();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "TenkenReadsConfiguration", "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    format!("{policy:#}")
}

/// The JSON Schema of a saved snapshot.
pub fn snapshot_schema() -> serde_json::Value {
    crate::snapshot::schema::snapshot_schema()
}

/// The JSON Schema of a policy file, for editors.
pub fn policy_schema() -> serde_json::Value {
    crate::policy::schema::policy_schema()
}

/// The fields that expressions can name, and the conclusions they can call, in Markdown.
pub fn field_reference() -> String {
    let mut text = crate::snapshot::schema::field_reference();
    text.push_str(&crate::policy::schema::conclusion_reference());
    text
}

/// The guide for authors and the index of the built-in policies, in Markdown.
///
/// # Errors
/// Never in a tested build.
pub fn policy_index() -> Result<String, RunError> {
    let set = PolicySet::embedded()?;
    let mut text = include_str!("policy/guide.md").to_owned();
    for pillar in crate::finding::Pillar::ALL {
        let mut rows: Vec<&Policy> = set.policies.iter().filter(|policy| policy.pillar == pillar).collect();
        rows.sort_by(|left, right| right.severity.cmp(&left.severity).then_with(|| left.id.cmp(&right.id)));
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "\n### {}\n\n| policy | severity | English | 日本語 | mapping |\n|---|---|---|---|---|\n",
            pillar.as_str()
        ));
        for policy in rows {
            let mapping: Vec<String> = policy
                .compliance
                .iter()
                .map(|(framework, ids)| format!("{framework} {}", ids.join(", ")))
                .collect();
            text.push_str(&format!(
                "| [`{id}`]({pillar}/{id}.yaml) | {} | {} | {} | {} |\n",
                policy.severity,
                policy.title.en,
                policy.title.ja,
                mapping.join("; "),
                id = policy.id,
                pillar = pillar.as_str(),
            ));
        }
    }
    Ok(text)
}
