//! What standard error shows while AWS is asked, when it is a terminal.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tenken::ask::{Counters, Progress};
use tenken::run::clock::{RunClock, SystemClock};
use tenken::snapshot::Gap;
use tenken::snapshot::operation::Operation;
use tenken::text::{Lang, number};

/// How often the line is drawn again.
const REFRESH: Duration = Duration::from_millis(120);
/// A scan that is done before this shows nothing.
const PATIENCE: Duration = Duration::from_millis(400);

/// A line that counts calls, throttled calls and gaps, and vanishes when it is dropped.
pub(crate) struct ProgressLine {
    counters: Arc<Counters>,
    is_done: Arc<AtomicBool>,
    drawer: Option<JoinHandle<()>>,
}

impl ProgressLine {
    /// Begins to draw, if standard error is a terminal.
    pub(crate) fn start(lang: Lang) -> Self {
        let counters = Arc::new(Counters::default());
        let is_done = Arc::new(AtomicBool::new(false));
        let drawer = std::io::stderr().is_terminal().then(|| {
            let (counters, is_done) = (Arc::clone(&counters), Arc::clone(&is_done));
            std::thread::spawn(move || draw(&counters, &is_done, lang))
        });
        ProgressLine { counters, is_done, drawer }
    }
}

impl Progress for ProgressLine {
    fn call(&self, operation: &'static Operation, region: &str) {
        self.counters.call(operation, region);
    }

    fn retry(&self, service: &str, region: &str) {
        self.counters.retry(service, region);
    }

    fn gap(&self, gap: &Gap) {
        self.counters.gap(gap);
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.is_done.store(true, Ordering::Relaxed);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            // The drawer only prints; a panic in it must not end the scan.
            let _ = drawer.join();
        }
    }
}

// Numbers alone, and what moves the cursor: nothing that would have to be made harmless. There is nowhere
// to complain when it fails.
fn write(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn draw(counters: &Counters, is_done: &AtomicBool, lang: Lang) {
    let clock = SystemClock::start();
    let mut is_drawn = false;
    while !is_done.load(Ordering::Relaxed) {
        if clock.elapsed() >= PATIENCE {
            let count = |counter: &std::sync::atomic::AtomicUsize| counter.load(Ordering::Relaxed);
            let (calls, retries, gaps) =
                (count(&counters.calls), count(&counters.retries), count(&counters.gaps));
            let seconds = clock.elapsed().as_secs();
            let [calls, retries, gaps] = [calls, retries, gaps].map(number);
            write(&match lang {
                Lang::En => format!(
                    "\r\x1b[KAsking AWS: {calls} calls, {retries} retried, {gaps} without an answer, {seconds} s"
                ),
                Lang::Ja => format!(
                    "\r\x1b[KAWS に問い合わせ中: 呼び出し {calls} 回、再試行 {retries} 回、回答なし {gaps} 件、{seconds} 秒"
                ),
            });
            is_drawn = true;
        }
        std::thread::park_timeout(REFRESH);
    }
    if is_drawn {
        write("\r\x1b[K");
    }
}
