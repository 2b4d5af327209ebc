//! A list of resources, and whether all of them are in it.

use super::gap::GapId;
use super::shape::{FieldPlace, ListView, StoredText, Type, Val, Valued, Visit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The resources that AWS listed, over all regions of the scan.
///
/// `incomplete` names the questions that would have listed more. "There is none" may
/// only be concluded from a list that is complete in the region concerned. The default is
/// *unknown*, as for [`super::Known`]: a list that nobody asked for is incomplete in every
/// region. Whoever was answered says so with [`Listing::of`], also where there was nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing<T> {
    /// What AWS listed.
    pub items: Vec<T>,
    /// The questions without an answer that would have listed more.
    pub incomplete: Vec<GapId>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Listing { items: Vec::new(), incomplete: vec![GapId::default()] }
    }
}

impl<T> Listing<T> {
    /// A list with nothing missing.
    pub fn of(items: Vec<T>) -> Self {
        Listing { items, incomplete: Vec::new() }
    }

    /// Nothing so far, and the questions without an answer that would have listed something.
    pub fn with_gaps(incomplete: Vec<GapId>) -> Self {
        Listing { items: Vec::new(), incomplete }
    }

    /// Whether anybody asked for the list, in whatever region.
    pub(crate) fn was_asked(&self) -> bool {
        !self.items.is_empty() || !self.incomplete.contains(&GapId::default())
    }

    /// The gaps that may hide resources in `region`.
    pub(crate) fn hidden_in(&self, region: &str) -> impl Iterator<Item = &GapId> + Clone {
        self.incomplete.iter().filter(move |gap| gap.hides(region))
    }

    /// Whether everything in `region` is in the list; otherwise the gap that hides the rest.
    /// What is asked once for the whole account was asked in the partition's global region.
    pub fn complete_in(&self, region: &str) -> Result<(), GapId> {
        self.hidden_in(region).next().map_or(Ok(()), |gap| Err(gap.clone()))
    }

    /// The gap that hides a resource which the list does not have: the question about the
    /// resource itself, or else any question of its region. A list that is complete there
    /// never promised the resource, so that nothing was asked.
    pub(crate) fn hidden_by(&self, region: &str, about: &str) -> GapId {
        self.gap_about(about).cloned().or_else(|| self.complete_in(region).err()).unwrap_or_default()
    }

    /// The gap of a question about one resource that would be in the list.
    pub(crate) fn gap_about(&self, about: &str) -> Option<&GapId> {
        self.incomplete.iter().find(|gap| gap.about() == Some(about))
    }

    /// The resources.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// Takes in what another part of the scan listed. A part that did not ask for the list has
    /// nothing to say about it.
    pub fn extend(&mut self, other: Listing<T>) {
        if !other.was_asked() {
            return;
        }
        if !self.was_asked() {
            self.incomplete.clear();
        }
        self.items.extend(other.items);
        self.incomplete.extend(other.incomplete);
    }

    /// Puts resources and gaps in an order that does not depend on which call came back first.
    /// A resource that is there twice stays once, as it was answered first: lists that change
    /// while they are read, or pages that come again, name it twice.
    pub(crate) fn sort_by_key(&mut self, key: impl Fn(&T) -> (&str, &str)) {
        self.items.sort_by(|left, right| key(left).cmp(&key(right)));
        self.items.dedup_by(|later, earlier| key(later) == key(earlier));
        self.incomplete.sort();
        self.incomplete.dedup();
    }
}

/// A listing whose resources are changed in the form in which they are saved.
pub trait SavedListing {
    /// Changes the resource at `index`.
    ///
    /// # Errors
    /// There is none, or it is none afterwards.
    fn change(
        &mut self,
        index: usize,
        change: &mut dyn FnMut(&mut Value) -> Result<(), String>,
    ) -> Result<(), String>;

    /// Adds a resource at the end.
    ///
    /// # Errors
    /// It is none.
    fn add(&mut self, resource: Value) -> Result<(), String>;

    /// Takes the resource at `index` out.
    fn remove(&mut self, index: usize);

    /// Says in which regions nobody asked for the list, in place of "nowhere".
    fn leave_unknown_in(&mut self, regions: &[&str]);
}

impl<T: Serialize + DeserializeOwned> SavedListing for Listing<T> {
    fn change(
        &mut self,
        index: usize,
        change: &mut dyn FnMut(&mut Value) -> Result<(), String>,
    ) -> Result<(), String> {
        let item = self.items.get_mut(index).ok_or_else(|| format!("find resource {index} of the list"))?;
        let mut saved = serde_json::to_value(&*item).map_err(|error| error.to_string())?;
        change(&mut saved)?;
        *item = serde_json::from_value(saved).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn add(&mut self, resource: Value) -> Result<(), String> {
        self.items.push(serde_json::from_value(resource).map_err(|error| error.to_string())?);
        Ok(())
    }

    fn remove(&mut self, index: usize) {
        if index < self.items.len() {
            self.items.remove(index);
        }
    }

    fn leave_unknown_in(&mut self, regions: &[&str]) {
        if !self.was_asked() {
            self.incomplete.clear();
        }
        self.incomplete.extend(regions.iter().map(|region| GapId::never_asked_in(region)));
    }
}

impl<T: Valued> Valued for Listing<T> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }
    fn val(&self) -> Val<'_> {
        Val::List(self)
    }
    fn each_text(&mut self, at: FieldPlace, visit: &mut Visit<'_>) {
        self.items.each_text(at, visit);
        self.incomplete.iter_mut().for_each(|gap| visit(at, StoredText::Gap(gap)));
    }
}

impl<T: Valued> ListView for Listing<T> {
    fn len(&self) -> usize {
        self.items.len()
    }
    fn get(&self, index: usize) -> Val<'_> {
        self.items.as_slice().get(index).map_or(Val::Null, Valued::val)
    }
    fn incomplete(&self) -> &[GapId] {
        &self.incomplete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_nobody_asked_for_is_complete_nowhere() {
        let mut list: Listing<&str> = Listing::default();
        assert_eq!(list.complete_in("eu-west-1"), Err(GapId::default()));
        list.extend(Listing::default());
        assert_eq!(list, Listing::default());
        let denied = GapId::new("ec2:DescribeVpcs", "eu-west-2", None);
        list.extend(Listing { items: vec!["vpc"], incomplete: vec![denied.clone()] });
        list.extend(Listing::default());
        assert_eq!(list, Listing { items: vec!["vpc"], incomplete: vec![denied.clone()] });
        assert_eq!((list.complete_in("eu-west-1"), list.complete_in("eu-west-2")), (Ok(()), Err(denied)));
    }

    #[test]
    fn a_resource_that_is_there_twice_stays_once() {
        let items = [("b", "first"), ("a", "one"), ("b", "second")];
        let mut listing = Listing { items: items.to_vec(), incomplete: Vec::new() };
        listing.sort_by_key(|(name, _)| (name, ""));
        assert_eq!(listing.items, [("a", "one"), ("b", "first")]);
    }
}
