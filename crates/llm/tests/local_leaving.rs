//! Who leaves frees the model within a second of computing. A program of its own, since it counts the
//! processor's time, which on a busy machine is not the clock's.
#![allow(clippy::unwrap_used)] // tests fail by panicking

#[path = "local/support.rs"]
mod support;

use futures::StreamExt;
use std::time::Duration;
use support::{asked, events, local, soon, whole};

/// Seconds that this program has computed.
fn computed() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit_once(") ").unwrap().1;
    let field = |at: usize| after.split(' ').nth(at).unwrap().parse::<f64>().unwrap();
    // utime and stime, in hundredths wherever Linux runs.
    (field(11) + field(12)) / 100.0
}

#[tokio::test]
async fn who_leaves_in_the_middle_of_a_prompt_or_of_an_answer_frees_the_model() {
    let llm = local();
    let mut short = asked("Hi");
    short.max_tokens = Some(1);
    events(&llm, &short).await;

    let long = asked(&"The quick brown fox jumps over the lazy dog. ".repeat(80));
    let begun = tokio::time::timeout(Duration::from_millis(100), llm.stream(&long)).await;
    assert!(begun.is_err(), "the prompt takes seconds to read");
    let left = computed();
    whole(&llm, &short).await.unwrap();
    assert!(computed() - left < 1.0, "{} s", computed() - left);

    let mut long = asked("Write a very long story about a lighthouse.");
    long.max_tokens = Some(700);
    let mut answer = soon(llm.stream(&long)).await.unwrap();
    answer.next().await.unwrap().unwrap();
    drop(answer);
    let left = computed();
    whole(&llm, &short).await.unwrap();
    assert!(computed() - left < 1.0, "{} s", computed() - left);
}
