//! What a policy is about: `db in rds.db_instances`, `listener in elb.load_balancers[].listeners`, or the `account`.

use super::path::{Path, PathStep};
use crate::conclude::facts::Facts;
use crate::snapshot::account::AuditedAccount;
use crate::snapshot::shape::{RecordShape, Reflect, ShapeOf, Type, Val};
use crate::snapshot::{GapId, SERVICES, Snapshot};
use crate::written::similar;
use std::collections::BTreeSet;

/// The resources that a policy judges.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The variable's name.
    pub variable: String,
    /// As written, for instance `elb.load_balancers[].listeners`.
    pub path: String,
    /// Where its resources are.
    place: SubjectPlace,
    /// The record that is judged.
    shape: ShapeOf,
}

/// Where the resources of a policy are.
#[derive(Debug, Clone)]
enum SubjectPlace {
    /// There is one: the account itself.
    Account,
    /// In a list of the snapshot.
    List {
        /// The section of the snapshot.
        section: &'static str,
        /// The position of the listing in the section.
        listing: usize,
        /// The positions of nested lists, from the outside in.
        nested: Vec<usize>,
    },
}

/// What a policy about the account itself is about, and its variable.
const ACCOUNT: &str = "account";

/// A resource to judge, or the reason why there is none to look at.
pub enum FoundResource<'a> {
    /// A resource.
    Resource(&'a dyn Reflect),
    /// The nested list of this resource is unknown.
    Hidden(&'a dyn Reflect, &'a GapId),
    /// The list itself is not complete.
    Incomplete(&'a GapId),
}

impl Subject {
    /// Reads `variable in path`.
    ///
    /// # Errors
    /// One sentence that says what to write instead.
    pub fn parse(text: &str) -> Result<Subject, String> {
        let form = "write `for: db in rds.db_instances`, or `for: account`";
        if text.trim() == ACCOUNT {
            return Ok(Subject {
                variable: ACCOUNT.to_owned(),
                path: ACCOUNT.to_owned(),
                place: SubjectPlace::Account,
                shape: AuditedAccount::record_shape,
            });
        }
        let (variable, path) =
            text.split_once(" in ").ok_or_else(|| format!("`{text}` is not understood; {form}"))?;
        let (variable, path) = (variable.trim(), path.trim());
        if variable.is_empty() || !variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(format!("`{variable}` is not a valid variable name; {form}"));
        }
        let (section_name, rest) =
            path.split_once('.').ok_or_else(|| format!("`{path}` is not a list; {form}"))?;
        let sections = Snapshot::section_shapes();
        let Some((section, section_shape)) = sections.iter().find(|(name, _)| *name == section_name) else {
            let hint = similar(section_name, sections.iter().map(|(name, _)| *name));
            return Err(format!("there is no service `{section_name}`{hint}"));
        };
        let mut names = rest.split("[].");
        let listing_name = names.next().unwrap_or_default();
        let (listing, mut shape) = list_field(section_shape(), listing_name)?;
        let mut nested = Vec::new();
        for name in names {
            let (index, inner) = list_field(shape(), name)?;
            nested.push(index);
            shape = inner;
        }
        for needed in ["arn", "region"] {
            if shape().field(needed).is_none() {
                return Err(format!("{} has no `{needed}`; judge the resource it belongs to", shape().name));
            }
        }
        let place = SubjectPlace::List { section, listing, nested };
        Ok(Subject { variable: variable.to_owned(), path: path.to_owned(), place, shape })
    }

    /// The type of the variable.
    pub fn ty(&self) -> Type {
        Type::Record(self.shape)
    }

    /// The shape of the judged record.
    pub fn shape(&self) -> &'static RecordShape {
        (self.shape)()
    }

    /// The section of the snapshot, which is the service; `account` for the account itself.
    pub fn section(&self) -> &'static str {
        match self.place {
            SubjectPlace::Account => ACCOUNT,
            SubjectPlace::List { section, .. } => section,
        }
    }

    /// The service as its IAM actions name it.
    pub fn service(&self) -> &'static str {
        let service = SERVICES.iter().find(|service| service.section == self.section());
        service.map_or(self.section(), |service| service.prefix)
    }

    /// The lists on the way to the judged record, as `snapshot::source` names them.
    pub(crate) fn sources(&self) -> BTreeSet<String> {
        let mut sources = BTreeSet::new();
        let SubjectPlace::List { section: own, listing, nested } = &self.place else {
            return sources;
        };
        let sections = Snapshot::section_shapes();
        let section = sections.iter().find(|(name, _)| name == own).map(|(_, shape)| shape());
        let Some(listing) = section.and_then(|shape| shape.fields.get(*listing)) else {
            return sources;
        };
        sources.insert(format!("{own}.{}", listing.name));
        let mut ty = &listing.ty;
        for index in nested {
            while let Type::Known(inner) | Type::Nullable(inner) | Type::List(inner) = ty {
                ty = inner;
            }
            let Type::Record(shape) = ty else {
                break;
            };
            let Some(field) = shape().fields.get(*index) else {
                break;
            };
            sources.insert(format!("{}.{}", shape().name, field.name));
            ty = &field.ty;
        }
        sources
    }

    /// The resource with this ARN and the way to it in a saved snapshot.
    /// The account itself is in none: its way is empty.
    pub fn locate<'a>(&self, facts: &'a Facts<'_>, arn: &str) -> Option<(&'a dyn Reflect, Path)> {
        let SubjectPlace::List { section: own, listing, nested } = &self.place else {
            let account = facts.account();
            return (account.arn == arn).then(|| (account as &dyn Reflect, Path::new()));
        };
        let (name, section) = facts.sections().into_iter().find(|(name, _)| name == own)?;
        let mut fields = vec![*listing];
        fields.extend(nested);
        locate(section, &fields, arn, &mut vec![PathStep::Field(name)])
    }

    /// Calls `visit` with every resource, in the snapshot's order.
    pub fn each<'a>(&self, facts: &'a Facts<'_>, visit: &mut dyn FnMut(FoundResource<'a>)) {
        let SubjectPlace::List { section: own, listing, nested } = &self.place else {
            visit(FoundResource::Resource(facts.account()));
            return;
        };
        let Some((_, section)) = facts.sections().into_iter().find(|(name, _)| name == own) else {
            return;
        };
        let Val::List(listing) = section.field(*listing) else {
            return;
        };
        for index in 0..listing.len() {
            if let Val::Record(record) = listing.get(index) {
                descend(record, nested, visit);
            }
        }
        for gap in listing.incomplete() {
            visit(FoundResource::Incomplete(gap));
        }
    }
}

