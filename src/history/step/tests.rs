//! The table of lives, and what holds for every sequence of runs.

use super::*;
use crate::finding::{Acceptance, Pillar, PolicyInfo, Severity, finding_id};
use crate::history::file;
use crate::snapshot::{Cause, Gap};
use crate::text::Text;
use std::collections::BTreeSet;

const HERE: &str = "ap-northeast-1";
const THERE: &str = "us-east-1";
const POLICY: &str = "rds-single-az";

fn db(region: &str, name: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:db:{name}")
}

fn finding(policy: &str, resource: &str, region: &str, key: &str, verdict: Verdict) -> Finding {
    Finding {
        id: finding_id(policy, resource, key),
        policy: policy.into(),
        severity: Severity::High,
        pillar: Pillar::Reliability,
        resource: resource.into(),
        region: region.into(),
        discriminator: key.into(),
        verdict,
        message: Text { en: "It is alone.".into(), ja: "単独で稼働している。".into() },
        evidence: Vec::new(),
        options: Vec::new(),
        accepted: None,
    }
}

fn gap(region: &str, about: Option<String>) -> Gap {
    Gap {
        operation: "rds:DescribeDBInstances".into(),
        permissions: vec!["rds:DescribeDBInstances".into()],
        region: region.into(),
        about,
        cause: Cause::Denied,
        code: "AccessDenied".into(),
    }
}

/// As the judge writes a list that is not complete.
fn hidden_list(policy: &str, region: &str) -> Finding {
    let gap = gap(region, None);
    let everything = format!("arn:aws:rds:{region}:123456789012:*");
    finding(policy, &everything, region, gap.id().as_str(), Verdict::Unknown(vec![gap.id()]))
}

fn time(day: usize) -> String {
    format!("2026-{:02}-{:02}T09:00:00Z", 1 + day / 28, 1 + day % 28)
}

fn run_of(day: usize, regions: &[&str], policies: &[&str], findings: Vec<Finding>) -> Run {
    let policies = policies.iter().map(|id| PolicyInfo {
        id: (*id).to_owned(),
        severity: Severity::High,
        pillar: Pillar::Reliability,
        title: Text::default(),
        risk: Text::default(),
        compliance: BTreeMap::new(),
        references: Vec::new(),
    });
    Run {
        account: "123456789012".into(),
        partition: "aws".into(),
        taken_at: time(day),
        regions: regions.iter().map(|region| (*region).to_owned()).collect(),
        findings,
        policies: policies.collect(),
        ..Run::default()
    }
}

fn taken(history: &History, run: &Run) -> (History, Changes) {
    step(history, run).unwrap()
}

/// What one run sees of the database `a`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Seen {
    Fails,
    Accepted,
    Passes,
    Skipped,
    Unknown,
    /// Not in the list, which is complete.
    Gone,
    /// Not in the list, which is not complete.
    GoneFromPart,
    /// Not in the list, and a question about it was not answered.
    GoneWithGap,
    /// The list of another region is not complete.
    GoneWithGapThere,
    OtherRegion,
    OtherPolicy,
}

fn look(day: usize, seen: Seen) -> Run {
    let resource = db(HERE, "a");
    let one = |verdict| vec![finding(POLICY, &resource, HERE, "", verdict)];
    let here = |findings| run_of(day, &[HERE], &[POLICY], findings);
    match seen {
        Seen::Fails => here(one(Verdict::Fail)),
        Seen::Accepted => {
            let mut run = here(one(Verdict::Fail));
            run.findings[0].accepted = Some(Acceptance {
                reason: "r".into(),
                owner: "o".into(),
                until: "2026-12-31".parse().unwrap(),
            });
            run
        }
        Seen::Passes => here(one(Verdict::Pass)),
        Seen::Skipped => here(one(Verdict::Skip)),
        Seen::Unknown => here(one(Verdict::Unknown(vec![gap(HERE, Some(resource.clone())).id()]))),
        Seen::Gone => here(Vec::new()),
        Seen::GoneFromPart => here(vec![hidden_list(POLICY, HERE)]),
        Seen::GoneWithGap => {
            let mut run = here(Vec::new());
            let gap = gap(HERE, Some(resource));
            run.gaps.insert(gap.id(), gap);
            run
        }
        Seen::GoneWithGapThere => run_of(day, &[HERE, THERE], &[POLICY], vec![hidden_list(POLICY, THERE)]),
        Seen::OtherRegion => run_of(day, &[THERE], &[POLICY], Vec::new()),
        Seen::OtherPolicy => run_of(day, &[HERE], &["rds-no-encryption"], Vec::new()),
    }
}

