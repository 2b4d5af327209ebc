//! A JSON report read back, as far as a comparison needs it.

use super::json::FORMAT_VERSION;
use crate::finding::{Acceptance, Finding, Pillar, PolicyInfo, Run, Severity, Verdict};
use crate::snapshot::{Cause, Gap, GapId};
use crate::text::{Explained, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a file is not a JSON report that can be used. Completed by the file's name in front.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum ReportFileError {
    /// It has another version.
    OtherVersion {
        /// Its version.
        found: u64,
    },
    /// A value is not as it should be, or is missing.
    Damaged {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is not as it should be.
        reason: String,
    },
}

impl Explained for ReportFileError {
    fn what(&self) -> Text {
        match self {
            ReportFileError::OtherVersion { found } => Text::new(
                format!("it has report version {found}, and this tenken reads {FORMAT_VERSION}"),
                format!("レポートのバージョンが {found} で、この tenken が読めるのは {FORMAT_VERSION}。"),
            ),
            ReportFileError::Damaged { line, column, reason } => Text::new(
                format!("line {line}, column {column}: {reason}; `tenken scan --format json` writes reports"),
                format!(
                    "{line} 行 {column} 桁: {reason}。レポートは `tenken scan --format json` で作成する。"
                ),
            ),
        }
    }
}

// Unknown keys are fine: new ones may appear within a version.
#[derive(Deserialize)]
struct ReadHeader {
    format_version: u64,
}

#[derive(Deserialize)]
struct ReadReport {
    account: String,
    partition: String,
    taken_at: String,
    regions: Vec<String>,
    findings: Vec<ReadFinding>,
    gaps: Vec<ReadGap>,
    policies: Vec<ReadPolicy>,
}

#[derive(Deserialize)]
struct ReadFinding {
    id: String,
    policy: String,
    severity: Severity,
    pillar: Pillar,
    resource: String,
    region: String,
    discriminator: String,
    verdict: ReadVerdict,
    message: Text,
    unknown_because: Vec<String>,
    #[serde(default)]
    accepted: Option<ReadAccepted>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum ReadVerdict {
    Pass,
    Fail,
    Skip,
    Unknown,
}

#[derive(Deserialize)]
struct ReadAccepted {
    reason: String,
    owner: String,
    until: String,
}

#[derive(Deserialize)]
struct ReadGap {
    operation: String,
    permissions: Vec<String>,
    region: String,
    about: Option<String>,
    cause: Cause,
    code: String,
}

#[derive(Deserialize)]
struct ReadPolicy {
    id: String,
    severity: Severity,
    pillar: Pillar,
    title: Text,
}

/// Whether the bytes look like a JSON report, sound or not.
pub(crate) fn is_report(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Keys {
        format_version: Option<u64>,
        findings: Option<serde::de::IgnoredAny>,
        policies: Option<serde::de::IgnoredAny>,
        kind: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Keys>(bytes).is_ok_and(|keys| {
        keys.format_version.is_some()
            && keys.findings.is_some()
            && keys.policies.is_some()
            && keys.kind.is_none()
    })
}

/// What is wrong with bytes that are no JSON, and begin as a JSON report does.
pub(crate) fn damage(bytes: &[u8]) -> Option<ReportFileError> {
    let error = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).err()?;
    // It begins with its version, a history with its kind, a snapshot with a version of another name.
    let begins = bytes.get(..bytes.len().min(MOST_OF_BEGINNING)).unwrap_or_default();
    let begins = String::from_utf8_lossy(begins);
    let is_one = begins.contains("\"format_version\"");
    let is_other = begins.contains("\"schema_version\"") || begins.contains("\"kind\"");
    (is_one && !is_other).then(|| damaged(error))
}

/// So many bytes show what a damaged file was.
const MOST_OF_BEGINNING: usize = 256;

fn damaged(error: serde_json::Error) -> ReportFileError {
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
    ReportFileError::Damaged { line: error.line(), column: error.column(), reason }
}

/// Reads a JSON report. Evidence, ways out and risks are left behind.
///
/// # Errors
/// It is of another version, or a value is not as it should be.
pub fn parse(bytes: &[u8]) -> Result<Run, ReportFileError> {
    let header: ReadHeader = serde_json::from_slice(bytes).map_err(damaged)?;
    if header.format_version != u64::from(FORMAT_VERSION) {
        return Err(ReportFileError::OtherVersion { found: header.format_version });
    }
    let report: ReadReport = serde_json::from_slice(bytes).map_err(damaged)?;
    let gaps = report.gaps.into_iter().map(gap).map(|gap| (gap.id(), gap));
    Ok(Run {
        account: report.account,
        partition: report.partition,
        taken_at: report.taken_at,
        regions: report.regions,
        // A report says it in words alone.
        empty_regions: Vec::new(),
        findings: report.findings.into_iter().map(finding).collect(),
        gaps: gaps.collect(),
        policies: report.policies.into_iter().map(policy).collect(),
        past: None,
    })
}

fn finding(form: ReadFinding) -> Finding {
    let verdict = match form.verdict {
        ReadVerdict::Pass => Verdict::Pass,
        ReadVerdict::Fail => Verdict::Fail,
        ReadVerdict::Skip => Verdict::Skip,
        ReadVerdict::Unknown => {
            Verdict::Unknown(form.unknown_because.iter().map(|id| GapId::from_text(id)).collect())
        }
    };
    let accepted = form.accepted.and_then(|accepted| {
        let until = accepted.until.parse().ok()?;
        Some(Acceptance { reason: accepted.reason, owner: accepted.owner, until })
    });
    Finding {
        id: form.id,
        policy: form.policy,
        severity: form.severity,
        pillar: form.pillar,
        resource: form.resource,
        region: form.region,
        discriminator: form.discriminator,
        verdict,
        message: form.message,
        evidence: Vec::new(),
        options: Vec::new(),
        accepted,
    }
}

fn gap(form: ReadGap) -> Gap {
    Gap {
        operation: form.operation,
        permissions: form.permissions,
        region: form.region,
        about: form.about,
        cause: form.cause,
        code: form.code,
    }
}

fn policy(form: ReadPolicy) -> PolicyInfo {
    PolicyInfo {
        id: form.id,
        severity: form.severity,
        pillar: form.pillar,
        title: form.title,
        risk: Text::default(),
        compliance: BTreeMap::new(),
        references: Vec::new(),
    }
}
