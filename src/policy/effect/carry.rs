//! From the changes of an option to edits of a snapshot: which records, and what to.

use super::edit::Edit;
use super::{Action, FactChange, FactPlace, Root};
use crate::policy::evaluate::{EvaluationScope, Value};
use crate::policy::expression::CheckedNode;
use crate::policy::path::{Path, PathStep};
use crate::snapshot::shape::Val;
use crate::snapshot::{GapId, Snapshot};

/// How many records a change may look at: far above what real policies need, and low enough that
/// loops over large accounts end in a moment.
const RECORDS_MAX: usize = 2_000_000;

/// Why the account afterwards cannot be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// It depends on what AWS would not say.
    Unknown(Vec<GapId>),
    /// It needs something that there is none of; the expression.
    None(String),
}

/// Works out edits.
pub(crate) struct Carrier<'s, 'a, 'c> {
    /// The policy's variables; records that changes look for are put behind them.
    scope: &'s mut EvaluationScope<'a, 'c>,
    /// The account; without it, changes beyond the judged resource are left out.
    snapshot: Option<&'a Snapshot>,
    /// Where each variable of the scope is; `None` for answers of conclusions.
    places: Vec<Option<Path>>,
    edits: Vec<Edit>,
    // Records that the present change has looked at.
    seen: usize,
}

impl<'s, 'a, 'c> Carrier<'s, 'a, 'c> {
    /// A carrier for the judged resource at `place`.
    pub(crate) fn new(
        scope: &'s mut EvaluationScope<'a, 'c>,
        snapshot: Option<&'a Snapshot>,
        place: Path,
    ) -> Self {
        // An example is of no day; any will do.
        let taken_at = snapshot.map_or("2000-01-01T00:00:00Z", |snapshot| snapshot.taken_at.as_str());
        scope.variables.push(Value::Text(taken_at.into()));
        let mut places = vec![None; scope.variables.len()];
        if let Some(first) = places.first_mut() {
            *first = Some(place);
        }
        Carrier { scope, snapshot, places, edits: Vec::new(), seen: 0 }
    }

    /// The edits that the changes come to.
    ///
    /// # Errors
    /// What the account afterwards depends on is not known, or not there.
    pub(crate) fn edits(mut self, changes: &[FactChange]) -> Result<Vec<Edit>, Obstacle> {
        let count = self.places.len();
        for change in changes {
            if self.snapshot.is_some() || !change.leaves_the_resource() {
                self.seen = 0;
                self.bind(change, 0)?;
                self.scope.variables.truncate(count);
                self.places.truncate(count);
            }
        }
        self.scope.variables.pop();
        Ok(self.edits)
    }

    // Gives whether the change was made.
    fn bind(&mut self, change: &FactChange, depth: usize) -> Result<bool, Obstacle> {
        let Some(binding) = change.bindings.get(depth) else {
            let holds = self.holds(change.condition.as_ref())?;
            if holds {
                self.act(&change.action)?;
            }
            return Ok(holds);
        };
        let (list, place) = match self.find(&binding.list) {
            Ok(found) => found,
            Err(Obstacle::Unknown(gaps)) => return self.hidden(change, depth, gaps),
            Err(Obstacle::None(_)) => return Ok(false),
        };
        let list = match list {
            Val::List(list) => list,
            Val::Unknown(gap) => return self.hidden(change, depth, vec![gap.clone()]),
            _ => return Ok(false),
        };
        let count = self.places.len();
        let mut is_made = false;
        for index in 0..list.len() {
            self.seen += 1;
            if self.seen > RECORDS_MAX {
                return Err(Obstacle::Unknown(vec![GapId::from_text(GapId::TOO_MUCH_WORK)]));
            }
            let mut element = place.clone();
            element.push(PathStep::Element(index));
            self.scope.variables.truncate(count);
            self.places.truncate(count);
            self.scope.variables.push(list.get(index).into());
            self.places.push(Some(element));
            if self.is_settled(change, depth + 1) {
                continue;
            }
            is_made |= self.bind(change, depth + 1)?;
            if is_made && change.is_once {
                break;
            }
        }
        Ok(is_made)
    }

