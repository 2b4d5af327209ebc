//! What may be in each text of the snapshot, and so how its secrets are looked for.
//!
//! The table (`treatment.tsv`) names every text of every record. A field that it lacks is treated as
//! free text, and fails a test.

use super::shape::FieldPlace;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What may be in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Treatment {
    /// An identifier that AWS made, an address or an account: no secret can be in it.
    AwsId,
    /// A word of AWS's, a number or a time.
    AwsWord,
    /// A fingerprint that tenken made.
    Fingerprint,
    /// A name that somebody chose, or an ARN with one: other resources refer to it, so that only
    /// tokens whose issuer gave them a form of their own are taken out, everywhere alike.
    Name,
    /// Names by name, as the dimensions of metrics.
    Names,
    /// Text by name, where the name says what the text may be.
    Tags,
    /// What somebody wrote.
    Text,
}

const TABLE: &str = include_str!("treatment.tsv");

static TREATMENTS: LazyLock<BTreeMap<FieldPlace, Treatment>> = LazyLock::new(|| rows(TABLE).collect());

fn rows(table: &'static str) -> impl Iterator<Item = (FieldPlace, Treatment)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let parts = lines.filter_map(|line| {
        let mut parts = line.split('\t');
        Some((parts.next()?, Treatment::named(parts.next()?)?, parts.next()?))
    });
    parts.flat_map(|(record, treatment, fields)| {
        fields.split(' ').map(move |field| (FieldPlace { record, field }, treatment))
    })
}

impl Treatment {
    fn named(word: &str) -> Option<Treatment> {
        Some(match word {
            "aws-id" => Treatment::AwsId,
            "aws-word" => Treatment::AwsWord,
            "fingerprint" => Treatment::Fingerprint,
            "name" => Treatment::Name,
            "names" => Treatment::Names,
            "tags" => Treatment::Tags,
            "text" => Treatment::Text,
            _ => return None,
        })
    }

    /// The treatment of a field's texts.
    pub fn of(place: FieldPlace) -> Treatment {
        TREATMENTS.get(&place).copied().unwrap_or(Treatment::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::shape::{RecordShape, Type};
    use crate::snapshot::{SERVICES, Snapshot};
    use std::collections::BTreeSet;

    /// Every text of a record and of the records in it, and whether it is text by name.
    fn texts(shape: &'static RecordShape, found: &mut BTreeMap<FieldPlace, bool>) {
        for field in &shape.fields {
            let mut ty = &field.ty;
            while let Type::List(inner) | Type::Nullable(inner) | Type::Known(inner) = ty {
                ty = inner;
            }
            let place = FieldPlace { record: shape.name, field: field.name };
            match ty {
                Type::Text => drop(found.insert(place, false)),
                Type::Tags => drop(found.insert(place, true)),
                Type::Record(inner) => texts(inner(), found),
                Type::Bool | Type::Int | Type::Float => {}
                Type::List(_) | Type::Nullable(_) | Type::Known(_) => unreachable!("taken off above"),
            }
        }
    }

    #[test]
    fn every_text_of_the_snapshot_has_a_treatment() {
        let mut found = BTreeMap::new();
        SERVICES.iter().for_each(|service| texts((service.shape)(), &mut found));
        assert!(found.len() > 400, "{} texts", found.len());
        let declared: BTreeSet<FieldPlace> = TREATMENTS.keys().copied().collect();
        let undeclared: Vec<&FieldPlace> = found.keys().filter(|place| !declared.contains(place)).collect();
        let gone: Vec<&FieldPlace> = declared.iter().filter(|place| !found.contains_key(place)).collect();
        assert!(undeclared.is_empty(), "say in treatment.tsv what may be in {undeclared:#?}");
        assert!(gone.is_empty(), "not in the snapshot: {gone:#?}");
        for (place, is_by_name) in found {
            let treatment = Treatment::of(place);
            let expects = [Treatment::Names, Treatment::Tags].contains(&treatment);
            assert_eq!(expects, is_by_name, "{place:?} is {treatment:?}");
        }
    }

    #[test]
    fn the_table_is_read_to_its_end_and_names_nothing_twice() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        for line in &lines {
            let parts: Vec<&str> = line.split('\t').collect();
            assert!(parts.len() == 3 && Treatment::named(parts[1]).is_some(), "{line}");
        }
        assert_eq!(rows(TABLE).count(), TREATMENTS.len());
    }

    #[test]
    fn the_walk_meets_texts_names_and_gaps() {
        let mut snapshot = Snapshot::default();
        snapshot.ec2.vpcs.items.push(crate::snapshot::ec2::Vpc { id: "vpc-1".into(), ..Default::default() });
        let mut places = BTreeSet::new();
        snapshot.each_text(&mut |place, _| {
            places.insert((place.record, place.field));
        });
        for expected in [("Vpc", "id"), ("Vpc", "tags"), ("Vpc", "cidr_blocks"), ("Ecs", "clusters")] {
            let is_there = places.contains(&expected);
            // Empty lists have nothing to show; lists that nobody asked for have their gap.
            assert_eq!(is_there, expected != ("Vpc", "cidr_blocks"), "{expected:?}");
        }
    }
}