#[test]
fn the_table_of_lives() {
    use Seen::*;
    use State as S;
    let passed = Turn::Resolved(Resolution::Passed);
    let gone = Turn::Resolved(Resolution::ResourceGone);
    let new = || Turn::New(NewBecause::FirstRun);
    let (hidden, until) = (Turn::Unknown { was_open: true }, "2026-12-31".to_owned());
    let accepted = Turn::Accepted { until };
    let same: Option<Turn> = None;
    type Row = (Seen, State, Option<Turn>);
    let table: Vec<Vec<Row>> = vec![
        vec![(Fails, S::New, Some(new())), (Fails, S::Open, same.clone()), (Fails, S::Open, same.clone())],
        vec![
            (Fails, S::New, Some(new())),
            (Passes, S::Resolved, Some(passed.clone())),
            (Passes, S::Resolved, same.clone()),
            // It is unknown now, but it was not open.
            (Unknown, S::Resolved, Some(Turn::Unknown { was_open: false })),
            (GoneFromPart, S::Resolved, same.clone()),
            (Fails, S::Reopened, Some(Turn::Reopened)),
            (Fails, S::Open, same.clone()),
            (Gone, S::Resolved, Some(gone.clone())),
            (Fails, S::Reopened, Some(Turn::Reopened)),
        ],
        vec![
            (Fails, S::New, Some(new())),
            (Skipped, S::Resolved, Some(Turn::Resolved(Resolution::NotApplicable))),
        ],
        vec![
            (Fails, S::New, Some(new())),
            (Unknown, S::UnknownWasOpen, Some(hidden.clone())),
            (Unknown, S::UnknownWasOpen, same.clone()),
            (GoneFromPart, S::UnknownWasOpen, same.clone()),
            (GoneWithGap, S::UnknownWasOpen, same.clone()),
            (OtherRegion, S::UnknownWasOpen, same.clone()),
            (Fails, S::Open, Some(Turn::SeenAgain)),
            (GoneFromPart, S::UnknownWasOpen, Some(hidden.clone())),
            (Passes, S::Resolved, Some(passed.clone())),
        ],
        vec![
            (Fails, S::New, Some(new())),
            (GoneWithGap, S::UnknownWasOpen, Some(hidden.clone())),
            (Gone, S::Resolved, Some(gone.clone())),
        ],
        // The gap of another region hides nothing here.
        vec![(Fails, S::New, Some(new())), (GoneWithGapThere, S::Resolved, Some(gone))],
        // Nobody looked: nothing changes.
        vec![
            (Fails, S::New, Some(new())),
            (OtherRegion, S::New, same.clone()),
            (Fails, S::Open, same.clone()),
            (OtherRegion, S::Open, same.clone()),
        ],
        vec![
            (Fails, S::New, Some(new())),
            (OtherPolicy, S::PolicyWithdrawn, Some(Turn::PolicyWithdrawn)),
            (OtherPolicy, S::PolicyWithdrawn, same.clone()),
            (Fails, S::Open, Some(Turn::SeenAgain)),
            (OtherPolicy, S::PolicyWithdrawn, Some(Turn::PolicyWithdrawn)),
            (Passes, S::Resolved, Some(passed.clone())),
            (OtherPolicy, S::Resolved, same.clone()),
        ],
        vec![
            (Fails, S::New, Some(new())),
            (Accepted, S::Accepted, Some(accepted.clone())),
            (Accepted, S::Accepted, same.clone()),
            (Fails, S::Open, Some(Turn::AcceptanceEnded)),
            (Accepted, S::Accepted, Some(accepted.clone())),
            (Unknown, S::UnknownWasOpen, Some(hidden)),
            (Accepted, S::Accepted, Some(accepted.clone())),
            (Passes, S::Resolved, Some(passed)),
            (Accepted, S::Accepted, Some(accepted.clone())),
            (Fails, S::Open, Some(Turn::AcceptanceEnded)),
        ],
        vec![(Accepted, S::Accepted, Some(accepted)), (Fails, S::Open, Some(Turn::AcceptanceEnded))],
    ];
    let id = finding_id(POLICY, &db(HERE, "a"), "");
    for (row, looks) in table.iter().enumerate() {
        let mut history = History::default();
        for (day, (seen, state, turn)) in looks.iter().enumerate() {
            let (next, changes) = taken(&history, &look(day, *seen));
            let place = format!("row {row}, day {day}, {seen:?}");
            assert_eq!(next.findings[&id].state, *state, "{place}");
            let own = changes.past.changes.iter().find(|change| change.finding.id == id);
            assert_eq!(own.map(|change| &change.turn), turn.as_ref(), "{place}");
            history = next;
        }
    }
}

