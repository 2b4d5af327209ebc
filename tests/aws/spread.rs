//! Many scans at the same time.

use futures_util::StreamExt;
use std::future::Future;
use std::path::{Path, PathBuf};

/// The folder of a recorded account.
pub(crate) fn account(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mocks").join(name)
}

/// Runs pieces of work on both cores, some at the same time, and gives what they found.
pub(crate) fn spread<W, F>(work: Vec<W>, at_once: usize, run: impl Fn(W) -> F + Sync) -> Vec<String>
where
    W: Send,
    F: Future<Output = Vec<String>>,
{
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (index, item) in work.into_iter().enumerate() {
        if index % 2 == 0 { left.push(item) } else { right.push(item) }
    }
    let run = &run;
    std::thread::scope(|scope| {
        let threads = [left, right].map(|part| {
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let all = futures_util::stream::iter(part).map(run).buffer_unordered(at_once);
                runtime.block_on(all.collect::<Vec<_>>())
            })
        });
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).flatten().collect()
    })
}
