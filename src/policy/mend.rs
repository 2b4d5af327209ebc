//! What carrying an option out does to an example, and to a failure of an account.

use super::effect::{Carrier, Edit, Effect, Obstacle};
use super::evaluate::{EvaluationScope, Value, element, length};
use super::example::Example;
use super::judge::{Answers, Live, judge_example, outcome};
use super::path::Path;
use super::template::display;
use super::{Policy, PolicyOption};
use crate::conclude::facts::Facts;
use crate::finding::Verdict;
use crate::price::PriceTable;
use crate::snapshot::Snapshot;

/// What an example of a failure comes out as once an option has been carried out.
///
/// # Errors
/// What the option needs that the example does not give.
pub(crate) fn judge_mended(
    policy: &Policy,
    example: &Example,
    option: &PolicyOption,
) -> Result<&'static str, Obstacle> {
    let mut scope = EvaluationScope::new(vec![example.subject.val().into()], &example);
    if let Some(each) = &policy.each {
        let list = scope.evaluate(&each.list);
        scope.variables.push(element(&list, 0));
    }
    let Effect { changes, becomes } = &option.effect;
    if option.effect.removes_the_resource() {
        return Ok("pass");
    }
    let mut edits = Vec::new();
    for change in changes {
        let own = Carrier::new(&mut scope, None, Path::new()).edits(std::slice::from_ref(change));
        match own {
            Ok(own) => edits.extend(own),
            // What the example leaves out does not matter where it says what becomes of it.
            Err(Obstacle::Unknown(_)) if !becomes.is_empty() => {}
            Err(obstacle) => return Err(obstacle),
        }
    }
    let after = example.after(edits, becomes, &policy.subject);
    Ok(judge_example(policy, &after.map_err(Obstacle::None)?))
}

/// The edits of the snapshot that an option comes to for a failure; none where the
/// resource does not fail (any more).
///
/// # Errors
/// What the account afterwards depends on is not known, or not there.
pub(crate) fn edits(
    snapshot: &Snapshot,
    policy: &Policy,
    option: &PolicyOption,
    resource: &str,
    discriminator: &str,
) -> Result<Option<Vec<Edit>>, Obstacle> {
    let known = Facts::new(snapshot);
    let Some((record, place)) = policy.subject.locate(&known, resource) else {
        return Ok(None);
    };
    let answers = Answers::default();
    let live = Live::new(&known, record, &answers, PriceTable::embedded());
    let mut scope = EvaluationScope::new(vec![Value::Record(record)], &live);
    if let Some(each) = &policy.each {
        let list = scope.evaluate(&each.list);
        let mut is_there = false;
        for position in 0..length(&list).unwrap_or(0) {
            scope.variables.truncate(1);
            scope.variables.push(element(&list, position));
            if display(&scope.evaluate(&each.key)) == discriminator {
                is_there = true;
                break;
            }
        }
        if !is_there {
            return Ok(None);
        }
    }
    if outcome(policy, &mut scope) != Verdict::Fail {
        return Ok(None);
    }
    Carrier::new(&mut scope, Some(snapshot), place).edits(&option.effect.changes).map(Some)
}