#[test]
fn first_seen_last_seen_and_how_often_are_kept() {
    let mut history = History::default();
    let looks = [Seen::Fails, Seen::Fails, Seen::Unknown, Seen::Accepted, Seen::Passes, Seen::Fails];
    for (day, seen) in looks.into_iter().enumerate() {
        history = taken(&history, &look(day, seen)).0;
    }
    let entry = history.findings.values().next().unwrap();
    let at = |day: usize| Time::parse(&time(day)).unwrap();
    assert_eq!((entry.first_seen, entry.last_seen), (at(0), at(5)));
    assert_eq!((entry.seen_count, entry.reopened_count), (4, 1));
    let end = Some(End { resolved_at: at(4), resolution: Resolution::Passed });
    assert_eq!(entry.openings, [Opening { opened_at: at(0), end }, Opening { opened_at: at(5), end: None }]);
}

#[test]
fn what_is_new_says_why() {
    let fails = |policy: &str, region: &str, name: &str| {
        finding(policy, &db(region, name), region, "", Verdict::Fail)
    };
    let passes = |name: &str| finding(POLICY, &db(HERE, name), HERE, "", Verdict::Pass);
    let first = taken(&History::default(), &run_of(0, &[HERE], &[POLICY], vec![passes("a"), passes("b")])).0;
    let why = |history: &History, run: &Run| -> Vec<NewBecause> {
        let changes = taken(history, run).1.past.changes;
        changes
            .iter()
            .filter_map(|change| match change.turn {
                Turn::New(because) => Some(because),
                _ => None,
            })
            .collect()
    };
    let run = run_of(1, &[HERE], &[POLICY], vec![fails(POLICY, HERE, "a")]);
    assert_eq!(why(&first, &run), [NewBecause::AccountChanged]);
    // A renamed policy is a new one, and what the old one found is not resolved.
    let renamed = run_of(1, &[HERE], &["rds-alone"], vec![fails("rds-alone", HERE, "a")]);
    assert_eq!(why(&first, &renamed), [NewBecause::PolicyIsNew]);
    let run = run_of(1, &[HERE, THERE], &[POLICY], vec![fails(POLICY, THERE, "a")]);
    assert_eq!(why(&first, &run), [NewBecause::RegionIsNew]);
    let without = taken(&first, &renamed).0;
    let run = run_of(2, &[HERE], &[POLICY], vec![fails(POLICY, HERE, "b")]);
    assert_eq!(why(&without, &run), [NewBecause::PolicyReturned]);
    // It may have been there behind a list that was not complete, or as an unknown verdict.
    let partly = taken(&first, &run_of(1, &[HERE], &[POLICY], vec![hidden_list(POLICY, HERE)])).0;
    assert_eq!(why(&partly, &run), [NewBecause::WasUnknown]);
    let unknown = finding(POLICY, &db(HERE, "b"), HERE, "", Verdict::Unknown(Vec::new()));
    let partly = taken(&first, &run_of(1, &[HERE], &[POLICY], vec![unknown])).0;
    assert_eq!(why(&partly, &run), [NewBecause::WasUnknown]);
}

