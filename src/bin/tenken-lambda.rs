//! tenken as a Lambda function: an event in, a summary out.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use tenken::lambda::log::Log;
use tenken::lambda::{Answer, Function, InvocationError, invoke};
use tenken::run::{clock, environment};

fn main() -> Result<(), Error> {
    // One thread waits for events; a second one does the work, which blocks.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_runtime::run(service_fn(handle)))
}

async fn handle(event: LambdaEvent<Value>) -> Result<Answer, Diagnostic> {
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
        Err(_) => Err(Diagnostic {
            error_type: "Crashed".to_owned(),
            error_message: "tenken itself failed; standard error shows where; please report it".to_owned(),
        }),
    }
}

fn diagnostic(error: InvocationError) -> Diagnostic {
    Diagnostic { error_type: error.kind.to_owned(), error_message: error.message }
}
