//! Hostile clients against the running stack: each gets the answer it deserves, and everybody else is
//! served as if it were not there.

mod bodies;
mod crowds;
mod requests;
mod sockets;
mod wire;

use e2e::{Stack, recording};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Seconds of audio that this stack takes.
const MOST_AUDIO: &str = "120";

/// One stack for the tests that run at the same time; the last one stops it.
fn stack() -> Arc<Stack> {
    static STACK: Mutex<Weak<Stack>> = Mutex::new(Weak::new());
    let mut stack = STACK.lock().unwrap_or_else(PoisonError::into_inner);
    stack.upgrade().unwrap_or_else(|| {
        let variables = [
            ("MAX_AUDIO_SECONDS", MOST_AUDIO),
            // The tests use one token.
            ("RATE_LIMIT_RPM", "100000"),
        ];
        let new = Arc::new(Stack::everything(false, &variables));
        *stack = Arc::downgrade(&new);
        new
    })
}

/// Somebody else's request is answered with words.
fn assert_well(stack: &Stack) {
    let answer = stack.transcribe(&recording(), &[]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = answer.json()["transcript"].to_string();
    assert!(text.contains("country"), "{text}");
}