fn descend<'a>(record: &'a dyn Reflect, nested: &[usize], visit: &mut dyn FnMut(FoundResource<'a>)) {
    let Some((first, rest)) = nested.split_first() else {
        visit(FoundResource::Resource(record));
        return;
    };
    match record.field(*first) {
        Val::List(list) => {
            for index in 0..list.len() {
                if let Val::Record(inner) = list.get(index) {
                    descend(inner, rest, visit);
                }
            }
        }
        Val::Unknown(gap) => visit(FoundResource::Hidden(record, gap)),
        _ => {}
    }
}

fn locate<'a>(
    record: &'a dyn Reflect,
    lists: &[usize],
    arn: &str,
    path: &mut Path,
) -> Option<(&'a dyn Reflect, Path)> {
    let Some((first, rest)) = lists.split_first() else {
        return (record.text_field("arn") == arn).then(|| (record, path.clone()));
    };
    let (Val::List(list), Some(field)) = (record.field(*first), record.shape().fields.get(*first)) else {
        return None;
    };
    let depth = path.len();
    for index in 0..list.len() {
        path.truncate(depth);
        path.extend([PathStep::Field(field.name), PathStep::Element(index)]);
        if let Val::Record(inner) = list.get(index)
            && let Some(found) = locate(inner, rest, arn, path)
        {
            return Some(found);
        }
    }
    path.truncate(depth);
    None
}