#[test]
fn elements_of_a_resource_come_and_go() {
    let service = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
    let policy = "ecs-plaintext-secret";
    let of = |key: &str, verdict: Verdict| finding(policy, service, HERE, key, verdict);
    let unknown = || Verdict::Unknown(vec![gap(HERE, None).id()]);
    let id = |key: &str| finding_id(policy, service, key);
    let open = run_of(0, &[HERE], &[policy], vec![of("app/A", Verdict::Fail), of("app/B", Verdict::Fail)]);
    let first = taken(&History::default(), &open).0;
    let after = |findings: Vec<Finding>| {
        let history = taken(&first, &run_of(1, &[HERE], &[policy], findings)).0;
        (history.findings[&id("app/A")].state, history.findings[&id("app/B")].state)
    };
    use State::{Open, Resolved, UnknownWasOpen};
    // One is left; none is left; the list is unknown; an unknown key could be either.
    assert_eq!(after(vec![of("app/A", Verdict::Fail)]), (Open, Resolved));
    assert_eq!(after(vec![of("", Verdict::Pass)]), (Resolved, Resolved));
    assert_eq!(after(vec![of("", unknown())]), (UnknownWasOpen, UnknownWasOpen));
    assert_eq!(after(vec![of("app/?", unknown())]), (UnknownWasOpen, UnknownWasOpen));
    assert_eq!(after(vec![of("app/A", unknown())]), (UnknownWasOpen, Resolved));
    assert_eq!(after(vec![of("app/A", Verdict::Fail), of("", unknown())]), (Open, UnknownWasOpen));
    // Two elements with one key: the failure counts, whatever comes first.
    assert_eq!(after(vec![of("app/A", unknown()), of("app/A", Verdict::Fail)]), (Open, Resolved));
    assert_eq!(after(vec![of("app/A", Verdict::Fail), of("app/A", unknown())]), (Open, Resolved));
    let history = taken(&first, &run_of(1, &[HERE], &[policy], vec![of("", Verdict::Pass)])).0;
    let end = history.findings[&id("app/A")].openings[0].end.unwrap();
    assert_eq!(end.resolution, Resolution::ElementGone);
    // Neither is there any more, nor is the service.
    assert_eq!(after(Vec::new()), (Resolved, Resolved));
}

#[test]
fn the_list_of_a_cluster_or_of_a_load_balancer_hides_what_is_in_it() {
    let policy = "alb-http-not-redirected";
    let listener = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/app/shop/1/2";
    let balancer = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop/1";
    let fails = finding(policy, listener, HERE, "", Verdict::Fail);
    let first = taken(&History::default(), &run_of(0, &[HERE], &[policy], vec![fails])).0;
    // As the judge writes a nested list that is unknown: the parent, with the gap.
    let gap = gap(HERE, Some(balancer.to_owned()));
    let hidden = finding(policy, balancer, HERE, gap.id().as_str(), Verdict::Unknown(vec![gap.id()]));
    let (history, changes) = taken(&first, &run_of(1, &[HERE], &[policy], vec![hidden]));
    let state = history.findings[&finding_id(policy, listener, "")].state;
    assert_eq!(state, State::UnknownWasOpen);
    assert!(changes.past.changes.iter().any(|change| change.turn == Turn::Unknown { was_open: true }));
}