    // Whether the condition says no whatever the records further in are, so that they need not
    // be gone through: `a.id == x && b.id in a.ids` costs the sum of both lists, not the product.
    fn is_settled(&mut self, change: &FactChange, depth: usize) -> bool {
        let open = change.bindings.len().saturating_sub(depth);
        let Some(condition) = change.condition.as_ref().filter(|_| open > 0) else {
            return false;
        };
        let count = self.scope.variables.len();
        let unknown = Value::Unknown(Vec::new().into());
        self.scope.variables.extend(std::iter::repeat_n(unknown, open));
        let holds = self.scope.evaluate(condition);
        self.scope.variables.truncate(count);
        matches!(holds, Value::Bool(false))
    }

    // Whether one of the records that AWS would not list is meant: where the rest says no, none is.
    fn hidden(&mut self, change: &FactChange, depth: usize, gaps: Vec<GapId>) -> Result<bool, Obstacle> {
        let count = self.scope.variables.len();
        for _ in change.bindings.iter().skip(depth) {
            self.scope.variables.push(Value::Unknown(gaps.clone().into()));
        }
        let holds = self.holds(change.condition.as_ref());
        self.scope.variables.truncate(count);
        if holds? { Err(Obstacle::Unknown(gaps)) } else { Ok(false) }
    }

    fn holds(&mut self, condition: Option<&CheckedNode>) -> Result<bool, Obstacle> {
        match condition.map(|condition| self.scope.evaluate(condition)) {
            None | Some(Value::Bool(true)) => Ok(true),
            Some(Value::Unknown(gaps)) => Err(Obstacle::Unknown(gaps.to_vec())),
            Some(_) => Ok(false),
        }
    }

    fn act(&mut self, action: &Action) -> Result<(), Obstacle> {
        let edit = match action {
            Action::Set(place, recipe) => {
                let (_, path) = self.find(place)?;
                Edit::Set(path, recipe.make(self.scope)?)
            }
            Action::Add(place, recipe) => match self.find(place)? {
                (Val::Unknown(gap), _) => return Err(Obstacle::Unknown(vec![gap.clone()])),
                (_, path) => Edit::Add(path, recipe.make(self.scope)?),
            },
            Action::Remove(slot) => match self.places.get(*slot).cloned().flatten() {
                Some(path) => Edit::Remove(path),
                None => return Ok(()),
            },
        };
        self.edits.push(edit);
        Ok(())
    }

    // The value at a place now, and the way to it.
    fn find(&self, place: &FactPlace) -> Result<(Val<'a>, Path), Obstacle> {
        let nothing = || Obstacle::None(place.source.clone());
        let (mut value, mut path) = match place.root {
            Root::Section(name) => {
                let snapshot = self.snapshot.ok_or_else(nothing)?;
                let section = snapshot.sections().into_iter().find(|(section, _)| *section == name);
                let (name, section) = section.ok_or_else(nothing)?;
                (Val::Record(section), vec![PathStep::Field(name)])
            }
            Root::Variable(slot) => match self.scope.variables.get(slot) {
                Some(Value::Record(record)) => {
                    (Val::Record(*record), self.places.get(slot).cloned().flatten().ok_or_else(nothing)?)
                }
                Some(Value::Unknown(gaps)) => return Err(Obstacle::Unknown(gaps.to_vec())),
                _ => return Err(nothing()),
            },
        };
        for (index, name) in &place.fields {
            value = match value {
                Val::Record(record) => record.field(*index),
                Val::Unknown(gap) => return Err(Obstacle::Unknown(vec![gap.clone()])),
                _ => return Err(nothing()),
            };
            path.push(PathStep::Field(name));
        }
        Ok((value, path))
    }
}