fn list_field(shape: &'static RecordShape, name: &str) -> Result<(usize, ShapeOf), String> {
    let Some((index, field)) = shape.field(name) else {
        let hint = similar(name, shape.fields.iter().map(|field| field.name));
        return Err(format!("{} has no list `{name}`{hint}", shape.name));
    };
    let mut ty = &field.ty;
    while let Type::Known(inner) | Type::Nullable(inner) = ty {
        ty = inner;
    }
    match ty {
        Type::List(element) => match **element {
            Type::Record(inner) => Ok((index, inner)),
            _ => Err(format!("`{name}` is a list of {element:?}, which cannot be judged")),
        },
        other => Err(format!("`{name}` is {other:?}, not a list of resources")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Known;
    use crate::snapshot::elb::{Listener, LoadBalancer};

    #[test]
    fn what_a_policy_is_about_is_a_list_of_resources() {
        let db = Subject::parse(" db  in  rds.db_instances ").unwrap();
        assert_eq!((db.variable.as_str(), db.path.as_str()), ("db", "rds.db_instances"));
        assert_eq!((db.section(), db.service(), db.shape().name), ("rds", "rds", "DbInstance"));
        assert_eq!(db.sources(), ["rds.db_instances".to_owned()].into());
        let listener = Subject::parse("my_listener2 in elb.load_balancers[].listeners").unwrap();
        assert_eq!(
            (listener.section(), listener.service(), listener.shape().name),
            ("elb", "elasticloadbalancing", "Listener")
        );
        let sources = ["LoadBalancer.listeners".to_owned(), "elb.load_balancers".to_owned()];
        assert_eq!(listener.sources(), sources.into());
        let account = Subject::parse(" account ").unwrap();
        assert_eq!(
            (account.variable.as_str(), account.service(), account.shape().name),
            ("account", "account", "AuditedAccount")
        );
        assert_eq!(account.sources(), BTreeSet::new());
        let form = "write `for: db in rds.db_instances`, or `for: account`";
        for (text, problem) in [
            ("db", format!("`db` is not understood; {form}")),
            ("db-2 in rds.db_instances", format!("`db-2` is not a valid variable name; {form}")),
            (" in rds.db_instances", format!("`` is not a valid variable name; {form}")),
            ("db in rds", format!("`rds` is not a list; {form}")),
            ("db in rdss.db_instances", "there is no service `rdss`; did you mean `rds`?".to_owned()),
            (
                "db in rds.db_instance",
                "Rds has no list `db_instance`; did you mean `db_instances`?".to_owned(),
            ),
            (
                "id in rds.db_instances[].security_group_ids",
                "`security_group_ids` is a list of text, which cannot be judged".to_owned(),
            ),
            ("id in rds.db_instances[].id", "`id` is text, not a list of resources".to_owned()),
            (
                "use in rds.db_instances[].parameter_groups",
                "ParameterGroupUse has no `arn`; judge the resource it belongs to".to_owned(),
            ),
        ] {
            assert_eq!(Subject::parse(text).map(|_| ()), Err(problem), "{text}");
        }
    }

    fn account() -> Snapshot {
        let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[]).complete();
        let listener = |arn: &str| Listener { arn: arn.into(), ..Listener::default() };
        let balancer =
            |arn: &str, listeners| LoadBalancer { arn: arn.into(), listeners, ..LoadBalancer::default() };
        snapshot.elb.load_balancers.items = vec![
            balancer("one", Known::Yes(vec![listener("one/a"), listener("one/b")])),
            balancer("two", Known::No(GapId::from_text("gap:A@r"))),
            balancer("three", Known::Yes(vec![listener("three/a")])),
        ];
        snapshot.elb.load_balancers.incomplete = vec![GapId::from_text("gap:B@r")];
        snapshot
    }

    #[test]
    fn every_resource_is_visited_and_what_hides_others() {
        let snapshot = account();
        let facts = Facts::new(&snapshot);
        let visited = |path: &str| {
            let mut visited = Vec::new();
            Subject::parse(path).unwrap().each(&facts, &mut |found| {
                visited.push(match found {
                    FoundResource::Resource(record) => record.text_field("arn").to_owned(),
                    FoundResource::Hidden(record, gap) => format!("{} {gap}", record.text_field("arn")),
                    FoundResource::Incomplete(gap) => gap.to_string(),
                });
            });
            visited
        };
        assert_eq!(visited("lb in elb.load_balancers"), ["one", "two", "three", "gap:B@r"]);
        let listeners = ["one/a", "one/b", "two gap:A@r", "three/a", "gap:B@r"];
        assert_eq!(visited("listener in elb.load_balancers[].listeners"), listeners);
        assert!(visited("db in rds.db_instances").is_empty());
        assert_eq!(visited("account"), ["arn:aws:iam::123456789012:root"]);
    }

    #[test]
    fn a_resource_is_found_with_the_way_to_it() {
        let snapshot = account();
        let facts = Facts::new(&snapshot);
        let way = |path: &str, arn: &str| {
            let found = Subject::parse(path).unwrap().locate(&facts, arn);
            found.map(|(record, way)| (record.text_field("arn").to_owned(), way))
        };
        let (elb, balancers) = (PathStep::Field("elb"), PathStep::Field("load_balancers"));
        let three = vec![elb, balancers, PathStep::Element(2)];
        assert_eq!(way("lb in elb.load_balancers", "three"), Some(("three".to_owned(), three.clone())));
        let inner = [three, vec![PathStep::Field("listeners"), PathStep::Element(0)]].concat();
        let listeners = "listener in elb.load_balancers[].listeners";
        assert_eq!(way(listeners, "three/a"), Some(("three/a".to_owned(), inner)));
        assert_eq!(way(listeners, "three"), None);
        assert_eq!(way("lb in elb.load_balancers", "four"), None);
        let root = "arn:aws:iam::123456789012:root";
        assert_eq!(way("account", root), Some((root.to_owned(), vec![])));
        assert_eq!(way("account", "arn:aws:iam::210987654321:root"), None);
    }
}
