//! One line of JSON for each event, as CloudWatch Logs and its queries read them. A line
//! holds counts, names and places: never an answer of AWS, never a secret.

use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// How much a line matters, in the words of Lambda's log levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It goes on.
    Info,
    /// Somebody should look at it one day.
    Warn,
    /// The invocation fails.
    Error,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        }
    }
}

/// Where the lines of an invocation go.
pub struct Log<'w> {
    request_id: String,
    out: Mutex<&'w mut (dyn Write + Send)>,
    /// The time, RFC 3339 in UTC.
    clock: fn() -> String,
}

impl<'w> Log<'w> {
    /// The log of an invocation.
    pub fn new(request_id: &str, out: &'w mut (dyn Write + Send), clock: fn() -> String) -> Self {
        Log { request_id: request_id.to_owned(), out: Mutex::new(out), clock }
    }

    /// Writes a line: what happened, and the fields of an object.
    pub fn line(&self, level: Level, event: &str, fields: Value) {
        let mut line = Map::new();
        line.insert("timestamp".into(), (self.clock)().into());
        line.insert("level".into(), level.as_str().into());
        line.insert("event".into(), event.into());
        line.insert("requestId".into(), json!(self.request_id));
        if let Value::Object(fields) = fields {
            line.extend(fields);
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // There is nowhere to complain when that fails.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object() {
        let mut out = Vec::new();
        let log = Log::new("r-1", &mut out, || "2026-11-24T00:00:00Z".into());
        log.line(Level::Warn, "unknown_variable", json!({"name": "A\nB"}));
        drop(log);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 1);
        let line: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({
            "timestamp": "2026-11-24T00:00:00Z", "level": "WARN", "event": "unknown_variable", "requestId": "r-1",
            "name": "A\nB",
        });
        assert_eq!(line, expected);
    }
}