#[test]
fn what_belongs_to_no_region_is_gone_only_if_every_region_asked_for_it() {
    let policy = "role-too-strong";
    let role = "arn:aws:iam::123456789012:role/task";
    let acl = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/1";
    for resource in [role, acl] {
        let fails = || finding(policy, resource, THERE, "", Verdict::Fail);
        let both = run_of(0, &[HERE, "eu-west-1"], &[policy], vec![fails()]);
        let first = taken(&History::default(), &both).0;
        let state = |day: usize, regions: &[&str], findings: Vec<Finding>| {
            let history = taken(&first, &run_of(day, regions, &[policy], findings)).0;
            history.findings[&finding_id(policy, resource, "")].state
        };
        // Tasks of the other region may use the role, so that this run would not list it.
        assert_eq!(state(1, &[HERE], Vec::new()), State::New);
        assert_eq!(state(1, &[HERE], vec![fails()]), State::Open);
        assert_eq!(state(1, &[HERE, "eu-west-1"], Vec::new()), State::Resolved);
        // A list that is not complete may hide it, wherever it was asked for.
        assert_eq!(state(1, &[HERE, "eu-west-1"], vec![hidden_list(policy, HERE)]), State::UnknownWasOpen);
    }
}

#[test]
fn runs_that_end_in_the_other_order_leave_what_the_newer_one_saw() {
    let start = taken(&History::default(), &look(0, Seen::Fails)).0;
    let id = finding_id(POLICY, &db(HERE, "a"), "");
    let newer_first = |older: Seen, newer: Seen| {
        let (history, _) = taken(&start, &look(2, newer));
        let (history, changes) = taken(&history, &look(1, older));
        let days: Vec<Time> = history.runs.iter().map(|run| run.taken_at).collect();
        assert!(days.is_sorted() && days.len() == 3, "{days:?}");
        (history.findings[&id].state, history.findings[&id].seen_count, changes.superseded)
    };
    assert_eq!(newer_first(Seen::Fails, Seen::Passes), (State::Resolved, 1, 1));
    assert_eq!(newer_first(Seen::Passes, Seen::Fails), (State::Open, 2, 1));
    // What the newer one could not see, the older one may have seen.
    assert_eq!(newer_first(Seen::Fails, Seen::Unknown), (State::UnknownWasOpen, 2, 1));
    assert_eq!(newer_first(Seen::Passes, Seen::GoneFromPart), (State::Resolved, 1, 1));
    // Another region or policy is not older.
    let (history, _) = taken(&start, &look(2, Seen::OtherRegion));
    let (history, changes) = taken(&history, &look(1, Seen::Fails));
    assert_eq!((history.findings[&id].state, changes.superseded), (State::Open, 0));
    // An older run of other policies withdraws nothing.
    let (history, _) = taken(&start, &look(2, Seen::Fails));
    let (history, _) = taken(&history, &look(1, Seen::OtherPolicy));
    assert_eq!(history.findings[&id].state, State::Open);
    // A failure that only the older one could see is not lost.
    let (history, _) = taken(&History::default(), &look(2, Seen::GoneFromPart));
    let (history, _) = taken(&history, &look(1, Seen::Fails));
    assert_eq!(history.findings[&id].state, State::UnknownWasOpen);
    assert_eq!(taken(&history, &look(3, Seen::Fails)).0.findings[&id].state, State::Open);
}

#[test]
fn the_same_snapshot_judged_otherwise_is_not_a_change_of_the_account() {
    let id = finding_id(POLICY, &db(HERE, "a"), "");
    let start = taken(&History::default(), &look(0, Seen::Fails)).0;
    // A threshold was changed by mistake and changed back; both judged the same snapshot.
    let (history, _) = taken(&start, &look(1, Seen::Passes));
    let (history, changes) = taken(&history, &look(1, Seen::Fails));
    let entry = &history.findings[&id];
    assert_eq!((entry.state, entry.reopened_count, entry.openings.len()), (State::Open, 0, 1));
    assert_eq!(changes.past.changes, []);
    assert_eq!(history.runs.len(), 2);
}

#[test]
fn another_account_is_refused() {
    let start = taken(&History::default(), &look(0, Seen::Fails)).0;
    let mut other = look(1, Seen::Fails);
    other.account = "999999999999".into();
    let error = step(&start, &other).unwrap_err();
    assert!(matches!(error, StepError::OtherAccount { .. }), "{error}");
    let mut china = look(1, Seen::Fails);
    china.partition = "aws-cn".into();
    assert!(step(&start, &china).unwrap_err().to_string().contains("123456789012 (aws-cn)"));
    let mut timeless = look(1, Seen::Fails);
    timeless.taken_at = "yesterday".into();
    assert!(matches!(step(&start, &timeless), Err(StepError::NoTime { .. })));
}

