//! tenken as a Lambda function: an event in, a summary out.

use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use tenken::lambda::log::Log;
use tenken::lambda::{Answer, ErrorType, Function, InvocationError, invoke};
use tenken::run::{clock, environment};

fn main() -> Result<(), Error> {
    // One thread waits for events; a second one does the work, which blocks.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(Runtime::new(service_fn(handle)).layer(MapRequestLayer::new(as_text)).run())
}

/// Hands over the event as text. What the runtime itself cannot read as JSON, it refuses with the
/// name of a Rust type for its error type, unlogged.
fn as_text(mut invocation: LambdaInvocation) -> LambdaInvocation {
    let text = String::from_utf8_lossy(&invocation.body).into_owned();
    invocation.body = serde_json::Value::String(text).to_string().into();
    invocation
}

async fn handle(event: LambdaEvent<String>) -> Result<Answer, Diagnostic> {
    let LambdaEvent { payload, context } = event;
    let left = clock::time_until(context.deadline());
    let work = move || {
        let mut out = std::io::stdout();
        let log = Log::new(&context.request_id, &mut out, clock::timestamp);
        let function = Function { variables: environment::variables() };
        invoke(&payload, &function, left, &log)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.map_err(diagnostic),
        Err(_) => Err(diagnostic(InvocationError {
            kind: ErrorType::Crashed,
            message: "tenken itself failed; standard error shows where; please report it".to_owned(),
        })),
    }
}

fn diagnostic(error: InvocationError) -> Diagnostic {
    Diagnostic { error_type: error.kind.as_str().to_owned(), error_message: error.message }
}
