//! Root causes: every open finding belongs to exactly one, and what one of them changes is changed by
//! no other. Looked at are the scripts themselves, as `tenken fix` writes them.

mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tenken::deliver::{Bulletin, Telling};
use tenken::finding::{CauseKind, Finding, Run, Severity, Verdict};
use tenken::fix::{Choice, Fix, choose};
use tenken::history::announcement::{Addressee, ChannelKind};
use tenken::history::news::NewsItem;
use tenken::history::pending::{claim, queue};
use tenken::history::{History, step};
use tenken::plan::Wishes;
use tenken::policy::PolicySet;
use tenken::price::PriceTable;
use tenken::report::{Format, Look, render};
use tenken::run::judge;
use tenken::snapshot::{Gap, Listing, Snapshot, store};
use tenken::text::Lang;
use tenken::work::{self, RootCause};
use writes::{Write, changed_fields, left_behind, rollouts, writes};

const ACCOUNTS: &[&str] = &["ec-site", "ec-site-phase1", "worn-site"];

fn snapshot(name: &str) -> Snapshot {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.json"));
    store::load(&path).unwrap()
}

fn judged(snapshot: &Snapshot) -> Run {
    judge(snapshot, &PolicySet::embedded().unwrap())
}

fn open(run: &Run) -> impl Iterator<Item = &Finding> {
    run.findings.iter().filter(|finding| finding.is_open_failure())
}

fn ids<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<&'f str> {
    findings.into_iter().map(|finding| finding.id.as_str()).collect()
}

/// The sections that close a finding of this policy.
fn sections<'f, 'r>(fixes: &'f [Fix<'r>], policy: &str) -> Vec<&'f RootCause<'r>> {
    let causes = fixes.iter().map(|fix| &fix.cause);
    causes.filter(|cause| cause.findings.iter().any(|finding| finding.policy == policy)).collect()
}

#[test]
fn every_open_finding_is_closed_by_exactly_one_cause() {
    for name in ACCOUNTS {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        let causes = work::recommended(&run.findings);
        let mut closed: Vec<&str> =
            causes.iter().flat_map(|cause| ids(cause.findings.iter().copied())).collect();
        closed.sort_unstable();
        let mut expected = ids(open(&run));
        expected.sort_unstable();
        assert_eq!(closed, expected, "{name}");
        // The scripts of all findings are those of the causes, one for each.
        let fixes = choose(&run, &Choice::default()).unwrap();
        let of_fixes: BTreeSet<Vec<&str>> =
            fixes.iter().map(|fix| ids(fix.cause.findings.iter().copied())).collect();
        let of_causes: BTreeSet<Vec<&str>> =
            causes.iter().map(|cause| ids(cause.findings.iter().copied())).collect();
        assert_eq!(of_fixes, of_causes, "{name}");
        for cause in &causes {
            assert!(!cause.parts.is_empty() && !cause.keys.is_empty() && cause.first().is_some());
        }
    }
}

#[test]
fn no_two_sections_write_the_same_argument() {
    for name in ACCOUNTS {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        let fixes = choose(&run, &Choice::default()).unwrap();
        let mut by_argument: BTreeMap<Write, BTreeSet<usize>> = BTreeMap::new();
        for (index, fix) in fixes.iter().enumerate() {
            for write in writes(&fix.cause.script().en) {
                by_argument.entry(write).or_default().insert(index);
            }
        }
        assert!(by_argument.len() > 15, "{name}: {}", by_argument.len());
        let contradicting: Vec<String> = by_argument
            .iter()
            .filter(|(_, sections)| sections.len() > 1)
            .map(|(write, sections)| {
                let leading = sections.iter().filter_map(|index| fixes[*index].first());
                let policies: Vec<&str> = leading.map(|finding| finding.policy.as_str()).collect();
                format!("{} {}: {}", write.resource, write.argument, policies.join(", "))
            })
            .collect();
        println!(
            "{name}: {} sections, {} arguments, {} contradicting",
            fixes.len(),
            by_argument.len(),
            contradicting.len()
        );
        assert!(contradicting.is_empty(), "{name}:\n{}", contradicting.join("\n"));
    }
}

