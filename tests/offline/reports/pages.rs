//! The HTML page: whole in one file, and nothing in it that the account has written.

use super::documents::{HOSTILE, Reader, each};
use super::{sample, shown};
use regex::Regex;
use std::collections::BTreeSet;
use tenken::diagram::svg::View;
use tenken::diagram::{NumberedProblem, draw};
use tenken::finding::{Evidence, Run};
use tenken::report::scan::numbered;
use tenken::report::{Figure, Format, Look, Reportable, render_with};
use tenken::snapshot::{Snapshot, store};
use tenken::text::{Lang, Text};

fn look(lang: Lang) -> Look {
    Look { lang, width: 80, colour: false }
}

/// The tags of a page, attributes of names alone.
fn tags(page: &str) -> Vec<String> {
    let tag = Regex::new(r#"<(/?[a-z][a-z0-9]*)((?:\s+[a-zA-Z:-]+(?:="[^"]*")?)*)\s*/?>"#).unwrap();
    let attribute = Regex::new(r#"([a-zA-Z:-]+)(?:="[^"]*")?"#).unwrap();
    let body = page.split("</style>").last().unwrap();
    let body = body.split("<script>").next().unwrap();
    tag.captures_iter(body)
        .map(|found| {
            let names: Vec<&str> =
                attribute.captures_iter(&found[2]).map(|one| one.get(1).unwrap().as_str()).collect();
            format!("{} {}", &found[1], names.join(" "))
        })
        .collect()
}

struct Tags(Lang, Vec<(String, Vec<String>, String)>);

impl Reader for Tags {
    fn read<R: Reportable>(&mut self, name: &str, report: &R) {
        let page = shown(report, Format::Html, &look(self.0));
        self.1.push((name.to_owned(), tags(&page), page));
    }
}

#[test]
fn nothing_from_aws_changes_the_structure_of_a_page() {
    let read = |text: &str, lang| {
        let mut tags = Tags(lang, Vec::new());
        each(text, &mut tags);
        tags.1
    };
    let quotes =
        ["\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)", "</style><script>alert(1)</script>"];
    for lang in Lang::ALL {
        let expected = read("harmless", lang);
        for hostile in HOSTILE.into_iter().chain(quotes) {
            for ((name, found, page), (_, expected, _)) in read(hostile, lang).iter().zip(&expected) {
                assert_eq!(found, expected, "{name}: {hostile:?}");
                assert_eq!(page.matches("<script").count(), 1, "{name}: {hostile:?}");
                assert_eq!(page.matches("<style").count(), 1, "{name}: {hostile:?}");
            }
        }
    }
}

#[test]
fn the_policy_names_the_hashes_of_what_the_page_has() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let page = shown(&sample::run(), Format::Html, &look(Lang::En)).replace("&#39;", "'");
    let between = |open: &str, close: &str| page.split(open).nth(1).unwrap().split(close).next().unwrap();
    for (directive, content) in
        [("style-src", between("<style>", "</style>")), ("script-src", between("<script>", "</script>"))]
    {
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(content));
        assert!(page.contains(&format!("{directive} 'sha256-{hash}';")), "{directive}");
    }
    assert!(page.contains("default-src 'none';"));
    // What the policy forbids would only not work.
    let inline = Regex::new(r#"<[a-z][^>]*\s(?:style|on[a-z]+)="#).unwrap();
    assert!(!inline.is_match(&page), "{:?}", inline.find(&page));
    for foreign in [" src=", "url(http", "@import", "<link", "<iframe"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn a_page_says_its_language_and_names_fonts_for_it() {
    for lang in Lang::ALL {
        let page = shown(&sample::run(), Format::Html, &look(lang));
        assert!(page.starts_with(&format!("<!doctype html>\n<html lang=\"{lang}\">")), "{lang}");
        assert!(page.contains("Hiragino Sans") && page.contains("Noto Sans JP"));
        assert!(page.contains(lang.pick("Coverage by framework", "フレームワーク別の対応状況")));
        assert!(page.contains(lang.pick("Passed", "合格したもの")));
    }
}

fn account(name: &str) -> Snapshot {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    store::load(&path.join(format!("{name}.json"))).unwrap()
}

fn judged(snapshot: &Snapshot) -> Run {
    tenken::run::judge(snapshot, &tenken::policy::PolicySet::embedded().unwrap())
}

fn figures(snapshot: &Snapshot, problems: &[NumberedProblem]) -> Vec<Figure> {
    let picture = draw(snapshot, problems);
    vec![Figure { picture, view: View::TODAY, caption: Text::new("The account today", "現状の構成") }]
}

#[test]
fn the_numbers_of_the_picture_are_those_of_the_page() {
    let snapshot = account("ec-site");
    let run = judged(&snapshot);
    let problems = numbered(&run);
    let page = render_with(&run, figures(&snapshot, &problems), Format::Html, &look(Lang::En));
    let page = String::from_utf8(page).unwrap();
    assert_eq!(page.matches("<svg").count(), 1);
    for problem in &problems {
        let from = page.find(&format!("id=\"problem-{}\"", problem.number)).unwrap();
        let title = page[from..].split("</h3>").next().unwrap();
        assert!(title.contains(&problem.title.en.replace('\'', "&#39;")), "{title}: {}", problem.title.en);
    }
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{ids:?}");
    let markdown = render_with(&run, figures(&snapshot, &problems), Format::Markdown, &look(Lang::En));
    assert!(String::from_utf8(markdown).unwrap().contains("```mermaid\nflowchart TB\n"));
    let terminal = render_with(&run, figures(&snapshot, &problems), Format::Terminal, &look(Lang::En));
    assert_eq!(terminal, render_with(&run, Vec::new(), Format::Terminal, &look(Lang::En)));
}

#[test]
fn a_thousand_findings_are_less_than_a_megabyte() {
    let snapshot = account("worn-site");
    let mut run = judged(&snapshot);
    let failing: Vec<_> = run.findings.iter().filter(|finding| finding.is_open_failure()).cloned().collect();
    let mut copies = 0;
    while run.findings.iter().filter(|finding| finding.is_open_failure()).count() < 1_000 {
        copies += 1;
        for finding in &failing {
            let mut copy = finding.clone();
            copy.resource.push_str(&format!("-{copies}"));
            copy.id = format!("{:016x}", run.findings.len());
            copy.evidence.push(Evidence { path: "db.copy".to_owned(), value: copies.into() });
            run.findings.push(copy);
        }
    }
    run.findings.sort_by(tenken::finding::order);
    let problems = numbered(&run);
    for lang in Lang::ALL {
        let page = render_with(&run, figures(&snapshot, &problems), Format::Html, &look(lang));
        println!("{lang}: {} bytes", page.len());
        assert!(page.len() < 1 << 20, "{lang}: {} bytes", page.len());
    }
}
