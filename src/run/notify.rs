//! What changed, told to somebody.

use super::RunError;
use crate::deliver::clock::SystemClock;
use crate::deliver::{Channel, Outcome, addressee, deliver};
use crate::history::pending::Addressee;
use crate::history::store::{self, HistoryError, Store};
use crate::report::Run;

/// Takes the run into the history, queues its news for the channels in the same write, and
/// tells the run what its findings were before. Gives the number of verdicts that a newer
/// run had superseded already. Nothing is sent: that is [`tell`], which also sends what
/// earlier runs could not.
///
/// # Errors
/// The history cannot be read, understood or written, or is of another account; it and the
/// run are then as they were.
pub fn remember_with_news(
    run: &mut Run,
    store: &dyn Store,
    channels: &[Box<dyn Channel>],
) -> Result<usize, RunError> {
    let addressees: Vec<Addressee> = channels.iter().map(|channel| addressee(channel.as_ref())).collect();
    let (_, changes) = store::update_with_news(store, run, &addressees)?;
    run.past = Some(changes.past);
    Ok(changes.superseded)
}

/// Tells each channel everything that waits for it, one after the other: one that fails does
/// not keep another waiting for good. An error is of a history that cannot be read or
/// written before anything is sent. Blocks for as long as that takes, a few minutes at most.
pub fn tell(store: &dyn Store, channels: &[Box<dyn Channel>]) -> Vec<Result<Outcome, HistoryError>> {
    let by = own_name();
    channels.iter().map(|channel| deliver(store, channel.as_ref(), &by, &SystemClock)).collect()
}

// No other run, here or elsewhere, has it.
fn own_name() -> String {
    let mut random = [0; 8];
    // Without random numbers, process and time have to do.
    let _ = getrandom::fill(&mut random);
    let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("process {} since {} {random}", std::process::id(), jiff::Timestamp::now())
}
