//! The pictures of the account that conclusions are tested with.

use super::place::{BoxLook, TextLook};
use super::*;
use crate::conclude::site;
use crate::snapshot::Snapshot;
use crate::snapshot::known::Known;
use crate::text::Lang;

fn drawn(snapshot: &Snapshot) -> Picture {
    draw(snapshot, &[])
}

fn band(picture: &Picture, kind: BandKind) -> &Band {
    picture.sites[0].bands.iter().find(|band| band.kind == kind).unwrap()
}

fn arrows(picture: &Picture) -> Vec<(ArrowKind, &str, &str)> {
    let name = |id: &str| -> &str {
        let band = picture.sites[0].bands.iter().find(|band| band.id == *id).unwrap();
        Box::leak(band.name.en.clone().into_boxed_str())
    };
    picture.sites[0].arrows.iter().map(|arrow| (arrow.kind, name(&arrow.from), name(&arrow.to))).collect()
}

#[test]
fn requests_go_from_the_internet_to_the_database() {
    let picture = drawn(&site::after());
    let expected = [
        (ArrowKind::Traffic, "Internet", "shop-alb"),
        (ArrowKind::Traffic, "shop-alb", "shop/shop-api"),
        (ArrowKind::Traffic, "shop/shop-api", "ec-db"),
    ];
    let found = arrows(&picture);
    for arrow in expected {
        assert!(found.contains(&arrow), "{arrow:?} of {found:?}");
    }
    assert!(!found.iter().any(|(kind, _, _)| *kind == ArrowKind::Danger), "{found:?}");
}

#[test]
fn what_nobody_meant_is_dangerous_and_has_its_hops() {
    let picture = drawn(&site::before());
    let dangers: Vec<&Arrow> =
        picture.sites[0].arrows.iter().filter(|arrow| arrow.kind == ArrowKind::Danger).collect();
    assert!(!dangers.is_empty(), "{:?}", arrows(&picture));
    for arrow in dangers {
        assert!(arrow.hops.len() > 2, "{arrow:?}");
        assert_eq!(arrow.hops[0].en, "Internet");
    }
}

#[test]
fn what_aws_would_not_say_is_drawn_as_unknown() {
    let mut snapshot = site::after();
    snapshot.ecs.services.incomplete = vec![site::gap("ecs:ListServices")];
    snapshot.elb.load_balancers.items[0].listeners =
        Known::No(site::gap("elasticloadbalancing:DescribeListeners"));
    let picture = drawn(&snapshot);
    let hidden: Vec<&Band> = picture.sites[0].bands.iter().filter(|band| !band.is_certain).collect();
    assert!(
        hidden.iter().any(|band| band.facets.iter().any(|facet| facet.text.en.contains("ecs:ListServices"))),
        "{hidden:?}"
    );
    let facets = &band(&picture, BandKind::LoadBalancer).facets;
    assert!(facets.iter().any(|facet| facet.text.en == "listeners not known"), "{facets:?}");
    for lang in Lang::ALL {
        let svg = svg::file(&place(&picture, lang), svg::View::TODAY, lang);
        assert!(svg.contains("class=\"hatched\""), "{lang}");
    }
}

#[test]
fn a_united_picture_moves_nothing() {
    let (before, after) = (site::before(), site::after());
    let united =
        unite(vec![(Text::same("today"), drawn(&before)), (Text::same("after"), drawn(&after))]).unwrap();
    let sheets = place(&united, Lang::En);
    let views = [svg::View::TODAY, svg::View { from: 0, to: 1 }];
    let [today, later] = views.map(|view| svg::file(&sheets, view, Lang::En));
    let places = |svg: &str| -> Vec<String> {
        let rects = svg.lines().filter(|line| line.contains("class=\"band compute"));
        rects.map(|line| line.split(" x=").nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(places(&today), places(&later));
    assert!(later.contains(" added\"") && later.contains(" removed\""), "{later}");
    assert!(!today.contains(" added\"") && !today.contains(" removed\""));
}

#[test]
fn nothing_from_the_account_is_markup() {
    let mut snapshot = site::after();
    let hostile = "\"><script>alert(1)</script>\u{202e}\u{1b}[2J`|*_[a](b)\nend\\";
    snapshot.elb.load_balancers.items[0].name = hostile.to_owned();
    snapshot.ecs.services.items[0].name = hostile.to_owned();
    snapshot.rds.db_instances.items[0].id = hostile.to_owned();
    snapshot.account = hostile.to_owned();
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.tags.insert("Name".to_owned(), hostile.to_owned());
    }
    let picture = drawn(&snapshot);
    for lang in Lang::ALL {
        let svg = svg::file(&place(&picture, lang), svg::View::TODAY, lang);
        let mermaid = mermaid::draw(&picture, svg::View::TODAY, lang);
        let dot = dot::draw(&picture, svg::View::TODAY, lang);
        for text in [&svg, &mermaid, &dot] {
            assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text}");
        }
        assert!(!svg.contains("<script"), "{svg}");
        let mut reader = quick_xml::Reader::from_str(&svg);
        let mut elements = std::collections::BTreeSet::new();
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    elements.insert(tag.name().as_ref().to_owned());
                }
                _ => {}
            }
        }
        let known = ["defs", "g", "path", "pattern", "rect", "style", "svg", "text", "title"];
        assert!(elements.iter().all(|name| known.contains(&name.as_str())), "{elements:?}");
        for line in mermaid.lines().filter(|line| line.contains('[')) {
            assert_eq!(line.matches('"').count(), 2, "{line}");
            assert!(!line.contains('<') || line.contains("<br/>"), "{line}");
        }
        for line in dot.lines().filter(|line| line.contains("label=")) {
            let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
            assert!(quotes % 2 == 0, "{line}");
        }
    }
}

#[test]
fn every_text_stands_within_its_sheet() {
    for snapshot in [site::before(), site::after()] {
        for sheet in place(&drawn(&snapshot), Lang::Ja) {
            let whole = place::Area { x: 0, y: 0, width: sheet.width, height: sheet.height };
            for text in &sheet.texts {
                assert!(whole.contains(&text.area), "{text:?}");
            }
            assert!(sheet.boxes.iter().any(|one| matches!(one.look, BoxLook::Band(_))));
            assert!(sheet.texts.iter().any(|text| text.look == TextLook::Name));
        }
    }
}
