//! Where everything stands in a picture: over the recorded accounts and accounts that are made up.

mod made_up;

use crate::golden::assert_golden;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use tenken::diagram::place::{Area, BoxLook, PlacedBox, Sheet};
use tenken::diagram::svg::View;
use tenken::diagram::{Picture, draw, mermaid, place, svg};
use tenken::policy::PolicySet;
use tenken::report::scan::numbered;
use tenken::run::judge;
use tenken::snapshot::{Snapshot, store};
use tenken::text::Lang;

const ACCOUNTS: &[&str] = &["ec-site", "ec-site-phase1", "worn-site"];

fn account(name: &str) -> Snapshot {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.json"));
    store::load(&path).unwrap()
}

fn recorded(name: &str) -> Picture {
    let snapshot = account(name);
    let judged = judge(&snapshot, &PolicySet::embedded().unwrap());
    draw(&snapshot, &numbered(&judged))
}

fn is_leaf(one: &&PlacedBox) -> bool {
    matches!(one.look, BoxLook::Band(_))
}

/// What must be true of every sheet.
fn check(name: &str, sheet: &Sheet) {
    let whole = Area { x: 0, y: 0, width: sheet.width, height: sheet.height };
    let bands: Vec<&PlacedBox> = sheet.boxes.iter().filter(is_leaf).collect();
    for (index, one) in bands.iter().enumerate() {
        assert!(whole.contains(&one.area), "{name}: {one:?} leaves the sheet");
        for other in &bands[..index] {
            assert!(!one.area.overlaps(&other.area), "{name}: {one:?} and {other:?} overlap");
        }
    }
    let inner = |one: &&PlacedBox| matches!(one.look, BoxLook::Chip(_) | BoxLook::Glyph(_));
    let chips: Vec<&PlacedBox> = sheet.boxes.iter().filter(inner).collect();
    for (index, chip) in chips.iter().enumerate() {
        let holders = bands.iter().filter(|band| band.area.contains(&chip.area)).count();
        assert_eq!(holders, 1, "{name}: {chip:?} is in one band");
        for other in &chips[..index] {
            assert!(!chip.area.overlaps(&other.area), "{name}: {chip:?} and {other:?} overlap");
        }
    }
    for (index, text) in sheet.texts.iter().enumerate() {
        assert!(whole.contains(&text.area), "{name}: {text:?} leaves the sheet");
        for other in &sheet.texts[..index] {
            assert!(!text.area.overlaps(&other.area), "{name}: {text:?} and {other:?} overlap");
        }
        for band in &bands {
            let is_apart = !text.area.overlaps(&band.area) || band.area.contains(&text.area);
            assert!(is_apart, "{name}: {text:?} crosses the edge of {band:?}");
        }
    }
    for line in &sheet.lines {
        let ends = [&line.ends.0, &line.ends.1];
        for pair in line.points.windows(2) {
            let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
            assert!(x == to_x || y == to_y, "{name}: {line:?} is oblique");
            let segment = Area {
                x: x.min(to_x),
                y: y.min(to_y),
                width: (x - to_x).abs().max(1),
                height: (y - to_y).abs().max(1),
            };
            for band in bands.iter().filter(|band| !ends.contains(&&band.id)) {
                assert!(!segment.overlaps(&band.area), "{name}: {line:?} crosses {band:?}");
            }
            for text in sheet.texts.iter().filter(|text| segment.overlaps(&text.area)) {
                // The number of a dangerous way stands on its line.
                let is_number = sheet
                    .boxes
                    .iter()
                    .any(|one| matches!(one.look, BoxLook::Badge(_)) && one.area.contains(&text.area));
                assert!(is_number, "{name}: {line:?} crosses {text:?}");
            }
        }
        let at_edge = |(x, y): (i64, i64), id: &str| {
            let band = bands.iter().find(|band| band.id == *id).unwrap();
            let is_beside = x == band.area.x || x == band.area.right();
            is_beside && band.area.y < y && y < band.area.bottom()
        };
        assert!(at_edge(line.points[0], ends[0]), "{name}: {line:?} begins elsewhere");
        assert!(at_edge(*line.points.last().unwrap(), ends[1]), "{name}: {line:?} ends elsewhere");
    }
}

/// The ARNs of what a picture draws.
fn to_draw(snapshot: &Snapshot) -> BTreeSet<String> {
    let mut arns = BTreeSet::new();
    arns.extend(snapshot.elb.load_balancers.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.elb.classic_load_balancers.iter().map(|one| one.arn.clone()));
    let services = snapshot.ecs.services.iter().filter(|one| one.status != "INACTIVE");
    arns.extend(services.map(|one| one.arn.clone()));
    arns.extend(snapshot.ecs.task_starters.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.rds.db_instances.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.rds.db_clusters.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.ec2.nat_gateways.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.cloudfront.distributions.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.wafv2.web_acls.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.sns.topics.iter().map(|one| one.arn.clone()));
    arns.extend(snapshot.cloudwatch.alarms.iter().map(|one| one.arn.clone()));
    arns
}