#[test]
fn rollouts_start_from_what_runs_and_change_different_fields() {
    let mut count = 0;
    for name in ACCOUNTS {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        let fixes = choose(&run, &Choice::default()).unwrap();
        let mut fields: BTreeMap<(String, String), &str> = BTreeMap::new();
        for fix in &fixes {
            let script = fix.cause.script().en;
            let policy = fix.first().unwrap().policy.as_str();
            let rollouts = rollouts(&script);
            // One for all services that share it; those of a cluster that share none have one each.
            let services: BTreeSet<&String> = rollouts.iter().map(|(service, _)| service).collect();
            let registered = script.matches("ecs register-task-definition ").count();
            assert!(registered <= services.len().max(1), "{name}: {policy}\n{script}");
            for (service, is_live) in rollouts {
                count += 1;
                // A revision that was seen in the audit brings back what another section took out.
                assert!(is_live, "{name}: {policy} starts from a revision of the audit\n{script}");
                for field in changed_fields(&script) {
                    let other = fields.insert((service.clone(), field.clone()), policy);
                    assert!(other.is_none(), "{name}: {field} of {service}: {policy} and {other:?}");
                }
            }
        }
    }
    assert!(count > 15, "{count}");
}

/// Commands of a cause run stage by stage: a file that two findings leave behind under one name has the second
/// one's content when the first one's commands read it.
#[test]
fn no_two_pieces_of_a_script_leave_the_same_file() {
    let (mut files, mut problems) = (0, Vec::new());
    for name in ACCOUNTS {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        for turn in 0..3 {
            let mut turned = run.clone();
            for finding in &mut turned.findings {
                if turn < finding.options.len() {
                    finding.options.rotate_left(turn);
                }
            }
            for cause in work::recommended(&turned.findings) {
                let mut left: BTreeMap<String, usize> = BTreeMap::new();
                for (place, piece) in cause.commands().into_iter().enumerate() {
                    for file in left_behind(&piece.en) {
                        files += 1;
                        if let Some(other) = left.insert(file.clone(), place).filter(|other| *other != place)
                        {
                            let policy = &cause.first().unwrap().policy;
                            problems.push(format!("{name}: {policy}: {file} of pieces {other} and {place}"));
                        }
                    }
                }
            }
        }
    }
    problems.sort();
    problems.dedup();
    assert!(files > 100, "{files}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn services_that_share_a_task_definition_share_its_secrets() {
    let mut snapshot = snapshot("ec-site");
    let mut second = snapshot.ecs.services.items[0].clone();
    let first = second.name.clone();
    (second.arn, second.name) = (second.arn.replace(&first, "shop-worker"), "shop-worker".to_owned());
    snapshot.ecs.services.items.push(second);
    let run = judged(&snapshot);
    for option in ["secrets-manager", "parameter-store"] {
        let options = vec![("ecs-plaintext-secret".to_owned(), option.to_owned())];
        let fixes = choose(&run, &Choice { options, ..Choice::default() }).unwrap();
        let sections = sections(&fixes, "ecs-plaintext-secret");
        let [section] = sections.as_slice() else { panic!("{} sections", sections.len()) };
        assert_eq!(section.findings.len(), 4, "two secrets of two services");
        let script = section.script().en;
        for (part, times) in [
            ("ecs register-task-definition", 1),
            ("app.DB_PASSWORD | aws", 1),
            ("app.DB_PASSWORD.new | aws", 1),
            ("--policy-name read-shop-api-app-DB_PASSWORD", 1),
            ("--arg name \"DB_PASSWORD\"", 1),
            ("--service shop-api --task-definition \"$TASK_DEFINITION_ARN\"", 1),
            ("--service shop-worker --task-definition \"$TASK_DEFINITION_ARN\"", 1),
            ("--service shop-worker --force-new-deployment", 1),
        ] {
            assert_eq!(script.matches(part).count(), times, "{option}: {part}\n{script}");
        }
    }
}

#[test]
fn a_task_definition_a_topic_and_a_group_have_one_section_each() {
    for name in ACCOUNTS {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        let fixes = choose(&run, &Choice::default()).unwrap();
        for kind in
            [CauseKind::TaskDefinition, CauseKind::Topic, CauseKind::SecurityGroup, CauseKind::Argument]
        {
            let mut seen = BTreeSet::new();
            let keys = fixes.iter().flat_map(|fix| &fix.cause.keys).filter(|key| key.kind == kind);
            keys.for_each(|key| assert!(seen.insert(key), "{name}: {key:?} is in two sections"));
        }
    }
}

#[test]
fn all_secrets_of_a_task_definition_move_in_one_rollout_and_one_rotation() {
    let snapshot = snapshot("ec-site");
    let run = judged(&snapshot);
    for option in ["secrets-manager", "parameter-store"] {
        let options = vec![("ecs-plaintext-secret".to_owned(), option.to_owned())];
        let fixes = choose(&run, &Choice { options, ..Choice::default() }).unwrap();
        let sections = sections(&fixes, "ecs-plaintext-secret");
        let [section] = sections.as_slice() else { panic!("{} sections", sections.len()) };
        assert_eq!(section.findings.len(), 2);
        let script = section.script().en;
        let place = |part: &str| script.find(part).unwrap_or_else(|| panic!("{part}\n{script}"));
        for once in [
            "ecs register-task-definition",
            "--task-definition \"$TASK_DEFINITION_ARN\"",
            "change the secret where it is checked",
            "--force-new-deployment",
            "deregister-task-definition",
            "delete-task-definitions",
        ] {
            assert_eq!(script.matches(once).count(), 1, "{once}\n{script}");
        }
        for name in ["DATABASE_URL", "DB_PASSWORD"] {
            let (stored, taken_out) = (format!("app.{name} | aws"), format!("--arg name \"{name}\""));
            let renewed = format!("app.{name}.new | aws");
            assert!(
                place(&stored) < place(&taken_out)
                    && place(&taken_out) < place("ecs register-task-definition")
            );
            // The secret is changed when no task reads it from the old place any more, the new value is stored
            // before tasks start with it, and no file goes that another variable needs.
            assert!(place("change the secret where it is checked") < place(&renewed));
            assert!(place(&renewed) < place("--force-new-deployment"));
            assert!(place(&renewed) < place(&format!("app.{name}.new\n")), "{script}");
        }
        assert!(place("--force-new-deployment") < place("deregister-task-definition"));
    }
}

#[test]
fn a_rule_that_opens_a_database_has_one_script() {
    let snapshot = snapshot("ec-site");
    let run = judged(&snapshot);
    let fixes = choose(&run, &Choice::default()).unwrap();
    let sections = sections(&fixes, "db-security-group-open-to-world");
    let [section] = sections.as_slice() else { panic!("{} sections", sections.len()) };
    let policies: Vec<&str> = section.findings.iter().map(|finding| finding.policy.as_str()).collect();
    assert_eq!(policies, ["db-security-group-open-to-world", "security-group-open-to-world"]);
    let script = section.script().en;
    assert!(script.contains("APPLICATION_GROUP_ID") && !script.contains("SOURCE_CIDR"), "{script}");
}

#[test]
fn everybody_is_admitted_before_anything_is_revoked() {
    let mut count = 0;
    for name in ACCOUNTS {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        let fixes = choose(&run, &Choice::default()).unwrap();
        let of_databases = ["db-security-group-open-to-world", "task-open-inside-network"];
        for section in of_databases.iter().flat_map(|policy| sections(&fixes, policy)) {
            let script = section.script().en;
            let revoked = script.find("revoke-security-group-ingress").unwrap();
            let admitted = script.rfind("authorize-security-group-ingress").unwrap();
            assert!(admitted < revoked, "{name}:\n{script}");
            count += 1;
        }
    }
    assert!(count >= 3, "{count}");
}

#[test]
fn alarms_on_one_topic_are_one_piece_of_work() {
    let snapshot = snapshot("worn-site");
    let run = judged(&snapshot);
    let fixes = choose(&run, &Choice::default()).unwrap();
    let sections = sections(&fixes, "alarm-reaches-nobody");
    let [section] = sections.as_slice() else { panic!("{} sections", sections.len()) };
    assert_eq!(section.findings.len(), 8);
    let script = section.script().en;
    assert_eq!(script.matches("sns subscribe").count(), 1, "{script}");
    assert_eq!(script.matches("enable-alarm-actions").count(), 8, "{script}");
}

#[test]
fn findings_that_are_chosen_alone_have_their_own_script() {
    let snapshot = snapshot("ec-site");
    let run = judged(&snapshot);
    for finding in open(&run) {
        let choice = Choice { findings: vec![finding.id.clone()], ..Choice::default() };
        let fixes = choose(&run, &choice).unwrap();
        let [fix] = fixes.as_slice() else { panic!("{}", finding.id) };
        assert_eq!(ids(fix.cause.findings.iter().copied()), [finding.id.as_str()]);
        assert_eq!(
            fix.cause.script().en.trim_end(),
            finding.options[0].cli.en.trim_end(),
            "{}",
            finding.policy
        );
    }
    assert!(run.findings.iter().any(|finding| finding.verdict == Verdict::Fail));
}

/// The causes in a JSON document: what names each, and what it closes.
fn of_json(causes: &serde_json::Value) -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let one = |cause: &serde_json::Value| {
        (text(&cause["id"]), cause["findings"].as_array().unwrap().iter().map(text).collect())
    };
    causes.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn all_reports_show_the_same_causes() {
    for name in ACCOUNTS {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        let causes = work::recommended(&run.findings);
        let expected: BTreeMap<String, BTreeSet<String>> = causes
            .iter()
            .map(|cause| {
                let closed = ids(cause.findings.iter().copied()).into_iter().map(str::to_owned).collect();
                (cause.first().unwrap().id.clone(), closed)
            })
            .collect();
        let look = Look { lang: Lang::En, width: 100, colour: false };
        let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
        let report = json(&render(&run, Format::Json, &look));
        assert_eq!(of_json(&report["causes"]), expected, "{name}");
        let fixes = choose(&run, &Choice::default()).unwrap();
        let work = json(tenken::fix::render(&run, &fixes, &snapshot, Format::Json, Lang::En).as_bytes());
        let of_work = work["fixes"].as_array().unwrap().iter().map(|fix| fix["cause"].clone());
        assert_eq!(of_json(&of_work.collect()), expected, "{name}");

        // Every cause of which all is planned as recommended is in the plan as it is.
        let planned = tenken::run::plan(
            &snapshot,
            &run,
            PriceTable::embedded(),
            &tenken::run::Configured {
                policies: PolicySet::embedded().unwrap(),
                ..tenken::run::Configured::default()
            },
            Wishes { staff_hours: Some(10_000.0), ..Wishes::default() },
            Format::Json,
            &look,
        );
        let planned = json(&planned);
        let steps =
            planned["phases"].as_array().unwrap().iter().flat_map(|phase| phase["steps"].as_array().unwrap());
        let mut of_plan = BTreeMap::new();
        steps.for_each(|step| of_plan.extend(of_json(&step["causes"])));
        let same = of_plan.iter().filter(|(id, closed)| expected.get(*id) == Some(closed)).count();
        println!("{name}: {same} of {} causes of the plan are those of the scan", of_plan.len());
        assert!(same * 10 >= of_plan.len() * 8, "{name}: {same} of {}", of_plan.len());

        // People see each script once, in every format and language.
        for (format, lang) in
            [Format::Terminal, Format::Markdown].into_iter().flat_map(|f| Lang::ALL.map(|l| (f, l)))
        {
            let look = Look { lang, ..look };
            let text = String::from_utf8(render(&run, format, &look)).unwrap();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for cause in causes.iter().filter(|cause| cause.findings.len() > 1) {
                let script = cause.script();
                let Some(last) = script.say(lang).lines().last().filter(|line| line.len() > 30) else {
                    continue;
                };
                let shown = lines.iter().filter(|line| **line == last.trim()).count();
                assert!(shown >= 1, "{name} {lang:?}: {last}");
            }
        }

        // News: a group for each cause that findings share, with its script once.
        let (mut history, changes) = step(&History::default(), &run).unwrap();
        let addressee = Addressee { channel: ChannelKind::Slack, digest: None };
        queue(&mut history, &run, &changes, &[addressee]);
        let now = tenken::history::Time::parse(&run.taken_at).unwrap();
        let claimed = claim(&mut history, ChannelKind::Slack, "test", now, &[]);
        let telling = Telling { min_severity: Severity::Info, ..Telling::default() };
        let bulletin = Bulletin::new(&history.account, &claimed, &telling);
        for cause in &causes {
            let holds = |item: &NewsItem| cause.findings.iter().any(|finding| finding.id == item.finding.id);
            let groups: Vec<_> =
                bulletin.groups.iter().filter(|group| group.items.iter().any(holds)).collect();
            assert_eq!(groups.len(), 1, "{name}: {:?}", cause.keys);
            let commands = groups[0].items.iter().filter(|item| holds(item) && item.command.is_some());
            assert!(commands.count() <= 1, "{name}: {:?}", cause.keys);
        }
    }
}

#[test]
fn verdicts_that_are_not_known_have_one_cause_each() {
    let mut snapshot = snapshot("ec-site");
    let gap = Gap {
        cause: tenken::snapshot::Cause::Denied,
        operation: "elasticloadbalancing:DescribeLoadBalancers".to_owned(),
        region: "ap-northeast-1".to_owned(),
        about: None,
        permissions: vec!["elasticloadbalancing:DescribeLoadBalancers".to_owned()],
        code: "AccessDenied".to_owned(),
    };
    let id = gap.id();
    snapshot.gaps.insert(id.clone(), gap);
    snapshot.elb.load_balancers = Listing::with_gaps(vec![id]);
    let run = judged(&snapshot);
    let causes = work::unknown_causes(&run);
    let mut waiting: Vec<&str> =
        causes.iter().flat_map(|cause| ids(cause.findings.iter().copied())).collect();
    waiting.sort_unstable();
    let unknown = run.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Unknown(_)));
    let mut expected = ids(unknown);
    expected.sort_unstable();
    assert_eq!(waiting, expected);
    let permission = causes.iter().find(|cause| cause.key.kind == CauseKind::Permission).unwrap();
    assert_eq!(permission.key.about, "elasticloadbalancing:DescribeLoadBalancers");
    assert!(permission.findings.len() > 10);
}