#[test]
fn what_was_resolved_long_ago_is_forgotten() {
    let id = finding_id(POLICY, &db(HERE, "a"), "");
    let history = taken(&History::default(), &look(0, Seen::Fails)).0;
    let mut history = taken(&history, &look(1, Seen::Passes)).0;
    for year in [2027, 2028, 2029] {
        let mut run = look(1, Seen::Passes);
        run.taken_at = format!("{year}-01-01T00:00:00Z");
        history = taken(&history, &run).0;
        assert_eq!(history.findings.contains_key(&id), year < 2029, "{year}");
    }
}

// ---- what holds for every sequence of runs --------------------------------------------

/// A small generator: the same seed always gives the same numbers (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn hits(&mut self, of_ten: u64) -> bool {
        self.below(10) < of_ten
    }
}

const POLICIES: [&str; 3] = [POLICY, "rds-no-encryption", "db-open"];

/// What is really so: the keys of the elements that fail, for every resource that is there.
/// An element without a key is the resource itself.
type Truth = BTreeMap<(&'static str, &'static str, &'static str), BTreeSet<&'static str>>;

fn change_truth(truth: &mut Truth, dice: &mut Dice) {
    for policy in POLICIES {
        for region in [HERE, THERE] {
            for name in ["a", "b", "c"] {
                let keys: &[&str] = if policy == "db-open" { &["x", "y"] } else { &[""] };
                let key = (policy, region, name);
                match dice.below(6) {
                    0 => drop(truth.remove(&key)),
                    1 | 2 => {
                        let failing = keys.iter().copied().filter(|_| dice.hits(6)).collect();
                        truth.insert(key, failing);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A run that sees what is true as far as it can see.
fn random_run(day: usize, truth: &Truth, dice: &mut Dice) -> Run {
    let regions: Vec<&str> = [HERE, THERE].into_iter().filter(|_| dice.hits(8)).collect();
    let policies: Vec<&str> = POLICIES.into_iter().filter(|_| dice.hits(8)).collect();
    let mut findings = Vec::new();
    for policy in &policies {
        for region in &regions {
            let is_partial = dice.hits(2);
            if is_partial {
                findings.push(hidden_list(policy, region));
            }
            let here = truth.iter().filter(|((p, r, _), _)| p == policy && r == region);
            for ((_, _, name), failing) in here {
                let resource = db(region, name);
                let of = |key: &str, verdict| finding(policy, &resource, region, key, verdict);
                let unknown = || Verdict::Unknown(vec![gap(region, Some(resource.clone())).id()]);
                if is_partial && dice.hits(5) {
                    continue;
                }
                if dice.hits(2) {
                    findings.push(of("", unknown()));
                } else if failing.is_empty() {
                    findings.push(of("", Verdict::Pass));
                } else {
                    for key in failing {
                        let verdict = if dice.hits(2) { unknown() } else { Verdict::Fail };
                        findings.push(of(key, verdict));
                    }
                }
            }
        }
    }
    run_of(day, &regions, &policies, findings)
}

fn is_true(truth: &Truth, entry: &Entry) -> bool {
    truth.iter().any(|((policy, region, name), failing)| {
        failing.iter().any(|key| finding_id(policy, &db(region, name), key) == entry.finding.id)
    })
}

fn failing(run: &Run) -> BTreeSet<&str> {
    let fails = run.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    fails.map(|finding| finding.id.as_str()).collect()
}

#[test]
fn nothing_is_ever_resolved_by_a_gap() {
    let mut seen = BTreeMap::new();
    for seed in 0..80 {
        let mut dice = Dice(seed);
        let (mut truth, mut history) = (Truth::new(), History::default());
        for day in 0..25 {
            change_truth(&mut truth, &mut dice);
            let run = random_run(day, &truth, &mut dice);
            let (next, changes) = taken(&history, &run);
            for change in &changes.past.changes {
                *seen.entry(change.turn.as_str()).or_insert(0) += 1;
                let place = format!("seed {seed}, day {day}: {change:#?}");
                let id = &change.finding.id;
                match &change.turn {
                    Turn::Resolved(_) => {
                        assert!(!is_true(&truth, &next.findings[id]), "still true: {place}");
                        assert!(history.findings[id].state != State::Resolved, "{place}");
                    }
                    Turn::New(_) => assert!(!history.findings.contains_key(id), "{place}"),
                    Turn::Reopened => assert_eq!(history.findings[id].state, State::Resolved, "{place}"),
                    _ => {}
                }
            }
            // What fails is open, and what is open either fails or was not looked at.
            let failing = failing(&run);
            for id in &failing {
                assert!(next.findings[*id].state.is_failing(), "seed {seed}, day {day}");
            }
            for (id, entry) in next.findings.iter().filter(|(_, entry)| entry.state.is_failing()) {
                let looked = run.regions.contains(&entry.finding.region);
                assert!(failing.contains(id.as_str()) || !looked, "seed {seed}, day {day}: {entry:#?}");
            }
            history = next;
        }
    }
    for turn in
        ["new", "reopened", "seen-again", "unknown-was-open", "unknown", "policy-withdrawn", "resolved"]
    {
        assert!(seen.get(turn).is_some_and(|count| *count > 20), "{turn} is hardly ever generated: {seen:?}");
    }
}

#[test]
fn a_run_taken_in_twice_changes_nothing() {
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let (mut truth, mut history) = (Truth::new(), History::default());
        for day in 0..20 {
            change_truth(&mut truth, &mut dice);
            let run = random_run(day, &truth, &mut dice);
            let (once, first) = taken(&history, &run);
            let (twice, second) = taken(&once, &run);
            assert_eq!(once, twice, "seed {seed}, day {day}");
            assert_eq!(first, second, "seed {seed}, day {day}");
            // The same once more, a day later: nothing is news.
            let mut later = run.clone();
            later.taken_at = time(day + 100);
            let (again, changes) = taken(&once, &later);
            assert_eq!(changes.past.changes, [], "seed {seed}, day {day}");
            for (id, entry) in &again.findings {
                let before = &once.findings[id];
                let same = Entry {
                    last_seen: before.last_seen,
                    seen_count: before.seen_count,
                    state: before.state,
                    changed_at: before.changed_at,
                    changed_from: before.changed_from,
                    ..entry.clone()
                };
                assert_eq!(&same, before, "seed {seed}, day {day}");
                assert_eq!(entry.state.is_failing(), before.state.is_failing());
            }
            // And it survives being written down.
            assert_eq!(file::parse(&file::render(&once)).unwrap(), once);
            history = once;
        }
    }
}

#[test]
fn two_runs_in_either_order_know_the_same_failures() {
    let mut compared = 0;
    for seed in 0..150 {
        let mut dice = Dice(seed);
        let mut truth = Truth::new();
        change_truth(&mut truth, &mut dice);
        let start = taken(&History::default(), &random_run(0, &truth, &mut dice)).0;
        change_truth(&mut truth, &mut dice);
        let one = random_run(1, &truth, &mut dice);
        change_truth(&mut truth, &mut dice);
        let two = random_run(2, &truth, &mut dice);
        let in_order = taken(&taken(&start, &one).0, &two).0;
        let reversed = taken(&taken(&start, &two).0, &one).0;
        for (id, entry) in &in_order.findings {
            let other = reversed.findings.get(id);
            // One that is over in both may be known to one alone.
            if entry.state == State::Resolved && other.is_none() {
                continue;
            }
            let other = other.unwrap_or_else(|| panic!("seed {seed}: {entry:#?} is lost"));
            if one.policies == two.policies {
                assert_eq!(
                    entry.state.is_failing(),
                    other.state.is_failing(),
                    "seed {seed}: {entry:#?}\n{other:#?}"
                );
                compared += 1;
            }
        }
        assert_eq!(in_order.runs.len(), reversed.runs.len());
        assert_eq!(in_order.policies, reversed.policies);
    }
    assert!(compared > 100, "{compared}");
}