/// How often each resource is in a picture.
fn counted(picture: &Picture) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let bands = picture.sites.iter().flat_map(|site| &site.bands);
    for arn in bands.flat_map(|band| &band.members) {
        *counts.entry(arn.clone()).or_insert(0) += 1;
    }
    counts
}

fn check_picture(name: &str, snapshot: &Snapshot, picture: &Picture) {
    let counts = counted(picture);
    for arn in to_draw(snapshot) {
        assert_eq!(counts.get(&arn), Some(&1), "{name}: {arn}");
    }
    for lang in Lang::ALL {
        let sheets = place(picture, lang);
        let overview = usize::from(picture.sites.len() > 1);
        assert_eq!(sheets.len(), picture.sites.len() + overview);
        for sheet in &sheets {
            check(name, sheet);
        }
        let bytes = svg::file(&sheets, View::TODAY, lang);
        assert_eq!(bytes, svg::file(&place(picture, lang), View::TODAY, lang), "{name}");
        assert!(!mermaid::draw(picture, View::TODAY, lang).is_empty());
    }
}

#[test]
fn recorded_accounts_are_drawn_without_overlap() {
    for name in ACCOUNTS {
        check_picture(name, &account(name), &recorded(name));
    }
}

#[test]
fn accounts_of_every_shape_are_drawn_without_overlap() {
    for seed in 0..80 {
        let snapshot = made_up::account(seed);
        let problems = made_up::problems(&snapshot, seed);
        check_picture(&format!("account {seed}"), &snapshot, &draw(&snapshot, &problems));
    }
}

#[test]
fn a_large_account_is_drawn_by_groups() {
    let snapshot = made_up::large(60, 4);
    let picture = draw(&snapshot, &made_up::problems(&snapshot, 7));
    check_picture("large", &snapshot, &picture);
    let sheet = &place(&picture, Lang::En)[0];
    let bands = sheet.boxes.iter().filter(is_leaf).count();
    assert!(bands < 40, "{bands} bands");
    let names: Vec<&str> = sheet.texts.iter().map(|text| text.text.as_str()).collect();
    assert!(names.iter().any(|name| name.starts_with("cluster c0: ECS service")), "{names:?}");
}

/// The command with the snapshot of a recorded account, and what it prints.
fn printed(name: &str, arguments: &[&str]) -> String {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.json"));
    let output = Command::new(env!("CARGO_BIN_EXE_tenken"))
        .args(["diagram", "--no-config", "--snapshot"])
        .arg(snapshot)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn pictures_of_the_review_are_as_expected() {
    for lang in ["en", "ja"] {
        assert_golden(&format!("diagram-ec-site-{lang}.svg"), &printed("ec-site", &["--lang", lang]));
    }
    let after = printed("ec-site", &["--after", "phase-1", "--lang", "ja"]);
    assert_golden("diagram-ec-site-after-phase-1-ja.svg", &after);
    for format in ["mermaid", "dot"] {
        let text = printed("ec-site", &["--format", format, "--lang", "en"]);
        assert_golden(&format!("diagram-ec-site-en.{format}"), &text);
    }
}

#[test]
fn a_phase_marks_what_it_adds_and_removes_and_moves_nothing() {
    let after = printed("ec-site", &["--after", "plan", "--lang", "en"]);
    for mark in [" added\"", " removed\"", "HTTP:80, HTTPS:443", "AWS WAF"] {
        assert!(after.contains(mark), "{mark}");
    }
    let refused = Command::new(env!("CARGO_BIN_EXE_tenken")).args(["diagram", "--after", "phase-9"]).output();
    assert_eq!(refused.unwrap().status.code(), Some(2));
}

/// What opens files is a script that notes what it was given.
#[cfg(target_os = "linux")]
#[test]
fn a_scan_opens_its_page() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let opener = folder.path().join("xdg-open");
    std::fs::write(&opener, "#!/bin/sh\nprintf %s \"$1\" > opened\n").unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/ec-site.json");
    let scan = |path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
        command.current_dir(folder.path()).env("PATH", path).args([
            "scan",
            "--no-config",
            "--open",
            "--snapshot",
        ]);
        command.arg(&snapshot).output().unwrap()
    };
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let output = scan(Path::new(&path));
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("opened")).unwrap(), "tenken-report.html");
    let page = std::fs::read_to_string(folder.path().join("tenken-report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg"));
    // Without an opener the page is there all the same, and the message says so.
    let output = scan(Path::new("/nowhere"));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("tenken-report.html"));
}
